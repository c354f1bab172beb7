/** Measures against peers in the same run. Bundled and run by scripts/bench.mjs: FOLDER SAMPLE ROOT. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

import { sampleFloat32 } from '../../src/core/initializers/sampling';
import { simulate } from '../../src/engine/running/simulate';
import type { Recipe } from '../../src/protocol/recipe';
import { CancellationSource } from '../../src/protocol/rpc';
import type { SimulationOptions } from '../../src/protocol/simulation';
import { defaultOptions } from '../../src/protocol/simulation';
import { measureFormats } from './formats';
import { measureInspecting } from './inspecting';
import { measurePretraining } from './pretraining';
import { measureSaving } from './saving';
import { measureSimulating } from './simulating';
import { compare, printTable } from './table';
import { measureTheory } from './theory';
import { measureTraining } from './training';

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

async function measureSampling(torch: { readonly program: string; readonly script: string } | undefined): Promise<void> {
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
  const { status, stdout } = torch ? spawnSync(torch.program, ['-B', torch.script, 'normals'], { encoding: 'utf8' }) : { status: 1, stdout: '' };
  const theirs = status === 0 ? Math.min(...(JSON.parse(stdout) as { ms: number[] }).ms) : undefined;
  compare('', own, theirs, 'torch.randn');
}

/** A sweep of schemes and seeds beside as many simulations of one run each, which read, plan and create a session every time. */
async function measureSweep(file: string): Promise<void> {
  const schemes = ['zeros', 'normal', 'xavier-normal', 'xavier-uniform', 'he-normal', 'he-uniform'] as const;
  const listener = { planned: () => undefined, ran: () => undefined };
  const run = (options: Partial<SimulationOptions>): Promise<unknown> => simulate(
    { path: file, recipes: [], restored: [], files: {}, options: { ...defaultOptions, batch: 8, threads: 2, ...options } }, listener, new CancellationSource(),
  );
  const own = await best(2, () => run({ schemes, seeds: 5 }));
  const peer = await best(1, async () => {
    for (const scheme of schemes) for (let seed = 0; seed < 5; seed++) await run({ schemes: [scheme], seed });
  });
  compare('sweep 6 schemes × 5 seeds, residual-cnn', own, peer, '30 single simulations');
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
  const [, bundle = '', folder = '', sample = '', root = ''] = process.argv;
  const program = pythonWithOnnx();
  const python = program === undefined ? {} : { python: { program, script: path.join(root, 'test/bench/load.py') } };
  const bundled = (name: string): string => path.join(path.dirname(bundle), name);
  const peer = process.env.INITSCOPE_PYTHON ? { program: process.env.INITSCOPE_PYTHON, script: path.join(root, 'test/bench/peer.py') } : undefined;
  measureInspecting(folder, { reader: bundled('bench-reader.cjs'), ...python });
  const keras = process.env.INITSCOPE_KERAS ? { keras: { program: process.env.INITSCOPE_KERAS, script: path.join(root, 'test/bench/keras_peer.py') } } : {};
  measureTheory();
  await measureFormats(folder, { reader: bundled('bench-reader.cjs'), ...keras });
  await measureSampling(peer);
  await measureSaving(folder, program === undefined ? null : { program, peer: path.join(root, 'test/bench/peer.py') });
  await measureSweep(sample);
  measureSimulating({ folder, runner: bundled('bench-runner.cjs'), sample, ...(peer ? { peer } : {}) });
  measureTraining({ folder, runner: bundled('bench-learner.cjs'), sample, ...(peer ? { peer } : {}) });
  const boltzmann = process.env.INITSCOPE_PYTHON ? { program: process.env.INITSCOPE_PYTHON, script: path.join(root, 'test/bench/boltzmann_peer.py') } : null;
  await measurePretraining(boltzmann);
  printTable();
}

void main();
