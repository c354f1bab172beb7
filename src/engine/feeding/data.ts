// Data of the user's in place of inputs that are made up: other rows for every seed, and what the file says of them as what the loss compares with.

import { elementCount } from '../../core/graph/dtype';
import type { Graph } from '../../core/graph/graph';
import type { NumpyArray } from '../../formats/numpy/npy';
import { Failure } from '../../protocol/failure';
import type { SimulationOptions } from '../../protocol/simulation';
import { say } from '../../protocol/words';
import type { FileData } from './fromFile';
import { readData } from './fromFile';
import type { Given } from './given';
import { planInputs } from './inputs';
import { SampleOrder, gather, roomFor } from './samples';

export interface GivenData {
  readonly inputs: Given;
  readonly targets: Given;
  /** "64 rows with 2 classes" */
  readonly description: string;
  readonly notes: readonly string[];
}

/** Null where inputs are made up. */
export function readGivenData(graph: Graph, options: SimulationOptions): GivenData | null {
  const { data: path, loss } = options;
  if (path === null) return null;
  const plans = planInputs(graph, options, options.batch);
  const file = readData(path, plans, graph, 'anything');
  const leading = plans.find(({ name }) => file.inputs.has(name))?.shape[0] ?? 1;
  const own = graph.inputs.find(({ name }) => file.inputs.has(name))?.shape?.[0];
  const batch = options.batch ?? (typeof own === 'number' ? own : Math.min(leading, file.count));
  const rowsOf = (seed: number): Int32Array => new SampleOrder(file.count, seed).take(0, batch);
  const inputs: Given = new Map([...file.inputs].map(([name, rows]) => [name, ({ seed }) => {
    const room = roomFor(rows, batch);
    gather(rows, rowsOf(seed), batch, room);
    return { shape: [batch, ...rows.shape], data: room };
  }]));
  const again = batch <= file.count ? [] : [say('{0} has {1} samples, and {2} are run at once: some are seen more than once.', path, file.count, batch)];
  return {
    inputs, targets: loss === 'noise' ? new Map() : targetsOf(file, graph, batch, rowsOf), description: file.description, notes: [...file.notes, ...again],
  };
}

function targetsOf(file: FileData, { outputs }: Graph, batch: number, rowsOf: (seed: number) => Int32Array): Given {
  return new Map([...file.targets].map(([of, array]) => {
    const name = of === '' ? outputs[0]?.name ?? '' : of;
    const [given = 0, ...rest] = array.shape;
    if (given !== file.count) {
      throw new Failure('invalid-input', say('{0} has {1} samples, and {2} to compare {3} with. Give one for each.', file.path, file.count, given, name));
    }
    const numbers = Float64Array.from(array.data as ArrayLike<number | bigint>, Number);
    const size = elementCount(rest);
    return [name, ({ seed }): NumpyArray => {
      const data = new Float32Array(batch * size);
      rowsOf(seed).forEach((row, i) => data.set(numbers.subarray(row * size, (row + 1) * size), i * size));
      return { shape: [batch, ...rest], data };
    }];
  }));
}
