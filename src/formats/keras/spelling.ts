// How Keras says that a variable starts as a recipe draws it: the initialiser with the same law, in the words of its version.

import { elementCount } from '../../core/graph/dtype';
import { cutNormal } from '../../core/initializers/distributions';
import type { RecipeBlock, Sampler } from '../../protocol/recipe';
import type { FanMode } from '../../protocol/schemes';
import type { Dialect } from './dialect';
import type { Distribution, Vocabulary } from './distributions';
import { vocabularyOf } from './distributions';

/** An initialiser as a configuration names it. */
export interface Spelling {
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** A variable for which one has to be found. */
export interface Wanted {
  readonly shape: readonly number[];
  readonly fans: { readonly fanIn: number; readonly fanOut: number };
  readonly blocks: readonly RecipeBlock[];
}

const usual = cutNormal(2);
/** Numbers that differ by less are the same law. */
const nearly = 1e-9;
const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= nearly * Math.max(Math.abs(a), Math.abs(b), Number.MIN_VALUE);

/** What all blocks draw, where they draw alike and element by element; null where gates start differently, or are matrices of their own. */
function wholeSampler({ blocks, shape }: Wanted): Sampler | null {
  const [first, ...others] = blocks;
  if (!first) return null;
  const isMatrix = first.sampler.kind === 'orthogonal' || first.sampler.kind === 'identity';
  if (others.length === 0) return first.slices === undefined || first.slices.length === 0 ? first.sampler : null;
  const covered = blocks.reduce((sum, { slices = [] }) => sum + slices.reduce((count, { axis, start, end }) => (count / (shape[axis] ?? 1)) * (end - start),
    elementCount(shape)), 0);
  const isAlike = others.every(({ sampler }) => JSON.stringify(sampler) === JSON.stringify(first.sampler));
  return !isMatrix && isAlike && covered === elementCount(shape) ? first.sampler : null;
}

interface Spread { readonly std: number; readonly distribution: Distribution }

/** Around 0, as variance scaling draws; `std` is what its scale is made of. */
function spreadOf(sampler: Sampler, { written }: Vocabulary): Spread | null {
  const spread = (std: number, distribution: Distribution): Spread | null => (written[distribution] === undefined ? null : { std, distribution });
  if (sampler.kind === 'normal' && sampler.mean === 0) return spread(sampler.std, 'untruncated');
  if (sampler.kind === 'uniform' && sampler.low === -sampler.high) return spread(sampler.high / Math.sqrt(3), 'uniform');
  const isUsual = sampler.kind === 'truncated-normal' && sampler.mean === 0 && isNear(sampler.tail, usual.tail);
  return isUsual ? spread(sampler.std * usual.std, 'truncated') ?? spread(sampler.std, 'shortened') : null;
}

const modes: readonly FanMode[] = ['fan_in', 'fan_avg', 'fan_out'];

function fanOf({ fans: { fanIn, fanOut } }: Wanted, mode: FanMode): number {
  return Math.max(1, mode === 'fan_in' ? fanIn : mode === 'fan_out' ? fanOut : (fanIn + fanOut) / 2);
}

/** Names for scales that have one (Glorot & Bengio 2010; He et al. 2015; LeCun et al. 1998). */
const named: readonly (readonly [string, FanMode, number, Distribution])[] = [
  ['GlorotUniform', 'fan_avg', 1, 'uniform'], ['GlorotNormal', 'fan_avg', 1, 'truncated'], ['HeUniform', 'fan_in', 2, 'uniform'],
  ['HeNormal', 'fan_in', 2, 'truncated'], ['LecunUniform', 'fan_in', 1, 'uniform'], ['LecunNormal', 'fan_in', 1, 'truncated'],
];

/** One variance scaling that gives every variable its own spread, or null; scales that are whole numbers are what was meant. */
function scalingFor(wanted: readonly Wanted[], spreads: readonly Spread[], { written, hasClasses }: Vocabulary): Spelling | null {
  const [first] = spreads;
  if (!first || spreads.some(({ distribution }) => distribution !== first.distribution) || first.std === 0) return null;
  const fitting = modes.flatMap((mode) => {
    const scales = wanted.map((each, i) => (spreads[i]?.std ?? 0) ** 2 * fanOf(each, mode));
    const [scale = 0] = scales;
    return scales.every((each) => isNear(each, scale)) ? [{ mode, scale: isNear(scale, Math.round(scale)) ? Math.round(scale) : scale }] : [];
  });
  const known = named.find(([, mode, scale, distribution]) => (
    hasClasses && distribution === first.distribution && fitting.some((each) => each.mode === mode && isNear(each.scale, scale))));
  if (known) return { className: known[0], config: { seed: null } };
  const best = fitting.find(({ scale }) => Number.isInteger(scale)) ?? fitting[0];
  return best ? { className: 'VarianceScaling', config: { scale: best.scale, mode: best.mode, distribution: written[first.distribution], seed: null } } : null;
}

/** The same law for all of them by one initialiser, or null. */
export function spell(wanted: readonly Wanted[], dialect: Dialect): Spelling | null {
  const samplers = wanted.flatMap((each) => wholeSampler(each) ?? []);
  const [first] = samplers;
  if (!first || samplers.length < wanted.length) return null;
  const vocabulary = vocabularyOf(dialect);
  const spreads = samplers.flatMap((sampler) => spreadOf(sampler, vocabulary) ?? []);
  const scaling = spreads.length === wanted.length ? scalingFor(wanted, spreads, vocabulary) : null;
  if (scaling) return scaling;
  if (first.kind === 'orthogonal' || first.kind === 'identity') {
    return wanted.every((each, i) => isMatrixOf(samplers[i], first, each, dialect)) ? matrix(first) : null;
  }
  return samplers.every((sampler) => JSON.stringify(sampler) === JSON.stringify(first)) ? plain(first, dialect) : null;
}

type MatrixSampler = Extract<Sampler, { readonly kind: 'orthogonal' | 'identity' }>;

const matrix = ({ kind, gain }: MatrixSampler): Spelling => (
  kind === 'orthogonal' ? { className: 'Orthogonal', config: { gain, seed: null } } : { className: 'Identity', config: { gain } });

/** Whether it is drawn over all axes but the last by the last; identities have two axes, and are square in TensorFlow.js. */
function isMatrixOf(sampler: Sampler | undefined, { kind, gain }: MatrixSampler, { shape }: Wanted, { library }: Dialect): boolean {
  if (!sampler || (sampler.kind !== 'orthogonal' && sampler.kind !== 'identity') || sampler.kind !== kind || sampler.gain !== gain) return false;
  const fits = sampler.columns === (shape.at(-1) ?? 0) && sampler.rows * sampler.columns === elementCount(shape);
  return fits && (kind === 'orthogonal' || (shape.length === 2 && (library !== 'tfjs' || shape[0] === shape[1])));
}

/** By numbers that look at no fans; TensorFlow.js takes a 0 among them for nothing said. */
function plain(sampler: Exclude<Sampler, MatrixSampler>, { library }: Dialect): Spelling | null {
  const said = (needed: readonly number[], spelling: Spelling): Spelling | null => (library === 'tfjs' && needed.includes(0) ? null : spelling);
  switch (sampler.kind) {
    case 'constant': return constant(sampler.value);
    case 'normal': return said([sampler.std], { className: 'RandomNormal', config: { mean: sampler.mean, stddev: sampler.std, seed: null } });
    case 'uniform': return said([sampler.low, sampler.high], { className: 'RandomUniform', config: { minval: sampler.low, maxval: sampler.high, seed: null } });
    case 'truncated-normal': return !isNear(sampler.tail, usual.tail) ? null
      : said([sampler.std], { className: 'TruncatedNormal', config: { mean: sampler.mean, stddev: sampler.std, seed: null } });
  }
}

function constant(value: number): Spelling {
  return value === 0 ? { className: 'Zeros', config: {} } : value === 1 ? { className: 'Ones', config: {} } : { className: 'Constant', config: { value } };
}

/** Whether a bias is that of an open forget gate: one in the second of four parts, zero elsewhere. */
export function opensForget({ blocks, shape }: Wanted): boolean {
  const size = shape.at(-1) ?? 0;
  const valueAt = (position: number): number | null => {
    const block = blocks.find(({ slices = [] }) => slices.every(({ start, end }) => position >= start && position < end));
    return block?.sampler.kind === 'constant' ? block.sampler.value : block ? null : 0;
  };
  const isForget = (position: number): boolean => position >= size / 4 && position < size / 2;
  return shape.length === 1 && size % 4 === 0 && Array.from({ length: size }, (_, i) => valueAt(i)).every((value, i) => value === (isForget(i) ? 1 : 0));
}
