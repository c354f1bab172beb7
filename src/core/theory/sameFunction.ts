// One object for activations that are the same function: every layer has one of its own, and what is worked out of a function is worth keeping.

import type { Activation } from '../ops/spec';

const probes = [-7.3, -3.1, -1.7, -0.9, -0.31, -0.011, 0, 0.013, 0.29, 0.83, 1.9, 3.3, 6.7, 19];
const known = new Map<string, Activation>();
const mostKept = 256;
const found = new WeakMap<Activation, Activation>();

/** The first of them that was met, told by what it is at a few points. */
export function sameFunction(activation: Activation): Activation {
  const before = found.get(activation);
  if (before) return before;
  const key = [...probes.map(activation.f), ...activation.kinks].join();
  const first = known.get(key) ?? activation;
  if (known.size < mostKept) known.set(key, first);
  found.set(activation, first);
  return first;
}
