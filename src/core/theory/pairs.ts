// Products of what a unit is at two steps, E u_t u_s, in one sample and in two, and of functions of it.

import type { Activation } from '../ops/spec';
import type { ActivationIntegrals } from './activationIntegrals';
import { activationIntegrals } from './activationIntegrals';

/** By two steps; before the first and behind the last step it is zero, as a state is. */
export class Pairs {
  readonly length: number;
  readonly #values: Float64Array;

  constructor(length: number) {
    this.length = length;
    this.#values = new Float64Array(length * length);
  }

  at(t: number, s: number): number {
    return t < 0 || s < 0 || t >= this.length || s >= this.length ? 0 : this.#values[t * this.length + s] ?? 0;
  }

  set(t: number, s: number, value: number): void {
    this.#values[t * this.length + s] = value;
  }

  /** The same both ways round. */
  setBoth(t: number, s: number, value: number): void {
    this.set(t, s, value);
    this.set(s, t, value);
  }
}

/** Two steps of the same sample, or of two. */
export type Of = 'own' | 'other';
export const both: readonly Of[] = ['own', 'other'];

/** A unit through time. */
export class Course {
  readonly means: Float64Array;
  readonly own: Pairs;
  readonly other: Pairs;

  constructor(length: number) {
    this.means = new Float64Array(length);
    [this.own, this.other] = [new Pairs(length), new Pairs(length)];
  }

  mean(t: number): number {
    return this.means[t] ?? 0;
  }

  covariance(of: Of, t: number, s: number): number {
    return this[of].at(t, s) - this.mean(t) * this.mean(s);
  }
}

/** f and f′ of what is normal at each step. */
export class Bent {
  readonly #activation: Activation;
  readonly #variances: Float64Array;
  readonly #covariances: { readonly own: Pairs; readonly other: Pairs };
  readonly #known: ActivationIntegrals[] = [];

  constructor(activation: Activation, length: number) {
    this.#activation = activation;
    this.#variances = new Float64Array(length);
    this.#covariances = { own: new Pairs(length), other: new Pairs(length) };
  }

  /** What comes to step t, with what it has in common with those before. */
  arrive(t: number, mean: number, covariance: (of: Of, s: number) => number): void {
    const variance = Math.max(0, covariance('own', t));
    this.#variances[t] = variance;
    this.#known[t] = activationIntegrals(this.#activation, Math.sqrt(variance), mean);
    for (const of of both) for (let s = 0; s <= t; s++) this.#covariances[of].setBoth(t, s, covariance(of, s));
  }

  mean(t: number): number {
    return this.#known[t]?.mean ?? 0;
  }

  meanSlope(t: number): number {
    return Math.sqrt(this.#known[t]?.slopesBetween(0) ?? 0);
  }

  /** E f f. */
  between(of: Of, t: number, s: number): number {
    return this.#of(of, t, s, (integrals, correlation) => integrals.between(correlation));
  }

  /** E f′ f′ in one sample. */
  slopesBetween(t: number, s: number): number {
    return this.#of('own', t, s, (integrals, correlation) => integrals.slopesBetween(correlation));
  }

  /** Of two variances it is between what it would be of each. */
  #of(of: Of, t: number, s: number, ask: (integrals: ActivationIntegrals, correlation: number) => number): number {
    const [first, second, product] = [this.#known[t], this.#known[s], (this.#variances[t] ?? 0) * (this.#variances[s] ?? 0)];
    if (!first || !second) return 0;
    const correlation = product === 0 || (of === 'own' && t === s) ? 1
      : Math.max(-1, Math.min(1, this.#covariances[of].at(t, s) / Math.sqrt(product)));
    const value = ask(first, correlation);
    return t === s ? value : Math.sign(value) * Math.sqrt(Math.abs(value * ask(second, correlation)));
  }
}
