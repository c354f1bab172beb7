// Norm(aWx) = Norm(Wx): where norms alone read what a kernel makes, its scale does not matter to anything behind them.

import type { GraphIndex } from '../graph/order';
import { usersOf } from '../graph/order';

/** Not LRN, whose constant is as large as what it divides by, nor those that add another signal first. */
const undoing = new Set([
  'BatchNormalization', 'InstanceNormalization', 'LayerNormalization', 'GroupNormalization', 'RMSNormalization', 'SimplifiedLayerNormalization',
  'LpNormalization', 'MeanVarianceNormalization',
]);
/** Those undo it of each channel alone, whatever stands beside it. */
const byChannel = new Set(['BatchNormalization', 'InstanceNormalization']);
const moving = new Set(['Identity', 'Cast', 'Dropout', 'MaxPool', 'AveragePool', 'Pad', 'Resize']);
/** Values that are looked at: dense blocks put what each layer makes beside all that follows. */
const farthest = 64;

export function isScaleFree(index: GraphIndex, start: string, written: ReadonlyMap<string, unknown>): boolean {
  const queue = [{ value: start, isBeside: false }];
  const seen = new Set([start]);
  for (let next = 0; next < queue.length; next++) {
    const { value, isBeside } = queue[next] ?? { value: '', isBeside: false };
    if (next >= farthest || index.outputs.has(value)) return false;
    if (written.has(value) && !isBeside) continue;
    const users = usersOf(index, value);
    if (users.length === 0) return false;
    for (const { node } of users) {
      if ((isBeside ? byChannel : undoing).has(node.op) && node.inputs[0] === value) continue;
      const [output] = node.outputs;
      if (output === undefined || (node.op !== 'Concat' && !moving.has(node.op))) return false;
      if (!seen.has(output)) queue.push({ value: output, isBeside: isBeside || node.op === 'Concat' });
      seen.add(output);
    }
  }
  return true;
}
