import { element } from '../ui/element';
import { select } from '../ui/kit';
import type { Palette } from '../ui/theme';
import { createFigureMenu, type FigureActions } from './figure/figureMenu';
import { createVarianceChart, pointLabel, type ChartContent } from './varianceChart';
import { createVarianceTable, steppedTo } from './varianceTable';

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
  /** What can be taken away of it. */
  readonly figure?: FigureActions;
}

export interface ChartPane {
  readonly root: HTMLElement;
  draw(content: ChartContent, palette: Palette, hiddenBy: ReadonlyMap<string, string>): void;
  point(index: number | null): void;
  showTable(isShown: boolean): void;
}

/** A variance chart with its heading, its keyboard, and the same numbers as a table. */
export function createChartPane(options: ChartPaneOptions): ChartPane {
  let content: ChartContent | null = null;
  let { palette } = options;
  const canvas = element('canvas', { role: 'img', testid: `${options.testid}-chart` });
  const frame = element('div', {
    class: 'chart-frame', role: 'group', label: `${options.title}: left and right move over the layers`, attributes: { tabindex: '0' },
  }, [canvas]);
  const table = createVarianceTable(options);
  const spoken = element('div', { class: 'visually-hidden', attributes: { 'aria-live': 'polite' } });
  const beforeName = element('span', { class: 'cut' });
  const beforeKey = element('span', {
    class: 'before-key muted', testid: `${options.testid}-before`,
  }, [beforeName]);
  const theoryKey = element('span', {
    class: 'theory-key muted', text: 'theory',
    title: 'Predicted from the weights’ moments, before anything is run; the band is how far draws differ', testid: `${options.testid}-theory`,
  });
  const root = element('section', { class: 'chart-pane', testid: `${options.testid}-pane`, label: options.title }, [
    element('div', { class: 'pane-heading' }, [
      element('h2', { class: 'cut', title: options.title }, [
        element('span', { class: 'at-length', text: options.title }), element('span', { class: 'in-short', text: options.short }),
      ]),
      beforeKey, theoryKey,
      element('span', { class: 'spacer' }),
      select({
        label: 'What is drawn', options: options.quantities, value: options.quantity, testid: `${options.testid}-quantity`,
        onChange: options.onQuantity,
      }),
      options.figure ? createFigureMenu({ testid: options.testid, title: options.title, drawn: () => content && { content, palette } }, options.figure) : null,
    ]),
    frame, table.root, spoken,
  ]);
  const chart = createVarianceChart(canvas, options.palette);
  let hiddenBy: ReadonlyMap<string, string> = new Map();
  let cursor: number | null = null;
  let isPointed = false;
  let filling = 0;

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
  frame.addEventListener('blur', () => {
    isPointed = false;
    chart.point(cursor, isPointed);
  });
  frame.addEventListener('keydown', (event) => {
    const next = steppedTo(event.key, cursor, chart.layerCount, ['ArrowLeft', 'ArrowRight']);
    if (next === null) return;
    event.preventDefault();
    isPointed = true;
    options.onSelect(next);
    speak();
  });

  function speak(): void {
    const layer = cursor === null ? undefined : content?.layers[cursor];
    if (!content || cursor === null || layer === undefined) return;
    const at = cursor;
    const said = content.series.map((series) => {
      const point = series.points[at];
      return `${content?.titleOf(series) ?? ''} ${point ? pointLabel(point) : hiddenBy.get(layer) ?? 'not known'}`;
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
      beforeKey.hidden = !next.series.some((series) => series.kind === 'before');
      beforeName.textContent = next.earlier ?? '';
      beforeKey.title = next.earlier === 'before' ? 'Current weights before the last change' : `Laid over: ${next.earlier ?? ''}`;
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
    return first && last ? `${name} from ${pointLabel(first)} to ${pointLabel(last)}` : `${name}: nothing known`;
  });
  return `${title} over ${content.layers.length} layers. ${lines.join('. ')}.`;
}
