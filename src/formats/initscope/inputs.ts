// What a network is given: arrays of numbers with the law of their data, or texts as numbers of words.

import type { ValueInfo } from '../../core/graph/graph';
import { elementCount } from '../../core/graph/dtype';
import type { Sampler } from '../../protocol/recipe';
import type { JsonView } from '../json/view';
import type { Signal } from './signal';
import { signalOf } from './signal';
import { Written, largestSize, numberOf, refusal, sizesOf, wholeOf, wordOf } from './written';

export interface Input {
  readonly info: ValueInfo;
  readonly signal: Signal;
}

/** Of every input. */
export const inputKeys = ['shape', 'data', 'tokens', 'length', 'comment'] as const;
export const distributions = ['normal', 'uniform'] as const;

/** Axes behind the batch: a volume has channels, depth, height and width. */
const mostAxes = 4;
const batch = 'batch';

export function readInput(name: string, view: JsonView): Input {
  const written = new Written(view, inputKeys, 'an input');
  const tokens = written.find('tokens');
  return tokens ? textInput(name, written, tokens) : arrayInput(name, written);
}

function textInput(name: string, written: Written, tokens: JsonView): Input {
  for (const key of ['shape', 'data']) {
    const other = written.find(key);
    if (other) throw refusal(other, 'is beside "tokens"', 'A text has "tokens" (how many there are) and a "length"; take one of both out.');
  }
  const [count, length] = [wholeOf(tokens), wholeOf(written.view.get('length'))];
  return { info: { name, dtype: 'int64', shape: [batch, length] }, signal: { ...signalOf(name, [length]), tokens: count } };
}

function arrayInput(name: string, written: Written): Input {
  const length = written.find('length');
  if (length) throw refusal(length, 'is the length of a text, and there are no "tokens"', 'Say how many there are, or give a "shape".');
  const view = written.view.get('shape');
  const shape = sizesOf(view, mostAxes);
  if (elementCount(shape) > largestSize) throw view.wrong(`a shape of at most ${largestSize} numbers`);
  const data = readData(written.find('data'));
  return { info: { name, dtype: 'float32', shape: [batch, ...shape], ...(data ? { data } : {}) }, signal: signalOf(name, shape) };
}

/** N(0, 1) where nothing is said; "uniform" is that from 0 to 1, as of pixels. */
function readData(view: JsonView | null): Sampler | null {
  if (!view) return null;
  if (view.value.kind !== 'object') return wordOf(view, distributions, 'distribution') === 'normal' ? standard : { kind: 'uniform', low: 0, high: 1 };
  const kind = wordOf(view.get('distribution'), distributions, 'distribution');
  if (kind === 'normal') {
    const written = new Written(view, ['distribution', 'mean', 'std', 'comment'], 'a normal distribution');
    return { kind: 'normal', mean: written.number('mean', 0), std: written.number('std', 1, { least: 0 }) };
  }
  const written = new Written(view, ['distribution', 'low', 'high', 'comment'], 'a uniform distribution');
  const [low, high] = [written.number('low', 0), written.find('high')];
  return { kind: 'uniform', low, high: high ? numberOf(high, { least: low }) : Math.max(low, 1) };
}

const standard: Sampler = { kind: 'normal', mean: 0, std: 1 };
