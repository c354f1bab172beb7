/** In which order samples are seen, and how they are put together. */
import { describe, expect, it } from 'vitest';

import { SampleOrder, gather, roomFor, sameBatch } from '../../../../src/engine/feeding/samples';
import type { Rows } from '../../../../src/engine/feeding/samples';

describe('the order of samples', () => {
  it('brings every sample once in each pass, and another order in the next', () => {
    const order = new SampleOrder(10, 5);
    const [first, second] = [[...order.take(0, 10)], [...order.take(10, 10)]];
    for (const pass of [first, second]) expect(pass.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(second).not.toEqual(first);
  });

  it('is of the seed, however it is asked for', () => {
    const [whole, pieces] = [new SampleOrder(7, 1), new SampleOrder(7, 1)];
    const all = [...whole.take(0, 40)];
    expect([...pieces.take(30, 10), ...pieces.take(0, 30)]).toEqual([...all.slice(30), ...all.slice(0, 30)]);
    expect([...new SampleOrder(7, 2).take(0, 40)]).not.toEqual(all);
  });

  it('is one batch again and again, where rates are tried', () => {
    const order = new SampleOrder(9, 0);
    expect([...sameBatch(order, 4).take(8, 8)]).toEqual([...order.take(0, 4), ...order.take(0, 4)]);
  });
});

describe('rows', () => {
  const rows: Rows = { dtype: 'float32', shape: [2], data: Float32Array.of(0, 1, 10, 11, 20, 21), isShared: false };

  it('are put one after the other', () => {
    const room = roomFor(rows, 3);
    gather(rows, [2, 0, 2], 3, room);
    expect([...room]).toEqual([20, 21, 0, 1, 20, 21]);
  });

  it('that all samples share are there once a batch', () => {
    const shared: Rows = { dtype: 'int64', shape: [2], data: BigInt64Array.of(7n, 8n), isShared: true };
    const room = new BigInt64Array(4);
    gather(shared, [0, 1, 2, 3, 4, 5], 3, room);
    expect([...room]).toEqual([7n, 8n, 7n, 8n]);
  });
});
