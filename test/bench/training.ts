/** Steps of training, beside PyTorch making the same ones eagerly: processes of both take turns, medians are compared. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Learned } from './learner';
import { encodeMlp } from './models';
import { encodeTransformer } from './networks';
import type { SimulationBench } from './simulating';
import { median } from './simulating';
import { compare, megabytes } from './table';

const turns = 3;

export function measureTraining({ folder, runner, sample, peer }: SimulationBench): void {
  const networks = [
    { name: 'mlp', title: 'MLP 20×1024, batch 256', batch: 256, steps: 32, encode: () => encodeMlp(20, 1024) },
    { name: 'transformer', title: 'transformer 6×512, 128 tokens, batch 8', batch: 8, steps: 32, encode: () => encodeTransformer() },
    { name: 'residual', title: 'residual-cnn, batch 32', batch: 32, steps: 60, encode: () => readFileSync(sample) },
  ];
  for (const { name, title, batch, steps, encode } of networks) {
    const file = path.join(folder, `${name}.onnx`);
    writeFileSync(file, encode());
    const own = (): Learned => JSON.parse(answer(process.execPath, [runner, file, String(batch), 'adam', String(steps)])) as Learned;
    const other = (): number[] => (JSON.parse(answer(peer?.program ?? '', ['-B', peer?.script ?? '', 'train', name, String(batch), String(steps)])) as {
      ms: number[] }).ms.slice(4);
    const pairs = Array.from({ length: turns }, () => [own(), peer ? other() : []] as const);
    const theirs = pairs.flatMap(([, ms]) => ms);
    compare(`step of Adam, ${title}`, median(pairs.map(([{ ms }]) => ms)), theirs.length > 0 ? median(theirs) : undefined, 'PyTorch eager');
    const [half = 0, whole = 0] = pairs[0]?.[0].memory ?? [];
    compare('  memory at the end', whole, half, 'at half of the steps', megabytes);
  }
}

function answer(program: string, given: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, given, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}
