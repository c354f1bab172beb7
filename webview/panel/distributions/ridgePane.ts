// A pane of distributions layer by layer, for activations or for gradients, with the cursor that charts and table have.

import { significant } from '../../format';
import { element } from '../../ui/element';
import { select } from '../../ui/kit';
import type { Palette } from '../../ui/theme';
import { createDrawnPane } from '../drawnPane';
import type { FigureActions } from '../figure/figureMenu';
import { framed, type Area } from '../figure/frame';
import { csvOf, jsonOf } from '../figure/numbers';
import { tag } from '../figure/xml';
import { steppedTo } from '../varianceTable';
import { say } from '../../../src/protocol/words';
import type { RidgeScale } from './ridge';
import { drawRidges, layerAt, rowsOf, type RidgeContent } from './ridges';

export interface RidgePaneOptions {
  readonly testid: string;
  readonly title: string;
  readonly short: string;
  readonly quantities: readonly { readonly value: string; readonly title: string }[];
  readonly quantity: string;
  readonly figure: FigureActions;
  readonly onQuantity: (quantity: string) => void;
  readonly onScale: (scale: RidgeScale) => void;
  readonly onPoint: (layer: number | null) => void;
  readonly onSelect: (layer: number) => void;
}

export interface RidgePane {
  readonly root: HTMLElement;
  draw(content: RidgeContent, palette: Palette): void;
  point(layer: number | null): void;
}

export function createRidgePane(options: RidgePaneOptions): RidgePane {
  let content: RidgeContent | null = null;
  let palette: Palette | null = null;
  let cursor: number | null = null;
  const { figure } = options;
  const own = element('button', {
    class: 'segment', text: 'σ', testid: `${options.testid}-own`, title: say('Each layer over its own standard deviations: shapes, whatever their width'),
    label: say('Each layer over its own standard deviations'), attributes: { type: 'button' },
  });
  own.addEventListener('click', () => options.onScale(content?.scale === 'own' ? 'common' : 'own'));

  const pane = createDrawnPane({
    ...options, hint: say('up and down move over the layers'),
    controls: [
      own,
      select({
        label: say('What is drawn'), options: options.quantities, value: options.quantity, testid: `${options.testid}-quantity`, onChange: options.onQuantity,
      }),
    ],
    drawing() {
      const now = content;
      const words = figure.words(options.title);
      return now && palette && {
        palette, svg: (colours) => framed(words, colours, (area) => drawRidges(now, area, colours)),
        csv: () => csvOf(numbersOf(now)), json: () => jsonOf({ title: words.title, caption: words.caption, columns: now.columns }),
      };
    },
    draw: (area) => (content && palette ? drawRidges(content, area, palette) : ''),
    over: (area) => (content && palette && cursor !== null ? cursorAt(cursor, content, area, palette) : ''),
    onPoint: (at, area) => options.onPoint(at && layerAt(at.y, content?.layers.length ?? 0, area)),
    onPick(at, area) {
      const layer = layerAt(at.y, content?.layers.length ?? 0, area);
      if (layer !== null) options.onSelect(layer);
    },
    onKey(key) {
      const next = steppedTo(key, cursor, content?.layers.length ?? 0, ['ArrowUp', 'ArrowDown']);
      if (next === null) return false;
      options.onSelect(next);
      if (content) pane.say(spoken(content, next));
      return true;
    },
  });

  return {
    root: pane.root,
    draw(next, theme) {
      content = next;
      palette = theme;
      own.setAttribute('aria-pressed', String(next.scale === 'own'));
      pane.draw(theme, say('{0} of {1} layers. {2}.', options.title, next.layers.length, next.columns.map(({ title }) => title).join(', ')));
    },
    point(layer) {
      if (layer === cursor) return;
      cursor = layer;
      pane.mark();
    },
  };
}

function cursorAt(layer: number, { layers }: RidgeContent, area: Area, palette: Palette): string {
  const y = rowsOf(layers.length, area).baseline(layer);
  return tag('line', { x1: area.left, x2: area.left + area.width, y1: y, y2: y, stroke: palette.focus });
}

function spoken({ layers, columns, hiddenBy }: RidgeContent, at: number): string {
  const layer = layers[at] ?? '';
  const said = columns.map(({ title, ridges }) => {
    const ridge = ridges[at];
    if (!ridge) return `${title} ${hiddenBy.get(layer) ?? say('not known')}`;
    return say('{0} mean {1}, standard deviation {2}', title, significant(ridge.moments.mean), significant(ridge.deviation));
  });
  return `${layer}: ${said.join('; ')}`;
}

/** A row for each bin. */
function numbersOf({ layers, columns }: RidgeContent): readonly (readonly string[])[] {
  const rows = columns.flatMap(({ title, ridges }) => ridges.flatMap((ridge, at) => {
    const histogram = ridge?.moments.histogram;
    if (!histogram) return [];
    const { min, max, counts } = histogram;
    const width = (max - min) / counts.length;
    return counts.map((count, bin) => [title, layers[at] ?? '', min + bin * width, min + (bin + 1) * width, count].map(String));
  }));
  return [['scheme', 'layer', 'from', 'to', 'count'], ...rows];
}
