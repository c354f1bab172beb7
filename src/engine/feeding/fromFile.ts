// Data of the user's: arrays in an .npz, a table in a CSV, or a folder of images with labels.

import { statSync } from 'node:fs';
import { basename, extname } from 'node:path';

import { elementCount } from '../../core/graph/dtype';
import type { Graph } from '../../core/graph/graph';
import { readArrays } from '../../formats/arrays';
import type { NumpyArray } from '../../formats/numpy/npy';
import { readCsv } from '../../formats/samples/csv';
import { readImages } from '../../formats/samples/images';
import { Failure } from '../../protocol/failure';
import { grouped, say } from '../../protocol/words';
import { givenValue } from './given';
import type { InputPlan } from './inputs';
import { imageLayout, laidOut } from './layout';
import type { Rows } from './samples';

/** What a file has for the inputs, and what it says is to be learned. */
export interface FileData {
  readonly path: string;
  readonly count: number;
  readonly inputs: ReadonlyMap<string, Rows>;
  /** By output, or '' of the only one. */
  readonly targets: ReadonlyMap<string, NumpyArray>;
  /** Names of the classes in the order of their labels; null where the file has numbers. */
  readonly names: readonly string[] | null;
  readonly description: string;
  readonly notes: readonly string[];
}

const inputNames = ['x', 'X', 'data', 'input', 'inputs', 'images', 'features', 'x_train', 'X_train', 'train_images'];
const targetNames = ['y', 'Y', 'label', 'labels', 'target', 'targets', 't', 'y_train', 'train_labels'];

/** What is wanted beside the inputs: something to learn, the inputs themselves where the network is to say again what it is shown, or what there is. */
export type Wanted = 'targets' | 'again' | 'anything';

export function readData(path: string, inputs: readonly InputPlan[], graph: Pick<Graph, 'inputs' | 'outputs'>, wanted: Wanted = 'targets'): FileData {
  const read = isFolder(path) ? fromImages(path, onlyInput(path, inputs))
    : isTable(path) ? fromTable(path, onlyInput(path, inputs), wanted) : fromArrays(path, inputs, graph, wanted);
  return wanted === 'again' ? again(read) : read;
}

/** What is shown in place of labels; other numbers that are to be said stay, such as what is to come of noise. */
function again(read: FileData): FileData {
  const [rows] = read.inputs.values();
  if (!rows || [...read.targets.values()].some(({ data }) => data.length === rows.data.length)) return read;
  const data = rows.data instanceof Float32Array ? rows.data : Float32Array.from(rows.data as ArrayLike<number | bigint>, Number);
  const targets = new Map([['', { shape: [read.count, elementCount(rows.shape)], data }]]);
  return { ...read, targets, names: null, description: say('{0}, to be said again', read.description) };
}

export const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
export const isTable = (path: string): boolean => ['.csv', '.tsv', '.txt'].includes(extname(path).toLowerCase());

function onlyInput(path: string, inputs: readonly InputPlan[]): InputPlan {
  const [first, ...others] = inputs.filter(({ fill }) => fill.kind !== 'ones');
  if (first && others.length === 0) return first;
  const takes = inputs.map(({ name }) => name).join(', ');
  throw new Failure('wrong-usage', say('{0} has data for one input, and the model takes {1}. Give an .npz with an array for each.', path, takes));
}

function fromImages(path: string, input: InputPlan): FileData {
  const [, ...own] = input.shape;
  const layout = imageLayout(own);
  if (!layout || input.dtype !== 'float32') throw new Failure('invalid-input', say('{0} has images, and {1} takes none.', path, input.description));
  const { data, count, labels, names } = readImages(path, layout);
  const rows: Rows = { dtype: 'float32', shape: own, data: laidOut(data, count, layout, own), isShared: false };
  return {
    path, count, inputs: new Map([[input.name, rows]]), targets: new Map([['', { shape: [count], data: labels }]]), names,
    description: say('{0} images of {1}', grouped(count), someOf(names)), notes: [],
  };
}

/** "12 labels (0, 1, 10, 11, 2, 3, …)" */
export function someOf(names: readonly string[]): string {
  const some = `${names.slice(0, 6).join(', ')}${names.length > 6 ? ', …' : ''}`;
  return names.length === 1 ? say('1 label ({0})', some) : say('{0} labels ({1})', names.length, some);
}

/** Columns of that size are most likely not standardised. */
const unusual = 100;

function fromTable(path: string, input: InputPlan, wanted: Wanted): FileData {
  const [, ...own] = input.shape;
  const { features, rows, target } = readCsv(path, elementCount(own));
  if (!target && wanted === 'targets') {
    throw new Failure('invalid-input', say('{0} has as many columns as {1} takes numbers, and none to learn. Put the label into one more.', path, input.name));
  }
  refuseUnfit(path, input, features, rows);
  const value = givenValue(input.name, input.dtype, { shape: [rows, ...own], data: features });
  const largest = features.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
  return {
    path, count: rows, inputs: new Map([[input.name, { dtype: value.dtype, shape: own, data: value.data, isShared: false }]]),
    targets: new Map(target ? [['', { shape: [rows], data: target.values }]] : []), names: target?.names ?? null,
    description: rowsWith(rows, wanted === 'again' ? null : target),
    notes: largest <= unusual ? []
      : [say('{0} has numbers up to {1}, which are fed as they are: networks learn sooner from standardised columns.', path,
        Number(largest.toPrecision(3)))],
  };
}

function rowsWith(rows: number, target: ReturnType<typeof readCsv>['target']): string {
  if (!target) return say('{0} rows', grouped(rows));
  return target.names ? say('{0} rows with {1} classes', grouped(rows), target.names.length) : say('{0} rows with {1}', grouped(rows), target.column);
}

function fromArrays(path: string, inputs: readonly InputPlan[], graph: Pick<Graph, 'inputs' | 'outputs'>, wanted: Wanted): FileData {
  const outputs = graph.outputs.map(({ name }) => name);
  const arrays = readArrays(path, inputs.map(({ name }) => name));
  const there = [...arrays.keys()].slice(0, 12).join(', ');
  const filled = inputs.filter(({ fill }) => fill.kind !== 'ones');
  const find = (name: string, usual: readonly string[], isOnly: boolean): NumpyArray | undefined => (
    arrays.get(name) ?? (isOnly ? usual.flatMap((each) => arrays.get(each) ?? [])[0] : undefined));
  const found = inputs.flatMap((input): [InputPlan, NumpyArray][] => {
    const array = find(input.name, inputNames, filled.length === 1 && filled.includes(input));
    if (array) return [[input, array]];
    if (input.fill.kind === 'ones') return [];
    throw new Failure('invalid-input', say('{0} has no array for the input {1}; it has {2}.', path, input.name, there));
  });
  const count = found[0]?.[1].shape[0] ?? 0;
  if (count === 0) throw new Failure('invalid-input', say('{0} has no samples: the first axis of its arrays is theirs.', path));
  const rows = found.map(([input, array]): [string, Rows] => [input.name, rowsOf(path, input, array, count, graph)]);
  const targets = outputs.flatMap((output): [string, NumpyArray][] => {
    const array = find(output, targetNames, outputs.length === 1);
    return array ? [[output, array]] : [];
  });
  if (targets.length === 0 && wanted === 'targets') {
    const names = [...new Set([...outputs.slice(0, 6), 'y'])].reduce((all, name) => say('{0} or {1}', all, name));
    throw new Failure('invalid-input', say('{0} has no array to learn: call it {1}; it has {2}.', path, names, there));
  }
  const description = say('{0} samples of {1}', grouped(count), basename(path));
  return { path, count, inputs: new Map(rows), targets: new Map(targets), names: null, description, notes: [] };
}

function rowsOf(path: string, input: InputPlan, array: NumpyArray, count: number, { inputs }: Pick<Graph, 'inputs'>): Rows {
  const { name, shape, dtype } = input;
  const [length = 0, ...own] = array.shape;
  const [, ...expected] = shape;
  const [, ...declared] = inputs.find((input) => input.name === name)?.shape ?? [];
  const isSame = own.length === expected.length && declared.every((size, axis) => typeof size === 'string' || size === own[axis]);
  // A row of features is fed to images, and the other way round, where there are as many.
  const isReshaped = !isSame && elementCount(own) === elementCount(expected);
  if (length !== count || (!isSame && !isReshaped)) {
    const wanted = `[${count}, ${expected.join(', ')}]`;
    throw new Failure('invalid-input', say('{0}: the array for {1} has shape [{2}]; {3} is expected.', path, name, array.shape.join(', '), wanted));
  }
  refuseUnfit(path, input, array.data, count);
  const value = givenValue(name, dtype, array);
  return { dtype: value.dtype, shape: isReshaped ? expected : own, data: value.data, isShared: false };
}

/** Numbers that the input cannot be: no number at all, parts of whole ones, or an index that its table does not have. */
function refuseUnfit(path: string, { name, dtype, fill }: InputPlan, data: NumpyArray['data'], count: number): void {
  const last = fill.kind === 'index' ? fill.below - 1 : null;
  const isFit = (value: number): boolean => (
    dtype === 'float32' ? Number.isFinite(value) : Number.isInteger(value) && (last === null || (value >= 0 && value <= last)));
  const bad = Array.prototype.findIndex.call(data, (value: number | bigint) => !isFit(Number(value)));
  if (bad < 0) return;
  const help = dtype === 'float32' ? say('Fill it in, or leave it out.')
    : last === null ? say('It takes whole numbers.') : say('It takes whole numbers from 0 to {0}.', last);
  throw new Failure('invalid-input',
    say('{0}: sample {1} has {2} for {3}. {4}', path, Math.floor((bad * count) / data.length), String(data[bad]), name, help));
}
