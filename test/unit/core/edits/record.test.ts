import { describe, expect, it } from 'vitest';

import { readRecipe, readRecord, writeRecord } from '../../../../src/core/edits/record';
import type { Recipe } from '../../../../src/protocol/recipe';

const valid: Recipe = {
  version: 1, tensorId: 'encoder/w "quoted" 重み', seed: 2 ** 53 - 1, origin: { scheme: 'he-normal', title: 'He normal' },
  blocks: [
    { sampler: { kind: 'normal', mean: 0, std: 1e-30 }, slices: [{ axis: 1, start: 0, end: 4 }] },
    { sampler: { kind: 'uniform', low: -0.1, high: 0.1 } }, { sampler: { kind: 'constant', value: -1 } },
    { sampler: { kind: 'truncated-normal', mean: 0, std: 1, tail: 0.02275 } }, { sampler: { kind: 'orthogonal', gain: 1, rows: 3, columns: 2 } },
    { sampler: { kind: 'identity', gain: 1, rows: 3, columns: 2, count: 5 } },
    { sampler: { kind: 'sparse', std: 1, rows: 3, columns: 2, zeros: 3, within: 'column' } },
    { sampler: { kind: 'bilinear', rows: 3, columns: 2, taps: [4, 4] } }, { sampler: { kind: 'bilinear', rows: 3, columns: 2, taps: [], count: 2 } },
    { sampler: { kind: 'replicated', of: { kind: 'normal', mean: 0, std: 1 }, inner: 9, channels: 8, times: 4, neighbours: true } },
    { sampler: { kind: 'unit-sums', factor: -0.5, inner: 1, count: 3, of: {
      tensorId: 'w', shape: [2, 3], blocks: [{ sampler: { kind: 'constant', value: 2 } }], twin: { tensorId: 'v', transposed: true },
    } } },
  ],
};
const { tensorId, seed, blocks, origin } = valid;
const withSampler = (sampler: unknown): unknown => ({ ...valid, blocks: [{ sampler }] });
const sums = { kind: 'unit-sums', factor: 1, inner: 1, count: 3, of: { tensorId: 'w', shape: [3], blocks: [] } };

describe('the record in a model file', () => {
  it('goes round', () => expect(readRecord(writeRecord([valid, { ...valid, tensorId: 'b' }]))).toEqual([valid, { ...valid, tensorId: 'b' }]));
  it('keeps what was picked for a layer', () => {
    const picked = { ...valid, origin: { scheme: 'normal', title: 'Normal', picked: { mean: 0, std: 0.5 } } } as const;
    expect(readRecord(writeRecord([picked]))).toEqual([picked]);
  });
  it('keeps whose values a tensor has', () => {
    const twin = { ...valid, twin: { tensorId: 'table', transposed: true } };
    expect(readRecord(writeRecord([twin]))).toEqual([twin]);
  });
  it('keeps what it knows and no more', () => expect(readRecipe({ ...valid, extra: 1 })).toEqual(valid));
  it.each([
    undefined, '', 'no JSON', 'null', '[]', '7', '{"version": 2, "recipes": []}', '{"version": 1}', '{"version": 1, "recipes": {}}',
    '{"version": 1, "recipes": [null, 1, "a", [], {}]}', '{"__proto__": {"version": 1, "recipes": []}}',
  ])('%s is no record', (text) => expect(readRecord(text)).toEqual([]));
  it.each<readonly [string, unknown]>([
    ['no version', { tensorId, seed, blocks, origin }], ['another version', { ...valid, version: 2 }], ['a number for a tensor', { ...valid, tensorId: 5 }],
    ['a negative seed', { ...valid, seed: -1 }], ['a fraction for a seed', { ...valid, seed: 0.5 }], ['a word for a seed', { ...valid, seed: '1' }],
    ['a seed too large', { ...valid, seed: 2 ** 60 }], ['no blocks', { ...valid, blocks: undefined }], ['a block that is none', { ...valid, blocks: [null] }],
    ['an unknown sampler', { ...valid, blocks: [{ sampler: { kind: 'cauchy', value: 1 } }] }],
    ['a sampler without numbers', { ...valid, blocks: [{ sampler: { kind: 'normal', mean: 0 } }] }],
    ['a negative deviation', { ...valid, blocks: [{ sampler: { kind: 'normal', mean: 0, std: -1 } }] }],
    ['bounds the wrong way round', { ...valid, blocks: [{ sampler: { kind: 'uniform', low: 1, high: 0 } }] }],
    ['a slice without end', { ...valid, blocks: [{ sampler: { kind: 'constant', value: 1 }, slices: [{ axis: 0, start: 0 }] }] }],
    ['a negative axis', { ...valid, blocks: [{ sampler: { kind: 'constant', value: 1 }, slices: [{ axis: -1, start: 0, end: 1 }] }] }],
    ['a tail of one half', { ...valid, blocks: [{ sampler: { kind: 'truncated-normal', mean: 0, std: 1, tail: 0.5 } }] }],
    ['no matrices', { ...valid, blocks: [{ sampler: { kind: 'orthogonal', gain: 1, rows: 3, columns: 2, count: 0 } }] }],
    ['more zeros than a row has', withSampler({ kind: 'sparse', std: 1, rows: 3, columns: 2, zeros: 3, within: 'row' })],
    ['zeros within nothing', withSampler({ kind: 'sparse', std: 1, rows: 3, columns: 2, zeros: 1, within: 'cell' })],
    ['taps that are none', withSampler({ kind: 'bilinear', rows: 3, columns: 2, taps: [4, 0] })],
    ['channels that do not share', withSampler({ kind: 'replicated', of: { kind: 'constant', value: 1 }, inner: 1, channels: 6, times: 4, neighbours: true })],
    ['replicas of a matrix', withSampler({ kind: 'replicated', of: { kind: 'identity', gain: 1, rows: 1, columns: 1 }, inner: 1, channels: 4, times: 4,
      neighbours: true })],
    ['sums of nothing', withSampler({ ...sums, of: null })], ['sums of no shape', withSampler({ ...sums, of: { tensorId: 'w', blocks: [] } })],
    ['sums of sums', withSampler({ ...sums, of: { ...sums.of, blocks: [{ sampler: sums }] } })],
    ['sums without a factor', withSampler({ ...sums, factor: null })],
    ['a twin of nothing', { ...valid, twin: { transposed: true } }], ['a twin that is a word', { ...valid, twin: 'w' }],
    ['half a matrix', { ...valid, blocks: [{ sampler: { kind: 'identity', gain: 1, rows: 1.5, columns: 2 } }] }],
    ['an unknown scheme', { ...valid, origin: { scheme: 'best', title: '' } }], ['no title', { ...valid, origin: { scheme: 'zeros' } }],
    ['no origin', { ...valid, origin: null }], ['picked parameters that are none', { ...valid, origin: { ...origin, picked: 5 } }],
    ['a parameter its scheme does not take', { ...valid, origin: { ...origin, picked: { value: 1 } } }],
    ['a parameter out of its range', { ...valid, origin: { ...origin, picked: { gain: -1 } } }],
  ])('a recipe with %s is dropped, and the others are kept', (_name, hostile) => {
    expect(readRecipe(hostile)).toBeNull();
    expect(readRecord(JSON.stringify({ version: 1, recipes: [hostile, valid] }))).toEqual([valid]);
  });
  it('numbers that overflow to infinity are dropped', () => {
    const text = writeRecord([valid]);
    for (const [from, to] of [['1e-30', '1e999'], ['-0.1', '-1e999'], ['"value":-1', '"value":-1e999']] as const) {
      expect(text).toContain(from);
      expect(readRecord(text.replace(from, to))).toEqual([]);
    }
  });
});
