// What a file says is to be learned, checked against the output that is to say it and the loss that compares the two.

import { elementCount } from '../../core/graph/dtype';
import type { NumpyArray } from '../../formats/numpy/npy';
import { Failure } from '../../protocol/failure';
import type { TrainingLoss } from '../../protocol/training';
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
    throw new Failure('invalid-input', `${file.path}: the target of sample ${sample} is ${numbers[bad] ?? NaN}. Leave it out.`);
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
  if (given !== count) throw new Failure('invalid-input', `${path} has ${count} samples, and ${given} to learn for ${output}. Give one for each.`);
  const part = Array.prototype.findIndex.call(data, (value: number | bigint) => !Number.isInteger(Number(value)));
  const found = classes > 1 && data.length === count * rows && part >= 0
    ? `sample ${Math.floor((part * count) / data.length)} has ${String(data[part])} to learn` : `the target has shape [${shape.join(', ')}]`;
  const asClasses = classes > 1 ? `${rows === 1 ? 'a class' : `${rows} classes`} from 0 to ${classes - 1}, or ` : '';
  const asNumbers = size === 1 ? 'a number' : `${size} numbers`;
  throw new Failure('invalid-input', `${path}: ${found}; ${output} takes ${asClasses}${asNumbers} for each sample.`);
}

function labels({ path, count, names }: FileData, numbers: Float64Array, { output, classes }: TargetPlan): Rows {
  if (names && names.length > classes) {
    const help = `${output} has ${classes} classes. Leave ${names.length - classes} of them out`;
    throw new Failure('invalid-input', `${path} has ${someOf(names)}, and ${help}.`);
  }
  const outside = numbers.findIndex((label) => label < 0 || label >= classes);
  if (outside >= 0) {
    const sample = Math.floor((outside * count) / numbers.length);
    throw new Failure('invalid-input', `${path}: sample ${sample} has the label ${numbers[outside] ?? NaN}; ${output} has the classes 0 to ${classes - 1}.`);
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
    const what = `sample ${sampleOf(outside)} has ${numbers[outside] ?? NaN} to learn, and a ${loss} of ${output} takes numbers from 0 to 1`;
    throw new Failure('invalid-input', `${path}: ${what}. Scale them, or take mse.`);
  }
  if (loss !== 'cross-entropy') return;
  const step = elementCount(shape.slice(axis + 1));
  for (let row = 0; row < numbers.length / classes; row++) {
    const from = Math.floor(row / step) * step * classes + (row % step);
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += numbers[from + k * step] ?? 0;
    if (Math.abs(sum - 1) <= nearOne) continue;
    const what = `the ${classes} numbers that sample ${sampleOf(from)} has to learn sum to ${Number(sum.toPrecision(3))}`;
    throw new Failure('invalid-input', `${path}: ${what}, and a cross-entropy takes shares of 1. Take binary-cross-entropy, or mse.`);
  }
}
