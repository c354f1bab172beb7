// The axes of a figure that is taken away: levels across it, names under it, what both of them are.

import type { Palette } from '../../ui/theme';
import { pixel, tag, text } from './xml';

/** Of the plot, in pixels. */
export interface PlotEdges {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

interface Mark {
  readonly at: number;
  readonly label: string;
}

export interface AxesContent {
  readonly across: { readonly title: string; readonly marks: readonly Mark[] };
  /** A level that is no value, such as the floor of exact zeros, is dotted. */
  readonly up: { readonly title: string; readonly marks: readonly (Mark & { readonly isDotted?: boolean })[] };
}

/** Pixels under a plot for names and the axis' title, and before it for values and theirs. */
export const axisRoom = { under: 46, before: 84 };

export function writeAxes({ left, right, top, bottom }: PlotEdges, { across, up }: AxesContent, palette: Palette): readonly string[] {
  const muted = { fill: palette.muted };
  const levels = up.marks.map(({ at, label, isDotted }) => {
    const height = pixel(at);
    const line = { 'stroke': palette.grid, 'stroke-opacity': 0.5, 'stroke-dasharray': isDotted === true ? '1 3' : undefined };
    return tag('line', { x1: left, x2: right, y1: height, y2: height, ...line })
      + text(label, { 'x': left - 8, 'y': Number(height) + 4, 'text-anchor': 'end', ...muted });
  });
  return [
    ...levels, ...across.marks.map(({ at, label }) => text(label, { 'x': pixel(at), 'y': bottom + 18, 'text-anchor': 'middle', ...muted })),
    tag('path', { d: `M${left} ${top}V${bottom}H${right}`, fill: 'none', stroke: palette.muted }),
    text(across.title, { 'x': (left + right) / 2, 'y': bottom + 38, 'text-anchor': 'middle', ...muted }),
    text(up.title, { 'x': 0, 'y': 0, 'text-anchor': 'middle', 'transform': `translate(18 ${pixel((top + bottom) / 2)}) rotate(-90)`, ...muted }),
  ];
}
