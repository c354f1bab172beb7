// A recurrent layer is as deep as its sequence is long: whether its gradient gets from the last step to the first (Bengio, Simard & Frasconi 1994).

import type { ThroughTime } from '../../protocol/simulation';
import type { Course } from './course';
import type { Finding } from './findings';
import { amount } from './numbers';
import { fatal, tolerance } from './travel';

/** A layer that loses more than half of a gradient at each step has next to none after 7: what it hears of an order is its last few words. */
const half = 0.5;
/** What is left at the first step where nothing need be said. */
const enough = 0.01;

type TimeKind = 'vanishing-through-time' | 'exploding-through-time';

export const isThroughTime = (kind: Finding['kind']): kind is TimeKind => kind === 'vanishing-through-time' || kind === 'exploding-through-time';

/** The worst of all recurrent layers; null where each keeps its gradient. */
export function throughTimeFinding({ stops }: Course): Finding | null {
  const all = stops.flatMap(({ name, throughTime }) => (throughTime ? foundOf(name, throughTime) ?? [] : []));
  const [worst, ...others] = all.toSorted((a, b) => order(a) - order(b) || b.damage - a.damage);
  if (!worst) return null;
  const alike = others.filter(({ kind }) => kind === worst.kind);
  const more = alike.length === 0 ? '' : `; so does that of ${alike.length === 1 ? alike[0]?.at ?? '' : `${alike.length} layers more`}`;
  return { ...worst, says: `${worst.says}${more}` };
}

const order = ({ severity }: Finding): number => ['error', 'warning', 'info'].indexOf(severity);

function foundOf(at: string, { steps, arrived, perStep, reach }: ThroughTime): Finding | null {
  const rest = { at, basis: 'predicted', damage: Math.max(arrived, 1 / arrived) } as const;
  if (arrived > tolerance(steps)) {
    const says = `the gradient of ${at} grows ${amount(perStep)}× per step through time, ${amount(arrived)}× over its ${steps} steps`;
    return { ...rest, kind: 'exploding-through-time', severity: arrived > fatal ? 'error' : 'warning', says };
  }
  if (arrived >= enough || reach === null) return null;
  const says = `the gradient of ${at} shrinks ${amount(perStep)}× per step through time, and is at 1 % after ${reach} of ${steps} steps`;
  return { ...rest, kind: 'vanishing-through-time', severity: perStep < half ? 'warning' : 'info', says };
}

export interface Comparison {
  readonly says: string;
  /** Null where nobody knows. */
  readonly helps: boolean | null;
}

/** What recommended weights would make of what has been found. */
export function compareThroughTime({ kind, at, severity }: Finding, better: Course): Comparison {
  const throughTime = better.stops.find(({ name }) => name === at)?.throughTime;
  if (at === null || !throughTime) return { says: '', helps: null };
  const { perStep, reach, steps } = throughTime;
  const found = foundOf(at, throughTime);
  const helps = !found || order(found) > order({ ...found, severity });
  const isKept = reach === null || reach >= steps;
  const says = kind === 'exploding-through-time' || isKept ? ` With recommended it changes ${amount(perStep)}× per step.`
    : ` With recommended it is at 1 % after ${reach} steps.`;
  return { says, helps };
}

/** What weights make of it, for a list of remedies; nothing of a network without recurrent layers. */
export function throughTimeEffect({ stops }: Course, found: Finding | undefined): string {
  if (stops.every(({ throughTime }) => throughTime === null)) return '';
  const perStep = stops.find(({ name }) => name === found?.at)?.throughTime?.perStep;
  return perStep === undefined ? ', and through time' : `; through time it changes ${amount(perStep)}× per step`;
}
