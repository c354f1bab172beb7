/** What theory says of one layer, as the inspector asks for it. */
import { describe, expect, it } from 'vitest';

import { detectLayers } from '../../../../src/core/layers/detect';
import { prospectOf } from '../../../../src/core/report/outlook';
import type { WeightStatistics } from '../../../../src/protocol/report';
import { NetworkBuilder, present } from '../../support/graphs';

describe('the response of a layer', () => {
  const b = new NetworkBuilder();
  let x = b.input('x', 'float32', ['n', 64]);
  for (const op of ['Relu', 'Tanh', 'Softmax']) x = b.add(op, [b.add('MatMul', [x, b.weight(`w${op}`, [64, 64])])]);
  const graph = b.finish(x);
  const std = Math.sqrt(2 / 64);
  const statistics = new Map(['wRelu', 'wTanh', 'wSoftmax'].map((name): readonly [string, WeightStatistics] => (
    [name, { count: 4096, mean: 0, std, min: -3 * std, max: 3 * std, zeros: 0, nonFinite: 0 }])));
  const { foresightOf } = prospectOf({ graph, layers: detectLayers(graph), statistics });

  it('of ReLU with E w² = 2 / n is critical, and has no fixed point', () => {
    const { perpendicular, parallel, fixedPoint, stack } = present(foresightOf('wRelu').response);
    expect(perpendicular).toBeCloseTo(1, 5);
    expect(parallel).toBeCloseTo(1, 5);
    expect({ fixedPoint, stack }).toEqual({ fixedPoint: null, stack: 'scale-invariant' });
  });
  it('of tanh comes to a stable one, at C_W = 2 of K = 0.61796', () => {
    // 2 E tanh² = K: findroot over mpmath's quadrature.
    const { variance, isStable } = present(present(foresightOf('wTanh').response).fixedPoint);
    expect(variance).toBeCloseTo(0.617964770, 5);
    expect(isStable).toBe(true);
  });
  it('is none of a layer without a function of single elements, and of a name that is none', () => {
    for (const name of ['wSoftmax', 'nobody']) expect(foresightOf(name)).toEqual({ response: null, throughTime: null });
  });
});
