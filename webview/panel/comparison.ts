import type { SchemeTheory, SimulationRun } from '../../src/protocol/simulation';
import type { PhaseDiagram, PhaseRequest } from '../../src/protocol/phase';
import { say } from '../../src/protocol/words';
import { element, replaceChildren } from '../ui/element';
import { oncePerFrame } from '../ui/frames';
import { onThemeChange, readPalette } from '../ui/theme';
import { createBlockView } from './blocks/blockView';
import { createChartPane, type ChartPane } from './chartPane';
import { contentOf, shownSchemes, type Shown } from './chartContents';
import { captionOf } from './figure/caption';
import type { FigureActions } from './figure/figureMenu';
import { reportedCharts } from './figure/reportedCharts';
import { toHtml, toMarkdown } from './figure/runReport';
import type { RidgeScale } from './distributions/ridge';
import { createDistributionView } from './distributions/distributionView';
import { createLayerPane } from './layerPane';
import type { ModelState } from './modelState';
import { createPhaseView } from './phase/phaseView';
import type { SweepStep } from './sweep/sweepSteps';
import type { Span } from './zoom';
import { backwardQuantities, forwardQuantities, variance, type Quantity } from './series';

/** What is drawn of the runs: variances by depth, distributions by layer, residual blocks, or where the schemes lie between order and chaos. */
export const comparisonPictures = ['variance', 'distributions', 'blocks', 'phase'] as const;
export type Picture = (typeof comparisonPictures)[number];

/** What the reader looks at; survives hiding the view. */
export interface Viewing {
  readonly layer: string;
  readonly forward: Quantity;
  readonly backward: Quantity;
  readonly isTable: boolean;
  readonly isWhatIf: boolean;
  readonly picture: Picture;
  readonly ridgeScale: RidgeScale;
  readonly isLinear: boolean;
}

export interface ComparisonActions {
  readonly onReveal: (layer: string) => void;
  /** The reader has chosen a layer. */
  readonly onChoose: (layer: string) => void;
  /** The cursor is over a layer, or given back to the one that is selected. */
  readonly onCursor: (layer: string | null, selected: string) => void;
  readonly onView: (viewing: Viewing) => void;
  /** The layer that is looked at. */
  readonly onLayer: (layer: string | null) => void;
  readonly figures: (words: FigureActions['words']) => FigureActions;
  readonly onPhase: (request: PhaseRequest) => Promise<PhaseDiagram | null>;
}

export interface Comparison {
  readonly root: HTMLElement;
  show(state: ModelState, runs: readonly SimulationRun[]): void;
  showTable(isShown: boolean): void;
  showPicture(picture: Picture): void;
  /** Puts the cursor at a layer, as soon as it is there. */
  select(layer: string): void;
  /** What theory says of a scheme before it is run again; null where that is what it said before. */
  foretell(theory: SchemeTheory | null): void;
  /** The same, as the reader does. */
  choose(layer: string): void;
  /** Null gives the cursor back. */
  hover(layer: string | null): void;
  /** While one goes on, the cursor is where it is, in the chart of its direction. */
  sweep(step: SweepStep | null): void;
}

const quantityTitles: Readonly<Record<Quantity, string>> = {
  'activation': say('activation'), 'preactivation': say('pre-activation'),
  'gradient-activation': say('activation'), 'gradient-preactivation': say('pre-activation'), 'gradient-weights': say('weights'),
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
  let foretold: SchemeTheory | null = null;
  let swept: SweepStep | null = null;

  const layerPane = createLayerPane(actions.onReveal);
  const figure: FigureActions = {
    ...actions.figures((title) => ({ title, axis: viewing.isLinear ? variance : say('{0}, logarithmic', variance), caption: state ? captionOf(state) : [] })),
    axis: { isLinear: () => viewing.isLinear, onLinear: (isLinear) => view({ isLinear }) },
    report,
  };
  const pointing = { palette, onPoint: hover, onSelect: choose, onReveal: reveal, figure,
    onSpan: (layers: Span | null) => {
      forward.showSpan(layers);
      backward.showSpan(layers);
    },
  };
  const forward: ChartPane = createChartPane({
    ...pointing, testid: 'activation', title: say('Variance of activations, forward →'), short: say('Activations σ² →'),
    quantities: choices(forwardQuantities), quantity: viewing.forward,
    onQuantity: viewForward,
  });
  const backward: ChartPane = createChartPane({
    ...pointing, testid: 'gradient', title: say('Variance of gradients, ← backward'), short: say('Gradients σ² ←'),
    quantities: choices(backwardQuantities), quantity: viewing.backward,
    onQuantity: viewBackward,
  });
  const distributions = createDistributionView({
    figure, onPoint: hover, onSelect: choose, onScale: (ridgeScale) => view({ ridgeScale }),
    forward: { quantities: choices(forwardQuantities), quantity: viewing.forward, onQuantity: viewForward },
    backward: { quantities: choices(backwardQuantities), quantity: viewing.backward, onQuantity: viewBackward },
  });
  const blocks = createBlockView({ figure, onPoint: hover, onSelect: choose });
  const phase = createPhaseView({ figure, ask: actions.onPhase, onPoint: hover, onSelect: choose });
  const pictures: Readonly<Record<Picture, readonly HTMLElement[]>> = {
    variance: [forward.root, backward.root], distributions: distributions.panes, blocks: blocks.panes, phase: phase.panes,
  };
  const root = element('main', { class: 'comparison', testid: 'comparison' }, [...pictures[viewing.picture], layerPane.root]);

  function viewForward(value: string): void {
    view({ forward: forwardQuantities.find((known) => known === value) ?? 'activation' });
  }
  function viewBackward(value: string): void {
    view({ backward: backwardQuantities.find((known) => known === value) ?? 'gradient-activation' });
  }

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
    actions.onChoose(layer);
  }

  function reveal(index: number): void {
    const layer = layers()[index];
    if (layer !== undefined) actions.onReveal(layer);
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
    const index = swept?.index ?? hovered ?? (names.length === 0 ? null : Math.max(0, names.indexOf(viewing.layer)));
    forward.point(swept?.direction === 'backward' ? null : index);
    backward.point(swept?.direction === 'forward' ? null : index);
    for (const each of [distributions, blocks, phase]) each.point(index);
    const pointed = swept ? swept.index : hovered;
    actions.onCursor(pointed === null ? null : names[pointed] ?? null, viewing.layer);
    const layer = index === null ? undefined : names[index];
    actions.onLayer(layer ?? null);
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
    const { schemes, earlier } = state;
    const names = layers();
    const hiders = hidersOf(state);
    const shown = shownSchemes(state);
    if (viewing.picture === 'distributions') {
      distributions.draw({
        layers: names, schemes: schemes.filter(({ id }) => shown.includes(id)), runs, earlier: earlier?.runs ?? [], hiddenBy: hiders,
        forward: viewing.forward, backward: viewing.backward, scale: viewing.ridgeScale,
        titleOf: (quantity) => (quantity.startsWith('gradient') ? say('gradient of {0}', quantityTitles[quantity]) : quantityTitles[quantity]),
      }, palette);
    }
    if (viewing.picture === 'blocks') blocks.draw(shownNow(state), palette);
    if (viewing.picture === 'phase') {
      phase.draw({ theory: theoryNow(), schemes: schemes.filter(({ id }) => shown.includes(id)), layers: names, file: state.file }, palette);
    }
    // Of the pictures one is seen.
    if (viewing.picture === 'variance') {
      for (const [pane, quantity] of [[forward, viewing.forward], [backward, viewing.backward]] as const) {
        pane.draw(contentOf(shownNow(state), quantity), palette, hiders);
      }
    }
    drawCursor();
  }

  function report(format: 'html' | 'md'): void {
    if (!state) return;
    const { file, verdict, plan } = state;
    const charts = reportedCharts(shownNow(state));
    const left = (plan?.unsupported ?? []).map(({ node, op, reason }) => `${node} (${op}): ${reason}`);
    const all = {
      file, language: document.documentElement.lang, verdict: verdict?.text ?? null, caption: captionOf(state), charts, notes: [...left, ...plan?.notes ?? []],
    };
    figure.save(say('report'), format, format === 'html' ? toHtml(all) : toMarkdown(all));
  }

  const shownNow = (of: ModelState): Shown => ({ state: of, runs, theory: theoryNow(), layers: layers(), isLinear: viewing.isLinear });

  function theoryNow(): readonly SchemeTheory[] {
    const planned = state?.plan?.theory ?? [];
    return foretold ? [...planned.filter(({ scheme }) => scheme !== foretold?.scheme), foretold] : planned;
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
    foretell(theory) {
      if (theory === foretold) return;
      foretold = theory;
      drawSoon();
    },
    showPicture(picture) {
      if (picture === viewing.picture) return;
      viewing = { ...viewing, picture };
      root.dataset.picture = picture;
      replaceChildren(root, [...pictures[picture], layerPane.root]);
      draw();
    },
    choose: (layer) => choose(layers().indexOf(layer)),
    hover: (layer) => hover(layer === null ? null : layers().indexOf(layer)),
    sweep(step) {
      swept = step;
      drawCursor();
    },
    showTable(isShown) {
      forward.showTable(isShown);
      backward.showTable(isShown);
      blocks.showTable(isShown);
    },
  };
}

export function layersOf(state: ModelState | null, runs: readonly SimulationRun[]): readonly string[] {
  const planned = state?.plan?.layers ?? [];
  const known = runs[0] ?? state?.earlier?.runs[0];
  return planned.length > 0 ? planned : known?.layers.map((layer) => layer.name) ?? [];
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
