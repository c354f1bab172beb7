import { describe, expect, it } from 'vitest';

import type { FloatDType } from '../../../src/core/graph/dtype';
import { createTensor } from '../../../src/core/graph/tensor';
import { sampleBytes } from '../../../src/core/initializers/sampling';
import { ChunkRoom, drawnBytes } from '../../../src/formats/tensors/content';
import type { Recipe } from '../../../src/protocol/recipe';

const shape = [700, 1000];
const count = 700_000;

/** Rows 300 to 400 belong to no block, and are 0; chunks begin and end elsewhere. */
const recipe = (tensorId: string): Recipe => ({
  version: 1, tensorId, seed: 3, origin: { scheme: 'normal', title: 'Test' },
  blocks: [
    { sampler: { kind: 'normal', mean: 0, std: 1e-3 }, slices: [{ axis: 0, start: 0, end: 300 }] },
    { sampler: { kind: 'uniform', low: -7e4, high: 7e4 }, slices: [{ axis: 0, start: 400, end: 700 }] },
  ],
});

describe('a tensor that is drawn chunk by chunk', () => {
  it.each<FloatDType>(['float32', 'float64', 'float16', 'bfloat16'])('in %s has the bits it has as a whole, in memory that others used before', (dtype) => {
    const room = new ChunkRoom();
    for (const id of ['first', 'second']) {
      const memory = new Set<ArrayBufferLike>();
      const chunks = [...drawnBytes(recipe(id), { ...createTensor('float32', shape, []), dtype }, room)].map((chunk) => {
        memory.add(chunk.buffer);
        return chunk.length;
      });
      expect(chunks.length).toBeGreaterThan(3);
      expect(memory.size).toBe(1);
      let at = 0;
      const whole = sampleBytes(recipe(id), dtype, shape, 0, count);
      for (const chunk of drawnBytes(recipe(id), { ...createTensor('float32', shape, []), dtype }, room)) {
        expect(Buffer.compare(chunk, whole.subarray(at, at + chunk.length))).toBe(0);
        at += chunk.length;
      }
      expect(at).toBe(whole.length);
    }
  });
});
