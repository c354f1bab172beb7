import { describe, expect, it } from 'vitest';

import { GraphBuilder } from '../../src/core/graph/builder';
import type { Reduce } from '../../src/engine/planning/reduce';
import { appendExactReduction, appendReduction } from '../../src/engine/planning/reduce';
import { createSession } from '../../src/engine/runtime';
import { encodeModel } from '../../src/formats/onnx/encode';
import type { Moments } from '../../src/protocol/simulation';
import { unreadable } from './differentiate';
import { createRandom } from './samples/sample';

/** What a reduction of the engine, run in ONNX Runtime, says of a tensor; null where it is too coarse for that. */
async function reduceBy(append: Reduce, data: Float32Array, shape: readonly number[] = [data.length]): Promise<Moments | null> {
  const builder = new GraphBuilder({ name: 'moments', inputs: [{ name: 'x', dtype: 'float32', shape }], outputs: [], initializers: new Map(), nodes: [] });
  const reduction = append(builder, 'x', shape);
  const session = await createSession(encodeModel(builder.build(), unreadable), { threads: 1, nodes: 0 });
  try {
    return reduction.read(await session.run(new Map([['x', { dtype: 'float32', shape, data }]]), reduction.outputs));
  } finally {
    await session.release();
  }
}

/** As the engine does: exactly where it has to; what can be said exactly is the same by both ways. */
async function measure(data: Float32Array, shape?: readonly number[]): Promise<Moments> {
  const moments = await reduceBy(appendExactReduction, data, shape);
  if (!moments) throw new Error('The exact reduction gave nothing.');
  const quick = await reduceBy(appendReduction, data, shape);
  if (!quick) return moments;
  const counted = ({ count, min, max, zeros, nonFinite }: Moments): unknown => ({ count, min, max, zeros, nonFinite });
  expect(counted(quick)).toEqual(counted(moments));
  expect(quick.variance === null).toBe(moments.variance === null);
  expect(within(quick.variance, moments.variance ?? 0, moments.variance ?? 0), `${quick.variance} for ${moments.variance}`).toBe(quick.variance !== null);
  return quick;
}

/** Mean and variance in double precision, in two passes. */
function exact(data: Float32Array): { readonly mean: number; readonly variance: number } {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  return { mean, variance: data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length };
}

function normals(count: number, mean: number, deviation: number): Float32Array {
  const random = createRandom(`${count}/${mean}/${deviation}`);
  const draw = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Float32Array.from({ length: count }, () => mean + deviation * draw());
}

const within = (measured: number | null, expected: number, scale: number): boolean => measured !== null && Math.abs(measured - expected) <= 1e-3 * scale;

describe('moments of a tensor', () => {
  it.each([
    ['unit variance', normals(10_000, 0, 1)],
    ['a vanishing gradient, σ = 1e-24', normals(10_000, 0, 1e-24)],
    ['denormal numbers, σ = 1e-40', normals(10_000, 0, 1e-40)],
    ['an exploding gradient, σ = 1e20', normals(10_000, 0, 1e20)],
    ['near the largest float, σ = 5e37', normals(5000, 0, 5e37)],
    ['a mean far above the deviation', normals(20_000, 1e4, 1)],
    ['a mean farther above', normals(20_000, -1e5, 0.5)],
    ['one element of 50,000', Float32Array.from({ length: 50_000 }, (_, i) => (i === 777 ? 1e-20 : 0))],
    ['a deviation of 1e-5 of the mean', normals(20_000, 1, 1e-5)],
    ['two elements', Float32Array.of(1e-30, -3e-30)],
  ])('%s', async (_, data) => {
    const { mean, variance } = exact(data);
    const found = await measure(data);
    expect(found.count).toBe(data.length);
    expect(variance).toBeGreaterThan(0);
    expect(within(found.variance, variance, variance), `${found.variance} for ${variance}`).toBe(true);
    expect(within(found.mean, mean, Math.sqrt(variance)), `${found.mean} for ${mean}`).toBe(true);
    expect([found.min, found.max]).toEqual([data.reduce((a, b) => Math.min(a, b)), data.reduce((a, b) => Math.max(a, b))]);
    expect(found.nonFinite).toBe(0);
    expect(found.zeros).toBe(data.filter((value) => value === 0).length);
  });

  it.each([
    ['numbers like those of most layers', normals(3 << 20, 0, 0.02), true],
    ['more than are added up in one go, half of them zero', normals(1_200_000, 0, 3).map((value) => Math.max(0, value)), true],
    ['sigmoids', normals(30_000, 0, 1).map((value) => 1 / (1 + Math.exp(-value))), true],
    ['a number of elements with no row to be cut into', normals(1_000_003, 0, 1), true],
    ['a vanished gradient', normals(30_000, 0, 1e-20), false],
    ['a mean far above the deviation', normals(3 << 20, 30, 1), false],
  ])('are quick for %s', async (_, data, isQuick) => {
    const { mean, variance } = exact(data);
    const quick = await reduceBy(appendReduction, data);
    expect(quick !== null).toBe(isQuick);
    const found = quick ?? await measure(data);
    expect(within(found.variance, variance, variance), `${found.variance} for ${variance}`).toBe(true);
    expect(within(found.mean, mean, 1e-3 * Math.sqrt(variance)), `${found.mean} for ${mean}`).toBe(true);
    expect(found.zeros).toBe(data.filter((value) => value === 0).length);
  });

  it('one element off by one unit in the last place is no constant', async () => {
    const data = Float32Array.from({ length: 1000 }, (_, i) => (i === 5 ? 1 + 2 ** -23 : 1));
    const { variance } = exact(data);
    const found = (await measure(data)).variance ?? NaN;
    expect(found / variance).toBeGreaterThan(1 / 3);
    expect(found / variance).toBeLessThan(3);
  });

  const constants: readonly (readonly [string, number, number])[] = [
    ['a scalar', 0.1, 1], ['a tenth', 0.1, 100_000], ['tiny', 1e-30, 3], ['large', -3e38, 1000],
  ];
  it.each(constants)('%s: a constant has variance 0', async (_, value, count) => {
    const found = await measure(new Float32Array(count).fill(value));
    expect(found.variance).toBe(0);
    expect(found.mean).toBeCloseTo(Math.fround(value), 12);
    expect([found.min, found.max]).toEqual([Math.fround(value), Math.fround(value)]);
    expect([found.zeros, found.nonFinite]).toEqual([0, 0]);
  });

  it('zeros of both signs are zeros', async () => {
    const found = await measure(Float32Array.from({ length: 1001 }, (_, i) => (i % 2 === 0 ? 0 : -0)));
    expect(found).toMatchObject({ zeros: 1001, nonFinite: 0, variance: 0 });
    expect(found.mean === 0 && found.min === 0 && found.max === 0).toBe(true);
  });

  it('counts zeros among other elements, in more elements than the histogram samples', async () => {
    const found = await measure(Float32Array.from({ length: 30_000 }, (_, i) => (i % 3 === 0 ? 0 : i)), [3, 100, 100]);
    expect(found).toMatchObject({ count: 30_000, zeros: 10_000, nonFinite: 0, min: 0, max: 29_999 });
  });

  it.each([
    ['one NaN', [NaN], 1], ['infinities', [Infinity, -Infinity], 2], ['all three', [NaN, Infinity, -Infinity, NaN], 4],
  ])('%s: counted, and no number is made up', async (_, bad, count) => {
    const found = await measure(Float32Array.from([1, 0, 2, ...bad, -1]));
    expect(found).toMatchObject({ nonFinite: count, zeros: 1, mean: null, variance: null, min: null, max: null });
  });

  it('an overflow to infinity is said, where every element is', async () => {
    expect(await measure(new Float32Array(5000).fill(Infinity))).toMatchObject({ nonFinite: 5000, zeros: 0, variance: null });
  });

  it('the histogram holds the sample, and spans it', async () => {
    const data = normals(100_000, 3, 0.5);
    const { histogram } = await measure(data);
    const total = histogram?.counts.reduce((sum, count) => sum + count, 0) ?? 0;
    expect(total).toBeGreaterThan(3900);
    expect(total).toBeLessThanOrEqual(8192);
    expect(histogram?.min).toBeLessThan(2);
    expect(histogram?.max).toBeGreaterThan(4);
  });

  it('an empty tensor has no moments', async () => {
    expect(await measure(new Float32Array(0), [0, 3])).toMatchObject({ count: 0, mean: null, variance: null, zeros: 0, nonFinite: 0 });
  });
});
