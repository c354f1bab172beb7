import { describe, expect, it } from 'vitest';

import { createTensor } from '../../../../src/core/graph/tensor';
import { frozenReason } from '../../../../src/core/layers/frozen';

describe('why a quantised tensor keeps its values', () => {
  it('is its scale, and what few bits can hold', () => {
    expect(frozenReason('w', createTensor('int8', [2], [1, 2]), null)).toBe('it is quantised to int8: new values would need a new scale, and 8 bits are '
      + 'too few to train from. Reinitialize the float model it was made from, and quantise again');
  });
  it('is its scale alone for a bias of 32 bits', () => {
    expect(frozenReason('b', createTensor('int32', [2], [1, 2]), null)).toBe('it is quantised to int32: new values would need a new scale. Reinitialize '
      + 'the float model it was made from, and quantise again');
  });
});
