// Sigmoids in a row as the same network with tanh: σ(u) = ½ + ½ tanh(u/2), so that weights four times as wide, and biases of −½ Σ w, make tanh of them.

import { elementCount } from '../graph/dtype';
import { readsSigmoid } from '../layers/chains';
import type { Layer, LayerWeight } from '../layers/layer';
import type { Activation, Fans } from '../ops/spec';
import { say } from '../../protocol/words';
import { balancedGain } from './chainAdvice';
import type { Advice } from './advice';
import { adviseParts, resolveNamed } from './advice';
import type { Resolved } from './resolved';

export interface CentredStart {
  readonly kernel: LayerWeight;
  /** Of a layer that reads a sigmoid: what takes its mean away. */
  readonly bias: LayerWeight | null;
  /** On the weights of the network with tanh. */
  readonly factor: number;
}

/**
 * With u = 2z a sigmoid is half of tanh(z), and ½. What reads it as tanh would be read needs twice the weights and a bias smaller by half of their sum;
 * what a sigmoid follows needs all of it twice. Null where neither is so, or there is no bias of its own.
 */
export function centredStart(layer: Layer, reads: boolean): CentredStart | null {
  const [kernel, ...others] = layer.weights.filter(({ role }) => role === 'kernel');
  const [bias] = layer.weights.filter(({ role }) => role === 'bias');
  // An answer is a probability: of it, the logit is to be the one of the other network.
  const isFollowed = isSigmoid(layer) && !layer.isHead;
  if (!kernel?.units || others.length > 0 || kernel.frozen !== null || kernel.computed || kernel.parts.length > 0 || (!reads && !isFollowed)) return null;
  if (!reads) return { kernel, bias: null, factor: 2 };
  const isOwn = bias?.frozen === null && elementCount(bias.tensor.shape) === kernel.units.count;
  return isOwn ? { kernel, bias, factor: isFollowed ? 4 : 2 } : null;
}

export const isSigmoid = (layer: Layer | undefined): boolean => layer?.activation?.name === 'Sigmoid';

export const centredKernel = (fans: Fans, { factor }: CentredStart, gain: number): Resolved => (
  { ...resolveNamed('xavier-normal', fans, { gain: factor * gain }), mode: null, gain, title: `Centred sigmoid, ${factor} Xavier` });

/** −½ Σ w of each unit, for weights that are drawn like this; null of a layer that reads no sigmoid. */
export function centredBias({ kernel, bias }: CentredStart, { sampler, std }: Resolved): Resolved | null {
  if (!bias || !kernel.units) return null;
  const { inner, count } = kernel.units;
  const { shape } = kernel.tensor;
  const of = { tensorId: kernel.id, shape, blocks: [{ sampler }] };
  return {
    sampler: { kind: 'unit-sums', factor: -1 / 2, of, inner, count }, mode: null, gain: null, std: Math.sqrt(elementCount(shape) / count) * std / 2,
      bound: null,
    title: 'Minus half of the sum of each unit’s weights',
  };
}

/** So few sigmoids leave a hundredth of a gradient whatever is done (0.24 each), and learn all the same. */
const fewest = 3;
const source = 'LeCun et al. 1998, section 4.4; Glorot & Bengio 2010, eq. 12';
const tanh: Activation = { f: Math.tanh, df: (x) => 1 - Math.tanh(x) ** 2, kinks: [] };

/** Of a layer before or behind sigmoids in a row; null where they are few, and where a text would have to say what no library can. */
function chainedStart(layer: Layer): (CentredStart & { readonly gain: number; readonly depth: number }) | null {
  const { depth: own = 0, reads = null } = layer.chain ?? {};
  const depth = reads?.activation.name === 'Sigmoid' ? reads.depth : isSigmoid(layer) ? own : 0;
  const start = depth < fewest ? null : centredStart(layer, readsSigmoid(layer));
  if (!start || start.kernel.tensor.declared || start.bias?.tensor.declared) return null;
  return { ...start, depth, gain: balancedGain(tanh, depth) };
}

/** Of sigmoids in a row: weights and biases together. */
export function centredAdvice(layer: Layer, weight: LayerWeight): Advice | null {
  const start = chainedStart(layer);
  const fans = start?.kernel.fans;
  if (!start || !fans) return null;
  const { kernel, factor, gain, depth } = start;
  const resolved = centredKernel(fans, start, gain);
  if (weight.id === kernel.id) {
    const reason = start.bias
      ? say('{0} sigmoids in a row stop a gradient, since what they say has a mean of ½ and at most a quarter of the slope of tanh. '
        + 'σ(u) = ½ + ½ tanh(u/2): {1} times the weights, and biases of −½ Σ w, make it the same network with tanh.', depth, factor)
      : say('{0} sigmoids in a row stop a gradient, since what they say has a mean of ½ and at most a quarter of the slope of tanh. '
        + 'σ(u) = ½ + ½ tanh(u/2): {1} times the weights make it the same network with tanh.', depth, factor);
    return adviseParts(weight, 'centred-sigmoid', () => resolved, { reason, source });
  }
  const bias = weight.role === 'bias' && weight.id === start.bias?.id ? centredBias(start, resolved) : null;
  const reason = say('It takes away the mean of ½ of the sigmoids that the layer reads.');
  return bias && adviseParts(weight, 'centred-sigmoid', () => bias, { reason, source });
}
