import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { networkOf } from '../../src/core/initializers/network';
import { drawWeight } from '../../src/core/initializers/recipes';
import type { Resolved } from '../../src/core/initializers/resolved';
import type { Layer } from '../../src/core/layers/layer';
import type { NetworkBuilder } from '../unit/support/graphs';
import { layersOf, present } from '../unit/support/graphs';

interface Row {
  readonly library: 'pytorch' | 'keras';
  readonly what: string;
  readonly op: string;
  readonly attributes: Readonly<Record<string, number | readonly number[]>>;
  readonly weights: readonly {
    readonly name: string; readonly shape: readonly number[]; readonly count: number; readonly mean: number; readonly std: number; readonly largest: number;
  }[];
}

const rows = JSON.parse(readFileSync(path.join(import.meta.dirname, 'defaults.json'), 'utf8')) as readonly Row[];

function layersWith({ op, attributes, weights }: Row): readonly Layer[] {
  return layersOf((b: NetworkBuilder) => {
    const names = weights.map(({ name, shape }) => b.weight(name, shape));
    const [first = 1, second = 1, third = 1] = weights[0]?.shape ?? [];
    const [kernel = '', bias = ''] = names;
    const matrix = (inputs: number): string => b.input('x', 'float32', ['n', inputs]);
    switch (op) {
      case 'Gemm': return b.add('Gemm', [matrix(second), ...names], attributes);
      case 'MatMul': return b.add('Add', [b.add('MatMul', [matrix(first), kernel]), bias]);
      case 'Gather': return b.add('Gather', [kernel, b.input('ids', 'int64', ['n'])]);
      case 'PRelu': return b.add('PRelu', [matrix(first), kernel]);
      case 'LSTM': case 'GRU': case 'RNN': return b.add(op, [b.input('x', 'float32', ['t', 'n', third]), ...names], attributes);
      case 'packed': {
        const product = b.add('Gemm', [matrix(second), ...names], { transB: 1 });
        return b.add('Concat', b.addMany('Split', [product], 3, { axis: -1, num_outputs: 3 }), { axis: 1 });
      }
      default: return b.add(op, [b.input('x', 'float32', ['n', op === 'ConvTranspose' ? first : 'c', 9, 9]), ...names], attributes);
    }
  });
}

describe.each(rows)('$library: $what', (row) => {
  const layers = layersWith(row);
  it.each(row.weights)('$name starts as there', ({ name, count, mean, std, largest }) => {
    const layer = present(layers.find(({ weights }) => weights.some((weight) => weight.name === name)));
    const weight = present(layer.weights.find((each) => each.name === name));
    const drawn = present(drawWeight({ layer, weight, network: networkOf(layers) }, { scheme: row.library }));
    const { resolved }: { readonly resolved: Resolved } = present(drawn.blocks[0]);
    if (resolved.sampler.kind === 'constant') {
      expect([std, mean]).toEqual([0, resolved.sampler.value]);
      return;
    }
    // Five standard errors of a normal's standard deviation; six digits are written down.
    expect(Math.abs(resolved.std / std - 1)).toBeLessThan(5 / Math.sqrt(2 * count) + 1e-5);
    if (resolved.sampler.kind !== 'uniform') return;
    // The largest of n uniform draws is nearer to the bound than 1 − t with probability 1 − e^(−nt): t = 20/n in all but 2 of 10⁹.
    expect(largest).toBeLessThanOrEqual(resolved.sampler.high * (1 + 1e-5));
    expect(largest).toBeGreaterThan(resolved.sampler.high * (1 - 20 / count));
  });
});
