import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';

import { giantNames } from '../../../hostile/giants';
import { hostileShapes } from '../../../hostile/shapes';
import type { Done } from '../../../hostile/work';
import { createFolder } from '../../support/temporary';

const run = promisify(execFile);
const folder = createFolder();
const script = path.join(folder, 'work.cjs');
writeFileSync(path.join(folder, 'weights.bin'), Buffer.alloc(4096, 7));

/** What a process did that has 300 MB for everything it keeps; it is ended where it hangs. */
async function doneBy(...given: readonly string[]): Promise<ReadonlyMap<string, Done>> {
  const [kind = '', ...more] = given;
  const options = { timeout: 300_000, killSignal: 'SIGKILL', maxBuffer: 1 << 26 } as const;
  const { stdout } = await run(process.execPath, ['--max-old-space-size=300', script, kind, folder, ...more], options);
  return new Map(stdout.trim().split('\n').map((line) => JSON.parse(line) as Done).map((each) => [each.name, each]));
}

/** So many look-ups and steps for every byte of a file, and for every file. */
const [perByte, perFile] = [200, 600_000];
const sizes = [1500, 3000] as const;
let shapes: ReadonlyMap<string, Done> = new Map();
let giants: readonly ReadonlyMap<string, Done>[] = [];

beforeAll(async () => {
  const entry = path.join(import.meta.dirname, '../../../hostile/work.ts');
  await build({ entryPoints: [entry], bundle: true, platform: 'node', format: 'cjs', outfile: script, logLevel: 'warning' });
  shapes = await doneBy('shapes');
  giants = [await doneBy('giants', String(sizes[0])), await doneBy('giants', String(sizes[1]))];
}, 900_000);

describe('a file that is made to cost much', () => {
  it.each(Object.keys(hostileShapes))('costs no more than a small multiple of what it is: %s', (name) => {
    const done = shapes.get(name);
    expect(done).toBeDefined();
    expect(done?.raw).toBeUndefined();
    expect(done?.work ?? Infinity).toBeLessThan(perFile + perByte * (done?.bytes ?? 0));
  });
  it('is refused in a sentence that names it, or opened', () => {
    for (const { refused } of shapes.values()) if (refused !== undefined) expect(refused).toMatch(/^mutant\.onnx\b.*\.$/s);
    expect([...shapes.values()].filter(({ refused }) => refused !== undefined).length).toBeLessThan(shapes.size / 4);
  });
});

describe('a network of twice as many nodes', () => {
  it.each(giantNames)('costs twice as much, and not more: %s', (name) => {
    const [half, whole] = giants.map((each) => each.get(name));
    expect(half?.layers).toBeGreaterThan(0);
    expect(whole?.raw ?? whole?.refused).toBeUndefined();
    expect((whole?.work ?? Infinity) / (half?.work ?? 1)).toBeLessThan(2.3);
  });
});
