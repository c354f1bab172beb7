// One machine from its start to its last epoch, with what is seen of it on the way.

import { paceOf } from '../../../core/learning/rbm/batches';
import type { Machine } from '../../../core/learning/rbm/machine';
import { startMachine, streamOf } from '../../../core/learning/rbm/machine';
import type { ImageSize } from '../../../core/learning/rbm/pictures';
import { filtersOf, pairsOf } from '../../../core/learning/rbm/pictures';
import { fillUniforms } from '../../../core/kernels/random';
import type { MachineEpoch, MachinePlan, PretrainingOptions } from '../../../protocol/pretraining';
import { say } from '../../../protocol/words';
import { Monitor } from './monitor';
import type { Rows } from './trainer';
import { Trainer } from './trainer';

/** What a machine learns from, and what is only shown to it. */
export interface Shown {
  readonly rows: Rows;
  readonly heldOut: Float32Array | null;
  readonly image: ImageSize | null;
}

export interface MachineRun {
  /** As far as it has come: of one that diverged, as it was before. */
  readonly machine: Machine;
  readonly epochs: readonly MachineEpoch[];
  readonly end: { readonly kind: 'finished' | 'cancelled' } | { readonly kind: 'diverged'; readonly epoch: number; readonly what: string };
  readonly hidden: { readonly rows: Float32Array; readonly heldOut: Float32Array | null } | null;
  readonly monitorMs: number;
}

/** Options with a length. */
export interface Settings extends PretrainingOptions { readonly epochs: number; readonly batch: number }

export interface MachineListener {
  epochDone(epoch: MachineEpoch): void;
  /** Waits while it is held, and says whether to go on. */
  isGoing(): Promise<boolean>;
}

/** Learning rates by default: of real numbers, whose reconstructions have no bound, a tenth (Hinton 2010, section 13.2). */
export const usualRate = { bernoulli: 0.1, gaussian: 0.01 } as const;
/** Weights of a machine that learns are of the order of 1 (section 15.2); by this root mean square it has long been lost. */
const largestWeights = 100;

export async function runMachine(
  plan: MachinePlan, hasHiddenBias: boolean, shown: Shown, options: Settings, listener: MachineListener,
): Promise<MachineRun> {
  const { layer: name, kind } = plan;
  const { seed, threads, epochs, schedule, gibbs, persistent: isPersistent, batch, decay, sparsity } = options;
  const pace = { rate: options.rate ?? usualRate[kind], momentum: options.momentum };
  const start = startMachine(plan, options.start, shown.rows.data, streamOf(seed, `${name}:start`));
  const monitor = await Monitor.create(start, { ...statesOf(shown, seed, name), seed, threads });
  const trainer = await Trainer.create(start, shown.rows, {
    name, form: { kind, gibbs, isPersistent, hasHiddenBias }, batch, decay, sparsity, seed, threads,
  });
  const seen: MachineEpoch[] = [];
  let monitorMs = 0;
  const look = async (machine: Machine, epoch: number): Promise<void> => {
    const began = performance.now();
    const found = await monitor.see(machine, epoch, epochs);
    const divergence = await monitor.diverges(machine, epoch, epochs, () => listener.isGoing());
    const few = monitor.data.subarray(0, 8 * machine.visible);
    const pictures = shown.image ? {
      filters: filtersOf(machine, shown.image), reconstructions: pairsOf(few, await monitor.reconstructions(machine, few), machine.visible, shown.image),
    } : { filters: null, reconstructions: null };
    const at: MachineEpoch = {
      layer: name, epoch, ...epoch === 0 ? { rate: 0, momentum: 0 } : paceOf(epoch, epochs, schedule, pace), ...found, divergence,
      ratio: epoch === 0 ? null : trainer.ratio, ...pictures,
    };
    seen.push(at);
    listener.epochDone(at);
    monitorMs += performance.now() - began;
  };
  try {
    await look(start, 0);
    let machine = start;
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const isThrough = await trainer.epoch(epoch, paceOf(epoch, epochs, schedule, pace), () => listener.isGoing());
      const what = whyLost(trainer.machine);
      if (what !== null) return { machine, epochs: seen, end: { kind: 'diverged', epoch, what }, hidden: null, monitorMs };
      machine = trainer.machine;
      if (!isThrough) return { machine, epochs: seen, end: { kind: 'cancelled' }, hidden: null, monitorMs };
      await look(machine, epoch);
    }
    const hidden = {
      rows: await monitor.hidden(machine, shown.rows.data), heldOut: shown.heldOut ? await monitor.hidden(machine, shown.heldOut) : null,
    };
    return { machine, epochs: seen, end: { kind: 'finished' }, hidden, monitorMs };
  } finally {
    await trainer.release();
    await monitor.release();
  }
}

/** Probabilities p(h = 1 | v) that a layer with these weights hands on. */
export async function handOn(machine: Machine, shown: Shown, options: PretrainingOptions): Promise<NonNullable<MachineRun['hidden']>> {
  const monitor = await Monitor.create(machine, { data: shown.rows.data, states: null, heldOut: null, seed: options.seed, threads: options.threads });
  try {
    return { rows: await monitor.hidden(machine, shown.rows.data), heldOut: shown.heldOut ? await monitor.hidden(machine, shown.heldOut) : null };
  } finally {
    await monitor.release();
  }
}

function whyLost({ weights, hiddenBias, visibleBias }: Machine): string | null {
  let sum = 0;
  for (const values of [weights, hiddenBias, visibleBias]) for (const value of values) sum += value * value;
  if (!Number.isFinite(sum)) return say('its weights are not finite any more');
  const size = Math.sqrt(sum / (weights.length + hiddenBias.length + visibleBias.length));
  return size > largestWeights ? say('its weights have grown to {0}', size.toExponential(1)) : null;
}

/**
 * What is looked at: samples as they are, where they come from outside, and one draw of what the layer below hands on. How far a machine is from its
 * data is asked of states, which machines are about: of grey images, too, one draw.
 */
function statesOf({ rows, heldOut }: Shown, seed: number, name: string): { data: Float32Array; states: Float32Array | null; heldOut: Float32Array | null } {
  const draw = (data: Float32Array, purpose: string): Float32Array => {
    const u = new Float32Array(data.length);
    fillUniforms(u, streamOf(seed, `${name}:${purpose}`), 0, 0, 1);
    return data.map((p, i) => ((u[i] ?? 0) < p ? 1 : 0));
  };
  const areStates = rows.data.every((value) => value === 0 || value === 1);
  const arePossible = rows.data.every((value) => value >= 0 && value <= 1);
  const states = areStates ? rows.data : arePossible ? draw(rows.data, 'looked at') : null;
  const looked = rows.areProbabilities && states ? states : rows.data;
  return { data: looked, states, heldOut: heldOut && rows.areProbabilities ? draw(heldOut, 'held out') : heldOut };
}
