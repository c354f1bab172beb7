// Data that learning is tried on: bars and stripes, digits, and how they fill an input.

import { describe, expect, it } from 'vitest';

import { barsAndStripes } from '../../../../src/core/learning/data/barsAndStripes';
import { digits } from '../../../../src/core/learning/data/digits';
import { fitTo } from '../../../../src/core/learning/data/images';

describe('bars and stripes', () => {
  it.each([[1, 2], [2, 6], [3, 14], [4, 30]])('of side %i are %i distinct patterns', (side, expected) => {
    const { data, labels, count } = barsAndStripes(side);
    const rows = Array.from({ length: count }, (_, i) => data.slice(i * side * side, (i + 1) * side * side).join(''));
    expect(count).toBe(expected);
    expect(new Set(rows).size).toBe(expected);
    expect(labels.filter((label) => label === 0)).toHaveLength(2 ** side);
  });

  it('are columns or rows', () => {
    const { data, labels, count } = barsAndStripes(3);
    for (let i = 0; i < count; i++) {
      const at = (row: number, column: number): number | undefined => data[i * 9 + row * 3 + column];
      for (let line = 0; line < 3; line++) {
        const along = [0, 1, 2].map((step) => (labels[i] === 0 ? at(step, line) : at(line, step)));
        expect(new Set(along).size).toBe(1);
      }
    }
  });
});

describe('digits', () => {
  it('are the same for the same seed, whatever their number', () => {
    const [few, many, others] = [digits({ count: 7, seed: 3 }), digits({ count: 20, seed: 3 }), digits({ count: 7, seed: 4 })];
    expect(many.data.slice(0, few.data.length)).toEqual(few.data);
    expect(others.data).not.toEqual(few.data);
    expect([...many.labels]).toEqual(Array.from({ length: 20 }, (_, i) => i % 10));
  });

  it('are grey, whatever their strokes come to lie on', () => {
    const { data } = digits({ count: 3000, seed: 0, side: 5 });
    expect(data.findIndex((value) => !(value >= 0 && value <= 1))).toBe(-1);
  });

  it('are told apart by their mean images, mostly', () => {
    const [seen, unseen] = [digits({ count: 500, seed: 1 }), digits({ count: 500, seed: 2 })];
    expect(Math.min(...seen.data)).toBe(0);
    expect(Math.max(...seen.data)).toBe(1);
    const means = Array.from({ length: 10 }, () => new Float64Array(64));
    seen.data.forEach((value, i) => {
      const mean = means[Math.floor(i / 64) % 10];
      if (mean) mean[i % 64] = (mean[i % 64] ?? 0) + value / 50;
    });
    const nearest = (image: Float32Array): number => {
      const distances = means.map((mean) => mean.reduce((sum, value, i) => sum + (value - (image[i] ?? 0)) ** 2, 0));
      return distances.indexOf(Math.min(...distances));
    };
    const right = [...unseen.labels].filter((label, i) => nearest(unseen.data.subarray(i * 64, (i + 1) * 64)) === label);
    expect(right.length).toBeGreaterThan(400);
  });
});

describe('an input', () => {
  it('holds the largest square, and nothing behind it', () => {
    const image = { data: Float32Array.of(1, 2, 3, 4), labels: Int32Array.of(0), count: 1, side: 2 };
    expect([...fitTo(image, 4)]).toEqual([1, 2, 3, 4]);
    expect([...fitTo(image, 18)]).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4, 0, 0]);
    expect([...fitTo(image, 2)]).toEqual([4, 0]);
  });
});
