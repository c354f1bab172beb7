// Variance of the gradient of each layer's weight, where a closed form is known: whose weight it is, where it is read, and who else reads it.

import { elementCount } from '../graph/dtype';
import { intAttribute } from '../graph/graph';
import type { Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import type { Layer, LayerWeight } from '../layers/layer';
import type { Gradient } from './gradient';
import type { MomentContext } from './rule';
import type { Signal } from './signal';
import { weightRules } from './weightRules';

/** What is known of a network in which gradients have gone back. */
export interface Gone {
  readonly index: GraphIndex;
  readonly layers: readonly Layer[];
  readonly contextOf: (node: Node) => MomentContext;
  readonly gradientAt: (node: Node) => Gradient | undefined;
  readonly signalOf: (value: string) => Signal | undefined;
  readonly shape: MomentContext['shape'];
  readonly storedId: (value: string) => string | null;
}

export type WeightGradients = (layer: Layer) => number | null;

/** Of the first weight of each layer that is learned, as a run has it; null where no closed form is known. */
export function weightGradients(gone: Gone): WeightGradients {
  const { index, layers } = gone;
  let samples: number | undefined;
  const users = new Map<string, Layer[]>();
  for (const layer of layers) {
    for (const { id } of layer.weights) {
      const known = users.get(id);
      if (known) known.push(layer);
      else users.set(id, [layer]);
    }
  }
  return (layer) => {
    const weight = learnedWeight(layer);
    const sharing = weight && users.get(weight.id);
    // Those that have it as another layer's, or as parts of one, are no layers of its own.
    if (!weight || (index.consumers.get(weight.name)?.length ?? 1) !== sharing?.length) return null;
    samples ??= samplesOf(gone);
    let sum = 0;
    for (const each of sharing) sum += ofOne(gone, each, weight, samples) ?? NaN;
    return Number.isFinite(sum) ? Math.max(0, sum) : null;
  };
}

function ofOne(gone: Gone, layer: Layer, weight: LayerWeight, samples: number): number | null {
  const { index, contextOf, gradientAt, signalOf } = gone;
  const { node } = layer;
  const [rule, gradient, count] = [weightRules.get(node.op), gradientAt(node), elementCount(weight.tensor.shape)];
  if (!rule || !gradient || node.domain !== '' || count < 2 || weight.computed || weight.quantization) return null;
  const context = contextOf(node);
  const position = positionOf(gone, context, weight);
  const shape = context.shape(node.inputs[position] ?? '');
  // Of a tensor that operators have parts of each element is used in another way.
  return shape && elementCount(shape) === count ? rule({ index, context, layer, position, count, gradient, samples, signalOf }) : null;
}

/** Of a kernel that the graph puts together of what is stored: where it is read. */
function positionOf({ storedId }: Gone, { node, stored }: MomentContext, { id, role }: LayerWeight): number {
  const found = node.inputs.findIndex((input) => storedId(input) === id);
  return found >= 0 || role !== 'kernel' ? found : stored(0) ? 0 : 1;
}

/** A run's samples are the first axis of what is fed, but where a recurrent layer says that steps are. */
function samplesOf({ index: { graph }, shape }: Gone): number {
  const recurrent = graph.nodes.find(({ op, domain }) => domain === '' && /^(RNN|GRU|LSTM)$/.test(op));
  const read = recurrent && shape(recurrent.inputs[0] ?? '');
  if (recurrent && read) return read[1 - intAttribute(recurrent, 'layout', 0)] ?? 1;
  return graph.inputs.map(({ name }) => shape(name)).find((sizes) => sizes !== null && sizes.length > 1)?.[0] ?? 1;
}

const learnedWeight = ({ weights }: Layer): LayerWeight | undefined => (
  weights.find(({ frozen, role }) => frozen === null && role !== 'frozen' && role !== 'running mean' && role !== 'running variance'));
