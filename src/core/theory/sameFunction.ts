// One object for activations that are the same function: every layer has one of its own, and what is worked out of a function is worth keeping.

import type { Activation } from '../ops/spec';

const probes = [-7.3, -3.1, -1.7, -0.9, -0.31, -0.011, 0, 0.013, 0.29, 0.83, 1.9, 3.3, 6.7, 19];

interface Known {
  readonly values: readonly number[];
  readonly activation: Activation;
}

/** By the sum of the values, which is quicker to look up than all of them. */
const known = new Map<number, Known>();
const mostKept = 256;
const found = new WeakMap<Activation, Activation>();

/** The first of them that was met, told by what it is at a few points and where it has kinks. */
export function sameFunction(activation: Activation): Activation {
  const before = found.get(activation);
  if (before) return before;
  const values = [...probes.map(activation.f), ...activation.kinks];
  const sum = values.reduce((total, value) => total + value, 0);
  const other = known.get(sum);
  const isSame = other?.values.length === values.length && other.values.every((value, i) => Object.is(value, values[i]));
  const first = isSame ? other.activation : activation;
  if (!other && known.size < mostKept) known.set(sum, { values, activation });
  found.set(activation, first);
  return first;
}
