/** Responses, fixed points and spreads of layers: beside mpmath's quadrature, and draws. */
import { describe, expect, it } from 'vitest';

import type { LayerResponse } from '../../../../src/protocol/simulation';
import { operators } from '../../../../src/core/ops/registry';
import type { Activation } from '../../../../src/core/ops/spec';
import { indexGraph } from '../../../../src/core/graph/order';
import { detectLayers } from '../../../../src/core/layers/detect';
import { responseOf } from '../../../../src/core/theory/response';
import { schemeTheory } from '../../../../src/core/theory/schemeTheory';
import { NetworkBuilder, present } from '../../support/graphs';
import { createRandom } from '../../support/random';

function named(op: string): Activation {
  return present(operators.get(op)?.activation?.({ op, domain: '', name: op, inputs: ['x'], outputs: ['y'], attributes: {} }, () => null));
}

describe('a response at unit variance, where E f² = 1 by the kernel', () => {
  // Slope of the variance map and χ⊥: mpmath's quadrature.
  it.each([
    ['Gelu', 1.1441, 1.0720], ['Tanh', 0.4611, 1.1778], ['Elu', 0.8910, 1.0359], ['Selu', 0.7826, 1.0716], ['Softplus', 0.4921, 0.3185],
  ])('%s', (op, parallel, perpendicular) => {
    const activation = named(op);
    const unit = { mean: 0, second: 1 };
    const { perpendicular: perpendicularOf1, parallel: parallelOf1 } = responseOf({ activation, preactivation: unit, weights: 1, biases: 0 });
    const second = parallelOf1 / parallel;
    expect(perpendicularOf1 / second).toBeCloseTo(perpendicular, 3);
  });
});

describe('a fixed point', () => {
  const tanh = named('Tanh');
  it('is stable where a change of variance shrinks', () => {
    const { fixedPoint, stack } = responseOf({ activation: tanh, preactivation: { mean: 0, second: 1 }, weights: 1.5 ** 2, biases: 0.05 });
    const { variance, isStable } = present(fixedPoint);
    expect(isStable).toBe(true);
    expect(stack).toBe('towards zero');
    const there = responseOf({ activation: tanh, preactivation: { mean: 0, second: variance }, weights: 1.5 ** 2, biases: 0.05 });
    expect(there.parallel).toBeLessThan(1);
    // Iterating the map comes to it.
    let k = 1;
    const random = createRandom(3);
    const normals = Array.from({ length: 200_000 }, () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
    for (let step = 0; step < 30; step++) {
      const root = Math.sqrt(k);
      k = 1.5 ** 2 * normals.reduce((sum, z) => sum + Math.tanh(root * z) ** 2, 0) / normals.length + 0.05;
    }
    expect(variance / k).toBeCloseTo(1, 1);
  });
  it('of SiLU and GELU with the gain that keeps unit variance is left again', () => {
    const gelu = named('Gelu');
    const { fixedPoint } = responseOf({ activation: gelu, preactivation: { mean: 0, second: 1 }, weights: 1 / 0.42522, biases: 0 });
    expect(present(fixedPoint).variance).toBeCloseTo(1, 2);
    expect(present(fixedPoint).isStable).toBe(false);
  });
  it('is none of ReLU, which keeps every variance or none', () => {
    expect(responseOf({ activation: named('Relu'), preactivation: { mean: 0, second: 3 }, weights: 2, biases: 0 }).fixedPoint).toBeNull();
    expect(responseOf({ activation: named('Relu'), preactivation: { mean: 0, second: 3 }, weights: 2, biases: 0 }).depthScale).toBeGreaterThan(1e6);
  });
});

describe('the spread over draws', () => {
  const [width, depth, draws] = [48, 6, 400];
  const variance = (op: string): number => (op === 'Relu' ? 2 : 1.3) / width;

  function responses(op: string): readonly LayerResponse[] {
    const b = new NetworkBuilder();
    let x = b.input('x', 'float32', [1, width]);
    for (let layer = 0; layer < depth; layer++) x = b.add(op, [b.add('MatMul', [x, b.weight(`w${layer}`, [width, width])])]);
    const graph = b.finish(x);
    const momentsOf = (): { readonly mean: number; readonly second: number } => ({ mean: 0, second: variance(op) });
    const { layers } = schemeTheory({ index: indexGraph(graph), layers: detectLayers(graph), scheme: 'current', momentsOf, recommendedOf: momentsOf,
      shapeOf: () => null, isPredictable: true, withResponses: () => true });
    return layers.map(({ response }) => present(response));
  }

  it.each(['Relu', 'Tanh'])('is that of draws: %s', (op) => {
    const said = responses(op);
    const { f } = named(op);
    const random = createRandom(11);
    const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const logs = Array.from({ length: depth }, (): number[] => []);
    for (let draw = 0; draw < draws; draw++) {
      let x: readonly number[] = Array.from({ length: width }, (_, i) => (i % 2 === 0 ? 1 : -1));
      for (let layer = 0; layer < depth; layer++) {
        const from = x;
        const z = from.map(() => from.reduce((sum, each) => sum + Math.sqrt(variance(op)) * normal() * each, 0));
        logs[layer]?.push(Math.log(z.reduce((sum, each) => sum + each ** 2, 0) / width));
        x = z.map(f);
      }
    }
    logs.forEach((values, layer) => {
      const mean = values.reduce((sum, each) => sum + each, 0) / draws;
      const std = Math.sqrt(values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / draws);
      // 400 draws tell a deviation to 4 %.
      expect(Math.abs(present(said[layer]?.spread) / std - 1)).toBeLessThan(0.15);
    });
    expect(present(said[0]).toInput).toBeCloseTo(1, 12);
    expect(present(said[0]?.toOutput) / present(said[1]?.toOutput)).toBeCloseTo(present(said[0]).perpendicular, 1);
  });
});
