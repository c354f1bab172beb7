/** How many samples a teacher answers before the first step. */
import { expect, it } from 'vitest';

import { answered } from '../../../../src/engine/learning/teacher';

it.each([
  { network: 'a small one', bytes: 1e6, batch: 32, samples: 1024 },
  { network: 'one that computes 2 GB a batch', bytes: 2 ** 31, batch: 4, samples: 64 },
  { network: 'one that computes 100 GB a batch', bytes: 1e11, batch: 2, samples: 16 },
])('a teacher of $network answers $samples of 1,024 samples', ({ bytes, batch, samples }) => {
  expect(answered(1024, batch, bytes)).toBe(samples);
});
