// What every figure has around its drawing: a title over it, and lines under it.

import type { Palette } from '../../ui/theme';
import { escaped, tag, text } from './xml';

export interface FigureWords {
  readonly title: string;
  /** Of the vertical axis, with its unit. */
  readonly axis: string;
  /** Lines under the picture: the model, and how it was run. */
  readonly caption: readonly string[];
}

export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export const figureSize = { width: 960, height: 600 };
const margin = 24;
const titleHeight = 44;
export const lineHeight = 18;

/** A picture of its own; `drawn` is markup, of what lies between title and caption. */
export function framed({ title, caption }: FigureWords, palette: Palette, drawn: (area: Area) => string, left = margin): string {
  const { width, height } = figureSize;
  const bottom = height - margin - caption.length * lineHeight;
  const inside = [
    tag('title', {}, escaped(title)), tag('desc', {}, escaped(caption.join(' '))),
    tag('rect', { width, height, fill: palette.background }),
    text(title, { 'x': left, 'y': 26, 'fill': palette.foreground, 'font-size': 16, 'font-weight': 600 }),
    drawn({ left, top: titleHeight, width: width - left - margin, height: bottom - titleHeight }),
    ...caption.map((line, at) => text(line, { 'x': left, 'y': bottom + lineHeight + at * lineHeight, 'fill': palette.muted, 'font-size': 12 })),
  ];
  return tag('svg', {
    'xmlns': 'http://www.w3.org/2000/svg', width, height, 'viewBox': `0 0 ${width} ${height}`, 'font-family': palette.fontFamily, 'font-size': 12,
  }, inside.join('\n'));
}
