// E f(u) f(v) of two normal variables, by the Hermite coefficients of f (Daniely, Frostig & Singer 2016, section 5: the dual activation).

import { activationMoments, normalNodes } from '../ops/quadrature';
import type { Activation } from '../ops/spec';

/** Coefficients that are computed; what is behind them is of the next power. */
const count = 32;

/** For u, v ~ N(mean, σ²) of that correlation. */
export function correlated(activation: Activation, sigma: number, mean: number, correlation: number): number {
  const { mean: first, second } = activationMoments(activation, sigma, mean);
  if (correlation === 0) return first ** 2;
  if (correlation === 1) return second;
  const squares = squaredCoefficients(activation, sigma, mean);
  let [sum, power, rest] = [0, 1, second];
  for (const square of squares) {
    sum += square * power;
    rest -= square;
    power *= correlation;
  }
  return sum + Math.max(0, rest) * power;
}

const known = new WeakMap<Activation, Map<string, readonly number[]>>();
const mostKept = 256;

/** a_k² of f(mean + σz) = Σ a_k h_k(z), the polynomials normalised. */
function squaredCoefficients(activation: Activation, sigma: number, mean: number): readonly number[] {
  const ofActivation = known.get(activation) ?? new Map<string, readonly number[]>();
  const key = `${sigma} ${mean}`;
  const found = ofActivation.get(key) ?? expand(activation, sigma, mean).map((a) => a * a);
  if (ofActivation.size < mostKept) known.set(activation, ofActivation.set(key, found));
  return found;
}

/** h₀ = 1, h₁ = z, √(k+1) h_{k+1} = z h_k − √k h_{k−1}. */
function expand(activation: Activation, sigma: number, mean: number): readonly number[] {
  const coefficients = new Float64Array(count);
  for (const { z, weight } of normalNodes(activation, sigma, mean)) {
    const value = weight * activation.f(mean + sigma * z);
    let [before, here] = [0, 1];
    for (let k = 0; k < count; k++) {
      coefficients[k] = (coefficients[k] ?? 0) + value * here;
      [before, here] = [here, (z * here - Math.sqrt(k) * before) / Math.sqrt(k + 1)];
    }
  }
  return [...coefficients];
}
