/** How unequal the weights of a softmax are, beside drawing them. */
import { describe, expect, it } from 'vitest';

import { squaredOfTriangle, squaredWeights } from '../../../../src/core/theory/softmaxWeight';
import { createRandom } from '../../support/random';

function drawn(length: number, variance: number): number {
  const random = createRandom(7);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const rounds = 3000;
  let total = 0;
  for (let round = 0; round < rounds; round++) {
    const scores = Array.from({ length }, () => Math.sqrt(variance) * normal());
    const largest = Math.max(...scores);
    const weights = scores.map((score) => Math.exp(score - largest));
    const sum = weights.reduce((all, each) => all + each, 0);
    total += weights.reduce((all, each) => all + (each / sum) ** 2, 0);
  }
  return total / rounds;
}

describe('Σ p² of a softmax', () => {
  it.each([[10, 0], [10, 1], [10, 4], [64, 0.25], [100, 1], [16, 40], [16, 400], [5, 1e4]])('of %d scores of variance %d', (length, variance) => {
    expect(Math.abs(squaredWeights(length, variance) / drawn(length, variance) - 1)).toBeLessThan(0.04);
  });
  it.each([Infinity, NaN, 1e300])('is one where scores are as wide as %d', (variance) => expect(squaredWeights(9, variance)).toBeCloseTo(1, 6));
  it('is larger where early rows are short', () => expect(squaredOfTriangle(64, 0) / squaredWeights(64, 0)).toBeCloseTo(4.74, 1));
});
