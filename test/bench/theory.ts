/** What theory says of deep networks, once their structure is read. */
import { indexGraph } from '../../src/core/graph/order';
import { detectLayers } from '../../src/core/layers/detect';
import { inferShapes, openShapes } from '../../src/core/layers/shapes';
import { schemeTheory } from '../../src/core/theory/schemeTheory';
import { wayThrough } from '../../src/core/theory/way';
import { deepNetworks } from './deepNetworks';
import { judge } from './table';

const layerCount = 5000;
const targetMs = 100;
const rounds = 5;

export function measureTheory(): void {
  for (const [name, make] of Object.entries(deepNetworks)) {
    const times = Array.from({ length: rounds }, () => {
      const { graph, statistics } = make(layerCount);
      const [layers, index] = [detectLayers(graph), indexGraph(graph)];
      const shapes = inferShapes(index, openShapes(graph, 8, 16));
      const momentsOf = (id: string): { readonly mean: number; readonly second: number } | null => {
        const { mean = null, std = null } = statistics.get(id) ?? {};
        return mean === null || std === null ? null : { mean, second: mean ** 2 + std ** 2 };
      };
      // Read once of a network, whatever its weights are.
      wayThrough(index);
      const start = performance.now();
      const shapeOf = (value: string): readonly number[] | null => shapes.get(value) ?? null;
      schemeTheory({ index, layers, scheme: 'current', momentsOf, recommendedOf: momentsOf, shapeOf, isPredictable: true });
      return performance.now() - start;
    });
    judge(`theory of ${layerCount} layers: ${name}`, Math.min(...times), targetMs);
  }
}
