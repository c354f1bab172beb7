import { Tooltip, type Chart, type Plugin } from 'chart.js';
import { fade, type Palette } from '../ui/theme';
import type { Gap } from './gaps';
import type { ValueScale } from './valueScale';

export interface HealthyBand {
  readonly low: number;
  readonly high: number;
  readonly label: string;
}

/** What a variance chart shows besides its lines. */
export interface Marks {
  palette: Palette;
  scale: ValueScale;
  gaps: readonly Gap[];
  /** Where values should be. */
  healthy: HealthyBand | null;
  /** Layer under the shared cursor. */
  cursor: number | null;
  /** The lines as they were drawn last. */
  readonly lines: HTMLCanvasElement;
  /** What a hand has marked, in pixels. */
  marked: { readonly left: number; readonly top: number; readonly width: number; readonly height: number } | null;
}

/** Draws floor, ceiling and gaps under the lines, and the cursor over them. */
export function marksPlugin(marks: Marks): Plugin<'line'> {
  return {
    id: 'marks',
    beforeDatasetsDraw(chart) {
      const { ctx, chartArea: { left, top, width, height } } = chart;
      ctx.save();
      ctx.beginPath();
      ctx.rect(left, top, width, height);
      ctx.clip();
      if (marks.healthy) drawHealthy(chart, marks.healthy, marks);
      for (const gap of marks.gaps) drawGap(chart, gap, marks.palette);
      for (const level of [marks.scale.floor, marks.scale.ceiling]) if (level !== null) drawLevel(chart, level, marks.palette);
      ctx.restore();
    },
    afterDatasetsDraw(chart) {
      keep(chart, marks);
      drawOver(chart, marks);
    },
  };
}

/** Cursor and marked part, over the lines. */
function drawOver(chart: Chart, { cursor, marked, palette }: Marks): void {
  if (cursor !== null) drawCursor(chart, cursor, palette);
  if (marked) drawMarked(chart, marked, palette);
}

function keep({ canvas }: Chart, { lines }: Marks): void {
  lines.width = canvas.width;
  lines.height = canvas.height;
  // A canvas without a size has no picture.
  if (canvas.width > 0 && canvas.height > 0) lines.getContext('2d')?.drawImage(canvas, 0, 0);
}

/** What moves with the hand, over the lines as they were drawn last: thousands of points are not drawn again for it. */
export function redrawOver(chart: Chart, marks: Marks): void {
  const { ctx, canvas } = chart;
  const { lines } = marks;
  if (lines.width !== canvas.width || lines.height !== canvas.height || canvas.width === 0 || canvas.height === 0) {
    chart.draw();
    return;
  }
  ctx.save();
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.clearRect(0, 0, canvas.width, canvas.height);
  ctx.drawImage(lines, 0, 0);
  ctx.restore();
  drawOver(chart, marks);
  Tooltip.afterDraw?.(chart, {}, {});
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

function drawHealthy(chart: Chart, { low, high, label }: HealthyBand, { scale, palette }: Marks): void {
  const { ctx, chartArea: { left, right } } = chart;
  const { y } = axes(chart);
  const [top, bottom] = [y(scale.position(high)), y(scale.position(low))];
  ctx.save();
  ctx.fillStyle = fade(palette.green, 0.14);
  ctx.fillRect(left, top, right - left, bottom - top);
  ctx.strokeStyle = fade(palette.green, 0.6);
  ctx.setLineDash([2, 2]);
  ctx.strokeRect(left, Math.round(top) + 0.5, right - left, Math.round(bottom - top));
  ctx.fillStyle = palette.muted;
  ctx.font = `11px ${palette.fontFamily}`;
  ctx.textAlign = 'right';
  ctx.textBaseline = 'bottom';
  ctx.fillText(label, right - 4, top - 2);
  ctx.restore();
}

function drawGap(chart: Chart, gap: Gap, palette: Palette): void {
  const { ctx, chartArea } = chart;
  const { x } = axes(chart);
  const left = Math.max(chartArea.left, x(gap.first - 0.5));
  const width = Math.min(chartArea.right, x(gap.last + 0.5)) - left;
  if (width <= 0) return;
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
  if (at < chartArea.left || at > chartArea.right + 1) return;
  ctx.save();
  ctx.strokeStyle = palette.focus;
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(at, chartArea.top);
  ctx.lineTo(at, chartArea.bottom);
  ctx.stroke();
  ctx.restore();
}

function drawMarked({ ctx }: Chart, { left, top, width, height }: NonNullable<Marks['marked']>, palette: Palette): void {
  ctx.save();
  ctx.fillStyle = fade(palette.focus, 0.16);
  ctx.fillRect(left, top, width, height);
  ctx.strokeStyle = palette.focus;
  ctx.strokeRect(Math.round(left) + 0.5, Math.round(top) + 0.5, Math.round(width), Math.round(height));
  ctx.restore();
}
