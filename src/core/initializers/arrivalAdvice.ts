// A gain answers what a layer reads: He et al. 2015, eq. 6, Var y = fan_in σ² E x², with the E x² that arrives, where that is far from what the gain is for.

import type { Layer } from '../layers/layer';
import type { Fans } from '../ops/spec';
import { say } from '../../protocol/words';
import { rounded } from './advice';
import type { Arrival } from './arrivals';
import { arrivalAt } from './arrivals';
import { readFromCritical, startOf } from './chainAdvice';
import type { FanSchemeId } from './fanSchemes';
import { fanSchemeOf } from './fanSchemes';

/** A scheme, its gain where that is not the scheme's own, and why. */
export interface Choice {
  readonly id: FanSchemeId;
  readonly gain?: number;
  readonly reason: string;
  readonly source: string;
  /** E x² of what the gain is for, where that is not 1; from the least to the most, where it keeps either. */
  readonly reads?: readonly [number, number];
  /** The gain is for what arrives. */
  readonly isAnswering?: true;
}

/** As far apart are draws of narrow layers: a gain that misses by less is as good. */
const near = 2;
/** What differs by less is called by one name. */
const same = 0.01;
export const isFar = (value: number, from: number): boolean => Math.abs(value / from - 1) > same;

/** Activations that saturate on both sides around a linear middle: Xavier's assumption (Glorot & Bengio 2010, section 4.2.1). */
export const saturating = new Set(['Tanh', 'Sigmoid', 'HardSigmoid', 'Softsign']);

export function arrivalChoice(layer: Layer, choice: Choice, fans: Fans): Choice {
  const arrival = isOpen(layer) && !choice.isAnswering ? arrivalAt(layer) : null;
  const [least, most] = choice.reads ?? [1, 1];
  if (!arrival || (arrival.second >= least / near && arrival.second <= most * near)) return choice;
  // What a chain does to a signal over its depth is not mended at one of its layers: a gradient would pay for it.
  if (arrival.from === layer.chain?.reads?.activation.name) return choice;
  const isQuiet = arrival.second < least;
  if (isQuiet && mayBeQuiet(layer, arrival)) return choice;
  const reads = isQuiet ? least : most;
  const own = gainOf(choice, fans);
  const gain = ownOr(choice, fans, own * Math.sqrt(reads / arrival.second));
  const last = layer.activation ? choice.reason : say('No activation follows.');
  const reason = say('It reads {0}, a second moment of {1}: gain {2} makes of it what {3} would of {4}. {5}', arrival.from, rounded(arrival.second),
    rounded(gain), rounded(own), rounded(reads), last);
  return { ...choice, gain, reason, source: `${choice.source}; He et al. 2015, eq. 6` };
}

export const gainOf = (choice: Choice, fans: Fans): number => choice.gain ?? fanSchemeOf(choice.id).resolve(fans).gain ?? 1;

function ownOr({ id }: Choice, fans: Fans, gain: number): number {
  const own = fanSchemeOf(id).resolve(fans).gain ?? 1;
  return isFar(gain, own) ? gain : own;
}

/** Where a chain is at its critical point, its depth has decided; where only norms read, scale is nothing. */
function isOpen(layer: Layer): boolean {
  const isDecided = startOf(layer)?.kind === 'critical' || readFromCritical(layer) !== null;
  return !isDecided && layer.isScaleFree !== true && layer.normalization === null;
}

/** Of the end of a branch, and of what is linear around 0, a signal that is too small is no harm. */
function mayBeQuiet({ residual, readsProduct, activation }: Layer, { isSplit }: Arrival): boolean {
  return residual !== null || readsProduct || (activation !== null && !isSplit && saturating.has(activation.name));
}

/** E x² that a layer reads behind a chain at its critical point: of that point, unless something between them, as a pooling, makes another of it. */
export function arrivalInChain(layer: Layer): number | null {
  const critical = readFromCritical(layer);
  const arriving = critical === null ? null : arrivalAt(layer)?.second ?? critical;
  return critical !== null && arriving !== null && isFar(arriving, critical) ? arriving : critical;
}
