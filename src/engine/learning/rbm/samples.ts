// What machines are shown: samples that are made up here, or those of a file, a row of numbers each.

import { basename } from 'node:path';

import { elementCount } from '../../../core/graph/dtype';
import type { ImageSize } from '../../../core/learning/rbm/pictures';
import { squareOf } from '../../../core/learning/rbm/pictures';
import { readArrays } from '../../../formats/arrays';
import type { NumpyArray } from '../../../formats/numpy/npy';
import { readCsv } from '../../../formats/samples/csv';
import { readImages } from '../../../formats/samples/images';
import { Failure } from '../../../protocol/failure';
import type { PretrainingOptions } from '../../../protocol/pretraining';
import { grouped, say } from '../../../protocol/words';
import type { MadeImages } from '../builtIn';
import { allBars, someDigits } from '../builtIn';
import { isFolder, isTable } from '../../feeding/fromFile';
import { imageLayout, laidOut } from '../../feeding/layout';

export interface ShownSamples {
  /** [count, width] */
  readonly data: Float32Array;
  readonly count: number;
  readonly image: ImageSize | null;
  /** "30 bars and stripes of 4 × 4" */
  readonly description: string;
  /** "bars-and-stripes" */
  readonly name: string;
}

/** Of an input of the network: what it is called, and the shape of its samples. */
export interface SampleInput { readonly name: string; readonly shape: readonly number[] }

/** What is asked for, for a first layer of so many features. What is made up is what training is shown, too. */
export function readSamples({ data, samples, seed }: PretrainingOptions, width: number, input: SampleInput): ShownSamples {
  if (data.kind === 'file') return isFolder(data.path) ? ofFolder(data.path, input) : fromFile(data.path, width, input.name);
  const plan = { shape: [1, ...input.shape], description: `${input.name} [${input.shape.join(', ')}]` };
  switch (data.name) {
    case 'bars-and-stripes': return shown(allBars(plan), input, data.name);
    case 'digits': return shown(someDigits(plan, samples, seed, 10), input, data.name);
    case 'teacher': case 'spirals': case 'next-token':
      throw new Failure('wrong-usage',
        say('{0} has nothing that units which are on or off could learn. Take digits or bars-and-stripes, or a file.', data.name));
  }
}

function shown({ data, count, says }: MadeImages, { shape }: SampleInput, name: string): ShownSamples {
  const layout = imageLayout(shape);
  const isImage = layout !== null && (layout.order !== 'last' || layout.channels === 1);
  return { data, count, image: isImage ? { width: layout.width, height: layout.height } : null, description: says, name };
}

/** Names that arrays of samples usually have. */
const usualNames = ['x', 'data', 'input', 'inputs', 'images', 'features', 'x_train', 'train_images'];

function fromFile(path: string, width: number, input: string): ShownSamples {
  const { shape, data } = isTable(path) ? rowsIn(path, width) : samplesIn(path, readArrays(path, [input]), input);
  const [count = 0, ...own] = shape;
  const features = elementCount(own);
  if (count === 0) throw new Failure('invalid-input', say('{0} has no samples: the first axis of its array is theirs.', path));
  if (features !== width) {
    throw new Failure('invalid-input', say('{0} has {1} numbers a sample (shape [{2}]), and the first layer takes {3}.',
      path, features, shape.join(', '), width));
  }
  const numbers = data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number | bigint>, Number);
  const bad = numbers.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const [row, feature] = [Math.floor(bad / width), bad % width];
    throw new Failure('invalid-input', say('{0}: feature {1} of sample {2} is {3}, and a number is needed. Leave the sample out.',
      path, feature, row, numbers[bad] ?? NaN));
  }
  const [height, across] = own.filter((size) => size !== 1);
  const image = height !== undefined && across !== undefined && height * across === width ? { width: across, height } : squareOf(width);
  return { data: numbers, count, image, description: say('{0} samples of {1}', grouped(count), basename(path)), name: basename(path) };
}

/** A column more than there are features is a label, which machines do not ask for. */
function rowsIn(path: string, width: number): NumpyArray {
  const { features, rows } = readCsv(path, width);
  return { shape: [rows, width], data: features };
}

/** A folder with a folder of images for each label. */
function ofFolder(path: string, input: SampleInput): ShownSamples {
  const layout = imageLayout(input.shape);
  if (!layout) throw new Failure('invalid-input', say('{0} has images, and {1} takes none.', path, `${input.name} [${input.shape.join(', ')}]`));
  const { data, count } = readImages(path, layout);
  const description = say('{0} images of {1}', grouped(count), basename(path));
  return shown({ data: laidOut(data, count, layout, input.shape), labels: null, count, says: description }, input, basename(path));
}

function samplesIn(path: string, arrays: ReadonlyMap<string, NumpyArray>, input: string): NumpyArray {
  const named = arrays.get(input) ?? [...arrays].find(([name]) => usualNames.includes(name.toLowerCase()))?.[1];
  const [only, ...others] = [...arrays.values()];
  if (named) return named;
  if (only && others.length === 0) return only;
  const there = [...arrays.keys()].slice(0, 12).join(', ');
  throw new Failure('invalid-input',
    say('{0} has no array called {1} or x, and which of {2} has the samples is not said. Name one of them so.', path, input, there));
}
