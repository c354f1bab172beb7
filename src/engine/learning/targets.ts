// What a file says is to be learned, checked against the output that is to say it and the loss that compares the two.

import { elementCount } from '../../core/graph/dtype';
import type { NumpyArray } from '../../formats/numpy/npy';
import { Failure } from '../../protocol/failure';
import type { TrainingLoss } from '../../protocol/training';
import { say } from '../../protocol/words';
import type { TargetPlan } from './cost';
import type { FileData } from '../feeding/fromFile';
import { someOf } from '../feeding/fromFile';
import type { Rows } from '../feeding/samples';

/** Whether an array can be labels of an output: whole numbers, one a row. */
export function areLabels({ data }: NumpyArray, count: number, { shape, classes }: TargetPlan, batch: number): boolean {
  const rows = elementCount(shape) / batch / classes;
  if (classes < 2 || data.length !== count * rows) return false;
  return data instanceof BigInt64Array || data.every((value) => Number.isInteger(value));
}

/** Of an output that is run `batch` samples at a time. */
export function targetRows(file: FileData, array: NumpyArray, plan: TargetPlan, batch: number, loss: TrainingLoss): Rows {
  const numbers = Float64Array.from(array.data as ArrayLike<number | bigint>, Number);
  const bad = numbers.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const sample = Math.floor((bad * file.count) / numbers.length);
    throw new Failure('invalid-input', say('{0}: the target of sample {1} is {2}. Leave it out.', file.path, sample, numbers[bad] ?? NaN));
  }
  refuseOtherShape(file, array, plan, elementCount(plan.shape) / batch);
  if (plan.fed === 'labels') return labels(file, numbers, plan);
  if (loss !== 'mse') refuseImprobable(file, numbers, plan, loss);
  return { dtype: 'float32', shape: [numbers.length / file.count], data: Float32Array.from(numbers), isShared: false };
}

/** Neither a class for each row of a sample's `size` numbers, nor all of these. */
function refuseOtherShape({ path, count }: FileData, { shape, data }: NumpyArray, { output, classes, fed }: TargetPlan, size: number): void {
  const rows = size / classes;
  if (data.length === count * (fed === 'labels' ? rows : size)) return;
  const [given = 1] = shape;
  if (given !== count) {
    throw new Failure('invalid-input', say('{0} has {1} samples, and {2} to learn for {3}. Give one for each.', path, count, given, output));
  }
  const part = Array.prototype.findIndex.call(data, (value: number | bigint) => !Number.isInteger(Number(value)));
  const found = classes > 1 && data.length === count * rows && part >= 0
    ? say('sample {0} has {1} to learn', Math.floor((part * count) / data.length), String(data[part]))
    : say('the target has shape [{0}]', shape.join(', '));
  const asNumbers = size === 1 ? say('a number') : say('{0} numbers', size);
  const taken = classes < 2 ? asNumbers : rows === 1 ? say('a class from 0 to {0}, or {1}', classes - 1, asNumbers)
    : say('{0} classes from 0 to {1}, or {2}', rows, classes - 1, asNumbers);
  throw new Failure('invalid-input', say('{0}: {1}; {2} takes {3} for each sample.', path, found, output, taken));
}

function labels({ path, count, names }: FileData, numbers: Float64Array, { output, classes }: TargetPlan): Rows {
  if (names && names.length > classes) {
    throw new Failure('invalid-input', say('{0} has {1}, and {2} has {3} classes. Leave {4} of them out.',
      path, someOf(names), output, classes, names.length - classes));
  }
  const outside = numbers.findIndex((label) => label < 0 || label >= classes);
  if (outside >= 0) {
    const sample = Math.floor((outside * count) / numbers.length);
    throw new Failure('invalid-input', say('{0}: sample {1} has the label {2}; {3} has the classes 0 to {4}.',
      path, sample, numbers[outside] ?? NaN, output, classes - 1));
  }
  const rows = numbers.length / count;
  return { dtype: 'int64', shape: rows === 1 ? [] : [rows], data: BigInt64Array.from(numbers, BigInt), isShared: false };
}

/** How far from 1 the sum of rounded probabilities may be. */
const nearOne = 0.01;

/** Both cross-entropies are of probabilities; those of a softmax are of classes of which one is true. */
function refuseImprobable({ path, count }: FileData, numbers: Float64Array, { output, axis, classes, shape }: TargetPlan, loss: TrainingLoss): void {
  const sampleOf = (at: number): number => Math.floor((at * count) / numbers.length);
  const outside = numbers.findIndex((value) => value < 0 || value > 1);
  if (outside >= 0) {
    const found = [path, sampleOf(outside), numbers[outside] ?? NaN, output];
    throw new Failure('invalid-input', loss === 'cross-entropy'
      ? say('{0}: sample {1} has {2} to learn, and a cross-entropy of {3} takes numbers from 0 to 1. Scale them, or take mse.', ...found)
      : say('{0}: sample {1} has {2} to learn, and a binary-cross-entropy of {3} takes numbers from 0 to 1. Scale them, or take mse.', ...found));
  }
  if (loss !== 'cross-entropy') return;
  const step = elementCount(shape.slice(axis + 1));
  for (let row = 0; row < numbers.length / classes; row++) {
    const from = Math.floor(row / step) * step * classes + (row % step);
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += numbers[from + k * step] ?? 0;
    if (Math.abs(sum - 1) <= nearOne) continue;
    throw new Failure('invalid-input', say('{0}: the {1} numbers that sample {2} has to learn sum to {3}, and a cross-entropy takes shares of 1. '
      + 'Take binary-cross-entropy, or mse.', path, classes, sampleOf(from), Number(sum.toPrecision(3))));
  }
}
