import type { InspectorMethods, InspectorState, WeightMeasured } from '../../src/protocol/inspector';
import type { WeightStatistics } from '../../src/protocol/report';
import { recall, remember, type Host } from '../messaging/connection';
import { element, replaceChildren } from '../ui/element';
import { browse, columnIds, isInSegment, segments, type Browsing } from './browsing';
import { healthOf, needsAttention, viewLayers, type LayerView } from './health';
import { createLayerDetail } from './layerDetail';
import { createLayerTable } from './layerTable';
import { headline, modelHeader, modelNotices, type Ready } from './overview';
import { emptyPicture, failedPicture, readingPicture, type PictureActions } from './pictures';
import { createSash } from './sash';
import { createToolbar } from './toolbar';

export interface Inspector {
  show(state: InspectorState): void;
  measured(weights: readonly WeightMeasured[], remaining: number): void;
  reveal(layer: string): void;
}

interface Remembered {
  readonly text: string;
  readonly segment: string;
  readonly sortColumn: string;
  readonly sortDescending: boolean;
  readonly selected: string;
  readonly scrollTop: number;
  readonly detailHeight: number;
}

export function createInspector(app: HTMLElement, host: Host<InspectorMethods>): Inspector {
  const remembered = recall<Remembered>({
    text: '', segment: 'all', sortColumn: '', sortDescending: false, selected: '', scrollTop: 0, detailHeight: 280,
  });
  let browsing = browsingOf(remembered);
  let selected: string | null = remembered.selected === '' ? null : remembered.selected;
  let ready: Ready | null = null;
  let views: readonly LayerView[] = [];
  let measurements = new Map<string, WeightStatistics>();
  let restoring = true;

  const actions: PictureActions = {
    showLog: () => void host.call('showLog', {}),
    openAsText: () => void host.call('openAsText', {}),
    reload: () => void host.call('reload', {}),
  };
  const table = createLayerTable({
    measurements: () => measurements,
    onSelect: select,
    onOpen: () => detail.focus(),
    onSort: (sort) => applyBrowsing({ sort }),
    onScroll: () => persistSoon(),
  });
  const detail = createLayerDetail({
    onReinitialize: (layer, scheme) => void host.call('reinitialize', { layers: [layer], scheme }),
    onClose() {
      select(null);
      table.focus();
    },
  });
  const sash = createSash({
    height: remembered.detailHeight,
    onResize(height) {
      detail.root.style.setProperty('--detail-height', `${height}px`);
      persistSoon();
    },
  });
  detail.root.style.setProperty('--detail-height', `${sash.height}px`);
  const toolbar = createToolbar({
    browsing,
    onBrowse: applyBrowsing,
    onReinitialize: () => void host.call('reinitialize', { layers: null, scheme: null }),
    onOpenPanel: () => void host.call('openGradientPanel', {}),
  });
  const overview = element('div', { class: 'overview' });
  const nothingFound = element('p', { class: 'nothing-found muted', testid: 'nothing-found', text: 'No layer matches the filter.' });
  const main = element('main', { class: 'layers' }, [overview, toolbar.root, table.root, nothingFound, sash.root, detail.root]);

  let persisting = 0;
  function persistSoon(): void {
    clearTimeout(persisting);
    persisting = window.setTimeout(() => remember({
      text: browsing.text, segment: browsing.segment, sortColumn: browsing.sort?.column ?? '', sortDescending: browsing.sort?.descending ?? false,
      selected: selected ?? '', scrollTop: table.scrollTop, detailHeight: sash.height,
    } satisfies Remembered), 150);
  }

  function applyBrowsing(change: Partial<Browsing>): void {
    browsing = { ...browsing, ...change };
    drawTable();
    if (selected !== null) table.select(selected);
    persistSoon();
  }

  function drawTable(): void {
    const found = browse(views, browsing, measurements);
    table.show(found, browsing.sort);
    nothingFound.hidden = found.length > 0;
    drawCounts(found.length);
  }

  function drawCounts(shown: number): void {
    const entries = segments.map((segment) => [segment, views.filter((view) => isInSegment(view, segment, measurements)).length] as const);
    const counts = Object.fromEntries(entries);
    toolbar.showCounts({ all: 0, attention: 0, kernels: 0, frozen: 0, ...counts }, browsing.segment, shown);
  }

  function drawDetail(): void {
    if (!ready) return;
    const view = views.find((candidate) => candidate.layer.name === selected) ?? null;
    detail.show(view, { schemes: ready.schemes, readOnly: ready.readOnly, measurements });
    sash.root.hidden = view === null;
  }

  function select(layer: string | null): void {
    if (selected === layer && !detail.root.hidden) return;
    selected = layer;
    drawDetail();
    if (layer === null || detail.root.hidden) table.select(null);
    else table.select(layer);
    persistSoon();
  }

  function fixable(): readonly string[] {
    return views.filter((view) => needsAttention(healthOf(view, measurements)) && view.layer.weights.some((weight) => weight.recommendation))
      .map((view) => view.layer.name);
  }

  function drawOverview(): void {
    if (!ready) return;
    const troubled = ready.headline.severity === 'warning' || ready.headline.severity === 'error' ? fixable() : [];
    replaceChildren(overview, [
      modelHeader(ready.report),
      headline(ready, troubled.length === 0 ? null : () => void host.call('reinitialize', { layers: troubled, scheme: null })),
      modelNotices(ready),
    ]);
  }

  function showReady(state: Ready): void {
    ready = state;
    measurements = new Map();
    views = viewLayers(state.report);
    drawOverview();
    if (views.length === 0) {
      document.body.dataset.state = 'empty';
      replaceChildren(app, [overview, emptyPicture(actions)]);
      return;
    }
    document.body.dataset.state = 'ready';
    const top = restoring ? remembered.scrollTop : table.scrollTop;
    if (!main.isConnected) replaceChildren(app, [main]);
    if (!main.contains(overview)) main.prepend(overview);
    toolbar.showState(state);
    drawDetail();
    drawTable();
    table.scrollTop = top;
    table.mark(detail.root.hidden ? null : selected);
    restoring = false;
  }

  /** Statistics arrive in bursts: one redraw per frame, and the order of rows settles at a calmer pace. */
  const waiting = new Set<string>();
  let ordering = 0;
  function redrawSoon(ids: readonly string[]): void {
    if (waiting.size === 0) requestAnimationFrame(redrawMeasured);
    for (const id of ids) waiting.add(id);
    ordering ||= window.setTimeout(() => {
      ordering = 0;
      const isOrdered = browsing.segment === 'attention' || browsing.sort !== null;
      if (isOrdered) drawTable();
      else drawCounts(browse(views, browsing, measurements).length);
    }, 250);
  }

  function redrawMeasured(): void {
    const arrived = new Set(waiting);
    waiting.clear();
    table.redraw();
    const view = views.find((candidate) => candidate.layer.name === selected);
    if (view?.layer.weights.some((weight) => arrived.has(weight.id))) drawDetail();
  }

  return {
    show(state) {
      if (state.kind === 'ready') {
        showReady(state);
        return;
      }
      ready = null;
      document.body.dataset.state = state.kind;
      replaceChildren(app, [state.kind === 'reading' ? readingPicture(state.file) : failedPicture(state.file, state.error, actions)]);
    },
    measured(weights, remaining) {
      toolbar.showRemaining(remaining);
      for (const { id, statistics } of weights) measurements.set(id, statistics);
      if (!ready || weights.length === 0) return;
      redrawSoon(weights.map((weight) => weight.id));
      if (remaining === 0) drawOverview();
    },
    reveal(layer) {
      if (!views.some((view) => view.layer.name === layer)) return;
      if (!browse(views, browsing, measurements).some((view) => view.layer.name === layer)) {
        toolbar.clearFilter();
        applyBrowsing({ text: '', segment: 'all' });
      }
      select(layer);
      table.select(layer);
    },
  };
}

function browsingOf({ text, segment, sortColumn, sortDescending }: Remembered): Browsing {
  const column = columnIds.find((id) => id === sortColumn);
  return {
    text,
    segment: segments.find((known) => known === segment) ?? 'all',
    sort: column === undefined ? null : { column, descending: sortDescending },
  };
}
