/** What theory costs: nothing that grows faster than the network, no integral twice. Counted, not timed. */
import { afterEach, describe, expect, it, vi } from 'vitest';

import { deepNetworks } from '../../../bench/deepNetworks';
import { indexGraph } from '../../../../src/core/graph/order';
import { detectLayers } from '../../../../src/core/layers/detect';
import { inferShapes, openShapes } from '../../../../src/core/layers/shapes';
import { outlook, prospectOf } from '../../../../src/core/report/outlook';
import { schemeTheory } from '../../../../src/core/theory/schemeTheory';
import { present } from '../../support/graphs';

afterEach(() => {
  vi.restoreAllMocks();
});

/** How often moments and shapes are asked for. */
function questions(name: string, layerCount: number): number {
  const { graph, statistics } = present(deepNetworks[name])(layerCount);
  const [index, layers] = [indexGraph(graph), detectLayers(graph)];
  const shapes = inferShapes(index, openShapes(graph, 8, 16));
  let asked = 0;
  const momentsOf = (id: string): { readonly mean: number; readonly second: number } | null => {
    asked++;
    const { mean = null, std = null } = statistics.get(id) ?? {};
    return mean === null || std === null ? null : { mean, second: mean ** 2 + std ** 2 };
  };
  const shapeOf = (value: string): readonly number[] | null => {
    asked++;
    return shapes.get(value) ?? null;
  };
  schemeTheory({ index, layers, scheme: 'current', momentsOf, recommendedOf: momentsOf, shapeOf, isPredictable: true });
  return asked;
}

describe('a prediction', () => {
  it.each(Object.keys(deepNetworks))('asks as often per layer of a deep network as of a shallow one: %s', (name) => {
    const [short, long] = [questions(name, 120), questions(name, 1200)];
    expect(long).toBeLessThan(10.5 * short);
    expect(long).toBeLessThan(40 * 1200);
  });

  it('integrates a function once at each scale, however many layers have it', () => {
    const evaluations = vi.spyOn(Math, 'tanh');
    const cost = (layerCount: number): number => {
      const { graph, statistics } = present(deepNetworks['dense and tanh'])(layerCount);
      const layers = detectLayers(graph);
      evaluations.mockClear();
      outlook(prospectOf({ graph, layers, statistics }));
      return evaluations.mock.calls.length;
    };
    cost(100);
    // All scales but a few are known; what is left is to recognise the function of each node, at a few points.
    expect(cost(1000)).toBeLessThan(50 * 1000);
  });
});
