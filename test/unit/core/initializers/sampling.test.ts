import { describe, expect, it } from 'vitest';

import type { FloatDType } from '../../../../src/core/graph/dtype';
import { fromBfloat16, fromFloat16 } from '../../../../src/core/graph/halfFloat';
import { encodeFloats, sampleBytes, sampleElements, sampleFloat32 } from '../../../../src/core/initializers/sampling';
import type { Recipe, RecipeBlock, Sampler } from '../../../../src/protocol/recipe';

const recipe = (sampler: Sampler | readonly RecipeBlock[], tensorId = 'layers.0.weight', seed = 0): Recipe => ({
  version: 1, tensorId, seed, blocks: 'kind' in sampler ? [{ sampler }] : sampler, origin: { scheme: 'normal', title: '' },
});
const unit: Sampler = { kind: 'uniform', low: 0, high: 1 };
/** Φ(−2) */
const tail = 0.022750131948179195;
const truncated: Sampler = { kind: 'truncated-normal', mean: 0, std: 1, tail };
const normal: Sampler = { kind: 'normal', mean: 0, std: 1 };
const draw = (from: Recipe, count: number, start = 0): number[] => Array.from(sampleElements(from, [count + start], start, count));

describe('the bits that must never change', () => {
  /** Computed by an independent program (Python integers and mpmath), element by element: uniform number, and the normal one times ¼. */
  it.each([
    ['layers.0.weight', 0, 0, 0.3988943620421527, 0xbd832df3], ['layers.0.weight', 0, 1, 0.09085790257542004, 0xbeaaf15c],
    ['layers.0.weight', 7, 12345, 0.4111213554162375, 0xbd660da2], ['encoder/重み', 2 ** 40 + 3, 5, 0.8874432827553499, 0x3e9b44fd],
    ['w', 1, 2 ** 33 + 1, 0.7453796699204073, 0x3e28f71b],
  ])('%s, seed %d, element %d', (id, seed, i, uniform, quarterNormal) => {
    expect(sampleElements(recipe(unit, id, seed), [2 ** 34], i, 1)[0]).toBe(uniform);
    const bytes = sampleBytes(recipe({ kind: 'normal', mean: 0, std: 0.25 }, id, seed), 'float32', [2 ** 34], i, 1);
    expect(new DataView(bytes.buffer).getUint32(0, true)).toBe(quarterNormal);
  });
});

describe('an element depends on its recipe and its place alone', () => {
  const whole = draw(recipe(normal), 1000);
  it('in pieces of any size, in any order', () => {
    const pieces = [[700, 300], [0, 1], [1, 2], [3, 697]] as const;
    const joined = new Array<number>(1000);
    for (const [start, count] of pieces) sampleElements(recipe(normal), [1000], start, count).forEach((value, i) => { joined[start + i] = value; });
    expect(joined).toEqual(whole);
  });
  it('whatever the shape', () => expect(Array.from(sampleElements(recipe(normal), [10, 4, 25], 0, 1000))).toEqual(whole));
  it('and is another with another seed or another tensor', () => {
    const others = [draw(recipe(normal, 'layers.0.weight', 1), 1000), draw(recipe(normal, 'layers.1.weight'), 1000),
      draw(recipe(normal, 'layers.0.weight', 2 ** 32), 1000)];
    for (const other of others) expect(other.filter((value, i) => value === whole[i])).toEqual([]);
    const correlation = whole.reduce((sum, value, i) => sum + value * (others[0]?.[i] ?? 0), 0) / 1000;
    expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(1000));
  });
  it('and not on the origin, which is for display', () => {
    expect(draw({ ...recipe(normal), origin: { scheme: 'zeros', title: 'other' } }, 50)).toEqual(whole.slice(0, 50));
  });
  it('as float32 it is the double, rounded once', () => {
    expect(Array.from(sampleFloat32(recipe(normal), [50]))).toEqual(whole.slice(0, 50).map(Math.fround));
  });
});

describe('a twin', () => {
  const [rows, columns] = [70, 90];
  const blocks: readonly RecipeBlock[] = [{ sampler: unit, slices: [{ axis: 0, start: 0, end: 20 }] }, { sampler: normal }];
  const source = recipe(blocks, 'table');
  const values = sampleElements(source, [rows, columns], 0, rows * columns);
  it('has the values of another tensor', () => {
    const twin: Recipe = { ...source, tensorId: 'other', twin: { tensorId: 'table', transposed: false } };
    expect(Array.from(sampleElements(twin, [rows, columns], 0, rows * columns))).toEqual(Array.from(values));
  });
  it('or their transpose, in pieces too', () => {
    const twin: Recipe = { ...source, tensorId: 'other', twin: { tensorId: 'table', transposed: true } };
    const expected = Array.from({ length: rows * columns }, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]);
    expect(Array.from(sampleElements(twin, [columns, rows], 0, rows * columns))).toEqual(expected);
    expect(Array.from(sampleElements(twin, [columns, rows], 1234, 321))).toEqual(expected.slice(1234, 1234 + 321));
  });
});

describe('blocks', () => {
  const gates: readonly RecipeBlock[] = [
    { sampler: { kind: 'constant', value: 1 }, slices: [{ axis: 1, start: 2, end: 4 }] }, { sampler: unit, slices: [{ axis: 1, start: 0, end: 2 }] },
    { sampler: { kind: 'uniform', low: 10, high: 11 }, slices: [{ axis: 0, start: 1, end: 2 }] },
  ];
  it('have their own samplers, the first that matches; what is in none is zero', () => {
    const values = Array.from(sampleElements(recipe(gates), [2, 5, 3], 0, 30));
    values.forEach((value, i) => {
      const [row, column] = [Math.floor(i / 15), Math.floor(i / 3) % 5];
      if (column >= 2 && column < 4) expect(value).toBe(1);
      else if (column < 2) expect(value > 0 && value < 1).toBe(true);
      else expect(row === 1 ? value > 10 && value < 11 : value === 0).toBe(true);
    });
  });
  it('draw at each place what the whole tensor would have there', () => {
    const values = sampleElements(recipe(gates), [2, 5, 3], 0, 30);
    const whole = sampleElements(recipe(unit), [2, 5, 3], 0, 30);
    expect(Array.from(values.subarray(0, 6))).toEqual(Array.from(whole.subarray(0, 6)));
    expect(Array.from(sampleElements(recipe(gates), [2, 5, 3], 13, 9))).toEqual(Array.from(values.subarray(13, 22)));
  });
});

const count = 200_000;
const decoders: Readonly<Record<FloatDType, (bytes: Uint8Array) => readonly number[]>> = {
  float32: (bytes) => Array.from(new Float32Array(bytes.buffer)),
  float64: (bytes) => Array.from(new Float64Array(bytes.buffer)),
  float16: (bytes) => Array.from(new Uint16Array(bytes.buffer), fromFloat16),
  bfloat16: (bytes) => Array.from(new Uint16Array(bytes.buffer), fromBfloat16),
};
/** Relative step between neighbours: what rounding to nearest may err by, twice over. */
const steps: Readonly<Record<FloatDType, number>> = { float32: 2 ** -23, float64: 2 ** -52, float16: 2 ** -10, bfloat16: 2 ** -7 };

describe.each(['float32', 'float64', 'float16', 'bfloat16'] as const)('in %s', (dtype) => {
  it.each<readonly [string, Sampler, number, number, number]>([
    ['a normal', { kind: 'normal', mean: 0, std: 0.05 }, 0, 0.05, Infinity],
    ['a normal with a mean', { kind: 'normal', mean: 2, std: 0.5 }, 2, 0.5, Infinity],
    ['a uniform', { kind: 'uniform', low: -0.1, high: 0.1 }, 0, 0.1 / Math.sqrt(3), 0.1],
    // Cut at ±2 the standard deviation is 0.87962566103423978 of what it was (as Keras has it).
    ['a truncated normal', { kind: 'truncated-normal', mean: 0, std: 0.05, tail }, 0, 0.05 * 0.87962566103423978, 0.1],
    ['a constant', { kind: 'constant', value: 0.25 }, 0.25, 0, 0.25],
  ])('%s has its mean, standard deviation and bounds', (_, sampler, mean, std, bound) => {
    const doubles = sampleElements(recipe(sampler), [count], 0, count);
    const values = decoders[dtype](sampleBytes(recipe(sampler), dtype, [count], 0, count));
    const found = values.reduce((sum, value) => sum + value, 0) / count;
    const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - found) ** 2, 0) / count);
    // Five standard errors: of a mean σ/√n, of a standard deviation σ/√(2n).
    expect(Math.abs(found - mean)).toBeLessThanOrEqual((5 * std) / Math.sqrt(count) + 1e-12);
    expect(Math.abs(spread - std)).toBeLessThanOrEqual((5 * std) / Math.sqrt(2 * count) + steps[dtype] * std + 1e-12);
    expect(values.every((value, i) => Math.abs(value - (doubles[i] ?? NaN)) <= (steps[dtype] / 2) * Math.abs(doubles[i] ?? 0) + 2 ** -25)).toBe(true);
    expect(values.every((value) => Math.abs(value) <= bound * (1 + steps[dtype]))).toBe(true);
  });
});

describe('the distribution', () => {
  const n = 50_000;
  /** Largest distance of the empirical distribution function from the true one, times √n. */
  const kolmogorov = (values: readonly number[], distribution: (x: number) => number): number => {
    const sorted = values.toSorted((a, b) => a - b);
    return Math.sqrt(n) * Math.max(...sorted.map((x, i) => Math.max((i + 1) / n - distribution(x), distribution(x) - i / n)));
  };
  /** Φ by its power series about 0 (Abramowitz & Stegun 26.2.10), exact enough for |x| < 6. */
  const cumulative = (x: number): number => {
    let [term, sum] = [x, x];
    for (let k = 1; k < 120; k++) {
      term *= (-x * x) / (2 * k);
      sum += term / (2 * k + 1);
    }
    return 0.5 + sum / Math.sqrt(2 * Math.PI);
  };
  // A distance of 1.95 / √n is exceeded once in a thousand (Kolmogorov's distribution).
  it.each([0, 1, 2])('is normal, by Kolmogorov and Smirnov (seed %d)', (seed) => {
    expect(kolmogorov(draw(recipe(normal, 'ks', seed), n), cumulative)).toBeLessThan(1.95);
  });
  it.each([0, 1, 2])('is normal between its bounds, by Kolmogorov and Smirnov (seed %d)', (seed) => {
    const values = draw(recipe(truncated, 'ks', seed), n);
    expect(kolmogorov(values, (x) => (cumulative(x) - tail) / (1 - 2 * tail))).toBeLessThan(1.95);
    // The largest of n is nearer to the bound than x with probability 1 − F(x)ⁿ: 2 − 0.004 in all but one of 10⁹ draws.
    for (const extreme of [Math.max(...values), -Math.min(...values)]) expect(extreme > 1.99 && extreme <= 2 + 1e-12).toBe(true);
  });
  it('is that of the normal without a cut, where nothing is cut off', () => {
    expect(draw(recipe({ ...truncated, tail: 0 }), 100)).toEqual(draw(recipe(normal), 100));
  });
  it.each([0, 1, 2])('is uniform, by Kolmogorov and Smirnov (seed %d)', (seed) => {
    expect(kolmogorov(draw(recipe(unit, 'ks', seed), n), (x) => x)).toBeLessThan(1.95);
  });
  it('of neighbours, which share a block, is not correlated', () => {
    const values = draw(recipe(normal), n);
    const lag = (k: number): number => values.slice(k).reduce((sum, value, i) => sum + value * (values[i] ?? 0), 0) / n;
    for (const k of [1, 2, 3]) expect(Math.abs(lag(k))).toBeLessThan(4 / Math.sqrt(n));
  });
});

describe('the identity', () => {
  const eye: Sampler = { kind: 'identity', gain: 2, rows: 2, columns: 3, count: 2 };
  it('has its gain on the diagonal of each matrix', () => {
    expect(draw(recipe(eye), 12)).toEqual([2, 0, 0, 0, 2, 0, 2, 0, 0, 0, 2, 0]);
    expect(Array.from(sampleElements(recipe(eye), [12], 6, 3))).toEqual([2, 0, 0]);
  });
  it('is refused where its matrices are not the block', () => expect(() => draw(recipe(eye), 13)).toThrow('13 elements is not 2 times 2 × 3'));
});

describe('encoding', () => {
  it('is little-endian', () => expect(Array.from(encodeFloats(Float64Array.of(1), 'float32'))).toEqual([0, 0, 0x80, 0x3f]));
  it('lets halves overflow to infinity, not wrap', () => {
    expect(decoders.float16(encodeFloats(Float64Array.of(65519.9, 65520, -1e9), 'float16'))).toEqual([65504, Infinity, -Infinity]);
  });
});
