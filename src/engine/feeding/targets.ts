import { elementCount } from '../../core/graph/dtype';
import type { NumpyArray } from '../../formats/numpy/npy';
import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';

const numbersOf = ({ data }: NumpyArray): readonly number[] => Array.from(data as ArrayLike<number | bigint>, Number);
const listed = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** A target of the shape of an output, from an array with as many elements. */
export function denseTarget(output: string, shape: readonly number[], array: NumpyArray): Float32Array {
  if (array.data.length === elementCount(shape)) return Float32Array.from(numbersOf(array));
  throw new Failure('invalid-input', say('The target of {0} has shape {1}; the output\'s is {2}.', output, listed(array.shape), listed(shape)));
}

/** What a mean squared error compares: numbers as they are, or, from one class per row of the last axis, ones at the classes. */
export function squaredTarget(output: string, shape: readonly number[], array: NumpyArray): Float32Array {
  const axis = shape.length - 1;
  const isLabels = array.data.length < elementCount(shape) && array.data.length === elementCount(shape.slice(0, axis));
  return isLabels ? classTarget(output, shape, axis, array) : denseTarget(output, shape, array);
}

/** What a softmax over an axis is compared with: probabilities as they are, or, from one class per row, ones at the classes. */
export function classTarget(output: string, shape: readonly number[], axis: number, array: NumpyArray): Float32Array {
  if (array.data.length === elementCount(shape)) return Float32Array.from(numbersOf(array));
  const classes = shape[axis] ?? 1;
  const inner = elementCount(shape.slice(axis + 1));
  const labels = numbersOf(array);
  if (labels.length !== elementCount(shape) / classes) {
    const rows = shape.filter((_, i) => i !== axis);
    throw new Failure('invalid-input', say('The target of {0} has shape {1}; give one class per row {2}, or probabilities {3}.',
      output, listed(array.shape), listed(rows), listed(shape)));
  }
  const target = new Float32Array(elementCount(shape));
  labels.forEach((label, row) => {
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw new Failure('invalid-input', say('The target of {0} names the class {1}; there are the classes 0 to {2}.', output, label, classes - 1));
    }
    target[Math.floor(row / inner) * classes * inner + label * inner + (row % inner)] = 1;
  });
  return target;
}
