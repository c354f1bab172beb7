// Whether scores are hidden from those that come later: then row i of a softmax is over i + 1 of them.

import type { GraphIndex } from '../graph/order';
import type { Node } from '../graph/graph';
import { storedSource } from '../layers/source';

/** A mask is made by so many operators at most: exporters take about twenty. */
const farthest = 48;
/** Operators that no mask is made by: behind them is the network. */
const beyond = new Set(['MatMul', 'Softmax', 'Conv', 'Gemm', 'LayerNormalization', 'Gather']);

/** Whether a node hides scores by a triangle: one that is stored, cut by Trilu, or compares positions with one another. */
export function isCausal(index: GraphIndex, node: Node): boolean {
  if (node.op !== 'Where' && node.op !== 'Add') return false;
  const found = new Set(node.op === 'Where' ? node.inputs.slice(0, 1) : node.inputs);
  for (const value of found) {
    if (found.size > farthest) return false;
    const source = storedSource(index, value);
    if (source && isTriangle(source.shape, source.tensor.values)) return true;
    const made = index.producer.get(value);
    if (!made || beyond.has(made.op)) continue;
    if (made.op === 'Trilu') return true;
    const isOrder = /^(Less|Greater)(OrEqual)?$/.test(made.op) && made.inputs.every((input) => comesFromRange(index, input));
    if (isOrder) return true;
    for (const input of made.inputs) if (input !== '') found.add(input);
  }
  return false;
}

function comesFromRange(index: GraphIndex, value: string): boolean {
  const found = new Set([value]);
  for (const name of found) {
    if (found.size > farthest) return false;
    const made = index.producer.get(name);
    if (made?.op === 'Range' || made?.op === 'CumSum') return true;
    if (made && !beyond.has(made.op)) for (const input of made.inputs) if (input !== '') found.add(input);
  }
  return false;
}

/** Alike on and below the diagonal of its last two axes, and otherwise above. */
function isTriangle(shape: readonly number[], values: readonly number[] | null): boolean {
  const [rows = 0, columns = 0] = shape.slice(-2);
  if (!values || rows < 2 || rows !== columns || values.length < rows * columns) return false;
  const [below, above] = [values[0], values[1]];
  return below !== above && Array.from({ length: rows }, (_, i) => (
    values[i * columns] === below && values[i * columns + i] === below && (i + 1 >= columns || values[i * columns + i + 1] === above))).every(Boolean);
}
