import { describe, expect, it } from 'vitest';

import { histogramOf } from '../../../../src/core/statistics/histogram';
import { isTrained } from '../../../../src/core/verdict/trained';
import type { AppliedScheme, LayerReport, WeightReport } from '../../../../src/protocol/report';
import { createRandom } from '../../support/random';

const random = createRandom(11);
const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
/** As training leaves weights: most of them small, a few large. */
const tailed = (): number => normal() ** 3;

function weight(role: WeightReport['role'], count: number, draw: () => number, more: Partial<WeightReport> = {}): WeightReport {
  const values = Array.from({ length: count }, draw);
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count);
  const histogram = histogramOf(values, 48);
  return {
    role, looksLike: null, name: role, id: role,
    statistics: {
      count, mean, std, min: Math.min(...values), max: Math.max(...values), zeros: 0, nonFinite: 0, ...(histogram ? { histogram } : {}),
    }, ...more,
  } as WeightReport;
}

const network = (...weights: readonly WeightReport[]): readonly LayerReport[] => [
  { name: 'layer', op: 'Gemm', detail: '', scope: '', activation: 'Relu', normalization: null, residual: null, isHead: false, weights },
];
const applied = { scheme: 'sparse', title: '', seed: 0, picked: false, saved: true } as const;

const learned = (title: string): AppliedScheme => ({ ...applied, scheme: 'learned', title });

describe('trained weights', () => {
  it.each<readonly [string, boolean, readonly WeightReport[]]>([
    ['tails and biases that have moved', true, [weight('kernel', 4096, tailed), weight('bias', 64, tailed)]],
    ['tails and norms that have moved', true, [weight('kernel', 4096, tailed), weight('gamma', 64, normal), weight('running mean', 64, normal)]],
    ['tails alone, of a file that has nothing else', true, [weight('kernel', 4096, tailed)]],
    ['a normal draw', false, [weight('kernel', 4096, normal), weight('bias', 64, () => 0)]],
    ['a uniform draw with uniform biases', false, [weight('kernel', 4096, () => random() - 0.5), weight('bias', 64, () => random() - 0.5)]],
    ['normal biases of kernels that were drawn', false, [weight('kernel', 4096, normal), weight('bias', 64, normal)]],
    ['a sparse draw beside biases of zero', false, [weight('kernel', 4096, () => (random() < 0.9 ? 0 : normal())), weight('bias', 64, () => 0)]],
    ['what Initscope drew itself', false, [weight('kernel', 4096, tailed, { applied }), weight('bias', 64, () => 0)]],
    ['what First Steps have trained, however small', true, [weight('kernel', 64, normal, { applied: learned('Trained 50 steps, SGD, digits') })]],
    ['what machines have learned to start from', false, [weight('kernel', 4096, tailed, { applied: learned('DBN, CD-1, 20 epochs, seed 3, digits') })]],
    ['kernels too small to tell, with norms at 0 and 1', false, [weight('kernel', 64, tailed), weight('gamma', 8, () => 1), weight('bias', 16, tailed)]],
    ['kernels too small to tell, with norms that have moved', true, [weight('kernel', 64, tailed), weight('gamma', 8, normal), weight('beta', 8, normal)]],
  ])('%s: %s', (_, expected, weights) => expect(isTrained(network(...weights))).toBe(expected));
});
