/** Measures against peers in the same run. Bundled and run by scripts/bench.mjs: FOLDER SAMPLE ROOT [PEERS.json]. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { sampleElements, sampleFloat32 } from '../../src/core/initializers/sampling';
import type { Value } from '../../src/engine/runtime';
import { createSession } from '../../src/engine/runtime';
import { simulate } from '../../src/engine/simulate';
import { openModelFile } from '../../src/formats/openModel';
import type { Recipe } from '../../src/protocol/recipe';
import { CancellationSource } from '../../src/protocol/rpc';
import { measureInspecting } from './inspecting';
import { encodeMlp } from './models';
import { measureSaving } from './saving';
import { compare, printTable } from './table';

async function best(times: number, work: () => unknown): Promise<number> {
  const measured: number[] = [];
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    await work();
    measured.push(performance.now() - start);
  }
  return Math.min(...measured);
}

const recipe = (tensorId: string): Recipe => (
  { version: 1, tensorId, seed: 1, blocks: [{ sampler: { kind: 'normal', mean: 0, std: 0.02 } }], origin: { scheme: 'normal', title: '' } });

async function measureSampling(torch: number | undefined): Promise<void> {
  const count = 4_000_000;
  const own = await best(5, () => sampleFloat32(recipe('w'), [count]));
  const peer = await best(3, () => {
    const out = new Float32Array(count);
    for (let i = 0; i < count; i += 2) {
      const [radius, angle] = [Math.sqrt(-2 * Math.log(1 - Math.random())), 2 * Math.PI * Math.random()];
      out[i] = radius * Math.cos(angle);
      out[i + 1] = radius * Math.sin(angle);
    }
  });
  compare('draw 4M normal numbers', own, peer, 'Box–Muller of Math.random');
  compare('', own, torch, 'torch.randn');
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

/** Python with the onnx package, if there is one to ask. */
function pythonWithOnnx(): string | undefined {
  const program = process.env.INITSCOPE_PYTHON;
  if (program === undefined || program === '') return undefined;
  const { status } = spawnSync(program, ['-c', 'import onnx']);
  if (status !== 0) console.warn(`PEER ABSENT: ${program} has no onnx package.\n`);
  return status === 0 ? program : undefined;
}

async function main(): Promise<void> {
  const [, bundle = '', folder = '', sample = '', root = '', peersFile] = process.argv;
  const peers = peersFile === undefined ? {} : JSON.parse(readFileSync(peersFile, 'utf8')) as Readonly<Partial<Record<'normals' | 'residual' | 'mlp', number>>>;
  const program = pythonWithOnnx();
  const python = program === undefined ? {} : { python: { program, script: path.join(root, 'test/bench/load.py') } };
  measureInspecting(folder, { reader: path.join(path.dirname(bundle), 'bench-reader.cjs'), ...python });
  await measureSampling(peers.normals);
  await measureSaving(folder, program === undefined ? null : { program, peer: path.join(root, 'test/bench/peer.py') });
  await measureSimulation('residual-cnn, batch 8', sample, 'images', values([8, 3, 32, 32]), 10, peers.residual);
  const mlp = path.join(folder, 'mlp.onnx');
  writeFileSync(mlp, encodeMlp(20, 1024));
  await measureSimulation('MLP 20×1024, batch 256', mlp, 'x', values([256, 1024]), 4, peers.mlp);
  printTable();
}

void main();
