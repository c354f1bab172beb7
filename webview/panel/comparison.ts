import type { SimulationRun } from '../../src/protocol/simulation';
import { element } from '../ui/element';
import { oncePerFrame } from '../ui/frames';
import { onThemeChange, readPalette } from '../ui/theme';
import { createChartPane, type ChartPane } from './chartPane';
import { captionOf } from './figure/caption';
import type { FigureActions } from './figure/figureMenu';
import { createLayerPane } from './layerPane';
import type { ModelState } from './modelState';
import { variance } from './varianceChart';
import type { Span } from './zoom';
import { backwardQuantities, collectSeries, forwardQuantities, theorySeries, type Quantity, type Series } from './series';

/** What the reader looks at; survives hiding the view. */
export interface Viewing {
  readonly layer: string;
  readonly forward: Quantity;
  readonly backward: Quantity;
  readonly isTable: boolean;
  /** Pictures that are taken away are black on white. */
  readonly isPrint: boolean;
}

export interface ComparisonActions {
  readonly onReveal: (layer: string) => void;
  readonly onView: (viewing: Viewing) => void;
  readonly onSave: FigureActions['save'];
  readonly onCopied: FigureActions['copied'];
}

export interface Comparison {
  readonly root: HTMLElement;
  show(state: ModelState, runs: readonly SimulationRun[]): void;
  showTable(isShown: boolean): void;
  /** Puts the cursor at a layer, as soon as it is there. */
  select(layer: string): void;
}

const quantityTitles: Readonly<Record<Quantity, string>> = {
  'activation': 'activation', 'preactivation': 'pre-activation',
  'gradient-activation': 'activation', 'gradient-preactivation': 'pre-activation', 'gradient-weights': 'weights',
};

function choices(quantities: readonly Quantity[]): readonly { readonly value: Quantity; readonly title: string }[] {
  return quantities.map((value) => ({ value, title: quantityTitles[value] }));
}

/** Two charts and a list of numbers that share the layers and the cursor. */
export function createComparison(initial: Viewing, actions: ComparisonActions): Comparison {
  let viewing = initial;
  let palette = readPalette();
  let state: ModelState | null = null;
  let runs: readonly SimulationRun[] = [];
  let hovered: number | null = null;

  const layerPane = createLayerPane(actions.onReveal);
  const figure: FigureActions = {
    words: (title) => ({ title, axis: `${variance}, logarithmic`, caption: state ? captionOf(state) : [] }),
    isPrint: () => viewing.isPrint,
    onPrint(isPrint) {
      viewing = { ...viewing, isPrint };
      actions.onView(viewing);
    },
    save: actions.onSave, copied: actions.onCopied,
  };
  const pointing = { palette, onPoint: hover, onSelect: choose, figure,
    onSpan: (layers: Span | null) => {
      forward.showSpan(layers);
      backward.showSpan(layers);
    },
  };
  const forward: ChartPane = createChartPane({
    ...pointing, testid: 'activation', title: 'Variance of activations, forward →', short: 'Activations σ² →',
    quantities: choices(forwardQuantities), quantity: viewing.forward,
    onQuantity: (value) => view({ forward: forwardQuantities.find((known) => known === value) ?? 'activation' }),
  });
  const backward: ChartPane = createChartPane({
    ...pointing, testid: 'gradient', title: 'Variance of gradients, ← backward', short: 'Gradients σ² ←',
    quantities: choices(backwardQuantities), quantity: viewing.backward,
    onQuantity: (value) => view({ backward: backwardQuantities.find((known) => known === value) ?? 'gradient-activation' }),
  });
  const root = element('main', { class: 'comparison', testid: 'comparison' }, [forward.root, backward.root, layerPane.root]);

  function layers(): readonly string[] {
    return layersOf(state, runs);
  }

  function view(change: Partial<Viewing>): void {
    viewing = { ...viewing, ...change };
    actions.onView(viewing);
    draw();
  }

  function choose(index: number): void {
    const layer = layers()[index];
    if (layer === undefined) return;
    select(layer);
  }

  function select(layer: string): void {
    hovered = null;
    viewing = { ...viewing, layer };
    actions.onView(viewing);
    drawCursor();
  }

  let pointed = 0;
  function hover(index: number | null): void {
    if (index === hovered && index !== null) return;
    hovered = index;
    pointed ||= requestAnimationFrame(() => {
      pointed = 0;
      drawCursor();
    });
  }

  function drawCursor(): void {
    const names = layers();
    // The first layer is where a gradient that vanishes has vanished.
    const index = hovered ?? (names.length === 0 ? null : Math.max(0, names.indexOf(viewing.layer)));
    forward.point(index);
    backward.point(index);
    const layer = index === null ? undefined : names[index];
    if (!state || layer === undefined || index === null) {
      layerPane.show(null);
      return;
    }
    const { options, schemes } = state;
    layerPane.show({
      layer, index, runs, schemes: schemes.filter((scheme) => options.schemes.includes(scheme.id)), hiddenBy: hidersOf(state).get(layer) ?? null,
    });
  }

  function draw(): void {
    if (!state) return;
    const { options, schemes, earlier, plan } = state;
    const names = layers();
    const hiders = hidersOf(state);
    const titleOf = ({ kind, scheme }: Series): string => {
      const title = schemes.find(({ id }) => id === scheme)?.title ?? scheme;
      const several = (earlier?.runs ?? []).some((run) => run.scheme !== scheme);
      return kind === 'before' ? `${earlier?.name ?? ''}${several ? `: ${title}` : ''}` : kind === 'theory' ? `${title}, theory` : title;
    };
    const shown = schemes.map((scheme) => scheme.id).filter((id) => options.schemes.includes(id));
    for (const [pane, quantity] of [[forward, viewing.forward], [backward, viewing.backward]] as const) {
      const series = [...theorySeries(plan?.theory ?? [], shown, names, quantity), ...collectSeries(runs, earlier?.runs ?? [], shown, names, quantity)];
      pane.draw({ layers: names, series, unsupported: plan?.unsupported ?? [], titleOf, quantity: variance, earlier: earlier?.name ?? '' }, palette, hiders);
    }
    drawCursor();
  }

  const drawSoon = oncePerFrame(draw);
  onThemeChange(() => {
    palette = readPalette();
    drawSoon();
  });

  return {
    root,
    show(next, nextRuns) {
      state = next;
      runs = nextRuns;
      drawSoon();
    },
    select,
    showTable(isShown) {
      forward.showTable(isShown);
      backward.showTable(isShown);
    },
  };
}

export function layersOf(state: ModelState | null, runs: readonly SimulationRun[]): readonly string[] {
  const planned = state?.plan?.layers ?? [];
  return planned.length > 0 ? planned : runs[0]?.layers.map((layer) => layer.name) ?? [];
}

/** Operators that hide a layer, by layer. */
function hidersOf(state: ModelState): ReadonlyMap<string, string> {
  const hiders = new Map<string, string>();
  for (const node of state.plan?.unsupported ?? []) {
    for (const layer of node.hides) {
      const known = hiders.get(layer);
      if (known === undefined) hiders.set(layer, node.op);
      else if (!known.split(', ').includes(node.op)) hiders.set(layer, `${known}, ${node.op}`);
    }
  }
  return hiders;
}
