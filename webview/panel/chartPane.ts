import { element, icon } from '../ui/element';
import { select } from '../ui/kit';
import type { Palette } from '../ui/theme';
import { say } from '../../src/protocol/words';
import { listenOn } from './chartZoom';
import { before, earlierName } from './earlierName';
import { writeFigure } from './figure/figure';
import { createFigureMenu, type Drawing, type FigureActions } from './figure/figureMenu';
import { toCsv, toJson } from './figure/numbers';
import { createVarianceChart, pointLabel, type ChartContent } from './varianceChart';
import { createVarianceTable, steppedTo } from './varianceTable';
import { paneHeading } from './paneHeading';
import { showing, unzoomed, type Span, type Zoom } from './zoom';

export interface ChartPaneOptions {
  readonly testid: string;
  readonly title: string;
  /** Where there is little room. */
  readonly short: string;
  readonly quantities: readonly { readonly value: string; readonly title: string }[];
  readonly quantity: string;
  readonly palette: Palette;
  readonly onQuantity: (quantity: string) => void;
  /** The cursor moves; null gives it back to the selected layer. */
  readonly onPoint: (index: number | null) => void;
  readonly onSelect: (index: number) => void;
  /** Layers that are to be seen, when a gesture over this chart asks for others than before; null for all. */
  readonly onSpan?: (layers: Span | null) => void;
  /** Absent where a layer is shown nowhere else. */
  readonly onReveal?: (index: number) => void;
  /** What can be taken away of it. */
  readonly figure: FigureActions;
}

export interface ChartPane {
  readonly root: HTMLElement;
  draw(content: ChartContent, palette: Palette, hiddenBy: ReadonlyMap<string, string>): void;
  point(index: number | null): void;
  showTable(isShown: boolean): void;
  /** The layers that are seen; null for all. */
  showSpan(layers: Span | null): void;
}

/** A variance chart with its heading, its keyboard, and the same numbers as a table. */
export function createChartPane(options: ChartPaneOptions): ChartPane {
  let content: ChartContent | null = null;
  let { palette } = options;
  const canvas = element('canvas', { role: 'img', testid: `${options.testid}-chart` });
  const frame = element('div', {
    class: 'chart-frame', role: 'group', attributes: { tabindex: '0' },
    label: say('{0}: left and right move over the layers, plus and minus zoom, 0 shows all', options.title),
  }, [canvas]);
  const table = createVarianceTable(options);
  const spoken = element('div', { class: 'visually-hidden', attributes: { 'aria-live': 'polite' } });
  const beforeName = element('span', { class: 'cut' });
  const beforeKey = element('span', {
    class: 'before-key muted', testid: `${options.testid}-before`,
  }, [beforeName]);
  const theoryKey = element('span', {
    class: 'theory-key muted', text: say('theory'),
    title: say('Predicted from the weights’ moments, before anything is run; the band is how far draws differ'), testid: `${options.testid}-theory`,
  });
  const whole = element('button', {
    class: 'segment', testid: `${options.testid}-whole`, title: say('Show all of the chart (0)'), label: say('Show all of the chart'),
      attributes: { type: 'button' },
  }, [icon('zoom-out')]);
  whole.hidden = true;
  const root = element('section', { class: 'chart-pane', testid: `${options.testid}-pane`, label: options.title }, [
    paneHeading(options, [beforeKey, theoryKey], [
      whole,
      select({
        label: say('What is drawn'), options: options.quantities, value: options.quantity, testid: `${options.testid}-quantity`,
        onChange: options.onQuantity,
      }),
      createFigureMenu({ testid: options.testid, title: options.title, drawn: drawing, isAxial: true }, options.figure),
    ]),
    frame, table.root, spoken,
  ]);
  const chart = createVarianceChart(canvas, options.palette);
  let zoom = unzoomed;
  function showZoom(next: Zoom): void {
    zoom = next;
    whole.hidden = next.x === null && next.y === null;
    chart.show(next);
  }
  function changeZoom(next: Zoom): void {
    const isOther = next.x !== zoom.x;
    showZoom(next);
    if (isOther) options.onSpan?.(next.x);
  }
  listenOn(frame, canvas, chart, () => zoom, changeZoom);
  whole.addEventListener('click', () => {
    changeZoom(unzoomed);
    frame.focus();
  });
  let hiddenBy: ReadonlyMap<string, string> = new Map();
  let cursor: number | null = null;
  let isPointed = false;
  let filling = 0;
  let seenLayers = 0;
  let isLinear: boolean | undefined;

  canvas.addEventListener('pointermove', (event) => {
    isPointed = true;
    options.onPoint(chart.indexAt(event.offsetX));
  });
  canvas.addEventListener('pointerleave', () => {
    isPointed = frame === document.activeElement;
    options.onPoint(null);
  });
  canvas.addEventListener('click', (event) => {
    const index = chart.indexAt(event.offsetX);
    if (index !== null) options.onSelect(index);
  });
  canvas.addEventListener('dblclick', (event) => {
    const index = chart.indexAt(event.offsetX);
    if (index !== null) options.onReveal?.(index);
  });
  frame.addEventListener('blur', () => {
    isPointed = false;
    chart.point(cursor, isPointed);
  });
  frame.addEventListener('keydown', (event) => {
    const next = steppedTo(event.key, cursor, chart.layerCount, ['ArrowLeft', 'ArrowRight']);
    if (next === null) return;
    event.preventDefault();
    isPointed = true;
    const seen = showing(zoom.x, chart.whole.x, next);
    if (seen !== zoom.x) changeZoom({ ...zoom, x: seen });
    options.onSelect(next);
    speak();
  });

  function drawing(): Drawing | null {
    const [now, words] = [content, options.figure.words(options.title)];
    return now ? { palette, svg: (colours) => writeFigure(now, words, colours), csv: () => toCsv(now), json: () => toJson(now, words) } : null;
  }

  function speak(): void {
    const layer = cursor === null ? undefined : content?.layers[cursor];
    if (!content || cursor === null || layer === undefined) return;
    const at = cursor;
    const said = content.series.map((series) => {
      const point = series.points[at];
      return `${content?.titleOf(series) ?? ''} ${point ? pointLabel(point) : hiddenBy.get(layer) ?? say('not known')}`;
    });
    spoken.textContent = `${layer}: ${said.join(', ')}`;
  }

  /** A large table takes a while to build: not for every run that arrives. */
  function fillSoon(): void {
    clearTimeout(filling);
    const cells = (content?.layers.length ?? 0) * (content?.series.length ?? 0);
    filling = window.setTimeout(() => {
      if (content) table.fill(content, hiddenBy);
    }, cells > 10_000 ? 1500 : cells > 1000 ? 400 : 0);
  }

  return {
    root,
    draw(next, theme, hidden) {
      content = next;
      palette = theme;
      hiddenBy = hidden;
      // Layers and decades of another picture are not these.
      if (next.layers.length !== seenLayers || next.isLinear !== isLinear) showZoom(unzoomed);
      isLinear = next.isLinear;
      seenLayers = next.layers.length;
      beforeKey.hidden = !next.series.some((series) => series.kind === 'before');
      beforeName.textContent = earlierName(next.earlier ?? '');
      beforeKey.title = next.earlier === before ? say('Current weights before the last change') : say('Laid over: {0}', next.earlier ?? '');
      theoryKey.hidden = !next.series.some((series) => series.kind === 'theory');
      canvas.setAttribute('aria-label', summary(options.title, next));
      chart.draw(next, palette);
      chart.point(cursor, isPointed);
      fillSoon();
    },
    point(index) {
      cursor = index;
      chart.point(index, isPointed);
      table.point(index);
    },
    showSpan: (layers) => showZoom({ ...zoom, x: layers }),
    showTable(isShown) {
      frame.hidden = isShown;
      table.show(isShown);
    },
  };
}

function summary(title: string, content: ChartContent): string {
  const lines = content.series.map((series) => {
    const known = series.points.filter((point) => point !== null);
    const first = known[0];
    const last = known[known.length - 1];
    const name = content.titleOf(series);
    return first && last ? say('{0} from {1} to {2}', name, pointLabel(first), pointLabel(last)) : say('{0}: nothing known', name);
  });
  return say('{0} over {1} layers. {2}.', title, content.layers.length, lines.join('. '));
}
