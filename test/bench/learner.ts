/** One process of the bench: trains FILE with BATCH samples by OPTIMIZER for STEPS, and prints what a step took, and the memory halfway and at the end. */
import { Steering } from '../../src/engine/learning/steering';
import { train } from '../../src/engine/learning/train';
import { CancellationSource } from '../../src/protocol/rpc';
import type { OptimizerKind } from '../../src/protocol/training';
import { defaultTraining } from '../../src/protocol/training';

export interface Learned {
  /** Of a step, without the first ones. */
  readonly ms: number;
  readonly planMs: number;
  readonly createMs: number;
  /** Bytes that are resident, at half of the steps and at the end. */
  readonly memory: readonly [number, number];
}

/** Pieces grow while it warms up. */
const warm = 4;

async function main(): Promise<void> {
  const [, , path = '', batch = '', optimizer = '', count = ''] = process.argv;
  const steps = Number(count);
  const ends: { readonly at: number; readonly step: number; readonly memory: number }[] = [];
  const ignored = (): undefined => undefined;
  const options = {
    ...defaultTraining, schemes: ['he-normal'] as const, seeds: 1, steps, batch: Number(batch), optimizer: optimizer as OptimizerKind, rate: 1e-4,
    loss: 'mse' as const, data: { kind: 'built-in', name: 'teacher' } as const, samples: 2 * Number(batch), snapshots: 1, threads: 2,
  };
  const { timing } = await train({ path, recipes: [], restored: [], keep: null, options }, {
    trainingPlanned: ignored, rateFound: ignored, observed: ignored, trained: ignored,
    stepped: ({ from, losses }) => ends.push({ at: performance.now(), step: from + losses.length, memory: process.memoryUsage.rss() }),
  }, new Steering(), new CancellationSource());
  const first = ends.find(({ step }) => step >= warm);
  const last = ends.at(-1);
  if (!first || !last) throw new Error('There are too few steps to measure.');
  const middle = ends.find(({ step }) => step >= steps / 2) ?? last;
  const ms = (last.at - first.at) / (last.step - first.step);
  console.log(JSON.stringify({ ms, planMs: timing.planMs, createMs: timing.createMs, memory: [middle.memory, last.memory] } satisfies Learned));
}

void main();
