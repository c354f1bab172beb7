/** Which layers are found again: by name, by what they compute with, and in order, however many there are. */
import { describe, expect, it } from 'vitest';

import { align } from '../../../../src/core/comparison/alignment';
import { pairLayers } from '../../../../src/core/comparison/pairing';
import type { LayerReport, WeightReport } from '../../../../src/protocol/report';
import { createRandom } from '../../support/random';

function layer(name: string, into: number, out: number, change: Partial<LayerReport> = {}): LayerReport {
  const kernel: WeightReport = {
    id: `${name}.weight`, name: `${name}.weight`, role: 'kernel', dtype: 'float32', shape: [into, out], storage: 'raw', place: null, parameters: into * out,
    fanIn: into, fanOut: out, conventions: [], parts: [], tied: [], statistics: null, looksLike: null, recommendation: null,
  };
  return {
    name, op: 'Gemm', detail: '', scope: '', activation: 'Relu', normalization: null, residual: null, isHead: false, weights: [kernel], ...change,
  };
}

const named = (left: readonly LayerReport[], right: readonly LayerReport[]): readonly string[] => (
  pairLayers(left, right).map((pair) => `${pair.left?.name ?? '–'} ${pair.right?.name ?? '–'}`));
const mlp = [layer('fc1', 784, 256), layer('fc2', 256, 128), layer('fc3', 128, 10)];

describe('layers', () => {
  it('are found again by their names, in whatever order', () => {
    expect(named(mlp, mlp)).toEqual(['fc1 fc1', 'fc2 fc2', 'fc3 fc3']);
    expect(named(mlp, mlp.toReversed())).toEqual(['fc3 fc3', 'fc2 fc2', 'fc1 fc1']);
  });
  it('are found again under other names by what they compute with, stored as it may be', () => {
    const renamed = [layer('a', 784, 256), layer('b', 256, 128), layer('c', 128, 10)].map((each) => ({
      ...each, op: 'MatMul', weights: each.weights.map((weight) => ({ ...weight, shape: weight.shape.toReversed() })),
    }));
    expect(named(mlp, renamed)).toEqual(['fc1 a', 'fc2 b', 'fc3 c']);
  });
  it('are told from one that was put in, or taken out', () => {
    const inserted = [...mlp.slice(0, 1), layer('new', 256, 256), ...mlp.slice(1)];
    expect(named(mlp, inserted)).toEqual(['fc1 fc1', '– new', 'fc2 fc2', 'fc3 fc3']);
    expect(named(inserted, mlp)).toEqual(['fc1 fc1', 'new –', 'fc2 fc2', 'fc3 fc3']);
    expect(named(mlp, mlp.slice(0, 2))).toEqual(['fc1 fc1', 'fc2 fc2', 'fc3 –']);
  });
  it('are known by their structure where a layer that was put in moved the numbers they are called by', () => {
    const numbered = (...sizes: readonly number[]): readonly LayerReport[] => sizes.slice(1).map((out, i) => layer(`Gemm_${i}`, sizes[i] ?? 0, out));
    expect(named(numbered(784, 256, 128, 10), numbered(784, 256, 256, 128, 10))).toEqual(['Gemm_0 Gemm_0', '– Gemm_1', 'Gemm_1 Gemm_2', 'Gemm_2 Gemm_3']);
  });
  it('are changed, rather than others, where name or place stays', () => {
    const wider = [layer('fc1', 784, 512), layer('fc2', 512, 128), layer('fc3', 128, 10)];
    expect(named(mlp, wider)).toEqual(['fc1 fc1', 'fc2 fc2', 'fc3 fc3']);
    const others = [layer('a', 784, 512), layer('b', 512, 128), layer('c', 128, 10)];
    expect(named(mlp, others)).toEqual(['fc1 a', 'fc2 b', 'fc3 c']);
    expect(named(mlp, [layer('x', 784, 512, { op: 'Conv' }), ...mlp.slice(1)])).toEqual(['fc1 –', '– x', 'fc2 fc2', 'fc3 fc3']);
    expect(named(mlp, [layer('fc1', 784, 512, { op: 'Conv' }), ...mlp.slice(1)])).toEqual(['fc1 fc1', 'fc2 fc2', 'fc3 fc3']);
  });
  it('may be none', () => {
    expect(named([], [])).toEqual([]);
    expect(named([], mlp)).toEqual(['– fc1', '– fc2', '– fc3']);
    expect(named(mlp, [])).toEqual(['fc1 –', 'fc2 –', 'fc3 –']);
  });
  it('are each in one pair, all of five thousand under other names', () => {
    const random = createRandom(3);
    const sizes = Array.from({ length: 5000 }, () => 1 + Math.floor(random() * 8));
    const left = sizes.map((size, i) => layer(`l${i}`, size, 3));
    const right = sizes.filter((_, i) => i % 50 !== 7).map((size, i) => layer(`r${i}`, size, 3));
    const pairs = pairLayers(left, right);
    expect(pairs.filter((pair) => pair.left && pair.right)).toHaveLength(right.length);
    expect(new Set(pairs.flatMap((pair) => pair.left ?? [])).size).toBe(left.length);
    expect(new Set(pairs.flatMap((pair) => pair.right ?? [])).size).toBe(right.length);
    expect(pairs).toHaveLength(left.length);
  });
});

/** By the table of all prefixes. */
function longest(a: readonly string[], b: readonly string[]): number {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const [above, beside, before] = [table[i - 1]?.[j] ?? 0, table[i]?.[j - 1] ?? 0, table[i - 1]?.[j - 1] ?? 0];
      table[i]?.splice(j, 1, a[i - 1] === b[j - 1] ? before + 1 : Math.max(above, beside));
    }
  }
  return table[a.length]?.[b.length] ?? 0;
}

describe('an alignment', () => {
  it('is as long as the longest common subsequence, rises, and pairs what is equal', () => {
    const random = createRandom(11);
    const draw = (): readonly string[] => Array.from({ length: Math.floor(random() * 12) }, () => 'abc'.charAt(Math.floor(random() * 3)));
    for (let trial = 0; trial < 500; trial++) {
      const [a, b] = [draw(), draw()];
      const pairs = align(a, b);
      expect(pairs, `${a.join('')} ${b.join('')}`).toHaveLength(longest(a, b));
      for (const [at, [left, right]] of pairs.entries()) {
        expect(a[left]).toBe(b[right]);
        expect(left > (pairs[at - 1]?.[0] ?? -1) && right > (pairs[at - 1]?.[1] ?? -1)).toBe(true);
      }
    }
  });
});
