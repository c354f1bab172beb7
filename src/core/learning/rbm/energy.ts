// Free energies of samples and what follows from them, in double precision.

import type { Machine } from './machine';

/** ln(1 + eˣ) */
export const softplus = (x: number): number => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)));

/** ln σ(x) */
export const logSigmoid = (x: number): number => -softplus(-x);

/** The inputs of hidden units, vW + c, of one sample. */
export function hiddenInputs({ visible, hidden, weights, hiddenBias }: Machine, sample: ArrayLike<number>): Float64Array {
  const inputs = Float64Array.from(hiddenBias);
  for (let i = 0; i < visible; i++) {
    const v = sample[i] ?? 0;
    if (v === 0) continue;
    for (let j = 0, at = i * hidden; j < hidden; j++, at++) inputs[j] = (inputs[j] ?? 0) + v * (weights[at] ?? 0);
  }
  return inputs;
}

/** What the visible units alone have of the energy: −bᵀv, or ½‖v − b‖² of Gaussian ones. */
function visibleEnergy({ kind, visible, visibleBias }: Machine, sample: ArrayLike<number>): number {
  let energy = 0;
  for (let i = 0; i < visible; i++) {
    const [v, b] = [sample[i] ?? 0, visibleBias[i] ?? 0];
    energy += kind === 'gaussian' ? 0.5 * (v - b) ** 2 : -b * v;
  }
  return energy;
}

/** F(v) = −bᵀv − Σ ln(1 + e^{c + vW}) (Hinton 2010, section 16.1). */
export function freeEnergy(machine: Machine, sample: ArrayLike<number>): number {
  return visibleEnergy(machine, sample) - hiddenInputs(machine, sample).reduce((sum, x) => sum + softplus(x), 0);
}

/** F of the sample with one visible unit turned round, less F of the sample. */
function turned({ hidden, weights, visibleBias }: Machine, unit: number, value: number, inputs: Float64Array): number {
  const change = 1 - 2 * value;
  let difference = -change * (visibleBias[unit] ?? 0);
  for (let j = 0, at = unit * hidden; j < hidden; j++, at++) {
    const x = inputs[j] ?? 0;
    difference += softplus(x) - softplus(x + change * (weights[at] ?? 0));
  }
  return difference;
}

/** Σ_i ln p(v_i | the others) = Σ_i ln σ(F(v with v_i turned round) − F(v)) (Besag 1975), the mean over samples. */
export function pseudoLikelihood(machine: Machine, data: Float32Array, rows: number): number {
  const { visible } = machine;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const sample = data.subarray(row * visible, (row + 1) * visible);
    const inputs = hiddenInputs(machine, sample);
    for (let i = 0; i < visible; i++) sum += logSigmoid(turned(machine, i, sample[i] ?? 0, inputs));
  }
  return sum / rows;
}

/** The same by one unit for each sample, as many times as there are units: what scikit-learn's `BernoulliRBM.score_samples` computes. */
export function stochasticPseudoLikelihood(machine: Machine, data: Float32Array, rows: number, uniforms: ArrayLike<number>): number {
  const { visible } = machine;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const sample = data.subarray(row * visible, (row + 1) * visible);
    const unit = Math.min(visible - 1, Math.floor((uniforms[row] ?? 0) * visible));
    sum += visible * logSigmoid(turned(machine, unit, sample[unit] ?? 0, hiddenInputs(machine, sample)));
  }
  return sum / rows;
}

/** Entropy of the distribution that the rows are, in nats: equal ones count together. */
export function entropyOfRows(data: Float32Array, width: number): number {
  const rows = data.length / width;
  const counts = new Map<string, number>();
  for (let row = 0; row < rows; row++) {
    const key = data.subarray(row * width, (row + 1) * width).join();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts.values()].reduce((sum, count) => sum - (count / rows) * Math.log(count / rows), 0);
}

/** KL(data ‖ machine) = ln Z + mean F(v) − H(data) */
export function divergenceOf(machine: Machine, data: Float32Array, logPartition: number): number {
  const { visible } = machine;
  const rows = data.length / visible;
  let sum = 0;
  for (let row = 0; row < rows; row++) sum += freeEnergy(machine, data.subarray(row * visible, (row + 1) * visible));
  return logPartition + sum / rows - entropyOfRows(data, visible);
}
