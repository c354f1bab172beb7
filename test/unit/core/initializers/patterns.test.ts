/** Blocks whose elements hang together, whole and in pieces, and what is known of them before. */
import { describe, expect, it } from 'vitest';

import { isSameLaw } from '../../../../src/core/initializers/sameLaw';
import { lawStatistics } from '../../../../src/core/initializers/law';
import { sampleElements } from '../../../../src/core/initializers/sampling';
import type { Recipe, Sampler } from '../../../../src/protocol/recipe';

const recipe = (sampler: Sampler, tensorId = 'w', seed = 3): Recipe => (
  { version: 1, tensorId, seed, blocks: [{ sampler }], origin: { scheme: 'normal', title: '' } });
const draw = (sampler: Sampler, shape: readonly number[], seed = 3): Float64Array => (
  sampleElements(recipe(sampler, 'w', seed), shape, 0, shape.reduce((all, size) => all * size, 1)));

const kernel: Sampler = { kind: 'normal', mean: 0.2, std: 0.5 };
const sums: Sampler = { kind: 'unit-sums', factor: -0.5, of: { tensorId: 'kernel', shape: [7, 300], blocks: [{ sampler: kernel }] }, inner: 300, count: 7 };
const cases: readonly (readonly [string, Sampler, readonly number[]])[] = [
  ['columns with zeros', { kind: 'sparse', std: 2, rows: 40, columns: 30, zeros: 13, within: 'column' }, [40, 30]],
  ['rows with zeros', { kind: 'sparse', std: 2, rows: 40, columns: 30, zeros: 13, within: 'row' }, [40, 30]],
  ['bilinear kernels', { kind: 'bilinear', rows: 2, columns: 3, taps: [4, 3], count: 2 }, [4, 3, 4, 3]],
  ['neighbours alike', { kind: 'replicated', of: { kind: 'normal', mean: 0, std: 1 }, inner: 6, channels: 8, times: 4, neighbours: true }, [8, 2, 3]],
  ['channels alike at a stride', { kind: 'replicated', of: { kind: 'uniform', low: 0, high: 1 }, inner: 1, channels: 8, times: 4, neighbours: false }, [5, 8]],
  ['sums', sums, [7]],
];

describe.each(cases)('%s', (_, sampler, shape) => {
  const whole = draw(sampler, shape);
  it('are the same in pieces', () => {
    for (const size of [1, 5, 64]) {
      const joined: number[] = [];
      for (let at = 0; at < whole.length; at += size) joined.push(...sampleElements(recipe(sampler), shape, at, Math.min(size, whole.length - at)));
      expect(joined).toEqual(Array.from(whole));
    }
  });
  it('have the mean, deviation and zeros that are known before', () => {
    const law = lawStatistics([{ sampler }], shape);
    const draws = sampler.kind === 'bilinear' ? [0] : Array.from({ length: 400 }, (__, seed) => seed);
    const values = draws.flatMap((seed) => Array.from(draw(sampler, shape, seed)));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    // Of replicated elements only a quarter are draws of their own.
    const own = sampler.kind === 'bilinear' ? Infinity : values.length / 4;
    expect(Math.abs(mean - (law.mean ?? NaN))).toBeLessThan((5 * std) / Math.sqrt(own) + 1e-9);
    expect(Math.abs(std / (law.std ?? NaN) - 1)).toBeLessThan(5 / Math.sqrt(own) + 1e-9);
    expect((law.histogram?.counts ?? []).reduce((sum, each) => sum + each, 0)).toBeCloseTo(whole.length, 6);
  });
  it('are refused where they are not the block', () => expect(() => draw(sampler, [11])).toThrow('A block of 11 elements is not'));
  it('are the same law as themselves, and no other', () => {
    for (const [name, other] of cases) expect(isSameLaw([{ sampler }], [{ sampler: other }], shape)).toBe(other === sampler || name === _);
  });
});

describe('zeros', () => {
  it.each([[1, 1], [2, 1], [3, 1], [3, 2], [5, 0], [5, 5], [17, 4], [100, 90]])('of %d in a line, exactly %d, and each as often', (length, zeros) => {
    const lines = 4000;
    const values = draw({ kind: 'sparse', std: 1, rows: length, columns: lines, zeros, within: 'column' }, [length, lines]);
    const isZero = (position: number, line: number): boolean => values[position * lines + line] === 0;
    const positions = Array.from({ length }, (_, i) => i);
    for (let line = 0; line < lines; line++) expect(positions.filter((position) => isZero(position, line)).length).toBe(zeros);
    const share = zeros / length;
    for (const position of positions) {
      const found = Array.from({ length: lines }, (_, line) => line).filter((line) => isZero(position, line)).length;
      // Five standard errors of a binomial.
      expect(Math.abs(found - share * lines)).toBeLessThanOrEqual(5 * Math.sqrt(lines * share * (1 - share)));
    }
  });
  it('of two positions are as independent as they can be', () => {
    const [length, lines, zeros] = [6, 6000, 3];
    const values = draw({ kind: 'sparse', std: 1, rows: length, columns: lines, zeros, within: 'column' }, [length, lines]);
    for (let a = 0; a < length; a++) {
      for (let b = 0; b < a; b++) {
        const both = Array.from({ length: lines }, (_, line) => line).filter((line) => values[a * lines + line] === 0 && values[b * lines + line] === 0).length;
        const share = (zeros * (zeros - 1)) / (length * (length - 1));
        expect(Math.abs(both - share * lines)).toBeLessThanOrEqual(5 * Math.sqrt(lines * share * (1 - share)));
      }
    }
  });
});

describe('sums', () => {
  it('are those of the other tensor, with its own name and the seed of the recipe', () => {
    const values = sampleElements(recipe(kernel, 'kernel'), [7, 300], 0, 2100);
    const expected = Array.from({ length: 7 }, (_, unit) => -0.5 * values.subarray(unit * 300, (unit + 1) * 300).reduce((sum, value) => sum + value, 0));
    draw(sums, [7]).forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 12));
  });
});
