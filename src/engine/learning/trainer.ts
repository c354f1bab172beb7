// One network on its way: its weights and what the optimiser remembers of them, moved on by so many steps at a time.

import { elementCount } from '../../core/graph/dtype';
import type { Optimizer } from '../../core/learning/optimizers';
import type { Feed } from '../feeding/draw';
import type { Session, Value } from '../runtime';
import type { Elements, Order, Samples } from '../feeding/samples';
import { gather, roomFor } from '../feeding/samples';
import type { StepFeed, StepGraph } from './stepGraph';
import { stepsInput, targetName } from './stepGraph';

/** What all runs of a training have in common. */
export interface Course {
  readonly session: Session;
  readonly steps: StepGraph;
  readonly samples: Samples;
  readonly batch: number;
  readonly optimizer: Optimizer;
  /** Of dropout. */
  readonly masks: readonly Feed[];
}

export interface Advance {
  readonly losses: readonly number[];
  readonly accuracies: readonly number[];
}

/** Bytes of samples that are fed together. */
const mostFed = 1 << 26;

export class Trainer {
  readonly #course: Course;
  readonly #order: Order;
  /** Of what is drawn along the way. */
  readonly seed: number;
  #state: ReadonlyMap<string, Value>;
  #step: number;

  /** `state` by the inputs of the graph; what is missing of the optimiser's memory is zero. */
  constructor(course: Course, order: Order, seed: number, state: ReadonlyMap<string, Value>, step = 0) {
    this.#course = course;
    this.#order = order;
    this.seed = seed;
    this.#state = new Map(course.steps.state.map(({ input, shape }) => (
      [input, state.get(input) ?? { dtype: 'float32', shape, data: new Float32Array(elementCount(shape)) }])));
    this.#step = step;
  }

  /** Steps made. */
  get step(): number { return this.#step; }
  get state(): ReadonlyMap<string, Value> { return this.#state; }

  /** What is learned, and running statistics, by the values of the network. */
  values(): ReadonlyMap<string, Value> {
    return new Map(this.#course.steps.state.flatMap(({ input, value, slot }) => {
      const held = this.#state.get(input);
      return slot === null && held ? [[value, held] as const] : [];
    }));
  }

  /** The samples of a step. */
  rowsAt(step: number): Int32Array {
    return this.#order.take(step * this.#course.batch, this.#course.batch);
  }

  /** How many steps may be made at once, whatever the time. */
  get most(): number {
    const bytes = this.#course.steps.feeds.reduce((sum, { shape }) => sum + 8 * elementCount(shape), 0);
    return Math.max(1, Math.floor(mostFed / Math.max(1, bytes)));
  }

  /** So many steps, each at its learning rate. */
  async advance(rates: readonly number[]): Promise<Advance> {
    const { session, steps, batch, optimizer } = this.#course;
    const count = rates.length;
    const feeds = new Map<string, Value>(this.#state);
    feeds.set(stepsInput, { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(count)) });
    const numbers = rates.map((rate, i) => optimizer.numbers(rate, this.#step + i + 1));
    steps.numbers.forEach((input, k) => {
      feeds.set(input, { dtype: 'float32', shape: [count], data: Float32Array.from(numbers, (ofStep) => ofStep[k] ?? 0) });
    });
    const indices = this.#order.take(this.#step * batch, count * batch);
    for (const feed of steps.feeds) feeds.set(feed.input, this.#stack(feed, indices, count));
    const scans = [steps.losses, ...(steps.accuracies === null ? [] : [steps.accuracies])];
    const results = await session.run(feeds, [...steps.state.map(({ output }) => output), ...scans]);
    this.#state = new Map(steps.state.flatMap(({ input, output }) => {
      const after = results.get(output);
      return after ? [[input, after] as const] : [];
    }));
    this.#step += count;
    const numbersOf = (name: string | null): readonly number[] => (name === null ? [] : Array.from(results.get(name)?.data ?? [], Number));
    return { losses: numbersOf(steps.losses), accuracies: numbersOf(steps.accuracies) };
  }

  /** Back to a state that was there. */
  restore(state: ReadonlyMap<string, Value>, step: number): void {
    this.#state = state;
    this.#step = step;
  }

  #stack({ of, dtype, shape }: StepFeed, indices: Int32Array, count: number): Value {
    const { samples, batch, masks } = this.#course;
    const rows = samples.inputs.get(of) ?? [...samples.targets].find(([output]) => targetName(output) === of)?.[1];
    const stacked = [count, ...shape];
    if (rows) {
      const room = roomFor({ dtype: rows.dtype, shape: stacked }, 1);
      gather(rows, indices, batch, room);
      return { dtype: rows.dtype, shape: stacked, data: room };
    }
    const mask = masks.find(({ input }) => input === of);
    if (!mask) throw new Error(`Nothing is there to feed ${of} (${dtype}).`);
    return { dtype: 'float32', shape: stacked, data: this.#masks(mask, count) };
  }

  #masks(mask: Feed, count: number): Elements {
    const each = Array.from({ length: count }, (_, i) => mask.create({ seed: this.seed, sample: this.#step + i }).data);
    const size = each[0]?.length ?? 0;
    const room = new Float32Array(count * size);
    each.forEach((data, i) => { if (data instanceof Float32Array) room.set(data, i * size); });
    return room;
  }
}
