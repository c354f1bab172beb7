/** Low-rank updates beside a layer, and in its kernel. */
import { describe, expect, it } from 'vitest';

import { recommend } from '../../../../src/core/initializers/recommendation';
import { detectLayers } from '../../../../src/core/layers/detect';
import { createReport } from '../../../../src/core/report/report';
import type { WeightStatistics } from '../../../../src/protocol/report';
import { modelOf, NetworkBuilder, present } from '../../support/graphs';

const input = (b: NetworkBuilder): string => b.input('x', 'float32', ['n', 16]);
const forms: readonly (readonly [string, (b: NetworkBuilder) => string])[] = [
  ['beside it', (b) => {
    const x = input(b);
    const update = b.add('MatMul', [b.add('MatMul', [x, b.weight('A', [16, 4])]), b.weight('B', [4, 32])]);
    return b.add('Relu', [b.add('Add', [b.add('MatMul', [x, b.weight('W', [16, 32])]), b.add('Mul', [update, b.scalar(2)])])]);
  }],
  ['in its kernel', (b) => {
    const update = b.add('MatMul', [b.weight('A', [16, 4]), b.weight('B', [4, 32])]);
    return b.add('Relu', [b.add('MatMul', [input(b), b.add('Add', [b.weight('W', [16, 32]), update])])]);
  }],
];
const histogram = { min: 0, max: 0, counts: [64] };
const measured = (std: number): WeightStatistics => (
  { count: 64, mean: 0, std, min: -std, max: std, zeros: std === 0 ? 64 : 0, nonFinite: 0, histogram });

describe.each(forms)('a low-rank update %s', (_, build) => {
  const builder = new NetworkBuilder();
  const graph = builder.finish(build(builder));
  const layers = detectLayers(graph);
  /** What is found of factors of these scales, W being in its own. */
  function found(a: number, b: number): readonly (readonly [string, string])[] {
    const statistics = new Map([['W', measured(Math.sqrt(2 / 16))], ['A', measured(a)], ['B', measured(b)]]);
    const { diagnostics } = createReport({ model: modelOf(graph, 21), layers, findings: [], statistics, applied: new Map() });
    return diagnostics.map(({ severity, code }) => [severity, code]);
  }

  it('starts as its authors start it', () => {
    const advised = new Map(layers.flatMap((layer) => layer.weights.map((weight) => [weight.name, recommend(layer, weight)?.recommendation])));
    expect(present(advised.get('A'))).toMatchObject({ title: 'U(±0.25)', distribution: 'uniform', bound: 0.25 });
    expect(present(advised.get('B'))).toMatchObject({ title: 'Zeros' });
  });

  it('is right where its second factor is zero, whatever the scale of the first', () => {
    expect(found(0.14, 0)).toEqual([]);
    expect(found(3, 0)).toEqual([]);
  });

  it('is dead where both are, and trained where the second is not', () => {
    expect(found(0, 0)).toEqual([['warning', 'dead-update']]);
    expect(found(0.14, 0.2)).toEqual([['info', 'trained-update']]);
    // As others start it, with the first one at zero: it learns all the same.
    expect(found(0, 0.2)).toEqual([['info', 'trained-update']]);
  });
});
