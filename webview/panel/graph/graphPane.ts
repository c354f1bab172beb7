// The network beside the charts: its layers and branches, in the colours of what passes between them.

import type { LayerGraph } from '../../../src/protocol/layerGraph';
import type { SchemeDescription, SimulatedScheme } from '../../../src/protocol/schemes';
import type { SimulationRun } from '../../../src/protocol/simulation';
import { say } from '../../../src/protocol/words';
import { element, replaceChildren, svg } from '../../ui/element';
import { select } from '../../ui/kit';
import { segment } from '../toolbarParts';
import { flowOf, type Direction, type Flow } from './flow';
import { fold, openAtFirst, type Drawn, type Item } from './folding';
import { drawGraph, itemDomId, legend, type Drawing } from './graphDrawing';
import { layOut, type Layout } from './layout';
import { createViewport, zoomIn, zoomOut } from './viewport';
import { stepFrom } from './walking';

/** Which of the two is shown. */
export type Shown = Direction | 'both';
export const shownChoices: readonly { readonly value: Shown; readonly title: string; readonly icon: string }[] = [
  { value: 'forward', title: say('The signal, forward'), icon: 'arrow-down' }, { value: 'backward', title: say('Its gradient, backward'), icon: 'arrow-up' },
  { value: 'both', title: say('Signal and gradient'), icon: 'arrow-swap' },
];

export interface GraphPaneContent {
  readonly runs: readonly SimulationRun[];
  /** Those that are compared. */
  readonly schemes: readonly SchemeDescription[];
}

export interface GraphPaneOptions {
  readonly shown: Shown;
  /** Whose numbers are shown; the first of those compared where it is not among them. */
  readonly scheme: string;
  readonly onShown: (shown: Shown) => void;
  readonly onScheme: (scheme: SimulatedScheme) => void;
  /** By names of layers; null gives the cursor back. */
  readonly onPoint: (layer: string | null) => void;
  readonly onSelect: (layer: string) => void;
  readonly onReveal: (layer: string) => void;
}

export interface GraphPane {
  readonly root: HTMLElement;
  show(graph: LayerGraph): void;
  fill(content: GraphPaneContent): void;
  /** The layer under the cursor, and the one that is selected. */
  point(layer: string | null, selected: string): void;
  /** How far a sweep has come: to a layer, or to an end of the network. */
  sweep(step: { readonly direction: Direction; readonly layer: string } | null): void;
  readonly scheme: SimulatedScheme | null;
}

export function createGraphPane(options: GraphPaneOptions): GraphPane {
  let { shown, scheme: wanted } = options;
  let graph: LayerGraph | null = null;
  let open: ReadonlySet<number> = new Set();
  let content: GraphPaneContent = { runs: [], schemes: [] };
  let drawn: Drawn = { items: [], edges: [], open: [], itemOf: [] };
  let layout: Layout = { boxes: [], ways: [], width: 0, height: 0 };
  let drawing: Drawing | null = null;
  /** By layer, the place of its node. */
  let placeOf: ReadonlyMap<string, number> = new Map();
  /** Item that the keyboard is at. */
  let active: number | null = null;
  let [pointed, selected]: [string | null, string] = [null, ''];
  let offered = '';
  let swept: { readonly direction: Direction; readonly layer: string } | null = null;

  const scene = svg('g');
  const picture = svg('svg', {
    'class': 'graph-picture', 'role': 'tree', 'tabindex': 0, 'data-testid': 'graph',
    'aria-label': say('Layers and branches: arrows go along the edges, Enter selects, Space folds and unfolds, plus and minus zoom'),
  }, [scene]);
  const viewport = createViewport(picture, scene);
  const choices = element('span', { class: 'graph-choices' });
  const directions = shownChoices.map(({ value, title, icon }) => segment(icon, title, `graph-${value}`, () => {
    shown = value;
    options.onShown(shown);
    paint();
  }));
  const root = element('section', { class: 'graph-pane', testid: 'graph-pane', label: say('The network as a graph') }, [
    element('div', { class: 'pane-heading' }, [
      element('h2', { class: 'visually-hidden', text: say('Network') }), choices,
      element('span', { class: 'graph-directions', role: 'group', label: say('What passes') }, directions),
      element('span', { class: 'graph-zoom' }, [
        segment('zoom-out', say('Zoom out'), 'graph-zoom-out', () => viewport.zoom(zoomOut)),
        segment('zoom-in', say('Zoom in'), 'graph-zoom-in', () => viewport.zoom(zoomIn)),
      ]),
      segment('screen-full', say('Show all of it, or as much as can be read'), 'graph-fit', () => {
        viewport.fitWhole();
        reveal(selected);
      }),
    ]),
    picture, legend(),
  ]);

  const itemAt = (layer: string | null): number | null => (layer === null ? null : drawn.itemOf[placeOf.get(layer) ?? -1] ?? null);
  const scheme = (): SimulatedScheme | null => (content.schemes.find(({ id }) => id === wanted) ?? content.schemes[0])?.id ?? null;
  const layerOf = (item: Item | undefined): string | null => (item?.kind === 'layer' ? item.name : null);

  function drawChoices(): void {
    directions.forEach((button, at) => button.setAttribute('aria-pressed', String(shownChoices[at]?.value === shown)));
    const now = JSON.stringify([content.schemes.map(({ id, title }) => [id, title]), scheme()]);
    if (now === offered) return;
    offered = now;
    replaceChildren(choices, [
      select({
        label: say('Whose numbers are shown'), options: content.schemes.map(({ id, title }) => ({ value: id, title })), value: scheme() ?? '',
        testid: 'graph-scheme', onChange(value) {
          wanted = value;
          const chosen = scheme();
          if (chosen) options.onScheme(chosen);
          paint();
        },
      }),
    ]);
  }

  function paint(): void {
    drawChoices();
    const ofScheme = scheme();
    const flow: Flow | null = graph && ofScheme ? flowOf(graph, content.runs, ofScheme) : null;
    const direction = swept?.direction ?? (shown === 'backward' ? 'backward' : 'forward');
    root.dataset.shown = swept?.direction ?? shown;
    drawing?.offset(swept === null && shown === 'both');
    drawing?.paint(flow, direction);
  }

  function draw(): void {
    if (!graph) return;
    drawn = fold(graph, open);
    layout = layOut(drawn);
    drawing = drawGraph(drawn, layout);
    scene.replaceChildren(drawing.root);
    paint();
    light();
    mark();
  }

  function light(): void {
    const at = swept ? placeOf.get(swept.layer) : undefined;
    const direction = swept?.direction ?? 'forward';
    drawing?.light(at === undefined ? null : (node) => reachedAt(node, at, direction));
  }

  function mark(): void {
    const [cursor, chosen] = [itemAt(pointed), itemAt(selected)];
    drawing?.items.forEach((item, at) => {
      item.classList.toggle('is-pointed', at === cursor);
      item.classList.toggle('is-active', at === active);
      item.setAttribute('aria-selected', String(at === chosen));
    });
    const current = active === null ? undefined : drawn.items[active];
    if (current) picture.setAttribute('aria-activedescendant', itemDomId(current));
    else picture.removeAttribute('aria-activedescendant');
  }

  /** Opens or folds a block, whose place in the picture stays. */
  function toggle(block: number): void {
    const first = graph?.blocks[block]?.first;
    if (first === undefined) return;
    const topOf = (): { readonly x: number; readonly y: number } => {
      const box = layout.boxes[drawn.itemOf[first] ?? 0];
      return { x: box?.x ?? 0, y: (box?.y ?? 0) - (box?.height ?? 0) / 2 };
    };
    const before = topOf();
    const next = new Set(open);
    if (!next.delete(block)) next.add(block);
    open = next;
    draw();
    const after = topOf();
    active = drawn.itemOf[first] ?? null;
    viewport.keep(layout, { x: after.x - before.x, y: after.y - before.y });
    mark();
  }

  function activate(at: number): void {
    active = at;
    const box = layout.boxes[at];
    if (box) viewport.reveal(box);
    options.onPoint(layerOf(drawn.items[at]));
    mark();
  }

  const itemOf = (target: EventTarget | null): number | null => {
    const found = target instanceof Element ? target.closest('[data-item]')?.getAttribute('data-item') : null;
    return found == null ? null : Number(found);
  };
  let hovered: number | null = null;
  picture.addEventListener('pointermove', ({ target }) => {
    const at = itemOf(target);
    if (at === hovered) return;
    hovered = at;
    options.onPoint(at === null ? null : layerOf(drawn.items[at]));
  });
  picture.addEventListener('pointerleave', () => {
    hovered = null;
    options.onPoint(null);
  });
  picture.addEventListener('click', ({ target }) => {
    if (viewport.wasDragged) return;
    const block = target instanceof Element ? target.closest('[data-fold]')?.getAttribute('data-fold') : null;
    if (block != null) {
      toggle(Number(block));
      return;
    }
    const at = itemOf(target);
    if (at === null) return;
    active = at;
    const layer = layerOf(drawn.items[at]);
    if (layer !== null) options.onSelect(layer);
    mark();
  });
  picture.addEventListener('dblclick', ({ target }) => {
    const item = drawn.items[itemOf(target) ?? -1];
    if (item?.kind === 'layer') options.onReveal(item.name);
    else if (item?.kind === 'block' && item.block !== null && !(target instanceof Element && target.closest('[data-fold]'))) toggle(item.block);
  });
  picture.addEventListener('focus', () => {
    active ??= itemAt(selected) ?? (drawn.items.length > 0 ? 0 : null);
    mark();
  });
  picture.addEventListener('blur', () => options.onPoint(null));
  picture.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const item = drawn.items[active ?? -1];
    switch (event.key) {
      case '+': case '=': viewport.zoom(zoomIn); break;
      case '-': viewport.zoom(zoomOut); break;
      case ' ':
        if (item?.block != null) toggle(item.block);
        break;
      case 'Enter':
        if (item?.kind === 'layer') options.onSelect(item.name);
        else if (item?.kind === 'block' && item.block !== null) toggle(item.block);
        break;
      default: {
        if (!/^(Arrow|Home$|End$)/.test(event.key)) return;
        const next = stepFrom(active ?? 0, event.key, drawn, layout);
        if (next !== null) activate(next);
      }
    }
    event.preventDefault();
  });

  return {
    root,
    show(next) {
      const isSame = JSON.stringify(graph) === JSON.stringify(next);
      if (isSame) return;
      graph = next;
      placeOf = new Map(next.nodes.flatMap(({ kind, name }, place) => (kind === 'layer' ? [[name, place] as const] : [])));
      open = openAtFirst(next);
      active = null;
      draw();
      viewport.fit(layout, layout.boxes[0]?.x ?? 0);
      reveal(selected);
    },
    fill(next) {
      content = next;
      paint();
    },
    point(layer, chosen) {
      pointed = layer;
      if (chosen !== selected) {
        selected = chosen;
        reveal(chosen);
      }
      mark();
    },
    sweep(step) {
      const isOther = step?.direction !== swept?.direction;
      swept = step;
      if (isOther) paint();
      light();
      if (step) reveal(step.layer);
    },
    get scheme() {
      return scheme();
    },
  };

  function reveal(layer: string): void {
    const box = layout.boxes[itemAt(layer) ?? -1];
    if (box && picture.clientHeight > 0) viewport.reveal(box);
  }
}

function reachedAt(node: number, at: number, direction: Direction): 'before' | 'now' | 'not yet' {
  if (node === at) return 'now';
  return (direction === 'forward' ? node < at : node > at) ? 'before' : 'not yet';
}
