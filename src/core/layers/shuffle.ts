import type { Node } from '../graph/graph';
import { intAttribute, stringAttribute } from '../graph/graph';
import type { GraphIndex } from '../graph/order';

/** What a shuffle of pixels makes of channels: which of them become the pixels of one block. */
export interface Shuffle {
  readonly times: number;
  /** Channels of one block lie beside each other, else an equal stride apart. */
  readonly neighbours: boolean;
}

/** The shuffle that alone reads a value, or what an activation makes of it (ONNX operators, DepthToSpace: modes CRD and DCR). */
export function shuffleBehind(index: GraphIndex, values: readonly string[]): Shuffle | null {
  for (const value of values) {
    const [node, ...others] = index.consumers.get(value) ?? [];
    if (node && others.length === 0 && isShuffle(node)) {
      return { times: intAttribute(node, 'blocksize', 1) ** 2, neighbours: stringAttribute(node, 'mode', 'DCR') === 'CRD' };
    }
  }
  return null;
}

const isShuffle = ({ op, domain }: Node): boolean => op === 'DepthToSpace' && domain === '';
