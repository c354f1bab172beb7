import { readFileSync } from 'node:fs';
import path from 'node:path';

import { expect, it } from 'vitest';

import { compileKernels } from '../../../scripts/kernels.mjs';

it('the WebAssembly is what its source compiles to', async () => {
  const kept = readFileSync(path.join(import.meta.dirname, '../../../src/core/kernels/randomModule.ts'), 'utf8');
  expect(await compileKernels() === kept, 'Run `npm run kernels` and commit what it writes.').toBe(true);
}, 60_000);
