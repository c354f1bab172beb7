// A chart of curves over steps or rates, updated in place as they grow.

import { Chart, type ActiveElement, type ChartDataset, type Point as ChartPoint } from 'chart.js';
import { fade, type Palette } from '../../ui/theme';
import { cornerRadius, showTooltip } from '../chartTooltip';
import type { LineStyle } from '../schemeStyle';
import type { AxisScale } from './axisScale';
import { curveMarksPlugin, type CurveMarks } from './curveMarks';
import type { Curve, CurvePoint, Reference } from './curves';

type LineDataset = ChartDataset<'line', ChartPoint[]>;

export interface CurveContent {
  readonly curves: readonly Curve[];
  readonly x: AxisScale;
  readonly y: AxisScale;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly reference: Reference | null;
  readonly titleOf: (curve: Curve) => string;
  readonly styleOf: (curve: Curve, palette: Palette) => LineStyle;
  /** What stands over the values at a place: "step 12". */
  readonly nameOf: (x: number) => string;
  readonly valueOf: (point: CurvePoint) => string;
}

export interface CurveChart {
  draw(content: CurveContent, palette: Palette): void;
  /** Moves the cursor to the points nearest to a place; null takes it away. */
  point(x: number | null): void;
  /** What of the axis is under a pixel. */
  valueAt(offsetX: number): number | null;
}

/** Where it is drawn, and the point itself. */
interface Placed extends ChartPoint {
  readonly of: CurvePoint;
}

export function createCurveChart(canvas: HTMLCanvasElement, palette: Palette): CurveChart {
  let content: CurveContent | null = null;
  let lines: readonly number[] = [];
  const marks: CurveMarks = { palette, reference: null, verticals: [], crosses: [], cursor: null };
  let [xTicks, yTicks]: ReturnType<AxisScale['ticks']>[] = [[], []];
  const chart = new Chart<'line', ChartPoint[]>(canvas, {
    type: 'line',
    data: { datasets: [] },
    plugins: [curveMarksPlugin(marks)],
    options: {
      animation: false, parsing: false, normalized: true, responsive: true, maintainAspectRatio: false, events: [],
      layout: { padding: { top: 4, right: 10 } },
      elements: { line: { borderWidth: 1.5, tension: 0 }, point: { radius: 0, hitRadius: 0 } },
      scales: {
        x: {
          type: 'linear',
          afterBuildTicks(axis) {
            xTicks = content?.x.ticks(axis.width) ?? [];
            axis.ticks = xTicks.map(({ value }) => ({ value }));
          },
          title: { display: true, text: '', padding: 0 },
          ticks: { autoSkip: false, maxRotation: 0, callback: (value) => xTicks?.find((tick) => tick.value === value)?.label ?? '' },
          grid: { display: false },
        },
        y: {
          type: 'linear',
          afterBuildTicks(axis) {
            yTicks = content?.y.ticks(axis.height) ?? [];
            axis.ticks = yTicks.map(({ value }) => ({ value }));
          },
          title: { display: true, text: '', padding: 0 },
          ticks: { autoSkip: false, callback: (value) => yTicks?.find((tick) => tick.value === value)?.label ?? '' },
        },
      },
      plugins: {
        tooltip: {
          enabled: true, animation: false, usePointStyle: true, boxWidth: 8, boxHeight: 8, boxPadding: 4, cornerRadius, caretSize: 0, caretPadding: 0,
          borderWidth: 1, position: 'beside',
          callbacks: {
            title: ([item]) => (content && item && isPlaced(item.raw) ? content.nameOf(item.raw.of.x) : ''),
            label: (item) => {
              const curve = content?.curves[lines.indexOf(item.datasetIndex)];
              return content && curve && isPlaced(item.raw) ? ` ${content.titleOf(curve)}  ${content.valueOf(item.raw.of)}` : '';
            },
          },
        },
      },
    },
  });

  function applyTheme(theme: Palette, { xTitle, yTitle }: CurveContent): void {
    const { scales, plugins } = chart.options;
    const font = { family: theme.fontFamily, size: 11 };
    for (const [axis, text] of [[scales?.x, xTitle], [scales?.y, yTitle]] as const) {
      if (axis?.ticks) Object.assign(axis.ticks, { color: theme.muted, font });
      if (axis) axis.border = { color: theme.grid };
      if (axis) Object.assign(axis, { title: { ...axis.title, text, display: hasRoom(canvas), color: theme.muted, font } });
    }
    if (scales?.y) scales.y.grid = { color: fade(theme.grid, theme.highContrast ? 0.6 : 0.35), drawTicks: false };
    if (plugins?.tooltip) {
      const large = { ...font, size: 12 };
      Object.assign(plugins.tooltip, {
        backgroundColor: theme.hoverBackground, borderColor: theme.hoverBorder, titleColor: theme.foreground, bodyColor: theme.foreground,
        titleFont: large, bodyFont: large,
      });
    }
  }

  new ResizeObserver(() => {
    const { scales } = chart.options;
    const isShown = hasRoom(canvas);
    if (!scales?.x?.title || !scales.y?.title || scales.x.title.display === isShown) return;
    scales.x.title.display = isShown;
    scales.y.title.display = isShown;
    chart.update('none');
  }).observe(canvas);

  function activeAt(x: number): readonly ActiveElement[] {
    return lines.flatMap((datasetIndex) => {
      const data = chart.data.datasets[datasetIndex]?.data ?? [];
      const index = nearest(data, content?.x.position(x) ?? x);
      const element = index === null ? undefined : chart.getDatasetMeta(datasetIndex).data[index];
      return element && index !== null && Number.isFinite(element.y) ? [{ element, datasetIndex, index }] : [];
    });
  }

  return {
    draw(next, theme) {
      content = next;
      marks.palette = theme;
      marks.reference = next.reference && { ...next.reference, at: next.y.position(next.reference.y) };
      const colourOf = (curve: Curve): string => next.styleOf(curve, theme).colour;
      marks.verticals = next.curves.flatMap((curve) => (
        curve.marks.filter(({ kind }) => kind === 'found').map(({ x }) => ({ at: next.x.position(x), colour: colourOf(curve) }))));
      marks.crosses = next.curves.flatMap((curve) => (
        curve.marks.filter(({ kind }) => kind === 'diverged').map(({ x, y }) => ({ x: next.x.position(x), y: next.y.position(y), colour: colourOf(curve) }))));
      const groups = next.curves.map((curve) => datasetsOf(curve, next, theme));
      lines = groups.map((group, index) => groups.slice(0, index).reduce((sum, each) => sum + each.length, group.length - 1));
      chart.data.datasets = groups.flat();
      const { x, y } = chart.options.scales ?? {};
      if (x) Object.assign(x, { min: next.x.min, max: next.x.max });
      if (y) Object.assign(y, { min: next.y.min, max: next.y.max });
      applyTheme(theme, next);
      chart.update('none');
    },
    point(x) {
      marks.cursor = x === null ? null : content?.x.position(x) ?? null;
      showTooltip(chart, x === null ? [] : [...activeAt(x)]);
      chart.draw();
    },
    valueAt(offsetX) {
      const position = chart.scales.x?.getValueForPixel(offsetX);
      return position === undefined || !content ? null : content.x.valueAt(Math.max(content.x.min, Math.min(content.x.max, position)));
    },
  };
}

const isPlaced = (raw: unknown): raw is Placed => typeof raw === 'object' && raw !== null && 'of' in raw;

/** Whether axis titles leave enough of the chart. */
const hasRoom = ({ clientWidth, clientHeight }: HTMLCanvasElement): boolean => clientWidth >= 280 && clientHeight >= 140;

/** Index of the point nearest to a position, of points in their order. */
function nearest(points: readonly ChartPoint[], x: number): number | null {
  let best: number | null = null;
  for (const [index, point] of points.entries()) {
    if (best === null || distance(point, x) < distance(points[best], x)) best = index;
  }
  return best;
}

const distance = (point: ChartPoint | undefined, x: number): number => Math.abs((point?.x ?? Infinity) - x);

/** Bottom and top of the band, where there are several seeds, and the line in the middle, which comes last. */
function datasetsOf(curve: Curve, { x, y, styleOf }: CurveContent, palette: Palette): readonly LineDataset[] {
  const style = styleOf(curve, palette);
  const line = (value: (point: CurvePoint) => number): Placed[] => (
    curve.points.map((point) => ({ x: x.position(point.x), y: y.position(value(point)), of: point })));
  const median: LineDataset = {
    data: line((point) => point.median), borderColor: style.colour, backgroundColor: style.colour, borderWidth: palette.highContrast ? 2 : 1.5,
    borderDash: [...style.dash], pointStyle: style.shape, pointRadius: 0, pointBorderColor: style.colour,
    pointBackgroundColor: style.filled ? style.colour : palette.background,
  };
  if (curve.seeds < 2) return [median];
  const edge = { borderWidth: 0, pointRadius: 0, backgroundColor: fade(style.colour, 0.2) };
  return [{ ...edge, data: line((point) => point.low), fill: false }, { ...edge, data: line((point) => point.high), fill: '-1' }, median];
}
