// How long machines learn, in which order, and at which pace.

import { describe, expect, it } from 'vitest';

import { batchesOf, orderOf, paceOf, usualLength } from '../../../../../src/core/learning/rbm/batches';
import { streamOf } from '../../../../../src/core/learning/rbm/machine';

describe('batches', () => {
  const sizes = [[30, 10, 3, 10], [30, 100, 1, 30], [1000, 64, 16, 63], [7, 3, 3, 3], [1, 50, 1, 1]] as const;
  it.each(sizes)('of %i rows, at most %i: %i of %i', (rows, most, steps, batch) => {
    expect(batchesOf(rows, most)).toEqual({ steps, batch });
  });

  it('show every row once before any again, in another order each epoch', () => {
    const stream = streamOf(1, 'order');
    const [first, second] = [orderOf(7, 9, 1, stream), orderOf(7, 9, 2, stream)];
    expect([...first].slice(0, 7).sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect([...first].slice(7)).toEqual([...first].slice(0, 2));
    expect([...second]).not.toEqual([...first]);
    expect(orderOf(7, 9, 1, stream)).toEqual(first);
  });

  it('are a twentieth of the samples, and make a thousand updates', () => {
    expect(usualLength(1800, { batch: null, epochs: null })).toEqual({ batch: 50, epochs: 28 });
    expect(usualLength(30, { batch: null, epochs: null })).toEqual({ batch: 10, epochs: 200 });
    expect(usualLength(60_000, { batch: 100, epochs: 3 })).toEqual({ batch: 100, epochs: 3 });
  });
});

describe('pace', () => {
  it('begins with half the momentum, and ends with hardly any learning rate', () => {
    const at = (epoch: number): object => paceOf(epoch, 20, 'linear', { rate: 0.1, momentum: 0.9 });
    expect(at(1)).toEqual({ rate: 0.1, momentum: 0.5 });
    expect(at(6)).toEqual({ rate: 0.1 * (1 - 5 / 20), momentum: 0.9 });
    expect(paceOf(20, 20, 'linear', { rate: 0.1, momentum: 0.9 }).rate).toBeCloseTo(0.005, 12);
    expect(paceOf(20, 20, 'constant', { rate: 0.1, momentum: 0.3 })).toEqual({ rate: 0.1, momentum: 0.3 });
    expect(paceOf(1, 1, 'linear', { rate: 0.1, momentum: 0.9 })).toEqual({ rate: 0.1, momentum: 0.9 });
  });
});
