// The signal propagation plot as a figure to take away: with a legend, between its title and its caption.

import type { Palette } from '../../ui/theme';
import { framed, lineHeight, type FigureWords } from '../figure/frame';
import { legendEntry, legendRows } from '../figure/legend';
import { drawBlocks } from './blockDrawing';
import type { BlockContent } from './blocks';

export function blockFigure(content: BlockContent, words: FigureWords, palette: Palette): string {
  return framed(words, palette, (area) => {
    // All plots have the same lines.
    const lines = content.plots[0]?.content;
    const rows = lines ? legendRows(lines, area.left, area.width) : [];
    const legend = rows.map((row, at) => row.map((entry) => (lines ? legendEntry(lines, entry, area.top + at * lineHeight, palette) : '')).join('\n'));
    const used = rows.length * lineHeight;
    return [...legend, drawBlocks(content, { ...area, top: area.top + used, height: area.height - used }, palette)].join('\n');
  });
}
