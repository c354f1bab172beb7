// What is left, at earlier steps, of a gradient that comes to the last state of a recurrent layer (Bengio, Simard & Frasconi 1994; Pascanu et al. 2013).

import type { ThroughTime } from '../../protocol/simulation';
import type { Direction, Widths } from './gateParts';
import type { Strand } from './recurrence';

/** So little is lost beside the gradient of nearer steps. */
const left = 0.01;

/**
 * `steps` of a sequence, of which those that the strand follows are told and the others are as the farthest. Null of a single step, and where no gradient
 * comes back at all.
 */
export function throughTime({ hidden, back }: Strand, { gates }: Direction, widths: Widths, steps: number): ThroughTime | null {
  const { length } = hidden.own;
  const last = length - 1;
  const pairs = back({ hidden: (t, s) => (t === last && s === last ? 1 : 0), cell: 0 });
  // E ‖∂h_T / ∂x_t‖², by how many steps before the last it is.
  const curve = Array.from({ length }, (_, age) => widths.hidden * pairs.reduce((sum, of, gate) => (
    sum + (gates[gate]?.input.second ?? 0) * of.at(last - age, last - age)), 0));
  const newest = curve[0] ?? 0;
  if (last === 0 || !(newest > 0)) return null;
  // Nearer to the last step several ways are open, of which one remains; and no gate looks back from the first.
  const far = Math.max(1, last - 1);
  const near = far >> 1;
  const perStep = curve[near] ? Math.sqrt((curve[far] ?? 0) / curve[near]) ** (1 / (far - near)) : 0;
  const share = (age: number): number => Math.sqrt((curve[Math.min(age, last)] ?? 0) / newest) * perStep ** Math.max(0, age - last);
  return { steps, perStep, arrived: share(steps - 1), reach: reachOf(curve.map((_, age) => share(age)), perStep) };
}

/** Steps back at which 1 % is left; null where that never comes. */
function reachOf(shares: readonly number[], perStep: number): number | null {
  const found = shares.findIndex((share) => share <= left);
  if (found >= 0) return found;
  const oldest = shares.at(-1) ?? 1;
  return perStep < 1 ? shares.length - 1 + Math.ceil(Math.log(left / oldest) / Math.log(perStep)) : null;
}
