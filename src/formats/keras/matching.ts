// Which stored array a variable is, where files name arrays by layers: names have changed from version to version, shapes have not.

import type { Variable } from './variables';

/** An array of a file of weights. */
export interface StoredArray {
  /** "dense/kernel", "bidirectional/forward_lstm/lstm_cell/kernel:0" */
  readonly name: string;
  readonly shape: readonly number[];
}

/** Without what TensorFlow puts behind the name of a variable. */
const segmentsOf = (name: string): readonly string[] => name.replace(/:\d+$/, '').split('/').filter((part) => part !== '');

/** Names that a variable has had: a depthwise kernel was called so before Keras 3. */
const formerNames: Readonly<Record<string, readonly string[]>> = { kernel: ['kernel', 'depthwise_kernel'], depthwise_kernel: ['depthwise_kernel', 'kernel'] };

/**
 * How well an array fits a variable: the names of its layers that are in the array's path, the innermost counting most; −1 for another variable.
 * What bears the name of another layer is that layer's.
 */
function fit({ layers, name }: Variable, segments: readonly string[], owners: ReadonlySet<string>): number {
  const last = (segments.at(-1) ?? '').replace(/_\d+$/, '');
  const names = formerNames[name] ?? [name];
  if (!names.includes(segments.at(-1) ?? '') && !names.includes(last)) return -1;
  const inner = layers.at(-1) ?? '';
  const around = segments.slice(0, -1);
  const renamed = (part: string): boolean => !owners.has(part) && (part.startsWith(`${inner}_`) || inner.startsWith(`${part}_`));
  if (!around.includes(inner) && !around.some(renamed)) return -1;
  return layers.reduce((sum, layer, i) => sum + (around.includes(layer) ? 2 ** (i + 1) : 0), 0);
}

/**
 * For every variable an array of its name and layers, each array once; of several that fit alike the first that is left, in the order of the file.
 * What has the name and another shape is matched, too, so that this can be said.
 */
export function matchArrays<A extends StoredArray>(variables: readonly Variable[], arrays: readonly A[]): ReadonlyMap<Variable, A> {
  const left = new Map(arrays.map((array) => [array, segmentsOf(array.name)] as const));
  const byLast = new Map<string, A[]>();
  for (const [array, segments] of left) {
    const last = (segments.at(-1) ?? '').replace(/_\d+$/, '');
    byLast.set(last, [...byLast.get(last) ?? [], array]);
  }
  const owners = new Set(variables.flatMap(({ layers }) => layers.at(-1) ?? []));
  const found = new Map<Variable, A>();
  for (const variable of variables) {
    const candidates = (formerNames[variable.name] ?? [variable.name]).flatMap((name) => byLast.get(name) ?? []);
    let best: { readonly array: A; readonly score: number } | null = null;
    for (const array of candidates) {
      const segments = left.get(array);
      if (!segments) continue;
      const score = fit(variable, segments, owners);
      const sized = score < 0 ? -1 : 2 * score + (array.shape.join() === variable.shape.join() ? 1 : 0);
      if (sized >= 0 && sized > (best?.score ?? -1)) best = { array, score: sized };
    }
    if (!best) continue;
    found.set(variable, best.array);
    left.delete(best.array);
  }
  return found;
}
