// The pane of the signal propagation plot: its drawing, its tables, and the cursor that it shares with charts and graph.

import { say } from '../../../src/protocol/words';
import { significant } from '../../format';
import { element, replaceChildren } from '../../ui/element';
import type { Palette } from '../../ui/theme';
import type { Shown } from '../chartContents';
import { createDrawnPane } from '../drawnPane';
import type { FigureActions } from '../figure/figureMenu';
import { jsonOf, linesOf, toCsv } from '../figure/numbers';
import { createVarianceTable, steppedTo } from '../varianceTable';
import { blockAt, drawBlocks, markBlock } from './blockDrawing';
import { blockFigure } from './blockFigure';
import { blocksOf, plotKinds, together, type BlockContent } from './blocks';

export interface BlockOptions {
  readonly figure: FigureActions;
  readonly onPoint: (layer: number | null) => void;
  readonly onSelect: (layer: number) => void;
}

export interface BlockView {
  readonly panes: readonly HTMLElement[];
  draw(shown: Shown, palette: Palette): void;
  point(layer: number | null): void;
  showTable(isShown: boolean): void;
}

const title = say('Signal propagation, block by block');

export function createBlockView({ figure, onPoint, onSelect }: BlockOptions): BlockView {
  let shown: Shown | null = null;
  let content: BlockContent = { blocks: [], plots: [] };
  let palette: Palette | null = null;
  let cursor: number | null = null;
  let isTable = false;
  /** By pointer or keys: then the numbers of the block are seen, too. */
  let isAsked = false;

  const layerOf = (block: number | null): number | null => {
    const at = shown?.layers.indexOf(content.blocks[block ?? -1]?.layer ?? '') ?? -1;
    return at < 0 ? null : at;
  };
  /** The block that a layer is in, or that comes next. */
  const blockOf = (layer: number | null): number | null => {
    const at = layer === null ? -1 : content.blocks.findIndex((_, block) => (layerOf(block) ?? -1) >= layer);
    return at < 0 ? null : at;
  };
  const chooseBlock = (block: number | null): void => {
    const layer = layerOf(block);
    if (layer !== null) onSelect(layer);
  };

  const pane = createDrawnPane({
    testid: 'blocks', title, short: say('Signal by block'), hint: say('left and right move over the blocks'), controls: [], figure,
    drawing() {
      const [now, all] = [content, together(content)];
      const words = figure.words(title);
      const caption = [say('Of each residual block, over the channels of its sum and of its branch (Brock et al. 2021, arXiv 2101.08692).'), ...words.caption];
      return palette && all && now.blocks.length > 0 ? {
        palette, csv: () => toCsv(all),
        svg: (colours) => blockFigure(now, { ...words, caption }, colours),
        json: () => jsonOf({ title, caption, blocks: now.blocks, plots: now.plots.map((plot) => ({ title: plot.title, series: linesOf(plot.content) })) }),
      } : null;
    },
    draw: (area) => (palette && content.blocks.length > 0 ? drawBlocks(content, area, palette) : ''),
    over(area) {
      const block = blockOf(cursor);
      return palette && block !== null ? markBlock(content, block, isAsked, area, palette) : '';
    },
    onPoint(at, area) {
      const hasChanged = isAsked !== (at !== null);
      isAsked = at !== null;
      onPoint(at && layerOf(blockAt(at, content, area)));
      if (hasChanged) pane.mark();
    },
    onPick: (at, area) => chooseBlock(blockAt(at, content, area)),
    onKey(key) {
      const next = steppedTo(key, blockOf(cursor), content.blocks.length, ['ArrowLeft', 'ArrowRight']);
      if (next === null) return false;
      isAsked = true;
      chooseBlock(next);
      pane.say(said(next));
      return true;
    },
  });
  const onTable = { onPoint: (block: number | null): void => onPoint(layerOf(block)), onSelect: chooseBlock };
  const tables = plotKinds.map((plot) => ({ id: plot.id, table: createVarianceTable({ testid: `blocks-${plot.id}`, title: plot.title, ...onTable }) }));
  const listed = element('div', { class: 'block-tables' }, tables.map(({ table }) => table.root));
  const why = element('p', { class: 'muted hint', testid: 'no-blocks' });
  pane.root.classList.add('whole-width');
  pane.root.append(listed, why);
  const frame = pane.root.querySelector<HTMLElement>('.chart-frame');

  const said = (block: number): string => `${content.blocks[block]?.layer ?? ''}: ${content.plots.map((plot) => `${plot.title}: ${
    plot.content.series.filter(({ kind }) => kind === 'measured').map((each) => (
      `${plot.content.titleOf(each)} ${significant(each.points[block]?.median ?? null)}`)).join(', ')}`).join('; ')}`;

  function arrange(): void {
    const isKnown = content.blocks.length > 0;
    if (frame) frame.hidden = !isKnown || isTable;
    listed.hidden = !isKnown;
    for (const { table } of tables) table.show(isTable && isKnown);
    why.hidden = isKnown;
    replaceChildren(why, isKnown ? [] : [absent()]);
  }

  function absent(): string {
    return shown && shown.runs.length > 0
      ? say('This network has no residual blocks: nowhere is a branch with layers of its own added to the signal that it left. Branches that are concatenated '
        + 'keep their channels apart, and have no sum.')
      : say('The blocks are measured by a run.');
  }

  return {
    panes: [pane.root],
    draw(next, theme) {
      shown = next;
      content = blocksOf(next);
      palette = theme;
      for (const { id, table } of tables) {
        const plot = content.plots.find((each) => each.id === id);
        if (plot) table.fill(plot.content, new Map());
      }
      arrange();
      pane.draw(theme, say('{0}: {1} blocks. {2}.', title, content.blocks.length, content.plots.map((plot) => plot.title).join(', ')));
    },
    point(layer) {
      if (layer === cursor) return;
      cursor = layer;
      for (const { table } of tables) table.point(blockOf(layer));
      pane.mark();
    },
    showTable(next) {
      isTable = next;
      arrange();
      if (palette && !isTable) pane.draw(palette, title);
    },
  };
}
