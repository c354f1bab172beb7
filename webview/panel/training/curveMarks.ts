// What a chart of curves shows besides its lines: what one would see had nothing been learned, where a line ends, and the cursor.

import type { Chart, Plugin } from 'chart.js';
import { fade, type Palette } from '../../ui/theme';
import type { Reference } from './curves';

export interface CurveMarks {
  palette: Palette;
  /** `at` is where the chart's axis has it. */
  reference: (Reference & { readonly at: number }) | null;
  /** Positions along the horizontal axis that are marked from top to bottom. */
  verticals: readonly { readonly at: number; readonly colour: string }[];
  crosses: readonly { readonly x: number; readonly y: number; readonly colour: string }[];
  cursor: number | null;
}

const crossSize = 4;

export function curveMarksPlugin(marks: CurveMarks): Plugin<'line'> {
  return {
    id: 'curveMarks',
    beforeDatasetsDraw(chart) {
      if (marks.reference) drawReference(chart, marks.reference, marks.palette);
      for (const { at, colour } of marks.verticals) drawVertical(chart, at, fade(colour, 0.7), [3, 3]);
    },
    afterDatasetsDraw(chart) {
      for (const cross of marks.crosses) drawCross(chart, cross);
      if (marks.cursor !== null) drawVertical(chart, marks.cursor, marks.palette.focus, []);
    },
  };
}

function drawReference(chart: Chart, { at, label }: NonNullable<CurveMarks['reference']>, palette: Palette): void {
  const { ctx, chartArea: { left, right, top } } = chart;
  const y = Math.round(chart.scales.y?.getPixelForValue(at) ?? 0) + 0.5;
  if (y < top) return;
  ctx.save();
  ctx.strokeStyle = palette.muted;
  ctx.setLineDash([6, 4]);
  ctx.beginPath();
  ctx.moveTo(left, y);
  ctx.lineTo(right, y);
  ctx.stroke();
  ctx.fillStyle = palette.muted;
  ctx.font = `11px ${palette.fontFamily}`;
  ctx.textAlign = 'right';
  ctx.textBaseline = y - top < 16 ? 'top' : 'bottom';
  ctx.fillText(label, right - 4, y + (y - top < 16 ? 3 : -2), right - left - 8);
  ctx.restore();
}

function drawVertical(chart: Chart, at: number, colour: string, dash: readonly number[]): void {
  const { ctx, chartArea: { left, right, top, bottom } } = chart;
  const x = Math.round(chart.scales.x?.getPixelForValue(at) ?? 0) + 0.5;
  if (x < left || x > right + 1) return;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.setLineDash([...dash]);
  ctx.beginPath();
  ctx.moveTo(x, top);
  ctx.lineTo(x, bottom);
  ctx.stroke();
  ctx.restore();
}

/** Also of a line that has left the chart above. */
function drawCross(chart: Chart, { x, y, colour }: CurveMarks['crosses'][number]): void {
  const { ctx, chartArea: { top, bottom } } = chart;
  const left = chart.scales.x?.getPixelForValue(x) ?? 0;
  const down = Math.max(top + crossSize + 1, Math.min(bottom, chart.scales.y?.getPixelForValue(y) ?? 0));
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2;
  ctx.beginPath();
  ctx.moveTo(left - crossSize, down - crossSize);
  ctx.lineTo(left + crossSize, down + crossSize);
  ctx.moveTo(left + crossSize, down - crossSize);
  ctx.lineTo(left - crossSize, down + crossSize);
  ctx.stroke();
  ctx.restore();
}
