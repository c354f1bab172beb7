/** What theory says of the gradients of weights, against PyTorch over many draws (weight_gradients.py): nothing is run here. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { indexGraph } from '../../src/core/graph/order';
import { inferShapes, openShapes } from '../../src/core/layers/shapes';
import { schemeTheory } from '../../src/core/theory/schemeTheory';
import type { TensorMoments } from '../../src/core/theory/signal';
import { nothing } from '../../src/core/theory/signal';
import { network, openText } from '../unit/formats/initscope/networks';
import type { Json } from '../unit/formats/initscope/networks';
import { present } from '../unit/support/graphs';

interface Golden {
  /** Kernels have gain² / fan_in for their variance; biases are zero. */
  readonly gain: number;
  readonly batch: number;
  readonly shape: readonly number[];
  /** By layer: of the gradient's elements, on average over draws, where noise of unit variance is at the outputs. */
  readonly variances: Readonly<Record<string, number>>;
}

const goldens = JSON.parse(readFileSync(path.join(import.meta.dirname, 'weight_gradients.json'), 'utf8')) as Readonly<Record<string, Golden>>;

/** The modules of weight_gradients.py. */
const networks: Readonly<Record<string, readonly Json[]>> = {
  mlp: [{ repeat: 3, layers: [{ dense: 256, activation: 'tanh' }] }, { dense: 64 }],
  convolutions: [
    { conv: 64, padding: [1, 1], activation: 'relu' }, { conv: 64, stride: 2, padding: [1, 1], groups: 4, activation: 'relu' },
    { conv: 96, kernel: 5, padding: 'valid', activation: 'relu' }, 'global-average-pool', { dense: 32 },
  ],
  lstm: [{ lstm: 128, returns: 'last' }, { dense: 32 }],
  gru: [{ gru: 128, returns: 'last' }, { dense: 32 }],
};

/** Of convolutions at the borders of small images what two layers do is not the product of what each does on average. */
const near: Readonly<Record<string, number>> = { mlp: 1.02, convolutions: 1.15, lstm: 1.05, gru: 1.05 };

describe('the gradients of weights are those of PyTorch', () => {
  it.each(Object.entries(goldens))('%s', (name, { gain, batch, shape, variances }) => {
    const { graph, layers } = openText(JSON.stringify(network(shape, present(networks[name]))));
    const index = indexGraph(graph);
    const shapes = inferShapes(index, openShapes(graph, batch, 1));
    const weights = new Map(layers.flatMap((layer) => layer.weights.map((weight) => [weight.id, weight] as const)));
    const momentsOf = (id: string): TensorMoments | null => {
      const weight = weights.get(id);
      return weight ? weight.fans ? { mean: 0, second: gain ** 2 / weight.fans.fanIn } : nothing : null;
    };
    const theory = schemeTheory({
      index, layers, scheme: 'current', momentsOf, recommendedOf: momentsOf, shapeOf: (value) => shapes.get(value) ?? null,
      isPredictable: true, withWeights: true,
    });
    expect(theory.unpredicted).toEqual([]);
    const said = theory.layers.map((layer) => present(layer.gradient.weight));
    const is = Object.entries(variances).toSorted(([a], [b]) => Number(a.startsWith('dense')) - Number(b.startsWith('dense'))).map(([, value]) => value);
    expect(said).toHaveLength(is.length);
    said.forEach((value, i) => {
      expect(Math.abs(Math.log(value / present(is[i])))).toBeLessThan(Math.log(present(near[name])));
    });
  });
});
