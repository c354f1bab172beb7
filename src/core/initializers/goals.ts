// Which variance a layer's output should have when its kernel is drawn as a scheme says: what a run of the network is held to before that is offered.

import type { Recipe } from '../../protocol/recipe';
import type { SimulatedScheme, ValueOrigin } from '../../protocol/schemes';
import type { Graph } from '../graph/graph';
import { readsSigmoid } from '../layers/chains';
import type { Layer, LayerWeight } from '../layers/layer';
import { isStepped } from '../layers/layer';
import { noiseAt } from './arrivals';
import { readFromCritical } from './chainAdvice';
import { lawMoments } from './law';
import { isScalable } from './rescaling';

export interface Goal {
  readonly layer: string;
  /** The tensor that is made wider or narrower, and its name. */
  readonly tensorId: string;
  readonly weight: string;
  /** Of the layer's output. */
  readonly variance: number;
  /** How far from it is near enough: a difference, or a factor either way. */
  readonly near: { readonly within: number } | { readonly times: number };
  /** What is too small stays: an answer, or the end of a branch, may start quietly. */
  readonly isCeiling: boolean;
  /** It can be told of a layer once all those of earlier stages are right. */
  readonly stage: number;
}

/** Tol_var of LSUV, on variances (Mishkin & Matas 2016, algorithm 1). */
const published = { within: 0.1 } as const;
/** A layer that misses what it was drawn for by more than that reads something else than was assumed. What scale is held to (docs/account.md). */
const assumed = { times: 4 } as const;
/** One whose kernel answers an unusual signal is to find it so. */
const foreseen = { times: 2 } as const;
/** Behind a rectifier E x² is ½ to 1. */
const isUnusual = (second: number): boolean => second > 2 || second < 1 / 4;

/** Whether draws of a scheme are made right by runs: LSUV by its definition, and what is recommended where it would miss. */
export function isHeldToRuns(scheme: SimulatedScheme | ValueOrigin): boolean {
  return scheme === 'lsuv' || scheme === 'recommended';
}

/** Of layers whose kernels are drawn by such schemes. */
export function goalsOf(graph: Graph, layers: readonly Layer[], recipes: readonly Recipe[]): readonly Goal[] {
  const drawn = new Map(recipes.map((recipe) => [recipe.tensorId, recipe]));
  const taken = new Set<string>();
  const gates = gatesOf(layers);
  const found = layers.flatMap((layer): readonly Omit<Goal, 'stage'>[] => {
    const weight = layer.activation && gates.has(layer.activation.value) ? null : scalableOf(layer, drawn);
    const recipe = weight && drawn.get(weight.id);
    if (!recipe || taken.has(weight.id) || !isHeldToRuns(recipe.origin.scheme)) return [];
    taken.add(weight.id);
    const isCeiling = layer.isHead || layer.residual !== null;
    const common = { layer: layer.name, tensorId: weight.id, weight: weight.name };
    if (recipe.origin.scheme === 'lsuv') return [{ ...common, variance: 1, near: published, isCeiling: false }];
    const variance = intended(layer, weight, recipe);
    return variance === null ? [] : [{ ...common, variance, near: isUnusual(readBy(layer)) ? foreseen : assumed, isCeiling }];
  });
  const stages = stagesOf(graph, new Map(layers.map((layer) => [layer.name, layer])), found.map(({ layer }) => layer));
  return found.map((goal) => ({ ...goal, stage: stages.get(goal.layer) ?? 0 }));
}

/** What is made of the state, and of whatever is added to it: its scale is that of the steps, as of any recurrent layer. */
const gatesOf = (layers: readonly Layer[]): ReadonlySet<string> => new Set(layers.flatMap(({ weights, activation }) => (
  activation && weights.some(({ role }) => role === 'recurrent') ? [activation.value] : [])));

/** The one kernel of a product: of recurrent layers, tables and computed kernels another scale does not simply scale what they make. */
function scalableOf(layer: Layer, drawn: ReadonlyMap<string, Recipe>): LayerWeight | null {
  if (isStepped(layer)) return null;
  const [kernel, ...others] = layer.weights.filter(({ role }) => role === 'kernel' || role === 'magnitude');
  if (!kernel || others.length > 0 || kernel.role !== 'kernel' || !kernel.fans || kernel.frozen !== null) return null;
  if (kernel.computed || kernel.kernelUse || kernel.tableUse !== undefined || kernel.isStep) return null;
  const recipe = drawn.get(kernel.id);
  return recipe && isScalable(recipe) ? kernel : null;
}

/** fan_in σ² E x², with the E x² that theory says arrives. Null where a norm behind it takes away whatever it has. */
function intended(layer: Layer, weight: LayerWeight, { blocks }: Recipe): number | null {
  // What a text says of itself has to be what it is recommended to say.
  if (layer.isScaleFree === true || layer.normalization !== null || !weight.fans || weight.tensor.declared) return null;
  const { std, mean } = lawMoments(blocks, weight.tensor.shape);
  return weight.fans.fanIn * (std ** 2 + mean ** 2) * readBy(layer) * (layer.parallel ?? 1);
}

/** E x²; where theory does not know it, as its advice is made for. */
function readBy(layer: Layer): number {
  // σ(u) − ½ = ½ tanh(u/2): what is left of a sigmoid once its mean is taken away has a quarter of the square.
  return readsSigmoid(layer) ? 1 / 4 : readFromCritical(layer) ?? noiseAt(layer) ?? 1;
}

/** The most layers that have to be right before each: one more than before whatever it reads. */
function stagesOf({ nodes }: Graph, layers: ReadonlyMap<string, Layer>, wanted: readonly string[]): ReadonlyMap<string, number> {
  const outputs = new Map(wanted.flatMap((name) => {
    const value = layers.get(name)?.preactivation;
    return value === undefined ? [] : [[value, name] as const];
  }));
  const reached = new Map<string, number>();
  const stages = new Map<string, number>();
  for (const { inputs, outputs: made } of nodes) {
    const stage = inputs.reduce((most, value) => Math.max(most, reached.get(value) ?? 0), 0);
    for (const value of made) {
      const name = outputs.get(value);
      if (name !== undefined) stages.set(name, stage);
      reached.set(value, name === undefined ? stage : stage + 1);
    }
  }
  return stages;
}
