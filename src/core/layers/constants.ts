import { elementCount, isFloat } from '../graph/dtype';
import type { Graph } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { indexGraph } from '../graph/order';
import type { Tensor } from '../graph/tensor';
import { say } from '../../protocol/words';
import { whyConstant } from './constantReasons';
import type { Layer } from './layer';
import { isMadeUp } from './naming';

/** A stored tensor of floats that is no weight of any layer. */
export interface StoredConstant {
  readonly name: string;
  readonly tensor: Tensor;
  /** Why it keeps its values, as a clause. */
  readonly reason: string;
}

/**
 * Whether it is a layer, and not a constant that an operator happens to be given: masks, rotary angles, what was folded from shapes. A table that
 * is added to the signal is one where its author has named it; `learned` are the names of what the exporter says is learned, if it says so.
 */
export function isLayer({ op, weights, activation }: Layer, learned: ReadonlySet<string> | null): boolean {
  if (weights.some(({ role }) => role !== 'frozen')) return true;
  const isTable = op === 'Add' && activation?.name !== 'Softmax';
  return weights.some(({ name, frozen }) => (
    /^(it cannot be read|Initscope has no)/.test(frozen ?? '') || (isTable && (learned ? learned.has(name) : !isMadeUp(name)))));
}

function reasonFor(index: GraphIndex, name: string): string {
  const reader = index.consumers.get(name)?.[0];
  if (reader === undefined) return say('nothing reads it by its name');
  if (index.bodies.has(reader)) return say('it is handed to a {0}, in which no layer is seen to read it', reader.op);
  return whyConstant(index, reader, name) ?? say('it is a constant operand of {0}, not a weight', reader.op);
}

/** Every stored tensor of floats, of more than one number, that no layer has. */
export function constantsOf(graph: Graph, layers: readonly Layer[]): readonly StoredConstant[] {
  const used = new Set(layers.flatMap(({ weights }) => weights.map(({ id }) => id)));
  return indexesIn(indexGraph(graph)).flatMap((index) => [...index.graph.initializers].flatMap(([name, tensor]): readonly StoredConstant[] => {
    if (!isFloat(tensor.dtype) || elementCount(tensor.shape) <= 1 || tensor.id === '' || used.has(tensor.id)) return [];
    return [{ name, tensor, reason: reasonFor(index, name) }];
  }));
}

const indexesIn = (index: GraphIndex): readonly GraphIndex[] => [index, ...[...index.bodies.values()].flat().flatMap(indexesIn)];
