// State spaces whose steps depend on the input: h ← exp(ΔA) h + Δ B x, y = C h + D x, with Δ = softplus(…) and A = −exp(A_log).

import { elementCount } from '../graph/dtype';
import type { Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { say } from '../../protocol/words';
import { reachesExponential } from './constantReasons';
import type { Layer, LayerWeight } from './layer';
import { activationValue, wholeWeight } from './layer';
import { comesFrom } from './residual';
import type { StoredSource } from './source';
import { isFixed, isReal, storedSource, valueBehind } from './source';

/** Operators that hand steps and rates on, or give them another form. */
const moving = new Set(['Reshape', 'Transpose', 'Unsqueeze', 'Squeeze', 'Expand', 'Identity', 'Cast', 'Slice', 'Split', 'Gather', 'Clip']);
const farthest = 24;

/**
 * The tensors of Mamba (Gu & Dao 2023, arXiv 2312.00752, section 3.2, and Dao & Gu 2024, arXiv 2405.21060) in their roles. A step is a softplus whose
 * product with something stored is the argument of an exponential, which nothing else is.
 */
export function withStateSpaces(index: GraphIndex, layers: readonly Layer[]): readonly Layer[] {
  const found = new Map<Layer, Decay>();
  for (const layer of layers) {
    if (layer.scope !== index.scope || layer.activation?.name !== 'Softplus') continue;
    const decay = decayBehind(index, activationValue(layer));
    if (decay) found.set(layer, decay);
  }
  if (found.size === 0) return layers;
  const skips = skipsOf(index, [...found.values()]);
  const rates = new Set<string>();
  return layers.map((layer): Layer => {
    const decay = found.get(layer);
    if (decay) {
      const own = decay.rate && !rates.has(decay.rate.source.tensor.id) ? [rateWeight(decay.rate)] : [];
      if (decay.rate) rates.add(decay.rate.source.tensor.id);
      return { ...layer, weights: [...layer.weights.map((weight) => stepWeight(layer, weight)), ...own] };
    }
    const skip = skips.get(layer.node);
    return skip ? { ...layer, weights: [{ ...wholeWeight(skip, 'gain'), gain: { of: 'skip', depth: 0 } }] } : layer;
  });
}

interface Rate {
  readonly source: StoredSource;
  /** Stored is A itself, which the exporter has computed, or what it is −exp of. */
  readonly form: 'logarithm' | 'negative';
}

interface Decay {
  /** The product with Δ. */
  readonly product: Node;
  readonly rate: Rate | null;
}

/** What steps are multiplied with, where an exponential is taken of that. */
function decayBehind(index: GraphIndex, steps: string): Decay | null {
  const values = new Set([steps]);
  let looked = 0;
  for (const value of values) {
    for (const node of index.consumers.get(value) ?? []) {
      if (++looked > farthest) return null;
      // PyTorch takes large arguments themselves for their softplus.
      const isHandedOn = node.op === 'Where' ? node.inputs[0] !== value : moving.has(node.op) && node.inputs[0] === value;
      if (isHandedOn) for (const output of node.outputs) values.add(output);
      const fixed = node.op === 'Mul' ? node.inputs.find((input) => input !== value && isFixed(index, input)) : undefined;
      if (fixed !== undefined && reachesExponential(index, node)) return { product: node, rate: rateOf(index, fixed) };
    }
  }
  return null;
}

function rateOf(index: GraphIndex, value: string): Rate | null {
  const stored = (name: string, form: Rate['form']): Rate | null => {
    const source = storedSource(index, name);
    return source && source.tensor.id !== '' && isReal(source) && elementCount(source.shape) > 1 ? { source, form } : null;
  };
  const negated = index.producer.get(valueBehind(index, value, moving));
  const raised = negated?.op === 'Neg' ? index.producer.get(valueBehind(index, negated.inputs[0] ?? '', moving)) : undefined;
  return raised?.op === 'Exp' ? stored(raised.inputs[0] ?? '', 'logarithm') : stored(value, 'negative');
}

/** States lie along the last axis, beside the channels; the rates of whole heads are one list, which starts in another way. */
function rateWeight({ source, form }: Rate): LayerWeight {
  const { shape } = source.tensor;
  const [, states = 0] = shape;
  const weight = wholeWeight(source, 'decay');
  const isByState = shape.length === 2 && source.shape.join() === shape.join() && states > 1 && states <= mostStates;
  if (isByState) return { ...weight, decay: { form, states } };
  return { ...weight, frozen: weight.frozen ?? say('it holds the rates at which states of whole heads decay, which are not drawn from a single law') };
}

/** Mamba has 16, and nobody as many as this. */
const mostStates = 256;

/** The product that makes steps of few numbers, and the bias that is their usual size. */
function stepWeight(layer: Layer, weight: LayerWeight): LayerWeight {
  if (weight.role === 'kernel') return { ...weight, isStep: true };
  const isBias = weight.role === 'bias' || (layer.op === 'Add' && weight.role === 'frozen' && layer.weights.length === 1);
  return isBias ? { ...wholeWeight({ ...weight, shape: weight.seenShape }, 'step'), frozen: weight.role === 'bias' ? weight.frozen : null } : weight;
}

/** D of D x, which is added to what the states make of x: by the node that multiplies with it. */
function skipsOf(index: GraphIndex, decays: readonly Decay[]): ReadonlyMap<Node, StoredSource> {
  return new Map(index.graph.nodes.flatMap((add) => {
    if (add.op !== 'Add' || add.domain !== '') return [];
    return add.inputs.flatMap((input, i): readonly (readonly [Node, StoredSource])[] => {
      const product = index.producer.get(valueBehind(index, input, moving));
      if (product?.op !== 'Mul') return [];
      const [source, ...more] = product.inputs.flatMap((operand) => storedSource(index, operand) ?? []);
      const isVector = source && more.length === 0 && source.tensor.id !== '' && elementCount(source.shape) === Math.max(...source.shape);
      const states = add.inputs[1 - i] ?? '';
      return isVector && decays.some((decay) => comesFrom(index, states, decay.product.outputs[0] ?? '')) ? [[product, source]] : [];
    });
  }));
}
