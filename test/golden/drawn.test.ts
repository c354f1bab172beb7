import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { inferInitializer } from '../../src/core/initializers/inference';
import type { Layer } from '../../src/core/layers/layer';
import type { WeightStatistics } from '../../src/protocol/report';
import type { NetworkBuilder } from '../unit/support/graphs';
import { layersOf, present } from '../unit/support/graphs';

interface Drawn {
  readonly what: string;
  /** How what the inspector says begins; null for nothing. */
  readonly says: string | null;
  /** The library whose fans were taken. */
  readonly miscounted: string | null;
  readonly op: string;
  readonly shape: readonly number[];
  readonly attributes: Readonly<Record<string, number | readonly number[]>>;
  readonly statistics: WeightStatistics;
}

const drawn = JSON.parse(readFileSync(path.join(import.meta.dirname, 'drawn.json'), 'utf8')) as readonly Drawn[];

/** The layer such a tensor is the weight of. */
function layerOf({ op, shape, attributes }: Drawn): Layer {
  const [first = 1, second = 1] = shape;
  const weight = (b: NetworkBuilder): string => b.weight('w', shape);
  const layers = layersOf((b) => {
    switch (op) {
      case 'Gemm': return b.add('Gemm', [b.input('x', 'float32', ['n', second]), weight(b)], { transB: 1 });
      case 'MatMul': return b.add('MatMul', [b.input('x', 'float32', ['n', first]), weight(b)]);
      case 'Gather': return b.add('Gather', [weight(b), b.input('ids', 'int64', ['n'])]);
      case 'LSTM': {
        const x = b.input('x', 'float32', ['t', 'n', shape[2] ?? 1]);
        return b.add('LSTM', [x, weight(b), b.weight('r', [1, second, second / 4])], { hidden_size: second / 4 });
      }
      case 'packed': {
        const parts = b.addMany('Split', [b.add('Gemm', [b.input('x', 'float32', ['n', second]), weight(b)], { transB: 1 })], 3, { axis: -1, num_outputs: 3 });
        return b.add('Concat', parts, { axis: 1 });
      }
      default: return b.add(op, [b.input('x', 'float32', ['n', op === 'ConvTranspose' ? first : second, 64, 64]), weight(b)], attributes);
    }
  });
  return present(layers[0]);
}

describe('what a library has drawn is told by its name', () => {
  it.each(drawn.map((row) => [row.what, row] as const))('%s', (_, row) => {
    const layer = layerOf(row);
    const match = inferInitializer(layer, present(layer.weights.find((weight) => weight.name === 'w')), row.statistics);
    if (row.says === null) expect(match).toBeNull();
    else expect(match?.title.slice(0, row.says.length)).toBe(row.says);
    expect(match?.miscounted?.library ?? null).toBe(row.miscounted);
  });
});
