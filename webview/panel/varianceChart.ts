import {
  Chart, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip, type ActiveElement, type ChartDataset, type Point as ChartPoint,
} from 'chart.js';
import type { UnsupportedNode } from '../../src/protocol/simulation';
import { say } from '../../src/protocol/words';
import { significant } from '../format';
import { fade, type Palette } from '../ui/theme';
import { cornerRadius, showTooltip } from './chartTooltip';
import { marksPlugin, redrawOver, type HealthyBand, type Marks } from './chartMarks';
import { findGaps } from './gaps';
import { axisLabel, distinctNames, labelledIndices } from './layerAxis';
import { createLogScale } from './logScale';
import { lineStyle } from './schemeStyle';
import { variance, type Point, type Series } from './series';
import { scaleOf, type ValueScale } from './valueScale';
import { unzoomed, type Span, type Zoom } from './zoom';
import type { Pixel } from './zoomGestures';

Chart.register(LineController, LineElement, PointElement, LinearScale, Filler, Tooltip);

type LineDataset = ChartDataset<'line', ChartPoint[]>;

/** So many are seen of a logarithmic axis. */
const leastDecades = 1.2;

/** Beyond this many layers only some points carry their marker. */
const markedPoints = 24;

export interface ChartContent {
  readonly layers: readonly string[];
  readonly series: readonly Series[];
  readonly unsupported: readonly UnsupportedNode[];
  readonly titleOf: (series: Series) => string;
  /** What is drawn, as its axis and its tooltip name it. */
  readonly quantity: string;
  /** Name of what lies behind it, if anything does. */
  readonly earlier?: string;
  /** Of values, in place of a logarithmic one. */
  readonly isLinear?: boolean;
  /** Values that are as they should be. */
  readonly healthy?: HealthyBand;
}

export interface VarianceChart {
  draw(content: ChartContent, palette: Palette): void;
  /** Moves the shared cursor; with a tooltip if `isPointed`. */
  point(index: number | null, isPointed: boolean): void;
  indexAt(offsetX: number): number | null;
  /** What is seen of the axes. */
  show(zoom: Zoom): void;
  /** Of the axes: layers, and positions on the logarithmic scale. */
  readonly whole: { readonly x: Span; readonly y: Span };
  /** Of values, that are seen at least: in positions on the axis. */
  readonly leastValues: number;
  /** At a pixel of the canvas. */
  placeAt(pixel: Pixel): Pixel;
  /** Marks a rectangle between two pixels, or (null) none. */
  mark(from: Pixel | null, to: Pixel | null): void;
  /** Whether there is anything to move over. */
  readonly layerCount: number;
  destroy(): void;
}

export function createVarianceChart(canvas: HTMLCanvasElement, palette: Palette): VarianceChart {
  let content: ChartContent = { layers: [], series: [], unsupported: [], titleOf: () => '', quantity: variance };
  let labels: readonly string[] = [];
  /** Dataset of each series' line, among those of the bands. */
  let medians: readonly number[] = [];
  let levels: ReturnType<ValueScale['ticks']> = [];
  const marks: Marks = { palette, scale: createLogScale([]), gaps: [], cursor: null, healthy: null, marked: null,
    lines: document.createElement('canvas'),
  };
  let zoom = unzoomed;
  let whole = { x: { from: 0, to: 1 }, y: { from: 0, to: 1 } };
  const chart = new Chart<'line', ChartPoint[]>(canvas, {
    type: 'line',
    data: { datasets: [] },
    plugins: [marksPlugin(marks)],
    options: {
      animation: false, parsing: false, normalized: true, responsive: true, maintainAspectRatio: false, events: [],
      layout: { padding: { top: 4, right: 8 } },
      elements: { line: { borderWidth: 1.5, tension: 0 }, point: { radius: 0, hitRadius: 0 } },
      scales: {
        x: {
          type: 'linear',
          afterBuildTicks(axis) {
            axis.ticks = labelledIndices(labels, axis.width, zoom.x).map((value) => ({ value }));
          },
          title: { display: true, text: say('layer'), padding: 0 },
          ticks: { autoSkip: false, maxRotation: 0, align: 'center', callback: (value) => axisLabel(labels[Number(value)] ?? '') },
          grid: { display: false },
        },
        y: {
          type: 'linear',
          afterBuildTicks(axis) {
            levels = marks.scale.ticks(axis.height, zoom.y);
            axis.ticks = levels.map(({ value }) => ({ value }));
          },
          title: { display: true, text: variance, padding: 0 },
          ticks: { autoSkip: false, callback: (value) => levels.find((tick) => tick.value === value)?.label ?? '' },
        },
      },
      plugins: {
        tooltip: {
          enabled: true, animation: false,
          usePointStyle: true, boxWidth: 8, boxHeight: 8, boxPadding: 4, cornerRadius, caretSize: 0, caretPadding: 0, borderWidth: 1, position: 'beside',
          callbacks: {
            title: ([item]) => (item ? `${content.layers[item.parsed.x ?? 0] ?? ''}: ${content.quantity}` : ''),
            label: (item) => tooltipLine(content, medians.indexOf(item.datasetIndex), item.parsed.x ?? 0, canvas.clientWidth >= 400),
          },
        },
      },
    },
  });

  function applyTheme(theme: Palette): void {
    const { options } = chart;
    for (const axis of [options.scales?.x, options.scales?.y]) {
      if (axis?.ticks) Object.assign(axis.ticks, { color: theme.muted, font: { family: theme.fontFamily, size: 11 } });
      if (axis) axis.border = { color: theme.grid };
      // Where there is no room for titles, the heading says what is drawn.
      if (axis) Object.assign(axis, { title: { ...axis.title, display: hasRoom(canvas), color: theme.muted, font: { family: theme.fontFamily, size: 11 } } });
    }
    if (options.scales?.y) options.scales.y.grid = { color: fade(theme.grid, theme.highContrast ? 0.6 : 0.35), drawTicks: false };
    const tooltip = options.plugins?.tooltip;
    if (!tooltip) return;
    const font = { family: theme.fontFamily, size: 12 };
    Object.assign(tooltip, {
      backgroundColor: theme.hoverBackground, borderColor: theme.hoverBorder, titleColor: theme.foreground, bodyColor: theme.foreground,
      titleFont: font, bodyFont: font,
    });
  }

  function applyZoom(): void {
    const { x, y } = chart.options.scales ?? {};
    const seen = { x: zoom.x ?? whole.x, y: zoom.y ?? whole.y };
    if (x) Object.assign(x, { min: seen.x.from, max: seen.x.to });
    if (y) Object.assign(y, { min: seen.y.from, max: seen.y.to });
  }

  new ResizeObserver(() => {
    const { options: { scales } } = chart;
    const isShown = hasRoom(canvas);
    if (!scales?.x?.title || !scales.y?.title || scales.x.title.display === isShown) return;
    scales.x.title.display = isShown;
    scales.y.title.display = isShown;
    chart.update('none');
  }).observe(canvas);

  return {
    draw(next, theme) {
      content = next;
      labels = distinctNames(next.layers);
      marks.palette = theme;
      marks.healthy = next.healthy ?? null;
      marks.scale = scaleOf(next);
      marks.gaps = findGaps(next.series, next.layers, next.unsupported);
      const groups = next.series.map((series) => datasetsOf(series, marks.scale, theme));
      medians = groups.map((group, index) => groups.slice(0, index).reduce((sum, { datasets }) => sum + datasets.length, group.line));
      chart.data.datasets = groups.flatMap((group) => [...group.datasets]);
      const margin = Math.max(0.4, next.layers.length * 0.015);
      whole = {
        x: { from: -margin, to: Math.max(1, next.layers.length - 1) + margin }, y: { from: marks.scale.min, to: marks.scale.max },
      };
      applyZoom();
      const title = chart.options.scales?.y?.title;
      if (title) title.text = next.quantity;
      applyTheme(theme);
      chart.update('none');
    },
    point(index, isPointed) {
      marks.cursor = index;
      const active = index !== null && isPointed ? elementsAt(chart, content, medians, index) : [];
      showTooltip(chart, active);
      redrawOver(chart, marks);
    },
    indexAt(offsetX) {
      const value = chart.scales.x?.getValueForPixel(offsetX);
      if (value === undefined || content.layers.length === 0) return null;
      return Math.max(0, Math.min(content.layers.length - 1, Math.round(value)));
    },
    show(next) {
      if (next.x === zoom.x && next.y === zoom.y) return;
      zoom = next;
      applyZoom();
      chart.update('none');
    },
    get whole() {
      return whole;
    },
    get leastValues() {
      return content.isLinear ? (whole.y.to - whole.y.from) / 100 : leastDecades;
    },
    placeAt: ({ x, y }) => ({ x: chart.scales.x?.getValueForPixel(x) ?? 0, y: chart.scales.y?.getValueForPixel(y) ?? 0 }),
    mark(from, to) {
      const { left, right, top, bottom } = chart.chartArea;
      const [x, y] = [(at: number): number => Math.max(left, Math.min(right, at)), (at: number): number => Math.max(top, Math.min(bottom, at))];
      marks.marked = from && to && {
        left: x(Math.min(from.x, to.x)), top: y(Math.min(from.y, to.y)),
        width: Math.abs(x(from.x) - x(to.x)), height: Math.abs(y(from.y) - y(to.y)),
      };
      redrawOver(chart, marks);
    },
    get layerCount() {
      return content.layers.length;
    },
    destroy: () => chart.destroy(),
  };
}

/** Whether axis titles leave enough of the chart. */
function hasRoom({ clientWidth, clientHeight }: HTMLCanvasElement): boolean {
  return clientWidth >= 280 && clientHeight >= 140;
}

/** What is measured says what theory says beside it. */
function elementsAt(chart: Chart<'line', ChartPoint[]>, { series }: ChartContent, medians: readonly number[], index: number): ActiveElement[] {
  return medians.flatMap((datasetIndex, at) => {
    const own = series[at];
    if (own?.kind === 'theory' && series.some(({ kind, scheme, points }) => kind === 'measured' && scheme === own.scheme && points[index])) return [];
    const element = chart.getDatasetMeta(datasetIndex).data[index];
    return element && Number.isFinite(element.y) ? [{ element, datasetIndex, index }] : [];
  });
}

function tooltipLine(content: ChartContent, at: number, layer: number, isWide: boolean): string {
  const series = content.series[at];
  const point = series?.points[layer];
  if (!series || !point) return '';
  const said = series.kind === 'measured' ? content.series.find(({ kind, scheme }) => kind === 'theory' && scheme === series.scheme)?.points[layer] : null;
  const beside = said ? ` · ${say('theory {0}', significant(said.median))}` : '';
  return ` ${content.titleOf(series)}  ${isWide ? pointLabel(point) : significant(point.median)}${beside}`;
}

/** "1.02e-8 (9.70e-9 to 1.10e-8)" */
export function pointLabel(point: Point): string {
  const isSpread = point.low !== point.high && !(Number.isNaN(point.low) && Number.isNaN(point.high));
  return isSpread ? say('{0} ({1} to {2})', significant(point.median), significant(point.low), significant(point.high)) : significant(point.median);
}

interface SeriesDatasets {
  readonly datasets: readonly LineDataset[];
  /** Which of them is the median line. */
  readonly line: number;
}

/** Bottom and top of the band, the median line, and its markers apart: radii point by point would make a long line slow. */
function datasetsOf(series: Series, scale: ValueScale, palette: Palette): SeriesDatasets {
  const style = lineStyle(series.scheme, palette);
  const colour = series.kind === 'measured' ? style.colour : fade(style.colour, series.kind === 'before' ? 0.55 : 0.8);
  const line = (value: (point: Point) => number): ChartPoint[] =>
    series.points.map((point, x) => ({ x, y: point ? scale.position(value(point)) : Number.NaN }));
  const marked = Math.max(1, Math.ceil(series.points.length / markedPoints));
  const isMarked = (index: number): boolean => index % marked === 0 || (!series.points[index - 1] && !series.points[index + 1]);
  const path = line((point) => point.median);
  const median: LineDataset = {
    data: path,
    borderColor: colour, backgroundColor: colour, borderWidth: series.kind === 'theory' ? 1 : palette.highContrast ? 2 : 1.5,
    borderDash: series.kind === 'measured' ? [...style.dash] : series.kind === 'before' ? [3, 4] : [2, 2],
    pointStyle: style.shape, pointRadius: 0, pointBorderColor: colour, pointBackgroundColor: style.filled ? colour : palette.background,
  };
  const band = (opacity: number): readonly LineDataset[] => {
    const edge = { borderWidth: 0, pointRadius: 0, backgroundColor: fade(style.colour, opacity) };
    return [{ ...edge, data: line((point) => point.low), fill: false }, { ...edge, data: line((point) => point.high), fill: '-1' }];
  };
  const isWide = series.points.some((point) => point && point.low < point.high);
  if (series.kind !== 'measured') return series.kind === 'theory' && isWide ? { datasets: [...band(0.1), median], line: 2 } : { datasets: [median], line: 0 };
  const markers: LineDataset = {
    ...median, data: path.filter(({ y }, index) => isMarked(index) && !Number.isNaN(y)), showLine: false, pointRadius: 3, pointBorderWidth: 1.5,
  };
  if (series.seeds < 2) return { datasets: [median, markers], line: 0 };
  return { datasets: [...band(0.2), median, markers], line: 2 };
}
