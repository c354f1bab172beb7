import type { ShownComparison } from '../../src/protocol/comparison';
import type { Preview } from '../../src/protocol/preview';
import type { InspectorChange, InspectorEvents, InspectorMethods, InspectorState } from '../../src/protocol/inspector';
import { say } from '../../src/protocol/words';
import type { Host } from '../messaging/connection';
import { element, replaceChildren } from '../ui/element';
import { browse, isInSegment, segments, type Browsing, type Segment } from './browsing';
import { healthOf, needsAttention, type LayerView } from './health';
import { listenToKeys } from './keys';
import { createLayerDetail } from './layerDetail';
import { createLayerTable } from './layerTable';
import { keepMemory, recallMemory } from './memory';
import { createModelView } from './modelView';
import { headline, modelHeader, modelNotices, remedyList, type Ready } from './overview';
import { emptyPicture, failedPicture, readingPicture, type PictureActions } from './pictures';
import { createPreviewView } from './preview';
import { nothingSelected, selectOne, type Selection } from './selection';
import { createComparing } from './comparing';
import { createForesights } from './foresights';
import { createSash } from './sash';
import { createToolbar } from './toolbar';

type Measured = Parameters<InspectorEvents['measured']>[0];

export interface Inspector {
  show(state: InspectorState): void;
  more(params: Parameters<InspectorEvents['more']>[0]): void;
  measured(arrived: Measured): void;
  changed(change: InspectorChange): void;
  compared(comparison: ShownComparison | null): void;
  preview(preview: Preview | null): void;
  reveal(layer: string): void;
  /** Selects a layer without telling so. */
  follow(layer: string): void;
  highlight(layer: string | null): void;
}

/** The order of rows settles at a calmer pace than numbers arrive. */
const orderEveryMs = 250;

export function createInspector(app: HTMLElement, host: Host<InspectorMethods>): Inspector {
  const remembered = recallMemory();
  let { browsing } = remembered;
  let selection = selectOne(remembered.selected);
  let position: number | null = remembered.position;
  let ready: Ready | null = null;
  let model = createModelView({ layers: [], diagnostics: [] });

  const actions: PictureActions = {
    showLog: () => void host.call('showLog', {}),
    openAsText: () => void host.call('openAsText', {}),
    reload: () => void host.call('reload', {}),
  };
  const keep = (): void => keepMemory({ browsing, selected: selection.active, position: position ?? table.position, detailHeight: sash.height });
  const table = createLayerTable({
    measurements: () => model.measurements,
    onSelect: select,
    onOpen: () => detail.focus(),
    onSort: (sort) => applyBrowsing({ sort }),
    onScroll: keep,
  });
  const detail = createLayerDetail({
    onReinitialize: (layers, scheme) => void host.call('reinitialize', { layers, scheme }),
    onClose() {
      select(nothingSelected);
      table.focus();
    },
  });
  const foresights = createForesights(host, (layer) => {
    if (layer === selection.active) drawDetail();
  });
  const comparing = createComparing({
    host,
    onShow(layer) {
      if (layer === null) select(nothingSelected);
      else reveal(layer);
    },
    onAnswer(layer) {
      if (layer === selection.active) drawDetail();
    },
  });
  const sash = createSash({
    height: remembered.detailHeight,
    onResize: (height) => detail.root.style.setProperty('--detail-height', `${height}px`),
    onChoose: () => keep(),
  });
  const toolbar = createToolbar({
    browsing,
    filterText: () => browsing.text,
    onBrowse: applyBrowsing,
    onLeaveFilter: () => table.focus(),
    onReinitialize: () => void host.call('reinitialize', { layers: null, scheme: null }),
    onOpenPanel: () => void host.call('openGradientPanel', {}),
    onStopMeasuring: () => void host.call('stopMeasuring', {}),
    onResumeMeasuring: () => void host.call('resumeMeasuring', {}),
  });
  const previewView = createPreviewView({ onApply: () => void host.call('applyPreview', {}), onCancel: () => void host.call('cancelPreview', {}) });
  const overview = element('div', { class: 'overview' });
  const nothingFound = element('p', { class: 'nothing-found muted', testid: 'nothing-found', text: say('No layer matches the filter.') });
  const listing = element('div', { class: 'listing' }, [toolbar.progressBar, table.root, nothingFound]);
  const main = element('main', { class: 'layers' }, [overview, comparing.root, previewView.root, toolbar.root, listing, sash.root, detail.root]);

  function applyBrowsing(change: Partial<Browsing>): void {
    browsing = { ...browsing, ...change };
    drawTable();
    if (selection.active !== null) table.select(selection);
    keep();
  }

  /** Layers that are still to come. */
  function missing(): number {
    return ready ? ready.total - model.views.length : 0;
  }

  function drawTable(): void {
    const found = browse(model.views, browsing, model.measurements);
    table.show(found, browsing.sort, found.length + missing());
    nothingFound.hidden = found.length > 0 || missing() > 0;
    drawCounts(found.length);
  }

  function drawCounts(shown: number): void {
    const count = (segment: Segment): number => model.views.filter((view) => isInSegment(view, segment, model.measurements)).length;
    const [all = 0, attention = 0, kernels = 0, frozen = 0, differs = 0] = segments.map(count);
    toolbar.showCounts({ all, attention, kernels, frozen, differs }, browsing.segment, shown);
  }

  function drawDetail(): void {
    if (!ready) return;
    const view = selection.active === null ? null : model.find(selection.active) ?? null;
    detail.show(view, {
      chosen: [...selection.chosen], schemes: ready.schemes, readOnly: ready.readOnly, measurements: model.measurements,
      foresight: view && foresights.of(view.layer.name),
      comparison: view && comparing.of(view.layer.name), side: comparing.shown?.side ?? 'left',
    });
    sash.root.hidden = view === null;
  }

  function show(next: Selection): void {
    selection = next;
    drawDetail();
    if (detail.root.hidden) selection = nothingSelected;
    table.select(selection);
    comparing.select(selection.active);
    keep();
  }

  function select(next: Selection): void {
    if (selection === next && !detail.root.hidden) return;
    show(next);
    void host.call('select', { layers: [...selection.chosen] });
  }

  function fixable(): readonly string[] {
    return model.views.filter((view) => needsAttention(healthOf(view, model.measurements)) && view.layer.weights.some((weight) => weight.recommendation))
      .map((view) => view.layer.name);
  }

  function drawOverview(): void {
    if (!ready) return;
    const troubled = ready.headline.severity === 'warning' || ready.headline.severity === 'error' ? fixable() : [];
    replaceChildren(overview, [
      modelHeader(ready, model.views),
      headline(ready, troubled.length === 0 ? null : () => void host.call('reinitialize', { layers: troubled, scheme: null })),
      remedyList(ready, ({ layers, scheme }) => void host.call('previewRemedy', { layers, scheme })),
      modelNotices(ready),
    ]);
  }

  function showReady(state: Ready): void {
    ready = state;
    foresights.renew(null);
    model = createModelView(state.report);
    model.mark(comparing.shown?.marks ?? null);
    drawOverview();
    if (model.views.length === 0) {
      document.body.dataset.state = 'empty';
      replaceChildren(app, [overview, emptyPicture(actions)]);
      return;
    }
    document.body.dataset.state = 'ready';
    position ??= table.position;
    if (!main.isConnected) replaceChildren(app, [main]);
    if (!main.contains(overview)) main.prepend(overview);
    toolbar.showState(state);
    toolbar.showProgress(state.progress);
    // A reader who was somewhere else than at the first rows sees that place again, and nothing before.
    const isAtStart = position === 0 && browsing.text === '' && browsing.segment === 'all' && browsing.sort === null;
    if (isAtStart || missing() === 0) drawLayers();
  }

  function drawLayers(): void {
    drawDetail();
    drawTable();
    if (position !== null && (position === 0 || missing() === 0)) {
      table.position = position;
      position = null;
    }
    table.mark(detail.root.hidden ? nothingSelected : selection);
  }

  /** The layers after those that are known. */
  function showMore(layers: Parameters<typeof model.append>[0]): void {
    model.append(layers);
    if (missing() > 0) return;
    drawOverview();
    drawLayers();
  }

  const waiting = new Set<LayerView>();
  let ordering = 0;
  /** Views arrive in bursts: one redraw per frame. */
  function redrawSoon(views: ReadonlySet<LayerView>): void {
    if (waiting.size === 0 && views.size > 0) requestAnimationFrame(redraw);
    for (const view of views) waiting.add(view);
    ordering ||= window.setTimeout(() => {
      ordering = 0;
      const isOrdered = browsing.segment === 'attention' || browsing.sort !== null;
      if (isOrdered) drawTable();
      else drawCounts(browse(model.views, browsing, model.measurements).length);
    }, orderEveryMs);
  }

  function redraw(): void {
    const views = new Set(waiting);
    waiting.clear();
    table.redraw(views);
    const view = selection.active === null ? undefined : model.find(selection.active);
    if (view && views.has(view)) drawDetail();
  }

  function reveal(layer: string): void {
    if (!model.find(layer)) return;
    if (!browse(model.views, browsing, model.measurements).some((view) => view.layer.name === layer)) {
      toolbar.clearFilter();
      applyBrowsing({ text: '', segment: 'all' });
    }
    select(selectOne(layer));
  }

  function compared(comparison: ShownComparison | null): void {
    main.dataset.side = comparison?.side ?? '';
    comparing.show(comparison, selection.active);
    toolbar.showComparing(comparison !== null);
    redrawSoon(model.mark(comparison?.marks ?? null));
    if (browsing.segment !== 'differs') return;
    if (comparison) drawTable();
    else applyBrowsing({ segment: 'all' });
  }

  listenToKeys({
    canFind: () => main.isConnected, canStep: () => comparing.shown !== null, onFind: () => toolbar.focusFilter(), onStep: (by) => comparing.step(by),
  });

  return {
    show(state) {
      if (state.kind === 'ready') {
        showReady(state);
        return;
      }
      // The model may come back: the reader finds the place again.
      if (ready) position = table.position;
      ready = null;
      document.body.dataset.state = state.kind;
      replaceChildren(app, [state.kind === 'reading' ? readingPicture(state.file) : failedPicture(state.file, state.error, actions)]);
    },
    more(layers) {
      if (ready) showMore(layers);
    },
    measured({ weights, assessments, progress }) {
      if (!ready) return;
      toolbar.showProgress(progress);
      const touched = model.measure(weights, assessments);
      if (touched.size > 0) redrawSoon(touched);
    },
    changed(change) {
      if (!ready) return;
      const general = change.general.concat(ready.report.diagnostics.filter((diagnostic) => diagnostic.layer !== null));
      ready = { ...ready, headline: change.headline, progress: change.progress, report: { ...ready.report, diagnostics: general } };
      toolbar.showProgress(change.progress);
      redrawSoon(model.change(change));
      foresights.renew(selection.active);
      if (change.progress.kind !== 'running') drawCounts(browse(model.views, browsing, model.measurements).length);
      drawOverview();
    },
    preview(preview) {
      const wasShown = !previewView.root.hidden;
      previewView.show(preview);
      main.classList.toggle('previewing', preview !== null);
      if (wasShown && preview === null) table.focus();
    },
    compared,
    reveal,
    follow(layer) {
      if (model.find(layer)) show(selectOne(layer));
    },
    highlight: (layer) => table.highlight(layer),
  };
}
