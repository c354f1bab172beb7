/**
 * What PyTorch computes for a network in float64. Of a network that is written by hand, its file is evaluated node by node, which gives every value;
 * of an export, the module itself is, which gives every parameter and output.
 */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

import type { NumpyArray } from '../../src/formats/numpy/npy';
import { readNpz } from '../../src/formats/numpy/npz';
import { field, keysOf, norm, numbersOf, readJson, textOf } from './goldens';
import type { Json } from './goldens';
import type { Summary } from './projections';
import { distanceBetween, summarize, summaryOf } from './projections';

const root = path.resolve(import.meta.dirname, '../..');
const folder = path.join(import.meta.dirname, 'networks');
const goldens = readJson('networks.json');

/** A tensor as it should be. */
export interface Expected {
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
  readonly norm: number;
  /** ‖measured − expected‖; infinite for a tensor of another size. */
  readonly distance: (measured: NumpyArray | undefined) => number;
}

export interface NetworkGolden {
  /** Digest of the file it was computed for. */
  readonly model: string;
  /** Whether every value and gradient is known. */
  readonly isComplete: boolean;
  readonly values: ReadonlyMap<string, Expected>;
  readonly gradients: ReadonlyMap<string, Expected>;
}

export const goldenNames = keysOf(goldens);

const modelsIn = (place: string): readonly (readonly [string, string])[] => (
  readdirSync(path.join(root, place)).sort().map((name) => [path.parse(name).name, path.join(root, place, name)] as const));

/** Every network that has to agree with PyTorch, its name and its file, and a choice of the small exports that the reading of layers is tested with. */
export const networks = [
  ...modelsIn('media/samples'), ...modelsIn('test/fixtures/golden'), ...modelsIn('test/fixtures/exports').filter(([name]) => goldenNames.includes(name)),
];

/** Files of the input and cotangent, which the exports of one module share. */
export function givenTo(name: string): { readonly input: string; readonly cotangent: string } {
  const [module = name] = name.split('.');
  return { input: path.join(folder, `${module}.input.npz`), cotangent: path.join(folder, `${module}.cotangent.npz`) };
}

export function goldenOf(name: string): NetworkGolden {
  const golden = field(goldens, name);
  const model = textOf(field(golden, 'model'));
  const whole = path.join(folder, `${name}.golden.npz`);
  if (!existsSync(whole)) return { model, isComplete: true, values: summarized(field(golden, 'values')), gradients: summarized(field(golden, 'gradients')) };
  const arrays = [...readNpz(whole)].map(([key, array]) => [key, expectedOf(numbersIn(array))] as const);
  return {
    model, isComplete: false,
    values: new Map(arrays.filter(([key]) => !key.startsWith('d/'))),
    gradients: new Map(arrays.flatMap(([key, expected]) => (key.startsWith('d/') ? [[key.slice(2), expected] as const] : []))),
  };
}

function summarized(json: Json): ReadonlyMap<string, Expected> {
  return new Map(keysOf(json).map((key) => {
    const summary = summaryOf(numbersOf(field(json, key)));
    return [key, { ...summary, distance: (measured) => distanceToSummary(measured, summary) }];
  }));
}

function distanceToSummary(measured: NumpyArray | undefined, summary: Summary): number {
  return measured ? distanceBetween(summarize(numbersIn(measured), summary.projections.length), summary) : Infinity;
}

function expectedOf(elements: readonly number[]): Expected {
  const distance = (measured: NumpyArray | undefined): number => {
    const found = measured ? numbersIn(measured) : [];
    return found.length === elements.length ? norm(elements.map((value, i) => (found[i] ?? NaN) - value)) : Infinity;
  };
  return { ...summarize(elements, 0), distance };
}

const numbersIn = ({ data }: NumpyArray): readonly number[] => Array.from(data as ArrayLike<number | bigint>, Number);
