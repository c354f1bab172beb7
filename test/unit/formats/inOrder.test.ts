import { describe, expect, it } from 'vitest';

import { inOrder, replaceBy } from '../../../src/formats/files/replacement';

const put = (owner: string, start: number, end: number) => replaceBy(start, end, new Uint8Array(end - start), owner);

describe('bytes that are wanted twice are refused, with the names of who wants them', () => {
  it('by two tensors', () => {
    expect(() => inOrder([put('w', 2, 6), put('v', 0, 4)], 'w.bin')).toThrow(
      'v and w share their bytes in w.bin, so they cannot hold different values. Reinitialize only one of them, or export the model again.');
  });
  it('by pieces of one tensor and by another one, as of a shard that is listed twice', () => {
    expect(() => inOrder([put('w', 0, 416), put('w', 0, 96), put('b', 96, 160)], 'w.bin')).toThrow('w and b share their bytes in w.bin');
  });
  it('by pieces of one tensor alone', () => {
    expect(() => inOrder([put('w', 0, 416), put('w', 0, 96)], 'w.bin')).toThrow(
      'Values of w share their bytes in w.bin, so they cannot hold different values. Export the model again.');
  });
});
