/** New values of a tensor that is stored in pieces, which may be asked for more than once. */

import { describe, expect, it } from 'vitest';

import type { Tensor, TensorPlace } from '../../../src/core/graph/tensor';
import { writeStored } from '../../../src/formats/saving/tensorWrite';

const piece = (offset: number, length: number): TensorPlace => ({ file: 'a', offset, length, encoding: 'contiguous' });
const tensor: Tensor = {
  id: 'w', dtype: 'uint8', shape: [9], storage: 'raw', values: null, place: { ...piece(100, 3), further: [piece(50, 4), piece(200, 2)] },
};

describe('the pieces of a tensor', () => {
  let begun = 0;
  const replacements = writeStored(tensor, () => {
    begun++;
    return [Uint8Array.of(0, 1), Uint8Array.of(2, 3, 4, 5, 6), Uint8Array.of(7, 8)];
  });
  const bytes = (i: number): readonly number[] => [...replacements[i]?.replacement.chunks() ?? []].flatMap((chunk) => [...chunk]);
  const wanted = [[0, 1, 2], [3, 4, 5, 6], [7, 8]];
  it('share one stream where they are asked for in order', () => {
    expect([0, 1, 2].map(bytes)).toEqual(wanted);
    expect(begun).toBe(1);
  });
  it.each([[[0, 0, 1, 1, 2, 2]], [[2, 1, 0]], [[0, 1, 0, 1, 2]], [[1, 2, 1, 2]]])('hold the same in the order %j', (order) => {
    expect(order.map(bytes)).toEqual(order.map((i) => wanted[i]));
  });
  it('hold the same after somebody stopped in the middle', () => {
    for (const chunk of replacements[1]?.replacement.chunks() ?? []) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect([1, 2].map(bytes)).toEqual([wanted[1], wanted[2]]);
  });
  it('are refused where they do not hold all of it', () => {
    const short = writeStored(tensor, () => [new Uint8Array(8)]);
    const long = writeStored(tensor, () => [new Uint8Array(10)]);
    expect(() => [...short[2]?.replacement.chunks() ?? []]).toThrow(/shorter/);
    expect(() => [...long[2]?.replacement.chunks() ?? []]).toThrow(/longer/);
  });
});
