import type { Node } from '../graph/graph';
import { intAttribute, intsAttribute } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { say } from '../../protocol/words';
import type { LayerWeight } from './layer';
import { constantValues } from './source';

/**
 * Why a kernel is left alone that is no parameter: the response of a state space (S4: Gu et al. 2022, arXiv 2111.00396, section 2.4), one for each
 * channel and as long as the sequence, which the exporter has computed from its rates and steps. All that tells it from a kernel is that it is not on the
 * exporter's list of what is learned.
 */
export function responseReason(index: GraphIndex, node: Node, { name, role, seenShape }: LayerWeight, learned: ReadonlySet<string> | null): string | null {
  const [channels = 0, inputs, length = 0] = seenShape;
  const isOfChannels = role === 'kernel' && node.op === 'Conv' && seenShape.length === 3 && inputs === 1 && intAttribute(node, 'group', 1) === channels;
  if (!isOfChannels || learned === null || learned.has(name) || name.includes('.')) return null;
  const pad = index.producer.get(node.inputs[0] ?? '');
  // Optimisers take the padding into the convolution.
  const pads = pad?.op === 'Pad' ? constantValues(index, pad.inputs[1] ?? '') : intsAttribute(node, 'pads');
  return pads?.[pads.length / 2 - 1] === length - 1 && pads.at(-1) === 0 ? reason : null;
}

const reason = say('the exporter has computed it, as the response of a state space over the whole sequence, from what is not in the file');
