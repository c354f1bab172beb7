/** What a file says is to be learned: each way in which it does not fit the network is said in one sentence. */
import { describe, expect, it } from 'vitest';

import type { TargetPlan } from '../../../../src/engine/learning/cost';
import type { FileData } from '../../../../src/engine/feeding/fromFile';
import { readData } from '../../../../src/engine/feeding/fromFile';
import { areLabels, targetRows } from '../../../../src/engine/learning/targets';
import type { InputPlan } from '../../../../src/engine/feeding/inputs';
import { writeNpz } from '../../../../src/formats/numpy/npz';
import type { NumpyArray } from '../../../../src/formats/numpy/npy';
import type { TrainingLoss } from '../../../../src/protocol/training';
import { createFolder } from '../../support/temporary';

const batch = 2;

/** Of an output y with so many numbers of a sample, and so many rows of them. */
function plan(classes: number, fed: TargetPlan['fed'], rows = 1): TargetPlan {
  const shape = rows === 1 ? [batch, classes] : [batch, rows, classes];
  return { output: 'y', shape, axis: shape.length - 1, classes, fed, fedShape: fed === 'labels' ? shape.slice(0, -1) : shape };
}

const file = (count: number, names: FileData['names'] = null): FileData => (
  { path: 'd.npz', count, inputs: new Map(), targets: new Map(), names, description: '', notes: [] });
const array = (shape: readonly number[], ...numbers: readonly number[]): NumpyArray => ({ shape, data: Float64Array.from(numbers) });

function said(of: FileData, given: NumpyArray, classes: number, loss: TrainingLoss, rows = 1): string {
  const fed = areLabels(given, of.count, plan(classes, 'labels', rows), batch) ? 'labels' : 'elements';
  try {
    return targetRows(of, given, plan(classes, fed, rows), batch, loss).dtype;
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}

describe('what is to be learned', () => {
  it('is labels, or a number of each unit', () => {
    expect(said(file(3), array([3], 0, 2, 1), 3, 'cross-entropy')).toBe('int64');
    expect(said(file(2), array([2, 3], 0, 1, 0, 0.2, 0.3, 0.5), 3, 'cross-entropy')).toBe('float32');
    expect(said(file(2), array([2, 2], 7, -3, 0, 5), 2, 'mse')).toBe('float32');
    expect(said(file(1), array([1, 2], 1, 0), 3, 'cross-entropy', 2)).toBe('int64');
  });

  it.each<readonly [string, FileData, NumpyArray, number, TrainingLoss]>([
    ['sample 1 has the label 3; y has the classes 0 to 2.', file(2), array([2], 0, 3), 3, 'cross-entropy'],
    ['sample 0 has the label -1; y has the classes 0 to 2.', file(1), array([1], -1), 3, 'cross-entropy'],
    ['d.npz has 4 labels (a, b, c, d), and y has 3 classes. Leave 1 of them out.', file(2, ['a', 'b', 'c', 'd']), array([2], 0, 3), 3, 'cross-entropy'],
    ['sample 1 has 1.5 to learn; y takes a class from 0 to 2, or 3 numbers for each sample.', file(2), array([2], 1, 1.5), 3, 'mse'],
    ['d.npz has 3 samples, and 2 to learn for y. Give one for each.', file(3), array([2], 1, 1), 3, 'cross-entropy'],
    ['d.npz has 3 samples, and 1 to learn for y.', file(3), array([], 1), 3, 'cross-entropy'],
    ['the target has shape [2, 2]; y takes a class from 0 to 2, or 3 numbers for each sample.', file(2), array([2, 2], 1, 1, 0, 0), 3, 'mse'],
    ['the target has shape [2, 2]; y takes a number for each sample.', file(2), array([2, 2], 1, 1, 0, 0), 1, 'mse'],
    ['the target of sample 1 is NaN. Leave it out.', file(2), array([2], 1, NaN), 3, 'cross-entropy'],
    ['sample 1 has 4 to learn, and a binary-cross-entropy of y takes numbers from 0 to 1.', file(2), array([2], 1, 4), 1, 'binary-cross-entropy'],
    ['the 3 numbers that sample 1 has to learn sum to 2, and a cross-entropy takes shares of 1.', file(2), array([2, 3], 0, 1, 0, 1, 0, 1), 3, 'cross-entropy'],
  ])('or it is refused: %s', (words, of, given, classes, loss) => {
    expect(said(of, given, classes, loss)).toContain(words);
  });
});

describe('what is fed', () => {
  const folder = createFolder();
  const graph = { inputs: [], outputs: [{ name: 'y', dtype: 'float32', shape: null }] } as const;
  const tokens: InputPlan = { name: 'x', dtype: 'int64', shape: [batch, 2], fill: { kind: 'index', below: 5 }, description: 'x' };
  const floats: InputPlan = { name: 'x', dtype: 'float32', shape: [batch, 2], fill: { kind: 'normal', mean: 0, variance: 1 }, description: 'x' };

  it.each<readonly [string, InputPlan, readonly number[]]>([
    ['sample 1 has 5 for x. It takes whole numbers from 0 to 4.', tokens, [0, 4, 1, 5]],
    ['sample 0 has 0.5 for x. It takes whole numbers from 0 to 4.', tokens, [0, 0.5, 1, 2]],
    ['sample 1 has NaN for x. It takes whole numbers from 0 to 4.', tokens, [0, 1, NaN, 2]],
    ['sample 1 has Infinity for x. Fill it in, or leave it out.', floats, [0, 1, 2, Infinity]],
  ])('is refused where the input cannot be it: %s', async (words, input, numbers) => {
    const path = `${folder}/x.npz`;
    await writeNpz(path, new Map([['x', array([2, 2], ...numbers)], ['y', array([2], 0, 1)]]));
    expect(() => readData(path, [input], graph)).toThrow(words);
  });

  it('needs something to learn, which is named once', async () => {
    const path = `${folder}/alone.npz`;
    await writeNpz(path, new Map([['x', array([2, 2], 0, 1, 2, 3)]]));
    expect(() => readData(path, [floats], graph)).toThrow('has no array to learn: call it y; it has x.');
  });
});
