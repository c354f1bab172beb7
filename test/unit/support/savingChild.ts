/** A process that saves a model, and ends itself before the step on the disk that it is told: FILE STEP (0 for never), then prints "saved STEPS". */
import fs from 'node:fs';
import promises from 'node:fs/promises';

import { openModelFile } from '../../../src/formats/openModel';
import { saveModel } from '../../../src/formats/saving/save';

const [, , file = '', last = '0'] = process.argv;
let steps = 0;

/** Lets a call count as a step, before it is made. */
function count(owner: object, name: string): void {
  const original: unknown = Reflect.get(owner, name);
  if (typeof original !== 'function') throw new Error(`There is no ${name}.`);
  const counted = function (this: unknown, ...given: unknown[]): unknown {
    steps++;
    if (steps === Number(last)) process.kill(process.pid, 'SIGKILL');
    return Reflect.apply(original, this, given);
  };
  Object.defineProperty(owner, name, { value: counted });
}

async function main(): Promise<void> {
  const opened = openModelFile(file);
  for (const name of ['renameSync', 'unlinkSync', 'fsyncSync', 'linkSync', 'writeFileSync']) count(fs, name);
  for (const name of ['open', 'copyFile', 'chmod', 'mkdir']) count(promises, name);
  const handle = await fs.promises.open(file, 'r');
  for (const name of ['write', 'writeFile', 'sync']) count(Object.getPrototypeOf(handle) as object, name);
  await handle.close();
  steps = 0;
  const ids = opened.layers.flatMap((layer) => layer.weights.map((weight) => weight.id));
  const blocks = [{ sampler: { kind: 'normal', mean: 0, std: 1 } }] as const;
  const contents = new Map(ids.map((tensorId) => (
    [tensorId, { kind: 'recipe', recipe: { version: 1, tensorId, seed: 7, blocks, origin: { scheme: 'normal', title: 'Test' } } } as const] as const)));
  process.stdout.write('begun\n');
  await saveModel({ opened, target: file, contents, record: true });
  process.stdout.write(`saved ${steps}\n`);
}

void main();
