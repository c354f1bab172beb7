import { describe, expect, it } from 'vitest';

import { orthogonalMatrix } from '../../../../src/core/initializers/orthogonal';
import { createSampler, sampleElements } from '../../../../src/core/initializers/sampling';
import type { Recipe } from '../../../../src/protocol/recipe';
import { deviation } from '../../support/orthogonality';
import { createRandom } from '../../support/random';

describe('an orthogonal matrix', () => {
  it.each([[1, 1, 1], [5, 5, 1], [64, 64, 1], [7, 3, 2], [3, 7, 0.5], [1, 9, 1], [9, 1, 1], [130, 20, Math.SQRT2]])(
    '%i × %i, gain %f, has orthonormal rows or columns', (rows, columns, gain) => {
      const random = createRandom(rows * 100 + columns);
      const normals = Float64Array.from({ length: rows * columns }, () => random() - 0.5);
      expect(deviation(orthogonalMatrix(rows, columns, gain, (k) => normals[k] ?? 0), rows, columns, gain)).toBeLessThan(1e-12);
    },
  );
  it('of a triangular matrix with a positive diagonal is the identity: Q R = A with the signs of R', () => {
    const triangular = [2, 5, -1, 0, 3, 4, 0, 0, 0.5];
    const q = orthogonalMatrix(3, 3, 1, (k) => triangular[k] ?? 0);
    q.forEach((value, i) => expect(value).toBeCloseTo(i % 4 === 0 ? 1 : 0, 14));
  });
  it('of zeros stays finite', () => {
    expect([...orthogonalMatrix(3, 3, 1, () => 0)].every(Number.isFinite)).toBe(true);
  });
});

describe('several orthogonal matrices in one block', () => {
  const recipe: Recipe = {
    version: 1, tensorId: 'depthwise', seed: 2, origin: { scheme: 'orthogonal', title: '' },
    blocks: [{ sampler: { kind: 'orthogonal', gain: 1, rows: 4, columns: 9, count: 5 } }],
  };
  it('are each orthogonal, and different', () => {
    const values = sampleElements(recipe, [20, 1, 3, 3], 0, 180);
    for (let i = 0; i < 5; i++) expect(deviation(values.subarray(36 * i, 36 * (i + 1)), 4, 9, 1)).toBeLessThan(1e-12);
    expect(new Set(values).size).toBe(180);
  });
});

describe('a recurrent weight [2, 4·3, 3], drawn gate by gate', () => {
  const blocks = [0, 1].flatMap((direction) => [0, 1, 2, 3].map((gate) => ({
    sampler: { kind: 'orthogonal', gain: 1, rows: 3, columns: 3 } as const,
    slices: [{ axis: 0, start: direction, end: direction + 1 }, { axis: 1, start: gate * 3, end: gate * 3 + 3 }],
  })));
  const recipe: Recipe = { version: 1, tensorId: 'R', blocks, seed: 5, origin: { scheme: 'recommended', title: 'Orthogonal' } };
  const values = sampleElements(recipe, [2, 12, 3], 0, 72);
  it('is orthogonal in every gate of every direction', () => {
    for (let gate = 0; gate < 8; gate++) expect(deviation(values.subarray(gate * 9, gate * 9 + 9), 3, 3, 1)).toBeLessThan(1e-12);
    expect(new Set(values).size).toBe(72);
  });
  it('is the same in pieces', () => {
    const sample = createSampler(recipe, [2, 12, 3]);
    const [late, early] = [new Float64Array(32), new Float64Array(40)];
    sample(late, 40);
    sample(early, 0);
    expect([...early, ...late]).toEqual([...values]);
  });
});
