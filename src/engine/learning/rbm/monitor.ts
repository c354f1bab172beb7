// A machine looked at behind an epoch: errors, free energies, how probable its data are to it, and how far it is from them.

import { divergenceOf, entropyOfRows, pseudoLikelihood, stochasticPseudoLikelihood } from '../../../core/learning/rbm/energy';
import type { Machine } from '../../../core/learning/rbm/machine';
import { baseRates, streamOf } from '../../../core/learning/rbm/machine';
import { monitorGraph } from '../../../core/learning/rbm/monitorGraph';
import { enumerationCost, isEnumerable, logPartition } from '../../../core/learning/rbm/partition';
import { fillUniforms } from '../../../core/kernels/random';
import type { Divergence, MachineEpoch, PseudoLikelihood } from '../../../protocol/pretraining';
import type { Session } from '../../runtime';
import { createSession } from '../../runtime';
import { Annealer } from './annealed';
import { encodeOwn, floats, threadsFor } from './graphs';

/** What is found behind every epoch. */
export type Seen = Pick<MachineEpoch, 'error' | 'crossEntropy' | 'freeEnergy' | 'pseudoLikelihood' | 'activity'>;

/** Samples of a run. */
const together = 1024;
/** Samples that are looked at behind every epoch. */
const mostLooked = 1000;
/** Terms of a pseudo-likelihood that are summed behind every epoch, and at the start and the end: some ms, and a tenth of a second. */
const mostTerms = { passing: 2.5e5, chosen: 4e6 } as const;
/** Steps of an enumeration that are made behind every epoch. */
const cheap = 5e5;
/** Operations, and temperatures, of annealing: on the way, and at the end. */
const annealing = { passing: { operations: 1e9, least: 100, most: 200 }, last: { operations: 2e10, least: 500, most: 1000 } } as const;
/** Epochs between the first and the last at which what takes long is worked out. */
const looks = 4;

export interface MonitorOptions {
  /** What is learned from, as it is looked at. */
  readonly data: Float32Array;
  /** The same as states 0 and 1; null of real numbers. */
  readonly states: Float32Array | null;
  /** What is only looked at; null where there is nothing. */
  readonly heldOut: Float32Array | null;
  readonly seed: number;
  readonly threads: number | null;
}

export class Monitor {
  readonly #session: Session;
  readonly #options: MonitorOptions;
  #annealer: Annealer | null = null;

  private constructor(session: Session, options: MonitorOptions) {
    this.#session = session;
    this.#options = options;
  }

  static async create({ kind, visible, hidden }: Machine, options: MonitorOptions): Promise<Monitor> {
    const graph = monitorGraph(kind);
    const threads = threadsFor(2 * together * visible * hidden, options.threads);
    return new Monitor(await createSession(encodeOwn(graph), { threads, nodes: graph.nodes.length }), options);
  }

  /** What is looked at. */
  get data(): Float32Array {
    return this.#options.data;
  }

  /** p(h = 1 | v) of samples. */
  async hidden(machine: Machine, data: Float32Array): Promise<Float32Array> {
    const { hidden } = await this.#look(machine, data, ['hidden']);
    return hidden ?? new Float32Array(0);
  }

  async reconstructions(machine: Machine, data: Float32Array): Promise<Float32Array> {
    const { reconstruction } = await this.#look(machine, data, ['reconstruction']);
    return reconstruction ?? new Float32Array(0);
  }

  async see(machine: Machine, epoch: number, epochs: number): Promise<Seen> {
    const { data, heldOut } = this.#options;
    const { kind, visible } = machine;
    const few = data.subarray(0, mostLooked * visible);
    const isAnEnd = epoch === 0 || epoch === epochs;
    const seen = await this.#look(machine, few, ['hidden', 'error', 'crossEntropy', 'freeEnergy']);
    const other = heldOut ? await this.#look(machine, heldOut.subarray(0, mostLooked * visible), ['freeEnergy']) : {};
    return {
      error: mean(seen.error) / visible, crossEntropy: kind === 'gaussian' ? null : mean(seen.crossEntropy), activity: mean(seen.hidden),
      freeEnergy: { training: mean(seen.freeEnergy), heldOut: other.freeEnergy ? mean(other.freeEnergy) : null },
      pseudoLikelihood: kind === 'gaussian' ? null : this.#pseudoLikelihood(machine, few, epoch, mostTerms[isAnEnd ? 'chosen' : 'passing']),
    };
  }

  /** KL(data ‖ machine); null where it is not worth its time at that epoch, or does not exist. */
  async diverges(machine: Machine, epoch: number, epochs: number, isGoing: () => Promise<boolean>): Promise<Divergence | null> {
    const { states: data, seed, threads } = this.#options;
    if (machine.kind === 'gaussian' || !data) return null;
    const isLast = epoch === epochs;
    const isChosen = isLast || epoch === 0 || epoch % Math.max(1, Math.ceil(epochs / looks)) === 0;
    const isExact = isEnumerable(machine);
    const isCheap = isExact && enumerationCost(machine) <= cheap;
    if (!isCheap && !isChosen) return null;
    if (isExact) return { value: divergenceOf(machine, data, logPartition(machine)), error: 0, kind: 'exact' };
    this.#annealer ??= await Annealer.create(machine, threads);
    const { operations, least, most } = isLast ? annealing.last : annealing.passing;
    const steps = Math.round(Math.max(least, Math.min(most, operations / (400 * machine.visible * machine.hidden))));
    const estimate = await this.#annealer.logPartition(machine, baseRates(machine, data), steps, seed, isGoing);
    if (!estimate) return null;
    const { freeEnergy } = await this.#look(machine, data, ['freeEnergy']);
    return { value: estimate.value + mean(freeEnergy) - entropyOfRows(data, machine.visible), error: estimate.error, kind: 'ais' };
  }

  async release(): Promise<void> {
    await this.#session.release();
    await this.#annealer?.release();
  }

  #pseudoLikelihood(machine: Machine, data: Float32Array, epoch: number, most: number): PseudoLikelihood {
    const { visible, hidden } = machine;
    const rows = data.length / visible;
    if (rows * visible * hidden <= most) return { value: pseudoLikelihood(machine, data, rows), kind: 'exact' };
    const uniforms = new Float64Array(rows);
    fillUniforms(uniforms, streamOf(this.#options.seed, 'pseudo-likelihood'), epoch * rows, 0, 1);
    return { value: stochasticPseudoLikelihood(machine, data, rows, uniforms), kind: 'stochastic' };
  }

  async #look<K extends string>(machine: Machine, data: Float32Array, wanted: readonly K[]): Promise<Partial<Record<K, Float32Array>>> {
    const { visible, hidden, weights, visibleBias, hiddenBias } = machine;
    const fixed = { W: floats([visible, hidden], weights), b: floats([visible], visibleBias), c: floats([hidden], hiddenBias) };
    const rows = data.length / visible;
    const pieces = new Map<K, Float32Array[]>(wanted.map((name) => [name, []]));
    for (let row = 0; row < rows; row += together) {
      const count = Math.min(together, rows - row);
      const v = floats([count, visible], data.subarray(row * visible, (row + count) * visible));
      const results = await this.#session.run(new Map(Object.entries({ ...fixed, v })), wanted);
      for (const [name, found] of pieces) {
        const piece = results.get(name)?.data;
        if (piece instanceof Float32Array) found.push(piece);
      }
    }
    return Object.fromEntries([...pieces].map(([name, found]) => [name, joined(found)])) as Record<K, Float32Array>;
  }
}

function joined(pieces: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

/** In double precision. */
function mean(values: Float32Array = new Float32Array(0)): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
