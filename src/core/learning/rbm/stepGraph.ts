// Steps of contrastive divergence as one graph: a run makes many of them, so that weights cross into and out of the runtime once for all.

import type { VisibleKind } from '../../../protocol/pretraining';
import { GraphBuilder } from '../../graph/builder';
import type { Graph } from '../../graph/graph';
import { Algebra } from '../../ops/algebra';
import { scan } from '../../ops/scan';
import type { Parameters } from './units';
import { correlation, decode, drawn, drawnVisible, encode } from './units';

/** What settles the form of the graph; everything else is fed. */
export interface StepForm {
  readonly kind: VisibleKind;
  /** Samples of a step, and chains of a persistent one. */
  readonly batch: number;
  /** Gibbs steps k of an update. */
  readonly gibbs: number;
  /** Chains go on from where the last step left them (Tieleman 2008), rather than begin at the data. */
  readonly isPersistent: boolean;
  readonly decays: boolean;
  readonly isSparse: boolean;
  /** Whether hidden biases are learned: a layer without biases has none to put them into. */
  readonly hasHiddenBias: boolean;
}

/** What a step takes on from the one before: parameters, their velocities, and what its form asks for. */
export const stepStates = ({ isPersistent, isSparse }: StepForm): readonly string[] => [
  'W', 'b', 'c', 'dW', 'db', 'dc', ...(isPersistent ? ['chain'] : []), ...(isSparse ? ['activity'] : []),
];

/** What is fed for each step, [steps, batch, units]: samples, then what hidden and visible states are drawn by. */
export function stepSequences({ gibbs, isPersistent }: StepForm): { readonly hidden: readonly string[]; readonly visible: readonly string[] } {
  const named = (stem: string, count: number): readonly string[] => Array.from({ length: count }, (_, i) => `${stem}${i}`);
  return { hidden: named('uh', gibbs), visible: named('uv', isPersistent ? gibbs : gibbs - 1) };
}

/** Numbers that stay the same over the steps of a run. */
export const stepScalars = ({ decays, isSparse }: StepForm): readonly string[] => [
  'rate', 'momentum', ...(decays ? ['decay'] : []), ...(isSparse ? ['target', 'sparsityCost', 'memory'] : []),
];

/** After a run, the states have this before their names; `ratio` is ‖ΔW‖ / ‖W‖ of its last step. */
export const after = (state: string): string => `new:${state}`;
export const ratio = 'ratio';

/** The inputs are called as the functions above call them, and `v`. */
export function stepGraph(form: StepForm): Graph {
  const graph = new GraphBuilder({ name: 'contrastive divergence', inputs: [], outputs: [], initializers: new Map(), nodes: [] });
  const states = stepStates(form);
  const { hidden, visible } = stepSequences(form);
  const sequences = ['v', ...hidden, ...visible];
  const shapes: Readonly<Record<string, readonly (number | string)[]>> = {
    W: ['visible', 'hidden'], dW: ['visible', 'hidden'], b: ['visible'], db: ['visible'], c: ['hidden'], dc: ['hidden'],
    chain: [form.batch, 'visible'], activity: ['hidden'], v: ['steps', form.batch, 'visible'],
  };
  const fed = (name: string, shape: readonly (number | string)[]): void => graph.feed(name, { name, dtype: 'float32', shape });
  for (const name of [...states, 'v']) fed(name, shapes[name] ?? []);
  for (const name of hidden) fed(name, ['steps', form.batch, 'hidden']);
  for (const name of visible) fed(name, ['steps', form.batch, 'visible']);
  for (const name of stepScalars(form)) fed(name, []);
  const m = new Algebra(graph);
  const ends = scan(m, {
    initial: states, sequences, reverse: false,
    step: (inner, now, slices) => ({ states: update(inner, form, named(states, now), named(sequences, slices)), emitted: [] }),
  });
  const norm = (value: string): string => m.sqrt(m.graph.add('ReduceSumSquare', [value], { keepdims: 0 }));
  states.forEach((state, i) => rename(graph, ends[i] ?? '', after(state)));
  rename(graph, m.div(norm(ends[3] ?? ''), norm(ends[0] ?? '')), ratio);
  return graph.build();
}

function rename(graph: GraphBuilder, value: string, output: string): void {
  graph.append({ name: graph.fresh('end'), domain: '', op: 'Identity', inputs: [value], outputs: [output], attributes: {} });
  graph.output(output, 'float32');
}

type Named = (name: string) => string;

function named(names: readonly string[], values: readonly string[]): Named {
  const byName = new Map(names.map((name, i) => [name, values[i] ?? '']));
  return (name) => byName.get(name) ?? '';
}

interface Pair { readonly visible: string; readonly hidden: string }

/**
 * ΔW = ε (⟨v pᵀ⟩ of the data − ⟨v pᵀ⟩ of the chain) (Hinton 2002, equation 14), with momentum and what else is asked for. The states that follow, in
 * the order of `stepStates`.
 */
function update(m: Algebra, form: StepForm, state: Named, fed: Named): readonly string[] {
  const machine: Parameters = { weights: state('W'), visibleBias: state('b'), hiddenBias: state('c') };
  const v = fed('v');
  const data: Pair = { visible: v, hidden: encode(m, machine, v) };
  const chain = form.isPersistent ? persistentChain(m, form, machine, state('chain'), fed) : chainFromData(m, form, machine, data.hidden, fed);
  const step = m.scale('rate', 1 / form.batch);
  const negative = m.neg(step);
  // Both correlations, and that of the sparsity, are one product.
  const rows = [{ v, h: m.mul(data.hidden, step) }, { v: chain.visible, h: m.mul(chain.hidden, negative) }];
  const activity = form.isSparse ? m.add(m.mul('memory', state('activity')), m.mul(m.complement('memory'), m.mean(data.hidden, [0], false))) : null;
  // Cross-entropy between what a unit is to be and what it is: its derivative by the unit's input, for biases and weights alike (section 11).
  const towards = activity === null ? null : m.mul(m.mul('rate', 'sparsityCost'), m.sub('target', activity));
  if (towards !== null) rows.push({ v: m.mean(v, [0]), h: m.reshape(towards, [1, -1]) });
  const kept = m.mul('momentum', state('dW'));
  const decayed = form.decays ? m.sub(kept, m.mul(m.mul('rate', 'decay'), state('W'))) : kept;
  const dW = correlation(m, m.concat(rows.map((row) => row.v), 0), m.concat(rows.map((row) => row.h), 0), decayed);
  const drift = (a: string, b: string): string => m.mul('rate', m.mean(m.sub(a, b), [0], false));
  const db = m.add(m.mul('momentum', state('db')), drift(v, chain.visible));
  const pulled = drift(data.hidden, chain.hidden);
  const pull = towards === null ? pulled : m.add(pulled, towards);
  const dc = form.hasHiddenBias ? m.add(m.mul('momentum', state('dc')), pull) : m.graph.add('Identity', [state('dc')]);
  return [
    m.add(state('W'), dW), m.add(state('b'), db), m.add(state('c'), dc), dW, db, dc,
    ...(form.isPersistent ? [chain.visible] : []), ...(activity === null ? [] : [activity]),
  ];
}

/** k steps from the data: states all the way, and probabilities at the last update (section 3). */
function chainFromData(m: Algebra, { kind, gibbs }: StepForm, machine: Parameters, probabilities: string, fed: Named): Pair {
  let hidden = drawn(m, fed('uh0'), probabilities);
  for (let i = 1; i < gibbs; i++) {
    const visible = drawnVisible(m, kind, fed(`uv${i - 1}`), decode(m, machine, kind, hidden));
    hidden = drawn(m, fed(`uh${i}`), encode(m, machine, visible));
  }
  const visible = decode(m, machine, kind, hidden);
  return { visible, hidden: encode(m, machine, visible) };
}

/** k steps from where the chains are; their visible states are kept. */
function persistentChain(m: Algebra, { kind, gibbs }: StepForm, machine: Parameters, start: string, fed: Named): Pair {
  let visible = start;
  for (let i = 0; i < gibbs; i++) {
    const hidden = drawn(m, fed(`uh${i}`), encode(m, machine, visible));
    visible = drawnVisible(m, kind, fed(`uv${i}`), decode(m, machine, kind, hidden));
  }
  return { visible, hidden: encode(m, machine, visible) };
}
