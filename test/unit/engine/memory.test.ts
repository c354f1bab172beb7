import { describe, expect, it } from 'vitest';

import { estimateMemory, refuseTooLarge } from '../../../src/engine/planning/memory';

const facts = {
  shapes: new Map([['x', [8, 1000]], ['w', [1000, 1000]], ['y', [8, 1000]], ['mask', [8]]]),
  types: new Map([['x', 'float32'], ['w', 'float32'], ['y', 'float32'], ['mask', 'bool']] as const),
  constants: new Map(),
};

describe('memory', () => {
  it('counts values by the batch, and weights whatever it is', () => {
    const { perBatch, fixed } = estimateMemory(facts, new Set(['w']));
    expect(perBatch).toBe(1.4 * (2 * 8 * 1000 * 4 + 8));
    expect(fixed).toBe(2 * 4e6 + 150e6);
  });
  it('is enough', () => {
    expect(() => refuseTooLarge({ perBatch: 4e9, fixed: 1e9 }, 8, 5e9)).not.toThrow();
  });
  it('is not enough: says how much is needed, how much is free, and what would fit', () => {
    expect(() => refuseTooLarge({ perBatch: 8e9, fixed: 1e9 }, 8, 4.2e9)).toThrow(
      'This network needs about 9.0 GB of memory to run forward and backward, and 4.2 GB are free. A batch of 3 would fit.');
  });
  it.each([[null, 4e9], [1, 4e9], [64, 0.5e9]])('of a batch of %s nothing smaller fits', (batch, available) => {
    expect(() => refuseTooLarge({ perBatch: 8e9, fixed: 1e9 }, batch, available)).toThrow(/are free\. Give smaller sizes/);
  });
});
