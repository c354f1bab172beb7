// One machine as it learns: runs of many steps in ONNX Runtime, between which anything else gets its turn.

import type { Pace } from '../../../core/learning/rbm/batches';
import { batchesOf, orderOf } from '../../../core/learning/rbm/batches';
import type { Machine } from '../../../core/learning/rbm/machine';
import { streamOf } from '../../../core/learning/rbm/machine';
import type { StepForm } from '../../../core/learning/rbm/stepGraph';
import { after, ratio, stepGraph, stepScalars, stepSequences, stepStates } from '../../../core/learning/rbm/stepGraph';
import type { Stream } from '../../../core/kernels/random';
import { fillNormals, fillUniforms } from '../../../core/kernels/random';
import type { Session, Value } from '../../runtime';
import { createSession } from '../../runtime';
import { encodeOwn, floats, threadsFor } from './graphs';

/** Rows that a machine learns from; of `areProbabilities` states are drawn anew each time they are seen. */
export interface Rows {
  readonly data: Float32Array;
  readonly count: number;
  readonly areProbabilities: boolean;
}

export interface TrainerOptions {
  /** Keys its random numbers, with the seed. */
  readonly name: string;
  readonly form: Omit<StepForm, 'batch' | 'decays' | 'isSparse'>;
  readonly batch: number;
  readonly decay: number;
  readonly sparsity: number | null;
  readonly seed: number;
  readonly threads: number | null;
}

/** Of a run: so much is fed, and so much computed, that it ends within a tenth of a second or so. */
const mostFed = 16e6;
const mostComputed = 2e9;

/** How strongly units are drawn to the sparsity that is asked for, and how long their activity is remembered (Hinton 2010, section 11). */
const sparsityCost = 0.1;
const memory = 0.9;

export class Trainer {
  readonly #session: Session;
  readonly #form: StepForm;
  readonly #rows: Rows;
  readonly #steps: number;
  readonly #options: TrainerOptions;
  readonly #machine: Machine;
  /** Steps made so far, by which no random number is used twice. */
  #made = 0;
  #states: ReadonlyMap<string, Value>;
  #ratio: number | null = null;

  private constructor(session: Session, form: StepForm, machine: Machine, rows: Rows, options: TrainerOptions) {
    this.#session = session;
    this.#form = form;
    this.#machine = machine;
    this.#rows = rows;
    this.#options = options;
    this.#steps = batchesOf(rows.count, options.batch).steps;
    this.#states = this.#start();
  }

  static async create(machine: Machine, rows: Rows, options: TrainerOptions): Promise<Trainer> {
    const { batch } = batchesOf(rows.count, options.batch);
    const form: StepForm = { ...options.form, batch, decays: options.decay > 0, isSparse: options.sparsity !== null };
    const graph = stepGraph(form);
    const threads = threadsFor(2 * batch * machine.visible * machine.hidden, options.threads);
    return new Trainer(await createSession(encodeOwn(graph), { threads, nodes: graph.nodes.length }), form, machine, rows, options);
  }

  /** As it is now. */
  get machine(): Machine {
    const at = (name: string): Float32Array => {
      const data = this.#states.get(name)?.data;
      if (!(data instanceof Float32Array)) throw new Error(`The state ${name} is missing.`);
      return data;
    };
    return { ...this.#machine, weights: at('W'), visibleBias: at('b'), hiddenBias: at('c') };
  }

  /** ‖ΔW‖ / ‖W‖ of the last step. */
  get ratio(): number | null {
    return this.#ratio;
  }

  /** Goes once over all rows; false where it was told to stop on the way. */
  async epoch(epoch: number, pace: Pace, isGoing: () => Promise<boolean>): Promise<boolean> {
    const { batch } = this.#form;
    const order = orderOf(this.#rows.count, this.#steps * batch, epoch, this.#stream('order'));
    const most = this.#stepsOfRun();
    for (let step = 0; step < this.#steps; step += most) {
      if (!await isGoing()) return false;
      await this.#run(order.subarray(step * batch, Math.min(this.#steps, step + most) * batch), pace);
    }
    return true;
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  #stepsOfRun(): number {
    const { batch, gibbs } = this.#form;
    const { visible, hidden } = this.#machine;
    const fed = 4 * batch * (visible + gibbs * (visible + hidden));
    const computed = 2 * batch * visible * hidden * (3 + 2 * gibbs);
    return Math.max(1, Math.min(this.#steps, Math.floor(mostFed / fed), Math.floor(mostComputed / computed)));
  }

  #start(): ReadonlyMap<string, Value> {
    const { weights, visibleBias, hiddenBias, visible, hidden } = this.#machine;
    const { batch } = this.#form;
    const first: Readonly<Record<string, Value>> = {
      W: floats([visible, hidden], weights), b: floats([visible], visibleBias), c: floats([hidden], hiddenBias),
      dW: floats([visible, hidden]), db: floats([visible]), dc: floats([hidden]),
      chain: floats([batch, visible], this.#gathered(orderOf(this.#rows.count, batch, 0, this.#stream('chain')), 'chain')),
      activity: floats([hidden], new Float32Array(hidden).fill(this.#options.sparsity ?? 0)),
    };
    return new Map(stepStates(this.#form).map((name) => [name, first[name] ?? floats([0])]));
  }

  /** Rows in that order, drawn where they are probabilities. */
  #gathered(order: Uint32Array, purpose: string): Float32Array {
    const { data, areProbabilities } = this.#rows;
    const { visible } = this.#machine;
    const out = new Float32Array(order.length * visible);
    order.forEach((row, i) => out.set(data.subarray(row * visible, (row + 1) * visible), i * visible));
    if (!areProbabilities) return out;
    const u = this.#uniforms(purpose, order.length / this.#form.batch, visible);
    for (let i = 0; i < out.length; i++) out[i] = (u[i] ?? 0) < (out[i] ?? 0) ? 1 : 0;
    return out;
  }

  #stream(purpose: string): Stream {
    return streamOf(this.#options.seed, `${this.#options.name}:${purpose}`);
  }

  /** `units` for each sample of each step, from where those of the steps before ended. */
  #uniforms(purpose: string, steps: number, units: number): Float32Array {
    const perStep = this.#form.batch * units;
    const out = new Float32Array(steps * perStep);
    fillUniforms(out, this.#stream(purpose), this.#made * perStep, 0, 1);
    return out;
  }

  #normals(purpose: string, steps: number, units: number): Float32Array {
    const perStep = this.#form.batch * units;
    const out = new Float32Array(steps * perStep);
    fillNormals(out, this.#stream(purpose), this.#made * perStep, 0, 1);
    return out;
  }

  async #run(order: Uint32Array, { rate, momentum }: Pace): Promise<void> {
    const { batch, kind } = this.#form;
    const { visible, hidden } = this.#machine;
    const steps = order.length / batch;
    const feeds = new Map(this.#states);
    const sequence = (data: Float32Array, units: number): Value => floats([steps, batch, units], data);
    feeds.set('v', sequence(this.#gathered(order, 'data'), visible));
    const sequences = stepSequences(this.#form);
    for (const name of sequences.hidden) feeds.set(name, sequence(this.#uniforms(name, steps, hidden), hidden));
    for (const name of sequences.visible) {
      feeds.set(name, sequence(kind === 'gaussian' ? this.#normals(name, steps, visible) : this.#uniforms(name, steps, visible), visible));
    }
    const scalars: Readonly<Record<string, number>> = {
      rate, momentum, decay: this.#options.decay, target: this.#options.sparsity ?? 0, sparsityCost, memory,
    };
    for (const name of stepScalars(this.#form)) feeds.set(name, floats([], Float32Array.of(scalars[name] ?? 0)));
    const states = stepStates(this.#form);
    const results = await this.#session.run(feeds, [...states.map(after), ratio]);
    this.#states = new Map(states.flatMap((name) => {
      const value = results.get(after(name));
      return value ? [[name, value] as const] : [];
    }));
    this.#ratio = Number(results.get(ratio)?.data[0] ?? NaN);
    this.#made += steps;
  }
}
