// The charts with the network beside them, and the sweep over both: what is pointed at or selected in one is so in all.

import type { PanelMethods } from '../../src/protocol/panel';
import type { SchemeTheory, SimulationRun } from '../../src/protocol/simulation';
import { recall, remember, type Host } from '../messaging/connection';
import { element } from '../ui/element';
import { oncePerFrame } from '../ui/frames';
import { createComparison, layersOf, type ComparisonActions, type Picture, type Viewing } from './comparison';
import { createFigureActions } from './figure/printChoice';
import { saidOf } from './graph/flow';
import { createGraphPane, shownChoices } from './graph/graphPane';
import type { ModelState } from './modelState';
import { collectSeries } from './series';
import { createSweepBar } from './sweep/sweepBar';
import type { SweepStep } from './sweep/sweepSteps';

export interface Workspace {
  readonly root: HTMLElement;
  show(state: ModelState, runs: readonly SimulationRun[]): void;
  showTable(isShown: boolean): void;
  showPicture(picture: Picture): void;
  foretell(theory: SchemeTheory | null): void;
  select(layer: string): void;
  toggleGraph(): void;
  toggleSweep(): void;
  /** What of it is there. */
  readonly parts: { readonly graph: boolean; readonly sweep: boolean };
}

export function createWorkspace(
  viewing: Viewing, host: Host<PanelMethods>, actions: Pick<ComparisonActions, 'onView' | 'onLayer'> & {
    readonly onParts: () => void; readonly onSweepClosed: () => void;
  },
): Workspace {
  const stored = recall({ graphOpen: false, graphShown: 'forward', graphScheme: '' });
  let [isGraph, isSweep] = [stored.graphOpen, false];
  let state: ModelState | null = null;
  let runs: readonly SimulationRun[] = [];
  /** Of which the graph is known. */
  let known = '';
  let pointed: string | null = null;

  const onReveal = (layer: string): void => void host.call('reveal', { layer });
  const comparison = createComparison(viewing, {
    ...actions, onReveal, figures: (words) => createFigureActions(host, words),
    onPhase: (request) => host.call('phase', request),
    onChoose: (layer) => void host.call('select', { layer }),
    onCursor(layer, selected) {
      graph.point(layer, selected);
      if (layer === pointed) return;
      pointed = layer;
      void host.call('point', { layer });
    },
  });
  const graph = createGraphPane({
    shown: shownChoices.find(({ value }) => value === stored.graphShown)?.value ?? 'forward', scheme: stored.graphScheme, onReveal,
    onShown: (graphShown) => remember({ graphShown }),
    onScheme(graphScheme) {
      remember({ graphScheme });
      sweep.renew();
    },
    onPoint: (layer) => comparison.hover(layer),
    onSelect: (layer) => comparison.choose(layer),
  });
  const sweep = createSweepBar({
    onStep(step) {
      comparison.sweep(step);
      graph.sweep(step);
    },
    onClose() {
      toggleSweep();
      actions.onSweepClosed();
    },
    said,
  });
  const root = element('div', { class: 'workspace' }, [sweep.root, element('div', { class: 'beside' }, [comparison.root, graph.root])]);

  function said({ layer, direction }: SweepStep): string {
    const scheme = graph.scheme;
    const title = state?.schemes.find(({ id }) => id === scheme)?.title ?? '';
    const quantity = direction === 'forward' ? 'activation' : 'gradient-activation';
    const point = scheme ? collectSeries(runs, [], [scheme], [layer], quantity)[0]?.points[0] : null;
    return `${saidOf(point ?? null, direction)} · ${title}`;
  }

  const drawSoon = oncePerFrame(draw);
  function draw(): void {
    if (!state) return;
    const { schemes, options } = state;
    graph.root.hidden = !isGraph;
    root.classList.toggle('with-graph', isGraph);
    graph.fill({ runs: isGraph ? runs : [], schemes: schemes.filter(({ id }) => options.schemes.includes(id)) });
    if (isGraph) void load(state);
    sweep.show(layersOf(state, runs), isSweep);
    sweep.renew();
  }

  async function load({ file, revision }: ModelState): Promise<void> {
    const wanted = `${revision} ${file}`;
    if (wanted === known) return;
    known = wanted;
    const { graph: loaded } = await host.call('layerGraph', {});
    if (loaded && wanted === known) graph.show(loaded);
  }

  function toggleSweep(): void {
    isSweep = !isSweep;
    draw();
    actions.onParts();
  }

  return {
    root,
    show(next, nextRuns) {
      state = next;
      runs = nextRuns;
      comparison.show(next, nextRuns);
      drawSoon();
    },
    showTable: (isShown) => comparison.showTable(isShown),
    showPicture: (picture) => comparison.showPicture(picture),
    foretell: (theory) => comparison.foretell(theory),
    select: (layer) => comparison.select(layer),
    toggleGraph() {
      isGraph = !isGraph;
      remember({ graphOpen: isGraph });
      draw();
      if (isGraph) graph.root.scrollIntoView({ block: 'nearest' });
      actions.onParts();
    },
    toggleSweep,
    get parts() {
      return { graph: isGraph, sweep: isSweep };
    },
  };
}
