/** One process of the bench: simulates FILE with BATCH samples and SEEDS runs, and prints what each took. */
import { simulate } from '../../src/engine/running/simulate';
import { CancellationSource } from '../../src/protocol/rpc';
import { defaultOptions } from '../../src/protocol/simulation';

export interface Simulated {
  /** Of each run but the first, which warms up. */
  readonly ms: readonly number[];
  readonly planMs: number;
  readonly createMs: number;
  /** Bytes. */
  readonly peak: number;
}

async function main(): Promise<void> {
  const [, , path = '', batch = '', seeds = ''] = process.argv;
  const ends: number[] = [];
  const options = { ...defaultOptions, batch: Number(batch), seeds: Number(seeds), threads: 2 };
  const listener = { planned: () => undefined, ran: () => ends.push(performance.now()) };
  const { timing, memoryBytes } = await simulate({ path, recipes: [], restored: [], files: {}, options }, listener, new CancellationSource());
  const ms = ends.slice(1).map((end, i) => end - (ends[i] ?? end));
  console.log(JSON.stringify({ ms, planMs: timing.planMs, createMs: timing.createMs, peak: memoryBytes } satisfies Simulated));
}

void main();
