import { significant } from '../format';
import { element } from '../ui/element';
import { say } from '../../src/protocol/words';
import type { Series } from './series';
import type { ChartContent } from './varianceChart';

export interface VarianceTableOptions {
  readonly testid: string;
  readonly title: string;
  /** As of a chart: the cursor is at a row; null gives it back. */
  readonly onPoint: (index: number | null) => void;
  readonly onSelect: (index: number) => void;
  /** Absent where a layer is shown nowhere else. */
  readonly onReveal?: (index: number) => void;
}

export interface VarianceTable {
  readonly root: HTMLElement;
  fill(content: ChartContent, hiddenBy: ReadonlyMap<string, string>): void;
  point(index: number | null): void;
  /** Where it is not shown it is there for those who are read to. */
  show(isShown: boolean): void;
}

/** The drawn numbers as a table: for reading aloud, copying, and comparing. It has the cursor of the charts, and moves it. */
export function createVarianceTable({ testid, title, onPoint, onSelect, onReveal }: VarianceTableOptions): VarianceTable {
  const table = element('table', { testid: `${testid}-table`, class: 'number' });
  const root = element('div', { class: 'table-frame visually-hidden', label: say('{0}, as a table', title), role: 'region' }, [table]);
  let cursor: number | null = null;
  /** The cursor follows the pointer, which is over what it marks. */
  let isPointed = false;
  const rowOf = (index: number | null): HTMLTableRowElement | null => (index === null ? null : table.tBodies[0]?.rows[index] ?? null);
  const indexOf = (target: EventTarget | null): number | null => {
    const row = target instanceof Element ? target.closest('tbody tr') : null;
    return row instanceof HTMLTableRowElement ? row.sectionRowIndex : null;
  };

  function mark(): void {
    for (const row of table.querySelectorAll('tr[aria-current]')) row.removeAttribute('aria-current');
    const row = rowOf(cursor);
    row?.setAttribute('aria-current', 'true');
    if (!isPointed && !root.matches('.visually-hidden')) row?.scrollIntoView({ block: 'nearest' });
  }

  table.addEventListener('pointermove', ({ target }) => {
    isPointed = true;
    onPoint(indexOf(target));
  });
  table.addEventListener('pointerleave', () => {
    isPointed = false;
    onPoint(null);
  });
  table.addEventListener('click', ({ target }) => {
    const index = indexOf(target);
    // A selection of text is for copying.
    if (index !== null && getSelection()?.isCollapsed !== false) onSelect(index);
  });
  table.addEventListener('dblclick', ({ target }) => {
    const index = indexOf(target);
    if (index !== null) onReveal?.(index);
  });
  root.addEventListener('keydown', (event) => {
    const next = steppedTo(event.key, cursor, table.tBodies[0]?.rows.length ?? 0, ['ArrowUp', 'ArrowDown']);
    if (next === null) return;
    event.preventDefault();
    isPointed = false;
    onSelect(next);
  });

  return {
    root,
    fill(content, hiddenBy) {
      fill(table, title, content, hiddenBy);
      mark();
    },
    point(index) {
      if (index === cursor) return;
      cursor = index;
      mark();
    },
    show(isShown) {
      root.classList.toggle('visually-hidden', !isShown);
      if (isShown) root.tabIndex = 0;
      else root.removeAttribute('tabindex');
      mark();
    },
  };
}

/** Where a key moves the cursor over so many layers; null where it does not. */
export function steppedTo(key: string, cursor: number | null, count: number, [back, forth]: readonly [string, string]): number | null {
  const at = cursor ?? -1;
  const steps: Readonly<Record<string, number>> = { [forth]: at + 1, [back]: at - 1, Home: 0, End: count - 1, PageDown: at + 10, PageUp: at - 10 };
  const next = steps[key];
  return next === undefined || count === 0 ? null : Math.max(0, Math.min(count - 1, next));
}

/** Of the weights as they were, "before"; of other earlier runs with the scheme's name. */
function columnOf({ kind, scheme }: Series): string {
  if (kind === 'measured') return scheme;
  return kind === 'theory' ? `${scheme}-theory` : scheme === 'current' ? 'before' : `before-${scheme}`;
}

/** What is measured stands before what theory says of it; a chart draws it the other way round. */
const order: Readonly<Record<Series['kind'], number>> = { measured: 0, theory: 1, before: 2 };

function fill(table: HTMLTableElement, caption: string, content: ChartContent, hiddenBy: ReadonlyMap<string, string>): void {
  const schemes = [...new Set(content.series.map(({ scheme }) => scheme))];
  const shown = content.series.toSorted((a, b) => Number(a.kind === 'before') - Number(b.kind === 'before')
    || schemes.indexOf(a.scheme) - schemes.indexOf(b.scheme) || order[a.kind] - order[b.kind]);
  const head = element('tr', {}, [
    element('th', { text: say('Layer'), attributes: { scope: 'col' } }),
    ...shown.map((series) => element('th', { text: content.titleOf(series), attributes: { scope: 'col' } })),
  ]);
  const rows = content.layers.map((layer, index) => element('tr', {}, [
    element('th', { text: layer, attributes: { scope: 'row' } }),
    ...shown.map((series) => {
      const point = series.points[index];
      const scheme = columnOf(series);
      if (!point) {
        return element('td', {
          class: 'muted', text: hiddenBy.get(layer) ?? '–', attributes: { 'data-scheme': scheme, 'data-layer': layer, 'data-value': 'null' },
        });
      }
      return element('td', {
        text: significant(point.median), title: String(point.median),
        attributes: {
          'data-scheme': scheme, 'data-layer': layer, 'data-value': String(point.median),
          'data-low': String(point.low), 'data-high': String(point.high),
        },
      });
    }),
  ]));
  table.replaceChildren(element('caption', { text: caption }), element('thead', {}, [head]), element('tbody', {}, rows));
}
