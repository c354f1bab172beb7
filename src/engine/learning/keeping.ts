// Weights of a run on disk: so that they outlive the engine, can be put into the model, and gone on with.

import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { reasonOf } from '../../formats/files/byteSource';
import type { NumpyArray } from '../../formats/numpy/npy';
import { readNpz, writeNpz } from '../../formats/numpy/npz';
import { Failure } from '../../protocol/failure';
import type { RunId } from '../../protocol/training';
import { keptName, keptStateName, keptWeights, keptWhere } from '../../protocol/training';
import { say } from '../../protocol/words';
import type { WeightStore } from '../feeding/weights';
import type { Value } from '../runtime';
import type { StepGraph } from './stepGraph';

/** Curves and memory of a run that is gone on with. */
export interface Kept {
  readonly state: ReadonlyMap<string, Value>;
  readonly step: number;
  readonly rate: number;
  readonly losses: readonly number[];
  readonly accuracies: readonly number[];
}

const fileOf = (folder: string, run: RunId, what: 'weights' | 'state'): string => (
  join(folder, what === 'weights' ? keptName(run) : keptStateName(run)));

/** Names under which weights are kept: their own, and their ids where several have one name. */
export function keptNames({ weights }: WeightStore): ReadonlyMap<string, string> {
  const count = new Map<string, number>();
  for (const { name } of weights) count.set(name, (count.get(name) ?? 0) + 1);
  return new Map(weights.map(({ id, name }) => [id, count.get(name) === 1 ? name : id]));
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new Failure('write-failed', say('The folder {0} cannot be made: {1}. Name another to keep weights in.', folder, reasonOf(error)));
  }
}

const keptUnder = (slot: number | null, name: string): string => (slot === null ? `${keptWeights}${name}` : `${slot}/${name}`);

export class Keeping {
  readonly #folder: string | null;
  readonly #steps: StepGraph;
  /** Value of the graph → the name its weight is kept under. */
  readonly #names: ReadonlyMap<string, string>;

  constructor(folder: string | null, steps: StepGraph, store: WeightStore, values: ReadonlyMap<string, string>) {
    this.#folder = folder;
    this.#steps = steps;
    const names = keptNames(store);
    this.#names = new Map([...values].flatMap(([id, value]) => {
      const name = names.get(id);
      return name === undefined ? [] : [[value, name] as const];
    }));
    if (folder !== null) makeFolder(folder);
  }

  /** Returns the file of the weights. What a run is gone on from is a file of its own, weights included: both are of one step whenever the process ends. */
  async keep(run: RunId, { state, step, rate, losses, accuracies }: Kept): Promise<string | null> {
    if (this.#folder === null) return null;
    const weights = new Map<string, NumpyArray>();
    const memory = new Map<string, NumpyArray>();
    for (const { input, value, slot } of this.#steps.state) {
      const held = state.get(input);
      if (!held) continue;
      const name = this.#names.get(value) ?? value;
      if (slot === null) weights.set(name, held);
      memory.set(keptUnder(slot, name), held);
    }
    memory.set('curves/losses', { shape: [losses.length], data: Float64Array.from(losses) });
    memory.set('curves/accuracies', { shape: [accuracies.length], data: Float64Array.from(accuracies) });
    memory.set(keptWhere, { shape: [2], data: Float64Array.of(step, rate) });
    await writeNpz(fileOf(this.#folder, run, 'state'), memory);
    const file = fileOf(this.#folder, run, 'weights');
    await writeNpz(file, weights);
    return file;
  }

  /** A run that was kept here before. */
  read(run: RunId): Kept {
    const file = this.#folder === null ? '' : fileOf(this.#folder, run, 'state');
    if (this.#folder === null || !existsSync(file)) {
      throw new Failure('invalid-input',
        say('Of {0}, seed {1}, nothing is kept that could be gone on with. Train it from its start.', run.scheme, run.seed));
    }
    const memory = readNpz(file);
    const state = new Map(this.#steps.state.map(({ input, value, slot, shape }): [string, Value] => {
      const name = this.#names.get(value) ?? value;
      const array = memory.get(keptUnder(slot, name));
      if (!(array?.data instanceof Float32Array) || array.shape.join() !== shape.join()) {
        throw new Failure('invalid-input', say('What is kept of {0}, seed {1}, is of another network or optimiser ({2}). Train it from its start.',
          run.scheme, run.seed, name));
      }
      return [input, { dtype: 'float32', shape, data: array.data }];
    }));
    const numbers = (name: string): readonly number[] => Array.from(memory.get(name)?.data ?? [], Number);
    const [step = 0, rate = 0] = numbers(keptWhere);
    return { state, step, rate, losses: numbers('curves/losses'), accuracies: numbers('curves/accuracies') };
  }
}
