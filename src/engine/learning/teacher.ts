// A teacher: the same network with weights of its own, whose answers are what is to be learned; and what a network that knows nothing would cost.

import { elementCount } from '../../core/graph/dtype';
import { encodeToRun } from '../../formats/onnx/encode';
import type { FilePool } from '../../formats/tensors/content';
import { Failure } from '../../protocol/failure';
import type { TrainingLoss } from '../../protocol/training';
import { say } from '../../protocol/words';
import { createPayloads } from '../feeding/payloads';
import type { WeightStore } from '../feeding/weights';
import type { Prepared } from '../planning/prepare';
import type { Value } from '../runtime';
import { createSession } from '../runtime';
import type { TargetPlan } from './cost';
import type { Rows, Samples } from '../feeding/samples';
import { gather, roomFor } from '../feeding/samples';

export interface TeacherRequest {
  readonly store: WeightStore;
  readonly pool: FilePool;
  readonly prepared: Prepared;
  readonly targets: readonly TargetPlan[];
  readonly loss: TrainingLoss;
  readonly samples: Samples;
  readonly batch: number;
  readonly seed: number;
  readonly threads: number | null;
  readonly isGoing: () => Promise<boolean>;
}

/** No seed of a run: a network is not to be its own teacher. */
const teacherSeed = 0x7ea5;
/** Bytes of values that a teacher may compute: more of them would take longer than the steps that are made from them. */
const mostComputed = 2 ** 35;
/** And so many batches it answers whatever they take. */
const fewestBatches = 8;
/** Below this deviation, over the size of the answers, what is left is rounding. */
const leastSpread = 1e-5;

/** Targets for made-up inputs. Each unit's answers are standardised over the samples, so that classes are about equally many however narrow the answers are. */
export async function askTeacher(request: TeacherRequest): Promise<Samples> {
  const { store, pool, prepared, targets, samples, batch, seed, threads, isGoing } = request;
  const { graph } = prepared.forward;
  const recipes = store.recipesOf('recommended', seed + teacherSeed);
  const weights = store.feeds(recipes, seed + teacherSeed, prepared.placing.weights);
  const asked = { ...graph, outputs: graph.outputs.filter(({ name }) => targets.some(({ output }) => output === name)) };
  const session = await createSession(encodeToRun(asked, createPayloads(prepared.graph, pool)), { threads, nodes: graph.nodes.length });
  const answers = new Map(targets.map(({ output, shape }) => [output, new Float32Array((elementCount(shape) / batch) * samples.count)]));
  try {
    for (let at = 0; at < samples.count; at += batch) {
      if (!await isGoing()) throw new Failure('cancelled', 'Cancelled.');
      const indices = Array.from({ length: batch }, (_, i) => Math.min(samples.count - 1, at + i));
      const feeds = new Map<string, Value>(weights);
      for (const [name, rows] of samples.inputs) feeds.set(name, batchOf(rows, indices, batch));
      for (const mask of prepared.masks) feeds.set(mask.input, mask.create({ seed, sample: 0 }));
      const results = await session.run(feeds, asked.outputs.map(({ name }) => name));
      for (const { output, shape } of targets) {
        const per = elementCount(shape) / batch;
        const data = results.get(output)?.data;
        if (data instanceof Float32Array) answers.get(output)?.set(data.subarray(0, Math.min(batch, samples.count - at) * per), at * per);
      }
    }
  } finally {
    await session.release();
  }
  const rows = targets.map((target): [string, Rows] => [target.output, rowsOf(target, answers.get(target.output) ?? new Float32Array(0), request)]);
  return { ...samples, targets: new Map(rows) };
}

/** How many of so many samples a teacher answers, whose network computes that many bytes for a batch. */
export function answered(wanted: number, batch: number, bytes: number): number {
  return Math.min(wanted, batch * Math.max(fewestBatches, Math.floor(mostComputed / bytes)));
}

/** Rows of a batch as a value. */
export function batchOf(rows: Rows, indices: ArrayLike<number>, batch: number): Value {
  const shape = rows.isShared ? rows.shape : [indices.length, ...rows.shape];
  const room = roomFor({ dtype: rows.dtype, shape }, 1);
  gather(rows, indices, batch, room);
  return { dtype: rows.dtype, shape, data: room };
}

function rowsOf({ output, shape, axis, classes, fed }: TargetPlan, answers: Float32Array, { loss, samples: { count }, batch }: TeacherRequest): Rows {
  const inner = elementCount(shape.slice(axis + 1));
  const standard = standardised(output, answers, inner, classes);
  const per = elementCount(shape) / batch;
  if (fed === 'elements') {
    const data = loss === 'binary-cross-entropy' ? standard.map((value) => (value > 0 ? 1 : 0)) : standard;
    return { dtype: 'float32', shape: [per], data, isShared: false };
  }
  const labels = new BigInt64Array(answers.length / classes);
  for (let row = 0; row < labels.length; row++) {
    const from = Math.floor(row / inner) * classes * inner + (row % inner);
    let best = 0;
    for (let k = 1; k < classes; k++) if ((standard[from + k * inner] ?? 0) > (standard[from + best * inner] ?? 0)) best = k;
    labels[row] = BigInt(best);
  }
  const rows = labels.length / count;
  return { dtype: 'int64', shape: rows === 1 ? [] : [rows], data: labels, isShared: false };
}

/** Of each class, over samples and what is beside them: mean 0, variance 1. */
function standardised(output: string, answers: Float32Array, inner: number, classes: number): Float32Array {
  const [sums, squares] = [new Float64Array(classes), new Float64Array(classes)];
  const classOf = (i: number): number => Math.floor(i / inner) % classes;
  answers.forEach((value, i) => { sums[classOf(i)] = (sums[classOf(i)] ?? 0) + value; });
  const each = answers.length / classes;
  const means = sums.map((sum) => sum / each);
  answers.forEach((value, i) => { squares[classOf(i)] = (squares[classOf(i)] ?? 0) + (value - (means[classOf(i)] ?? 0)) ** 2; });
  const stds = squares.map((sum) => Math.sqrt(sum / each));
  const size = answers.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (!stds.some((std) => std > leastSpread * size)) {
    throw new Failure('unsupported', say('A teacher of this architecture says the same of every sample at {0}, so there is nothing to learn from it. '
      + 'Give data of your own.', output));
  }
  return answers.map((value, i) => (value - (means[classOf(i)] ?? 0)) / ((stds[classOf(i)] ?? 0) || 1));
}

/** ln(classes); ln 2 of a binary cost; of a squared one the variance of the targets, which their mean would cost. */
export function chanceOf(loss: TrainingLoss, targets: readonly TargetPlan[], { targets: rows }: Samples): number {
  return targets.reduce((sum, { output, classes }) => {
    if (loss === 'cross-entropy') return sum + Math.log(classes);
    if (loss === 'binary-cross-entropy') return sum + Math.log(2);
    const data = Array.from(rows.get(output)?.data ?? [], Number);
    const isNamed = rows.get(output)?.dtype === 'int64' && classes > 1;
    if (isNamed) return sum + (classes - 1) / classes ** 2;
    const mean = data.reduce((total, value) => total + value, 0) / data.length;
    return sum + data.reduce((total, value) => total + (value - mean) ** 2, 0) / data.length;
  }, 0);
}
