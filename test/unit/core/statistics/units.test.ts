import { describe, expect, it } from 'vitest';

import { UnitDigest } from '../../../../src/core/statistics/units';
import { createRandom } from '../../support/random';

const [rows, columns] = [12, 40];

/** A matrix [rows, columns] whose rows, or whose columns, are changed by `change`. */
function matrix(change: (row: Float32Array[]) => void, byColumns: boolean): Float32Array {
  const random = createRandom(5);
  const units = Array.from({ length: byColumns ? columns : rows }, () => Float32Array.from({ length: byColumns ? rows : columns }, () => random() - 0.5));
  change(units);
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return (byColumns ? units[column]?.[row] : units[row]?.[column]) ?? NaN;
  });
}

function digestOf(values: Float32Array, byColumns: boolean, chunk: number): ReturnType<UnitDigest['finish']> | undefined {
  const digest = UnitDigest.create(byColumns ? { inner: 1, count: columns } : { inner: columns, count: rows }, values.length);
  for (let at = 0; at < values.length; at += chunk) digest?.add(values.subarray(at, at + chunk));
  return digest?.finish();
}

describe.each([['rows', false], ['columns', true]] as const)('units that are %s', (_, byColumns) => {
  const total = byColumns ? columns : rows;
  it.each([1, 7, 1000])('are all different, read in pieces of %d', (chunk) => {
    expect(digestOf(matrix(() => undefined, byColumns), byColumns, chunk)).toEqual({ total, duplicate: 0, zero: 0 });
  });
  it.each([1, 7, 1000])('are found where they are alike or empty, in pieces of %d', (chunk) => {
    const values = matrix((units) => {
      units[9]?.set(units[2] ?? []);
      units[5]?.set(units[2] ?? []);
      units[7]?.set(units[0] ?? []);
      units[3]?.fill(0);
      units[4]?.fill(-0);
    }, byColumns);
    expect(digestOf(values, byColumns, chunk)).toEqual({ total, duplicate: 3, zero: 2 });
  });
  it('are not alike where the same numbers come in another order', () => {
    expect(digestOf(matrix((units) => units[1]?.set([...units[0] ?? []].reverse()), byColumns), byColumns, 1000)).toMatchObject({ duplicate: 0 });
  });
});

describe('what is not compared', () => {
  it.each([
    [null, 100], [{ inner: 1, count: 1 }, 100], [{ inner: 1, count: 50 }, 100], [{ inner: 1, count: 2 ** 21 }, 2 ** 30],
  ] as const)('%o of %d elements', (units, elements) => {
    expect(UnitDigest.create(units, elements)).toBeNull();
  });
});
