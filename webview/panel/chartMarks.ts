import type { Chart, Plugin } from 'chart.js';
import { fade, type Palette } from '../ui/theme';
import type { Gap } from './gaps';
import type { LogScale } from './logScale';

/** What a variance chart shows besides its lines. */
export interface Marks {
  palette: Palette;
  scale: LogScale;
  gaps: readonly Gap[];
  /** Layer under the shared cursor. */
  cursor: number | null;
}

/** Draws floor, ceiling and gaps under the lines, and the cursor over them. */
export function marksPlugin(marks: Marks): Plugin<'line'> {
  return {
    id: 'marks',
    beforeDatasetsDraw(chart) {
      for (const gap of marks.gaps) drawGap(chart, gap, marks.palette);
      for (const level of [marks.scale.floor, marks.scale.ceiling]) if (level !== null) drawLevel(chart, level, marks.palette);
    },
    afterDatasetsDraw(chart) {
      if (marks.cursor !== null) drawCursor(chart, marks.cursor, marks.palette);
    },
  };
}

function axes(chart: Chart): { readonly x: (value: number) => number; readonly y: (value: number) => number } {
  const { x, y } = chart.scales;
  return { x: (value) => x?.getPixelForValue(value) ?? 0, y: (value) => y?.getPixelForValue(value) ?? 0 };
}

function drawLevel(chart: Chart, level: number, palette: Palette): void {
  const { ctx, chartArea } = chart;
  const at = Math.round(axes(chart).y(level)) + 0.5;
  ctx.save();
  ctx.strokeStyle = palette.muted;
  ctx.setLineDash([1, 3]);
  ctx.beginPath();
  ctx.moveTo(chartArea.left, at);
  ctx.lineTo(chartArea.right, at);
  ctx.stroke();
  ctx.restore();
}

function drawGap(chart: Chart, gap: Gap, palette: Palette): void {
  const { ctx, chartArea } = chart;
  const { x } = axes(chart);
  const left = Math.max(chartArea.left, x(gap.first - 0.5));
  const width = Math.min(chartArea.right, x(gap.last + 0.5)) - left;
  ctx.save();
  ctx.fillStyle = fade(palette.muted, 0.12);
  ctx.fillRect(left, chartArea.top, width, chartArea.bottom - chartArea.top);
  ctx.fillStyle = palette.muted;
  ctx.font = `11px ${palette.fontFamily}`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.translate(left + width / 2, (chartArea.top + chartArea.bottom) / 2);
  if (ctx.measureText(gap.label).width > width - 8) ctx.rotate(-Math.PI / 2);
  ctx.fillText(gap.label, 0, 0, chartArea.bottom - chartArea.top - 8);
  ctx.restore();
}

function drawCursor(chart: Chart, index: number, palette: Palette): void {
  const { ctx, chartArea } = chart;
  const at = Math.round(axes(chart).x(index)) + 0.5;
  ctx.save();
  ctx.strokeStyle = palette.focus;
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(at, chartArea.top);
  ctx.lineTo(at, chartArea.bottom);
  ctx.stroke();
  ctx.restore();
}
