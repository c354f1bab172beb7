import { describe, expect, it } from 'vitest';

import { prospectOf } from '../../../../src/core/report/outlook';
import { remediesOf } from '../../../../src/core/report/remedies';
import { detectLayers } from '../../../../src/core/layers/detect';
import type { WeightStatistics } from '../../../../src/protocol/report';
import type { Remedy } from '../../../../src/protocol/verdict';
import { NetworkBuilder } from '../../support/graphs';

/** So many dense layers of 64 units; the kernels' standard deviations are what ReLU needs, times a factor for each. */
function remedies(activation: string, factors: readonly number[]): readonly Remedy[] {
  const b = new NetworkBuilder();
  let x = b.input('x', 'float32', ['n', 64]);
  factors.forEach((_, i) => { x = b.add(activation, [b.add('Gemm', [x, b.weight(`w${i}`, [64, 64]), b.weight(`b${i}`, [64])], { transB: 1 })]); });
  const graph = b.finish(b.add('Gemm', [x, b.weight('w', [10, 64]), b.weight('b', [10])], { transB: 1 }));
  const of = (std: number, count: number): WeightStatistics => ({ count, mean: 0, std, min: -3 * std, max: 3 * std, zeros: 0, nonFinite: 0 });
  const statistics = new Map([
    ...factors.flatMap((factor, i) => [[`w${i}`, of(factor * Math.sqrt(2 / 64), 4096)], [`b${i}`, of(0, 64)]] as const),
    ['w', of(1 / 8, 640)] as const, ['b', of(0, 10)] as const,
  ]);
  return remediesOf(prospectOf({ graph, layers: detectLayers(graph), statistics }));
}

describe('what would help most', () => {
  it('is nothing of a network that is well', () => expect(remedies('Relu', [1, 1, 1, 1, 1, 1])).toEqual([]));
  it('is the one layer that is out of scale, before all of them', () => {
    const found = remedies('Relu', [1, 1, 1, 0.001, 1, 1]);
    expect(found[0]).toMatchObject({ scheme: 'recommended', title: 'Recommended, w3 alone', layers: ['w3'] });
    expect(found[0]?.effect).toMatch(/^keeps the gradient within \d/);
    expect(found.map(({ title }) => title)).toContain('Recommended, all layers');
  });
  it('is every layer where all are off, in the order of what they do', () => {
    const found = remedies('Relu', Array.from({ length: 20 }, () => 0.4));
    expect(found.map(({ title }) => title).slice(0, 2)).toEqual(['Recommended, all layers', 'He normal, all layers']);
    // Xavier's σ² is half of what ReLU needs, and twenty layers of that leave a millionth.
    expect(found.some(({ scheme }) => scheme === 'xavier-normal')).toBe(false);
  });
  it('is told where nothing saves it, if it is less bad', () => {
    const found = remedies('Softplus', Array.from({ length: 20 }, () => 0.01));
    expect(found.every(({ effect }) => !effect.startsWith('keeps'))).toBe(true);
    expect(found.length).toBeGreaterThan(0);
  });
});
