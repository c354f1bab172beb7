/** Forward and backward passes with statistics, beside PyTorch doing the same: processes of both take turns, medians are compared. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { encodeMlp } from './models';
import { encodeLstm, encodeMobileNetV2, encodeResNet50, encodeTransformer, encodeVgg } from './networks';
import type { Simulated } from './runner';
import { compare, megabytes, ms } from './table';

interface Network {
  /** As peer_networks.py calls it. */
  readonly name: string;
  readonly title: string;
  readonly batch: number;
  readonly encode: () => Uint8Array;
}

export interface SimulationBench {
  readonly folder: string;
  /** The bundle of runner.ts. */
  readonly runner: string;
  readonly sample: string;
  readonly peer?: { readonly program: string; readonly script: string };
}

const turns = 2;
const runsPerTurn = 4;

export function measureSimulating({ folder, runner, sample, peer }: SimulationBench): void {
  const networks: readonly Network[] = [
    { name: 'residual', title: 'residual-cnn, batch 8', batch: 8, encode: () => readFileSync(sample) },
    { name: 'mlp', title: 'MLP 20×1024, batch 256', batch: 256, encode: () => encodeMlp(20, 1024) },
    { name: 'mlp40', title: 'MLP 40×1024, batch 256', batch: 256, encode: () => encodeMlp(40, 1024) },
    { name: 'transformer', title: 'transformer 6×512, 128 tokens, batch 8', batch: 8, encode: () => encodeTransformer() },
    { name: 'resnet50', title: 'ResNet-50, 224², batch 8', batch: 8, encode: encodeResNet50 },
    { name: 'vgg', title: 'VGG-like, 56², batch 8', batch: 8, encode: encodeVgg },
    { name: 'mobilenet', title: 'MobileNetV2, 224², batch 8', batch: 8, encode: encodeMobileNetV2 },
    { name: 'lstm', title: 'LSTM 2×512, 100 steps, batch 16', batch: 16, encode: () => encodeLstm() },
  ];
  const own = (file: string, batch: number, seeds: number): Simulated => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [runner, file, String(batch), String(seeds)], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${file}: ${stderr}`);
    return JSON.parse(stdout) as Simulated;
  };
  const other = (name: string): { readonly ms: readonly number[]; readonly peak: number } | null => {
    if (!peer) return null;
    const { stdout, stderr, status } = spawnSync(peer.program, ['-B', peer.script, name, String(runsPerTurn)], { encoding: 'utf8' });
    if (status === 0) return JSON.parse(stdout) as { ms: number[]; peak: number };
    console.warn(`PEER ABSENT: ${peer.script} ${name}: ${stderr.trim().split('\n').at(-1) ?? ''}`);
    return null;
  };
  const found = new Map<string, Simulated>();
  for (const { name, title, batch, encode } of networks) {
    const file = path.join(folder, `${name}.onnx`);
    writeFileSync(file, encode());
    const pairs = Array.from({ length: turns }, () => [own(file, batch, runsPerTurn), other(name)] as const);
    const [first] = pairs.map(([mine]) => mine);
    if (first) found.set(name, first);
    const theirs = pairs.flatMap(([, their]) => their?.ms.slice(1) ?? []);
    compare(`simulate ${title}`, median(pairs.flatMap(([mine]) => mine.ms)), theirs.length > 0 ? median(theirs) : undefined, 'PyTorch eager, the same');
    const peak = Math.max(...pairs.map(([mine]) => mine.peak));
    compare('  peak memory', peak, theirs.length > 0 ? Math.max(...pairs.map(([, their]) => their?.peak ?? 0)) : undefined, 'PyTorch', megabytes);
  }
  const [mlp, deeper] = [found.get('mlp'), found.get('mlp40')];
  if (mlp && deeper) {
    compare('plan MLP of 40 layers', deeper.planMs, mlp.planMs, '20 layers; linear is 2');
    compare('create its session', deeper.createMs, mlp.createMs, '20 layers');
    compare('run it', median(deeper.ms), median(mlp.ms), '20 layers');
  }
  measureFirstPicture(folder, runner, peer);
}

/** From the start of a process to the first statistics: read, plan, create, run. */
function measureFirstPicture(folder: string, runner: string, peer: SimulationBench['peer']): void {
  const time = (program: string, given: readonly string[]): number => {
    const started = performance.now();
    const { status, stderr } = spawnSync(program, given, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return performance.now() - started;
  };
  const own = time(process.execPath, [runner, path.join(folder, 'resnet50.onnx'), '8', '1']);
  compare('first picture of ResNet-50', own, peer && time(peer.program, ['-B', peer.script, 'resnet50', '1']), 'Python, import torch, the same', ms);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] ?? NaN : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}
