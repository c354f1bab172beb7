// What is to be expected of weights, in a number and a clause: to rank edits by.

import { say } from '../../protocol/words';
import type { Course } from './course';
import type { Finding } from './findings';
import { findingsOf, rank } from './findings';
import { amount } from './numbers';
import { hasOneLayer, onlyLayerEffect } from './onlyLayer';
import { isThroughTime, throughTimeEffect } from './throughTime';
import { gradientTravel, tolerance } from './travel';

export interface Effect {
  readonly severity: Finding['severity'];
  /** How many times off signal or gradient are in the end, and the gradient through time beside. */
  readonly damage: number;
  readonly at: string | null;
  readonly says: string;
}

/** Null where nothing follows the gradient. */
export function effectOf(course: Course): Effect | null {
  const found = findingsOf(course);
  const [worst] = found;
  if (!worst) return null;
  const inTime = found.find(({ kind }) => isThroughTime(kind));
  const travel = gradientTravel(course);
  const isKept = travel.lostAt === null && travel.range < tolerance(travel.depth) && (worst.severity === 'ok' || worst.severity === 'info');
  const kept = (hasOneLayer(course) ? onlyLayerEffect(course) : null) ?? say('keeps the gradient within {0}×', amount(travel.range));
  const says = isKept ? throughTimeEffect(kept, course, inTime) : worst.says;
  const inDepth = Math.max(travel.range, worst === inTime ? 1 : worst.damage);
  return { severity: worst.severity, damage: inDepth * (inTime?.damage ?? 1), at: worst.at, says };
}

/** Theory of independent weights is no nearer to the truth than that. */
const apart = 1.5;

/** By what it says first, and where both say as much, by more than theory errs. */
export function isBetter(one: Effect, other: Effect): boolean {
  // Nothing is wrong where there is only something to know.
  const [own, others] = [one, other].map((effect) => Math.min(rank(effect), rank({ severity: 'info' })));
  if (own !== others) return (own ?? 0) > (others ?? 0);
  return one.damage * apart < other.damage;
}
