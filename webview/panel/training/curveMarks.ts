// What a chart of curves shows besides its lines: what one would see had nothing been learned, where a line ends, and the cursor.

import type { Chart, Plugin } from 'chart.js';
import { fade, type Palette } from '../../ui/theme';
import type { Reference } from './curves';
import { labelPlace } from './labelPlace';

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
      if (marks.reference) drawLabel(chart, marks.reference, marks.palette);
      for (const cross of marks.crosses) drawCross(chart, cross);
      if (marks.cursor !== null) drawVertical(chart, marks.cursor, marks.palette.focus, []);
    },
  };
}

function drawReference(chart: Chart, { at }: NonNullable<CurveMarks['reference']>, palette: Palette): void {
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
  ctx.restore();
}

const labelHeight = 12;

/** What the line says, where no curve is in the way; over the curves, with a rim that keeps it readable where one is. */
function drawLabel(chart: Chart, { at, label }: NonNullable<CurveMarks['reference']>, palette: Palette): void {
  const { ctx, chartArea: { left, right, top, bottom } } = chart;
  const y = Math.round(chart.scales.y?.getPixelForValue(at) ?? 0) + 0.5;
  if (y < top) return;
  ctx.save();
  ctx.font = `11px ${palette.fontFamily}`;
  const size = { width: Math.min(ctx.measureText(label).width, right - left - 8), height: labelHeight };
  const area = { left, top, width: right - left, height: bottom - top };
  const curves = chart.data.datasets.map((_, i) => chart.getDatasetMeta(i).data.filter((spot) => Number.isFinite(spot.y)));
  const place = labelPlace(y, size, area, curves);
  ctx.textBaseline = 'middle';
  ctx.lineJoin = 'round';
  ctx.lineWidth = 3;
  ctx.strokeStyle = palette.background;
  ctx.fillStyle = palette.muted;
  ctx.strokeText(label, place.left, place.top + labelHeight / 2, size.width);
  ctx.fillText(label, place.left, place.top + labelHeight / 2, size.width);
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
