import { describe, expect, it } from 'vitest';

import { createRecipes } from '../../../../src/core/initializers/recipes';
import { recommend } from '../../../../src/core/initializers/recommendation';
import { edgeOf } from '../../../../src/core/theory/edge';
import { kernelOf, layersOf, present } from '../../support/graphs';

/** E g(x), x ~ N(0, K), by the trapezoidal rule, which converges exponentially for smooth integrands that vanish at both ends. */
function mean(variance: number, g: (x: number) => number): number {
  const sigma = Math.sqrt(variance);
  const step = sigma / 50;
  let sum = 0;
  for (let i = -600; i <= 600; i++) sum += g(i * step) * Math.exp(-((i * step) ** 2) / (2 * variance));
  return sum * step / (sigma * Math.sqrt(2 * Math.PI));
}
const slopeOfTanh = (x: number): number => 1 - Math.tanh(x) ** 2;
const tanh = { f: Math.tanh, df: slopeOfTanh, kinks: [] };

/** So many layers of 32 units with tanh, and an output. */
const stack = (depth: number): ReturnType<typeof layersOf> => layersOf((b) => {
  let x = b.input('x', 'float32', ['n', 32]);
  for (let i = 0; i < depth; i++) x = b.add('Tanh', [b.add('Gemm', [x, b.weight(`w${i}`, [32, 32]), b.weight(`b${i}`, [32])], { transB: 1 })]);
  return b.add('Gemm', [x, b.weight('w', [10, 32]), b.weight('b', [10])], { transB: 1 });
});

describe('the edge of chaos', () => {
  it.each([10, 40, 100, 1000])('keeps signal and gradient of tanh, and lets biases be half of a signal after %d layers at most', (depth) => {
    const { variance, weights, biases } = present(edgeOf(tanh, depth));
    expect(weights * mean(variance, (x) => slopeOfTanh(x) ** 2)).toBeCloseTo(1, 6);
    expect(weights * mean(variance, (x) => Math.tanh(x) ** 2) + biases).toBeCloseTo(variance, 6);
    expect(depth * biases / variance).toBeLessThanOrEqual(0.5);
    expect(depth * biases / variance).toBeGreaterThan(0.2);
  });
  it('is nowhere for functions that keep no variance', () => {
    // What is always 1 has no gradient to keep.
    expect(edgeOf({ f: () => 1, df: () => 0, kinks: [] }, 50)).toBeNull();
  });
  it('is where tanh starts whose depth no gain without biases serves', () => {
    const layers = stack(50);
    const { variance, weights, biases } = present(edgeOf(tanh, 50));
    const [first, second] = layers;
    const head = layers.at(-1);
    const of = (layer: typeof first) => present(recommend(present(layer), kernelOf(present(layer)))).recommendation;
    expect(of(first).std).toBeCloseTo(Math.sqrt((variance - biases) / 32), 12);
    expect(of(second).std).toBeCloseTo(Math.sqrt(weights / 32), 12);
    expect(of(head).std * Math.sqrt(32 * (variance - biases) / weights)).toBeCloseTo(Math.sqrt(1 / 3), 9);
    expect(of(second)).toMatchObject({ source: 'Schoenholz et al. 2017, section 3',
      reason: expect.stringContaining('Tanh follows, 50 times in a row') as string });
    const drawn = createRecipes(layers, { scheme: 'recommended', seed: 0 }).find(({ tensorId }) => tensorId === 'b7');
    expect(drawn?.blocks).toMatchObject([{ sampler: { kind: 'normal', std: expect.closeTo(Math.sqrt(biases), 12) as number } }]);
  });
  it('is left to a gain where that serves', () => {
    const [, second] = stack(20);
    const { reason } = present(recommend(present(second), kernelOf(present(second)))).recommendation;
    expect(reason).toContain('over that depth gain');
    const drawn = createRecipes(stack(20), { scheme: 'recommended', seed: 0 }).find(({ tensorId }) => tensorId === 'b7');
    expect(drawn?.blocks).toMatchObject([{ sampler: { kind: 'constant', value: 0 } }]);
  });
});
