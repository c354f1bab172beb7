// What recurrent operators have in common: pre-activations of gates from inputs and states, step by step, and gradients on their way back.

import type { Activation } from '../ops/spec';
import type { Gate, Widths } from './gateParts';
import type { Course, Of, Pairs } from './pairs';
import { Bent } from './pairs';
import type { Signal, Steps, TensorMoments } from './signal';
import { varianceOf } from './signal';

/** One direction of a recurrent layer over all its steps. */
export interface Strand {
  readonly hidden: Course;
  /** Of an LSTM. */
  readonly cell?: Course;
  /** E of the gradient at the pre-activation of each gate at two steps, as W sees it, from that at the states. */
  readonly back: (arrived: Arrived) => readonly Pairs[];
}

/** What comes to the states from outside. */
export interface Arrived {
  readonly hidden: (t: number, s: number) => number;
  /** At the last step's cell. */
  readonly cell: number;
}

/** What is read, by two steps, in the order in which they are read. */
export class Reading {
  readonly length: number;
  readonly mean: number;
  readonly #second: number;
  readonly #local: number;
  readonly #common: number;
  readonly #apart: number;
  readonly #signal: Signal;
  readonly #steps: Signal['steps'];

  constructor(signal: Signal, length: number) {
    const { mean, second, common, local, apart, steps } = signal;
    [this.#signal, this.#steps] = [signal, steps];
    [this.length, this.mean, this.#second, this.#local, this.#common, this.#apart] = [length, mean, second, local, common, apart];
  }

  /** As one reads it that goes backwards. */
  reversed(): Reading {
    const steps = this.#steps;
    const last = this.length - 1;
    const between: Steps['between'] = (of, t, s) => steps?.between(of, last - t, last - s) ?? 0;
    return steps ? new Reading({ ...this.#signal, steps: { ...steps, between } }, this.length) : this;
  }

  at(of: Of, t: number, s: number): number {
    if (this.#steps) return this.#steps.between(of, t, s);
    if (of === 'own') return t === s ? this.#second : this.#local;
    return t === s ? this.#common : this.#apart;
  }
}

/** A gate: W x_t + R s_{t−1} + b, of a state that may have been multiplied with another gate. */
export class GateCourse {
  readonly bent: Bent;
  readonly #gate: Gate;
  readonly #widths: Widths;
  readonly #reading: Reading;

  constructor(activation: Activation, gate: Gate, widths: Widths, reading: Reading) {
    [this.bent, this.#gate, this.#widths, this.#reading] = [new Bent(activation, reading.length), gate, widths, reading];
  }

  /** `before`: products of the state at the steps before, its mean, and what else varies; `cell` that the peephole sees. */
  arrive(t: number, state: StateBefore, cell: (of: Of, s: number) => number = () => 0, cellMean = 0): void {
    const { input: w, bias: b, peephole: p } = this.#gate;
    const { inputs } = this.#widths;
    const mean = inputs * w.mean * this.#reading.mean + state.mean + b.mean + p.mean * cellMean;
    this.bent.arrive(t, mean, (of, s) => inputs * covarianceThrough(w, this.#reading.at(of, t, s), this.#reading.mean ** 2)
      + varianceOf(b) + state.covariance(of, s) + p.second * cell(of, s) - (p.mean * cellMean) ** 2);
  }
}

/** R s + ρ, before W x + b is added. */
export interface StateBefore {
  readonly mean: number;
  readonly covariance: (of: Of, s: number) => number;
}

/** Of a weight times a value: both may have a mean. */
const covarianceThrough = ({ mean, second }: TensorMoments, product: number, squaredMean: number): number => second * product - mean ** 2 * squaredMean;

/** R h_{t−1} + ρ. */
export function stateBefore({ recurrent: r, recurrentBias }: Gate, { hidden }: Widths, before: Course, t: number): StateBefore {
  return {
    mean: hidden * r.mean * before.mean(t - 1) + recurrentBias.mean,
    covariance: (of, s) => hidden * covarianceThrough(r, before[of].at(t - 1, s - 1), before.mean(t - 1) * before.mean(s - 1)) + varianceOf(recurrentBias),
  };
}

/** Steps backwards, and with each those behind it, from the last to itself. */
export function* backwards(length: number): Generator<readonly [number, number]> {
  for (let t = length - 1; t >= 0; t--) for (let s = length - 1; s >= t; s--) yield [t, s];
}
