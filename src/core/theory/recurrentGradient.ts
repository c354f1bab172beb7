// The gradient of a recurrent layer's input kernel: what its gates get at every two steps, times what is read there.

import { intAttribute } from '../graph/graph';
import type { Pairs } from './pairs';
import type { Reading } from './recurrence';
import { isShared, returned, unrolled } from './recurrentRules';
import type { MomentContext } from './rule';

/** ∂L/∂W_ij = Σ_n Σ_t δ_i(n,t) x_j(n,t): E = N Σ_t Σ_s E δ_t δ_s · E x_t x_s, on average over gates and directions. */
export function inputKernelGradient(context: MomentContext): number | null {
  const found = unrolled(context);
  if ('why' in found || isShared(context)) return null;
  const { node, shape } = context;
  const samples = shape(node.inputs[0] ?? '')?.[1 - intAttribute(node, 'layout', 0)];
  if (samples === undefined) return null;
  const sums = returned(context, found).flatMap(({ gates, reading }) => gates.map((pairs) => overPairs(pairs, reading, found.steps)));
  return samples * sums.reduce((sum, each) => sum + each, 0) / sums.length;
}

/** Steps before those that are followed get what the first of these does. */
function overPairs(pairs: Pairs, reading: Reading, steps: number): number {
  const { length } = pairs;
  let [sum, first] = [0, 0];
  for (let t = 0; t < length; t++) {
    for (let s = 0; s < length; s++) {
      const product = pairs.at(t, s) * reading.at('own', t, s);
      sum += product;
      if (Math.min(t, s) === 0) first += product;
    }
  }
  return sum + (steps - length) * first;
}
