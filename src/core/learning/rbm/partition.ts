// The partition function of a machine by all states of its smaller side, in double precision.

import { softplus } from './energy';
import type { Machine } from './machine';

/** Units of a side whose states are all gone through: a million. */
export const mostEnumerated = 20;

/** Whether Z can be summed: of Gaussian visible units over the hidden states, which is no distribution over rows that KL could be of. */
export const isEnumerable = ({ kind, visible, hidden }: Pick<Machine, 'kind' | 'visible' | 'hidden'>): boolean => (
  kind === 'bernoulli' && Math.min(visible, hidden) <= mostEnumerated);

/** Steps that the sum takes. */
export const enumerationCost = ({ visible, hidden }: Pick<Machine, 'visible' | 'hidden'>): number => (
  2 ** Math.min(visible, hidden) * Math.max(visible, hidden));

/** A side whose states are enumerated, with the other's inputs by each of its units. */
interface Sides {
  readonly few: number;
  readonly many: number;
  readonly fewBias: Float32Array;
  readonly manyBias: Float32Array;
  readonly weight: (few: number, many: number) => number;
}

function sidesOf({ visible, hidden, weights, visibleBias, hiddenBias }: Machine): Sides {
  return visible <= hidden
    ? { few: visible, many: hidden, fewBias: visibleBias, manyBias: hiddenBias, weight: (i, j) => weights[i * hidden + j] ?? 0 }
    : { few: hidden, many: visible, fewBias: hiddenBias, manyBias: visibleBias, weight: (j, i) => weights[i * hidden + j] ?? 0 };
}

/**
 * ln Z = ln Σ_s exp(aᵀs + Σ ln(1 + e^{d + sW})) over the states s of the smaller side. They are gone through in the order of the Gray code, in which one
 * unit changes at a time; every so often the inputs are summed anew, so that rounding does not add up.
 */
export function logPartition(machine: Machine): number {
  const { few, many, fewBias, manyBias, weight } = sidesOf(machine);
  const rows = Array.from({ length: few }, (_, unit) => Float64Array.from({ length: many }, (_, other) => weight(unit, other)));
  const states = 2 ** few;
  const inputs = new Float64Array(many);
  let [greatest, sum, bias] = [-Infinity, 0, 0];
  for (let n = 0; n < states; n++) {
    const code = n ^ (n >>> 1);
    if (n % refreshed === 0) {
      inputs.set(manyBias);
      bias = 0;
      rows.forEach((row, unit) => {
        if (((code >>> unit) & 1) === 1) bias += addRow(inputs, row, 1, fewBias[unit] ?? 0);
      });
    } else {
      const unit = 31 - Math.clz32(n & -n);
      const row = rows[unit];
      if (row) bias += addRow(inputs, row, ((code >>> unit) & 1) === 1 ? 1 : -1, fewBias[unit] ?? 0);
    }
    const logWeight = bias + sumOfSoftplus(inputs);
    if (logWeight > greatest) {
      sum = sum * Math.exp(greatest - logWeight) + 1;
      greatest = logWeight;
    } else {
      sum += Math.exp(logWeight - greatest);
    }
  }
  return greatest + Math.log(sum);
}

const refreshed = 1 << 12;

function addRow(inputs: Float64Array, row: Float64Array, sign: 1 | -1, bias: number): number {
  for (let j = 0; j < inputs.length; j++) inputs[j] = (inputs[j] ?? 0) + sign * (row[j] ?? 0);
  return sign * bias;
}

/** Factors 1 + eˣ below this are multiplied before one logarithm is taken of so many: e^{17 · 40} is still a double. */
const largestFactor = 40;
const together = 16;

function sumOfSoftplus(inputs: Float64Array): number {
  let [sum, product, factors] = [0, 1, 0];
  for (let j = 0; j < inputs.length; j++) {
    const x = inputs[j] ?? 0;
    if (x > largestFactor) {
      sum += softplus(x);
      continue;
    }
    product *= 1 + Math.exp(x);
    if (++factors === together) {
      sum += Math.log(product);
      [product, factors] = [1, 0];
    }
  }
  return sum + Math.log(product);
}
