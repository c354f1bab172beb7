import { element, icon } from '../ui/element';
import { say } from '../../src/protocol/words';
import { columnIds, nextSort, type Browsing, type ColumnId } from './browsing';
import type { LayerView, Measurements } from './health';
import { cellId, copyRow, layerRow, rowContext, rowId } from './layerRow';
import { extendTo, nothingSelected, selectAll, selectOne, toggle, type Selection } from './selection';
import { createVirtualRows } from './virtualRows';

const titles: Readonly<Record<ColumnId, { readonly label: string; readonly title: string }>> = {
  health: { label: '', title: say('Health') },
  layer: { label: say('Layer'), title: say('Name of the layer') },
  operator: { label: say('Operator'), title: say('Operator and its attributes') },
  weight: { label: say('Weight'), title: say('Shape of the weight; sorts by its number of elements') },
  fanIn: { label: 'fan in', title: say('Inputs that one output sums over') },
  fanOut: { label: 'fan out', title: say('Outputs that one input reaches') },
  then: { label: say('Then'), title: say('Normalization and activation that follow') },
  is: { label: say('Is (σ)'), title: say('Distribution and standard deviation σ of the present values') },
  should: { label: say('Should be (σ)'), title: say('Recommended scheme, its standard deviation, and how many times wider the present one is') },
};

export interface LayerTable {
  readonly root: HTMLElement;
  /** `total` counts the rows that are still to come, too. */
  show(views: readonly LayerView[], sort: Browsing['sort'], total: number): void;
  /** Of the visible rows, those that are among these; null is all. */
  redraw(changed: ReadonlySet<LayerView> | null): void;
  mark(selection: Selection): void;
  /** Marks layers and scrolls to the active one. */
  select(selection: Selection): void;
  /** Marks the row of a layer that is pointed at elsewhere; null takes that back. */
  highlight(layer: string | null): void;
  focus(): void;
  /** The row at the top. */
  position: number;
}

export interface LayerTableOptions {
  readonly measurements: () => Measurements;
  readonly onSelect: (selection: Selection) => void;
  readonly onOpen: () => void;
  readonly onSort: (sort: Browsing['sort']) => void;
  readonly onScroll: () => void;
}

/** The layers as an ARIA grid with one tab stop; its row, or one cell of it, is the active descendant. */
export function createLayerTable(options: LayerTableOptions): LayerTable {
  const header = element('div', { class: 'row header', role: 'row', attributes: { 'aria-rowindex': '1' } });
  const body = element('div', { class: 'rows', role: 'rowgroup' });
  const root = element('div', {
    class: 'table', role: 'grid', testid: 'layer-table', label: say('Layers'),
    attributes: { 'tabindex': '0', 'aria-colcount': String(columnIds.length), 'aria-multiselectable': 'true' },
  }, [element('div', { role: 'rowgroup', class: 'header-group' }, [header]), body]);
  let views: readonly LayerView[] = [];
  let sort: Browsing['sort'] = null;
  let selection: Selection = nothingSelected;
  let highlighted: string | null = null;
  /** Column of the active cell; null where the whole row is active. */
  let column: number | null = null;

  const rows = createVirtualRows<LayerView>({
    viewport: root, body,
    stickyHeight: () => header.offsetHeight,
    rowHeight: () => Number.parseFloat(getComputedStyle(root).getPropertyValue('--row-height')),
    anchor() {
      const index = activeIndex();
      return index < 0 ? null : index;
    },
    render(view, index) {
      const row = layerRow(view, index, options.measurements());
      markRow(row, view);
      return row;
    },
  });

  function activeIndex(): number {
    return selection.active === null ? -1 : views.findIndex((view) => view.layer.name === selection.active);
  }

  function markRow(row: HTMLElement, view: LayerView): void {
    const isActive = view.layer.name === selection.active;
    row.setAttribute('aria-selected', String(selection.chosen.has(view.layer.name)));
    row.classList.toggle('active', isActive);
    row.classList.toggle('highlighted', view.layer.name === highlighted);
    for (const cell of row.querySelectorAll('.active-cell')) cell.classList.remove('active-cell');
    if (isActive && column !== null) row.querySelector(`.cell.${columnIds[column] ?? ''}`)?.classList.add('active-cell');
  }

  function viewOf(row: Element): LayerView | undefined {
    return views[Number(row.getAttribute('data-position'))];
  }

  function remark(): void {
    for (const row of body.children) {
      const view = viewOf(row);
      if (view && row instanceof HTMLElement) markRow(row, view);
    }
    const active = views[activeIndex()];
    if (active) {
      root.setAttribute('aria-activedescendant', column === null ? rowId(active) : cellId(active, column));
      // The menu key opens the menu of the active row.
      root.dataset.vscodeContext = rowContext(active);
    } else {
      root.removeAttribute('aria-activedescendant');
      delete root.dataset.vscodeContext;
    }
  }

  type Way = 'alone' | 'toggle' | 'extend';

  function choose(index: number, way: Way): void {
    const to = Math.max(0, Math.min(views.length - 1, index));
    const layer = views[to]?.layer.name;
    if (layer === undefined) return;
    rows.scrollTo(to);
    tell(way === 'alone' ? selectOne(layer) : way === 'toggle' ? toggle(selection, layer) : extendTo(selection, layer, names()));
  }

  function tell(next: Selection): void {
    selection = next;
    remark();
    options.onSelect(selection);
  }

  function names(): readonly string[] {
    return views.map(({ layer }) => layer.name);
  }

  function moveColumn(step: 1 | -1): void {
    const next = (column ?? -1) + step;
    column = next < 0 ? null : Math.min(next, columnIds.length - 1);
    remark();
  }

  root.addEventListener('keydown', (event) => {
    if (event.target !== root || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() !== 'a' || event.shiftKey) return;
      tell(selectAll(selection, names()));
      event.preventDefault();
      return;
    }
    const at = activeIndex();
    const way = event.shiftKey ? 'extend' : 'alone';
    switch (event.key) {
      case 'ArrowDown': choose(at + 1, way); break;
      case 'ArrowUp': choose(at <= 0 ? 0 : at - 1, way); break;
      case 'PageDown': choose(at + rows.pageSize, way); break;
      case 'PageUp': choose(at - rows.pageSize, way); break;
      case 'Home': choose(0, way); break;
      case 'End': choose(views.length - 1, way); break;
      case 'ArrowRight': moveColumn(1); break;
      case 'ArrowLeft': moveColumn(-1); break;
      case 'Enter': options.onOpen(); break;
      default: return;
    }
    event.preventDefault();
  });
  root.addEventListener('mousedown', (event) => {
    if (!event.shiftKey) return;
    // It would select the text between the two clicks as well.
    event.preventDefault();
    root.focus();
  });
  root.addEventListener('click', (event) => {
    const row = event.target instanceof Element ? event.target.closest('.rows > .row') : null;
    if (!row) return;
    column = null;
    choose(Number(row.getAttribute('data-position')), event.shiftKey ? 'extend' : event.ctrlKey || event.metaKey ? 'toggle' : 'alone');
  });
  // A menu is about the row it is opened on, and about all selected ones where that is among them.
  root.addEventListener('contextmenu', (event) => {
    const row = event.target instanceof Element ? event.target.closest('.rows > .row') : null;
    const view = row ? viewOf(row) : undefined;
    if (view && !selection.chosen.has(view.layer.name)) tell(selectOne(view.layer.name));
  });
  root.addEventListener('copy', (event) => {
    const copied = views.filter(({ layer }) => selection.chosen.has(layer.name));
    if (copied.length === 0 || document.getSelection()?.isCollapsed === false) return;
    event.clipboardData?.setData('text/plain', copied.map((view) => copyRow(view, options.measurements())).join('\n'));
    event.preventDefault();
  });
  root.addEventListener('scroll', options.onScroll, { passive: true });

  function drawHeader(): void {
    const focused = header.contains(document.activeElement) ? document.activeElement?.closest('.cell')?.className : undefined;
    const cells = columnIds.map((id, index) => headerCell(id, index));
    const facts = element('div', { class: 'facts', role: 'presentation' }, cells.slice(2, 7));
    header.replaceChildren(...cells.slice(0, 2), facts, ...cells.slice(7));
    if (focused !== undefined) header.querySelector<HTMLElement>(`[class="${focused}"] button`)?.focus();
  }

  function headerCell(id: ColumnId, index: number): HTMLElement {
    const { label, title } = titles[id];
    const direction = sort?.column !== id ? 'none' : sort.descending ? 'descending' : 'ascending';
    const sorter = element('button', {
      title: say('{0}. Click to sort.', title), testid: `sort-${id}`, attributes: { type: 'button' }, ...(label === '' ? { label: title } : {}),
    }, [label, direction === 'none' ? null : icon(direction === 'ascending' ? 'arrow-up' : 'arrow-down')]);
    sorter.addEventListener('click', () => options.onSort(nextSort(sort, id)));
    return element('div', {
      class: `cell ${id}`, role: 'columnheader', attributes: { 'aria-sort': direction, 'aria-colindex': String(index + 1) },
    }, [sorter]);
  }

  return {
    root,
    show(nextViews, nextSortOrder, total) {
      views = nextViews;
      sort = nextSortOrder;
      root.setAttribute('aria-rowcount', String(total + 1));
      drawHeader();
      rows.show(views);
      remark();
    },
    redraw(changed) {
      rows.redraw(changed);
      remark();
    },
    mark(next) {
      selection = next;
      remark();
    },
    select(next) {
      selection = next;
      const index = activeIndex();
      if (index >= 0) rows.scrollTo(index);
      remark();
    },
    highlight(layer) {
      highlighted = layer;
      remark();
    },
    focus: () => root.focus(),
    get position() {
      return rows.position;
    },
    set position(row: number) {
      rows.position = row;
    },
  };
}
