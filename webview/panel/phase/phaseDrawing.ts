// Order and chaos of an activation, with the schemes of a network where they lie (Poole et al. 2016, figure 1; Schoenholz et al. 2017, figure 1). One
// drawing for the page and for paper.

import type { PhaseDiagram, PlanePoint } from '../../../src/protocol/phase';
import type { SimulatedScheme } from '../../../src/protocol/schemes';
import { say } from '../../../src/protocol/words';
import { trimmed } from '../../format';
import type { Palette } from '../../ui/theme';
import { roundBelow } from '../distributions/ridge';
import type { Area } from '../figure/frame';
import { pixel, tag, text } from '../figure/xml';
import { lineStyle, markerPaths } from '../schemeStyle';

export interface PlacedScheme {
  readonly scheme: SimulatedScheme;
  readonly title: string;
  /** The median over layers. */
  readonly at: PlanePoint;
  readonly layers: readonly (PlanePoint & { readonly name: string })[];
  /** χ⊥, the median over layers, and in how many layers a gradient changes e-fold by it. */
  readonly perpendicular: number;
  readonly depthScale: number;
}

const gutter = { left: 50, bottom: 36, top: 6, right: 12 };
/** ln χ⊥ per layer at which a colour is at its strongest. */
const strongest = 0.7;
const perCharacter = 6.4;
/** Of an upright axis that is named with what it means. */
const roomForMeaning = 80;

interface Plot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly x: (weights: number) => number;
  readonly y: (biases: number) => number;
}

export function plotOf({ reach }: PhaseDiagram, area: Area): Plot {
  const [left, right] = [area.left + gutter.left, area.left + area.width - gutter.right];
  const [top, bottom] = [area.top + gutter.top, area.top + area.height - gutter.bottom];
  return {
    left, right, top, bottom,
    x: (weights) => left + Math.min(1, weights / reach.weights) * (right - left),
    y: (biases) => bottom - Math.min(1, biases / reach.biases) * (bottom - top),
  };
}

/** Markup of an SVG. */
export function drawPhase(diagram: PhaseDiagram, schemes: readonly PlacedScheme[], area: Area, palette: Palette): string {
  const plot = plotOf(diagram, area);
  return [
    ...field(diagram, plot, palette), ...edge(diagram, plot, palette), ...axes(diagram, plot, palette),
    ...schemes.flatMap((each) => each.layers.map((layer) => spot(each, layer, plot, palette))),
    ...labelled(schemes, plot).map(({ scheme, at, y }) => marker(scheme, at, y, plot, palette)),
  ].join('\n');
}

/** χ⊥ by colour: the stronger, the faster a gradient changes with depth. */
function field({ columns, perpendicular }: PhaseDiagram, { left, right, top, bottom }: Plot, palette: Palette): readonly string[] {
  const rows = perpendicular.length / columns;
  const [width, height] = [(right - left) / (columns - 1), (bottom - top) / (rows - 1)];
  // Cells end at whole pixels, so that no line is seen between them.
  const x = (column: number): number => Math.round(Math.max(left, Math.min(right, left + (column - 0.5) * width)));
  const y = (row: number): number => Math.round(Math.max(top, Math.min(bottom, bottom - (row - 0.5) * height)));
  return [tag('g', { 'shape-rendering': 'crispEdges' }, perpendicular.map((each, at) => {
    const [column, row] = [at % columns, Math.floor(at / columns)];
    const strength = Math.min(1, Math.abs(Math.log(Math.max(each, 1e-9))) / strongest);
    return tag('rect', {
      'x': x(column), 'y': y(row + 1), 'width': x(column + 1) - x(column), 'height': y(row) - y(row + 1), 'fill': each < 1 ? palette.blue : palette.red,
      'fill-opacity': Number((0.04 + 0.36 * strength).toFixed(3)),
    });
  }).join(''))];
}

function edge({ edge: points, critical }: PhaseDiagram, plot: Plot, palette: Palette): readonly string[] {
  const { left, right, top, bottom, x, y } = plot;
  const said = (what: string, at: number, anchor: string): string => (
    text(what, { 'x': pixel(at), 'y': pixel(top + 16), 'fill': palette.foreground, 'text-anchor': anchor, 'font-size': 11, 'font-style': 'italic' }));
  const words = [...right - left < 300 ? [say('order'), say('chaos')] : [say('order: gradients vanish'), say('chaos: gradients explode')]];
  const [order, chaos] = words;
  const regions = [said(order ?? '', left + 8, 'start'), ...points.length > 0 ? [said(chaos ?? '', right - 8, 'end')] : []];
  const line = points.length < 2 ? '' : tag('path', {
    'd': `M${points.map((point) => `${pixel(x(point.weights))} ${pixel(y(point.biases))}`).join('L')}`, 'fill': 'none', 'stroke': palette.foreground,
    'stroke-width': 2, 'data-testid': 'edge-of-chaos',
  });
  const point = critical ? tag('circle', {
    cx: pixel(x(critical.weights)), cy: pixel(y(critical.biases)), r: 4, fill: palette.background, stroke: palette.foreground,
  }) : '';
  return [line, point, ...regions, tag('rect', { x: left, y: top, width: right - left, height: bottom - top, fill: 'none', stroke: palette.grid })];
}

function axes({ reach }: PhaseDiagram, { left, right, top, bottom, x, y }: Plot, palette: Palette): readonly string[] {
  const marks = (end: number, room: number): readonly number[] => {
    const step = roundBelow(end / Math.max(1, Math.min(5, Math.floor(room / 52))) * 1.01);
    return Array.from({ length: Math.floor(end / step) + 1 }, (_, at) => at * step);
  };
  const muted = { 'fill': palette.muted, 'font-size': 11 };
  return [
    ...marks(reach.weights, right - left).map((value) => text(trimmed(value), { 'x': pixel(x(value)), 'y': bottom + 14, 'text-anchor': 'middle', ...muted })),
    ...marks(reach.biases, bottom - top).map((value) => text(trimmed(value), { 'x': left - 6, 'y': pixel(y(value) + 4), 'text-anchor': 'end', ...muted })),
    text('σ_w² = fan_in · Var w', { 'x': pixel((left + right) / 2), 'y': bottom + 30, 'text-anchor': 'middle', ...muted }),
    text(bottom - top < roomForMeaning ? 'σ_b²' : 'σ_b² = Var b', {
      'x': 0, 'y': 0, 'text-anchor': 'middle', 'transform': `translate(${left - 36} ${pixel((top + bottom) / 2)}) rotate(-90)`, ...muted,
    }),
  ];
}

function spot({ scheme }: PlacedScheme, point: PlanePoint & { readonly name: string }, { x, y }: Plot, palette: Palette): string {
  const { colour } = lineStyle(scheme, palette);
  return tag('circle', {
    'cx': pixel(x(point.weights)), 'cy': pixel(y(point.biases)), 'r': 2, 'fill': colour, 'fill-opacity': 0.5, 'data-layer': point.name, 'data-scheme': scheme,
    'data-weights': point.weights, 'data-biases': point.biases,
  });
}

interface Labelled {
  readonly scheme: PlacedScheme;
  readonly at: PlanePoint;
  /** Of the label: labels that would lie over one another are put under one another. */
  readonly y: number;
}

const apart = 14;

function labelled(schemes: readonly PlacedScheme[], { y, top }: Plot): readonly Labelled[] {
  const placed: Labelled[] = [];
  for (const scheme of schemes.toSorted((a, b) => y(b.at.biases) - y(a.at.biases))) {
    const lowest = placed.length === 0 ? Infinity : Math.min(...placed.map((each) => each.y)) - apart;
    placed.push({ scheme, at: scheme.at, y: Math.max(top + 30, Math.min(y(scheme.at.biases) - 8, lowest)) });
  }
  return placed;
}

function marker({ scheme, title }: PlacedScheme, at: PlanePoint, labelY: number, { x, y, right }: Plot, palette: Palette): string {
  const { colour, shape, filled } = lineStyle(scheme, palette);
  const [left, top] = [x(at.weights), y(at.biases)];
  const isBeyond = left >= right - 0.5;
  const said = isBeyond ? say('{0} at {1} →', title, trimmed(at.weights)) : title;
  const isLate = isBeyond || left + 12 + said.length * perCharacter > right;
  return tag('path', {
    'd': markerPaths[shape], 'transform': `translate(${pixel(left - 6)} ${pixel(top - 6)})`, 'stroke': colour, 'stroke-width': 2,
    'fill': filled ? colour : palette.background, 'data-scheme': scheme, 'data-median-weights': at.weights,
  }) + text(said, {
    'x': pixel(isLate ? left - 10 : left + 10), 'y': pixel(labelY), 'text-anchor': isLate ? 'end' : 'start', 'fill': palette.foreground, 'font-size': 12,
    'paint-order': 'stroke', 'stroke': palette.background, 'stroke-width': 3, 'stroke-linejoin': 'round',
  });
}
