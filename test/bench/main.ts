/** Measures against peers in the same run. Bundled and run by scripts/bench.mjs: FOLDER SAMPLE [PEERS.json], or a part of it by name. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, fsyncSync, openSync, closeSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { sampleElements } from '../../src/core/initializers/sampling';
import type { Value } from '../../src/engine/runtime';
import { createSession } from '../../src/engine/runtime';
import { simulate } from '../../src/engine/simulate';
import { openModelFile } from '../../src/formats/openModel';
import { saveModel } from '../../src/formats/save';
import type { Recipe } from '../../src/protocol/recipe';
import { CancellationSource } from '../../src/protocol/rpc';
import { encodeMlp, writeChain } from './models';

const rows: string[][] = [['what', 'Initscope', 'peer', 'ratio', 'peer is']];
const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`;

function compare(what: string, own: number, peer: number | undefined, name: string, show: (value: number) => string = ms): void {
  if (peer === undefined) rows.push([what, show(own), '–', 'PEER ABSENT', name]);
  else rows.push([what, show(own), show(peer), `${(own / peer).toFixed(own / peer < 0.1 ? 3 : 2)}×`, name]);
}

async function best(times: number, work: () => unknown): Promise<number> {
  const measured: number[] = [];
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    await work();
    measured.push(performance.now() - start);
  }
  return Math.min(...measured);
}

/** In a process of its own, for its peak memory. */
function alone(part: string, file: string): { readonly elapsedMs: number; readonly peakBytes: number } {
  const out = execFileSync(process.execPath, [process.argv[1] ?? '', part, file], { encoding: 'utf8' });
  const [elapsedMs = NaN, peakBytes = NaN] = out.trim().split(' ').map(Number);
  return { elapsedMs, peakBytes };
}

function runAlone(part: string, file: string): void {
  const start = performance.now();
  if (part === 'structure') openModelFile(file);
  if (part === 'whole') readFileSync(file);
  console.log(performance.now() - start, process.resourceUsage().maxRSS * 1024);
}

const recipe = (tensorId: string): Recipe => (
  { version: 1, tensorId, seed: 1, blocks: [{ sampler: { kind: 'normal', mean: 0, std: 0.02 } }], origin: { scheme: 'normal', title: '' } });

async function measureOpening(folder: string): Promise<void> {
  const file = path.join(folder, 'large.onnx');
  writeChain(file, 30, 2048, false);
  const [own, peer] = [alone('structure', file), alone('whole', file)];
  const size = `${(statSync(file).size / 1e6).toFixed(0)} MB`;
  compare(`open the structure of ${size}`, own.elapsedMs, peer.elapsedMs, 'fs.readFileSync');
  compare('  peak memory', own.peakBytes, peer.peakBytes, 'fs.readFileSync', (value) => `${(value / 1e6).toFixed(0)} MB`);
  await Promise.resolve();
}

async function measureSampling(torch: number | undefined): Promise<void> {
  const count = 4_000_000;
  const own = await best(3, () => { for (let at = 0; at < count; at += 1 << 17) sampleElements(recipe('w'), [count], at, Math.min(1 << 17, count - at)); });
  const peer = await best(3, () => {
    const out = new Float64Array(count);
    for (let i = 0; i < count; i += 2) {
      const [radius, angle] = [Math.sqrt(-2 * Math.log(1 - Math.random())), 2 * Math.PI * Math.random()];
      out[i] = radius * Math.cos(angle);
      out[i + 1] = radius * Math.sin(angle);
    }
  });
  compare('draw 4M normal numbers', own, peer, 'Box–Muller of Math.random');
  compare('', own, torch, 'torch.randn');
}

async function measureSaving(folder: string): Promise<void> {
  const file = path.join(folder, 'saved.onnx');
  writeChain(file, 12, 2048, true);
  const copy = path.join(folder, 'copy.onnx');
  const contents = new Map([['w5', { kind: 'recipe', recipe: recipe('w5') } as const]]);
  const own = await best(3, () => saveModel({ opened: openModelFile(file), target: file, contents, record: true }));
  const peer = await best(3, () => {
    copyFileSync(file, copy);
    const descriptor = openSync(copy, 'r+');
    fsyncSync(descriptor);
    closeSync(descriptor);
  });
  compare('save 1 of 12 weights of 201 MB', own, peer, 'fs.copyFile and fsync');
}

async function measureSimulation(what: string, file: string, name: string, input: Value, seeds: number, torch: number | undefined): Promise<void> {
  const batch = input.shape[0] ?? 1;
  const starts: number[] = [];
  const request = {
    path: file, recipes: [], restored: [], files: {},
    options: { schemes: ['current'], seeds, seed: 0, batch, dims: {}, loss: 'noise', batchNorm: 'training', threads: null },
  } as const;
  await simulate(request, { planned: () => starts.push(performance.now()), ran: () => starts.push(performance.now()) }, new CancellationSource());
  // The first interval is planning's end to the first run, which creates the session.
  const own = Math.min(...starts.slice(2).map((at, i) => at - (starts[i + 1] ?? at)));
  const session = await createSession(readFileSync(file), { threads: null, optimise: true });
  const { outputs } = openModelFile(file).model.graph;
  const forward = await best(seeds, () => session.run(new Map([[name, input]]), outputs.map((output) => output.name)));
  await session.release();
  compare(`simulate ${what}, both ways with statistics`, own, forward, 'ONNX Runtime, forward alone');
  compare('', own, torch, 'PyTorch eager, both ways with moments');
}

function values(shape: readonly number[]): Value {
  const count = shape.reduce((all, size) => all * size, 1);
  return { dtype: 'float32', shape, data: Float32Array.from(sampleElements(recipe('input'), shape, 0, count), (value) => value * 50) };
}

async function main(): Promise<void> {
  const [, , folder = '', sample = '', peersFile] = process.argv;
  if (folder === 'structure' || folder === 'whole') { runAlone(folder, sample); return; }
  const peers = peersFile === undefined ? {} : JSON.parse(readFileSync(peersFile, 'utf8')) as Readonly<Partial<Record<'normals' | 'residual' | 'mlp', number>>>;
  await measureOpening(folder);
  await measureSampling(peers.normals);
  await measureSaving(folder);
  await measureSimulation('residual-cnn, batch 8', sample, 'images', values([8, 3, 32, 32]), 10, peers.residual);
  const mlp = path.join(folder, 'mlp.onnx');
  writeFileSync(mlp, encodeMlp(20, 1024));
  await measureSimulation('MLP 20×1024, batch 256', mlp, 'x', values([256, 1024]), 4, peers.mlp);
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const isText = (column: number): boolean => column === 0 || column === 4;
  const pad = (cell: string, column: number): string => (isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0));
  for (const row of rows) console.log(row.map(pad).join('  ').trimEnd());
}

void main();
