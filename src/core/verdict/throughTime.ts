// A recurrent layer is as deep as its sequence is long: whether its gradient gets from the last step to the first (Bengio, Simard & Frasconi 1994).

import type { ThroughTime } from '../../protocol/simulation';
import { say } from '../../protocol/words';
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
  const says = alike.length === 0 ? worst.says : alike.length === 1 ? say('{0}; so does that of {1}', worst.says, alike[0]?.at ?? '')
    : say('{0}; so does that of {1} layers more', worst.says, alike.length);
  return { ...worst, says };
}

const order = ({ severity }: Finding): number => ['error', 'warning', 'info'].indexOf(severity);

function foundOf(at: string, { steps, arrived, perStep, reach }: ThroughTime): Finding | null {
  const rest = { at, basis: 'predicted', damage: Math.max(arrived, 1 / arrived) } as const;
  if (arrived > tolerance(steps)) {
    const says = say('the gradient of {0} grows {1}× per step through time, {2}× over its {3} steps', at, amount(perStep), amount(arrived), steps);
    return { ...rest, kind: 'exploding-through-time', severity: arrived > fatal ? 'error' : 'warning', says };
  }
  if (arrived >= enough || reach === null) return null;
  const says = say('the gradient of {0} shrinks {1}× per step through time, and is at 1 % after {2} of {3} steps', at, amount(perStep), reach, steps);
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
  const says = kind === 'exploding-through-time' || isKept ? say('With recommended it changes {0}× per step.', amount(perStep))
    : say('With recommended it is at 1 % after {0} steps.', reach);
  return { says, helps };
}

/** What weights make of it, for a list of remedies; nothing of a network without recurrent layers. */
export function throughTimeEffect(effect: string, { stops }: Course, found: Finding | undefined): string {
  if (stops.every(({ throughTime }) => throughTime === null)) return effect;
  const perStep = stops.find(({ name }) => name === found?.at)?.throughTime?.perStep;
  return perStep === undefined ? say('{0}, and through time', effect) : say('{0}; through time it changes {1}× per step', effect, amount(perStep));
}
