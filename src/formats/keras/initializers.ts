// What Keras and TensorFlow.js draw a variable from that a configuration declares an initialiser for, with the fans and the factors that they use.

import { elementCount, isFloat } from '../../core/graph/dtype';
import type { Declaration, Tensor } from '../../core/graph/tensor';
import { cutNormal } from '../../core/initializers/distributions';
import type { RecipeBlock, Sampler } from '../../protocol/recipe';
import type { FanMode } from '../../protocol/schemes';
import { say } from '../../protocol/words';
import type { Dialect } from './dialect';
import type { Distribution } from './distributions';
import { vocabularyOf } from './distributions';
import { asList, isObject } from './fields';
import { toSnakeCase } from './names';
import type { Variable } from './variables';

interface Fans { readonly fanIn: number; readonly fanOut: number }

/** keras.src.initializers.random_initializers.compute_fans; TensorFlow.js takes √size of what is neither a matrix nor a kernel (computeFans). */
function fansOf(shape: readonly number[], { library }: Dialect, axes: Variable['axes']): Fans {
  if (axes) return { fanIn: elementCount(axes.input.map((axis) => shape[axis] ?? 1)), fanOut: elementCount(axes.output.map((axis) => shape[axis] ?? 1)) };
  if (library === 'tfjs' && (shape.length < 2 || shape.length > 5)) return { fanIn: Math.sqrt(elementCount(shape)), fanOut: Math.sqrt(elementCount(shape)) };
  if (shape.length < 2) return { fanIn: shape[0] ?? 1, fanOut: shape[0] ?? 1 };
  const receptive = elementCount(shape.slice(0, -2));
  return { fanIn: (shape.at(-2) ?? 1) * receptive, fanOut: (shape.at(-1) ?? 1) * receptive };
}

/** Both libraries cut at two standard deviations. */
const { tail, std: cutStd } = cutNormal(2);

const truncated = (std: number, mean = 0): Sampler => ({ kind: 'truncated-normal', mean, std, tail });
const uniform = (bound: number): Sampler => ({ kind: 'uniform', low: -bound, high: bound });

/** scale, mode and distribution of names that are variance scaling (Glorot & Bengio 2010; He et al. 2015; LeCun et al. 1998). */
const scalings: Readonly<Record<string, readonly [number, FanMode, 'uniform' | 'normal']>> = {
  glorot_uniform: [1, 'fan_avg', 'uniform'], glorot_normal: [1, 'fan_avg', 'normal'], he_uniform: [2, 'fan_in', 'uniform'],
  he_normal: [2, 'fan_in', 'normal'], lecun_uniform: [1, 'fan_in', 'uniform'], lecun_normal: [1, 'fan_in', 'normal'],
};

function scaled(scale: number, mode: FanMode, distribution: Distribution, { fanIn, fanOut }: Fans): Sampler {
  const fan = mode === 'fan_in' ? fanIn : mode === 'fan_out' ? fanOut : (fanIn + fanOut) / 2;
  const std = Math.sqrt(scale / Math.max(1, fan));
  switch (distribution) {
    case 'uniform': return uniform(Math.sqrt(3) * std);
    case 'untruncated': return { kind: 'normal', mean: 0, std };
    case 'truncated': return truncated(std / cutStd);
    case 'shortened': return truncated(std);
  }
}

/** A matrix of all axes but the last by the last. */
function matrixOf(shape: readonly number[]): { readonly rows: number; readonly columns: number } {
  return { rows: elementCount(shape.slice(0, -1)), columns: shape.at(-1) ?? 1 };
}

/** Aliases of classes and functions, without underscores. */
const aliases: Readonly<Record<string, string>> = {
  zero: 'zeros', one: 'ones', uniform: 'random_uniform', normal: 'random_normal', eye: 'identity', identity_initializer: 'identity',
    orthogonal_initializer: 'orthogonal',
};

/** "GlorotUniform", "glorotUniform" and "glorot_uniform" are one; `xavier` is TensorFlow's name of Glorot, `LeCun` that of TensorFlow.js. */
function normalName(written: string): string {
  const name = toSnakeCase(written).replace(/_v\d$/, '').replace(/^xavier_/, 'glorot_').replace(/^le_cun_/, 'lecun_');
  return aliases[name] ?? name;
}

const tfjsClasses = new Set([
  'Zeros', 'Ones', 'Constant', 'RandomUniform', 'RandomNormal', 'TruncatedNormal', 'VarianceScaling', 'GlorotUniform', 'GlorotNormal', 'HeUniform', 'HeNormal',
  'LeCunUniform', 'LeCunNormal', 'Orthogonal', 'Identity',
]);

/** TensorFlow.js knows its classes alone, and refuses aliases and LecunNormal (INITIALIZER_IDENTIFIER_REGISTRY_SYMBOL_MAP, after toCamelCase). */
function isNamed(written: string, { library }: Dialect): boolean {
  const camel = written.replace(/_+(\w)/g, (_, letter: string) => letter.toUpperCase());
  return library !== 'tfjs' || tfjsClasses.has(camel.charAt(0).toUpperCase() + camel.slice(1));
}

/** As a configuration has it: a name, or an object with its class and parameters. Null for what no library knows. */
export function readInitializer(value: unknown): { readonly name: string; readonly written: string; readonly config: Readonly<Record<string,
  unknown>> } | null {
  if (typeof value === 'string') return { name: normalName(value), written: value, config: {} };
  if (!isObject(value) || typeof value.class_name !== 'string') return null;
  return { name: normalName(value.class_name), written: value.class_name, config: isObject(value.config) ? value.config : {} };
}

interface Drawn { readonly sampler: Sampler; readonly scaling?: Declaration['scaling'] }

function modeOf(mode: unknown): FanMode {
  return mode === 'fan_out' || mode === 'fanOut' ? 'fan_out' : mode === 'fan_avg' || mode === 'fanAvg' ? 'fan_avg' : 'fan_in';
}

/** What one sampler draws of a shape, or null for an initialiser that is not known. */
function drawnBy(value: unknown, shape: readonly number[], dialect: Dialect, axes: Variable['axes']): Drawn | null {
  const read = readInitializer(value);
  if (!read || !isNamed(read.written, dialect)) return null;
  const { name, config } = read;
  const numbers: Numbers = (key, otherwise) => (typeof config[key] === 'number' && Number.isFinite(config[key]) ? config[key] : otherwise);
  const given = ['input_axes', 'output_axes'].map((key) => asList(config[key])?.map(Number));
  const own = given[0] && given[1] ? { input: given[0], output: given[1] } : axes;
  const scaling = Object.hasOwn(scalings, name) ? scalings[name] : undefined;
  const { read: words } = vocabularyOf(dialect);
  const by = (scale: number, mode: FanMode, word: string): Drawn | null => {
    const [fans, distribution] = [fansOf(shape, dialect, own), Object.hasOwn(words, word) ? words[word] : undefined];
    return distribution === undefined ? null
      : { sampler: scaled(scale, mode, distribution, fans), scaling: { library: libraryOf(dialect), scale, mode, fans } };
  };
  if (scaling) return by(...scaling);
  if (name === 'variance_scaling') {
    const word = typeof config.distribution === 'string' ? config.distribution : 'normal';
    // Keras looks at no capitals, and TensorFlow.js at no underscores.
    return by(numbers('scale', 1), modeOf(config.mode), dialect.library === 'tfjs' ? word : word.toLowerCase());
  }
  const sampler = fixedSampler(name, shape, numbers, dialect);
  return sampler && { sampler };
}

type Numbers = (key: string, otherwise: number) => number;

const libraryOf = ({ library }: Dialect): string => (library === 'tfjs' ? 'TensorFlow.js' : 'Keras');

/** Of initialisers that look at no fans. */
function fixedSampler(name: string, shape: readonly number[], number: Numbers, { library, generation }: Dialect): Sampler | null {
  // TensorFlow.js takes a 0 for nothing said (`args.minval || this.DEFAULT_MINVAL`).
  const field: Numbers = (key, otherwise) => (library === 'tfjs' ? number(key, otherwise) || otherwise : number(key, otherwise));
  const isSquare = shape.length === 2 && shape[0] === shape[1];
  switch (name) {
    case 'zeros': return { kind: 'constant', value: 0 };
    case 'ones': return { kind: 'constant', value: 1 };
    case 'constant': return { kind: 'constant', value: number('value', 0) };
    case 'random_uniform': return { kind: 'uniform', low: field('minval', -0.05), high: Math.max(field('minval', -0.05), field('maxval', 0.05)) };
    case 'random_normal': return { kind: 'normal', mean: field('mean', 0), std: Math.abs(field('stddev', 0.05)) };
    case 'truncated_normal': return truncated(Math.abs(field('stddev', 0.05)), field('mean', 0));
    // Keras 1 has 1.1 for the gain where nothing is said (keras/initializations.py).
    case 'orthogonal': return shape.length < 2 ? null : { kind: 'orthogonal', gain: number('gain', generation === 1 ? 1.1 : 1), ...matrixOf(shape) };
    case 'identity': return library === 'tfjs' ? (isSquare ? { kind: 'identity', gain: number('gain', 1), ...matrixOf(shape) } : null)
      : shape.length !== 2 ? null : { kind: 'identity', gain: number('gain', 1), ...matrixOf(shape) };
    default: return null;
  }
}

/**
 * A recurrent bias whose forget gate, the second of four, is one (Jozefowicz et al. 2015, section 2); what is before it and behind it is drawn apart, each
 * by its own size.
 */
function forgetBlocks(shape: readonly number[], draw: (part: readonly number[]) => Drawn | null): readonly RecipeBlock[] | null {
  const [axis, size] = [shape.length - 1, shape.at(-1) ?? 0];
  const [before, behind] = [draw([size / 4]), draw([size / 2])];
  if (!before || !behind) return null;
  const forget: RecipeBlock = { sampler: { kind: 'constant', value: 1 }, slices: [{ axis, start: size / 4, end: size / 2 }] };
  if (JSON.stringify(before.sampler) === JSON.stringify(behind.sampler)) return [forget, { sampler: before.sampler }];
  return [forget, { sampler: before.sampler, slices: [{ axis, start: 0, end: size / 4 }] }, { sampler: behind.sampler }];
}

/** Whether an LSTM opens its forget gate: Keras where nothing else is said, TensorFlow.js only where it is said. */
function opensForgetGate({ unitForget, declared: { fields } }: Variable, { library }: Dialect): boolean {
  return unitForget && fields.boolean('unit_forget_bias', library !== 'tfjs');
}

/** How a variable starts by what its configuration declares, or why that is not known, as a clause. */
export function declarationOf(variable: Variable, dialect: Dialect): Declaration | string {
  const { declared: { fields, field, otherwise }, shape, axes, name } = variable;
  const written = (field === null ? undefined : fields.raw(field)) ?? otherwise;
  const draw = (part: readonly number[]): Drawn | null => drawnBy(written, part, dialect, axes);
  const [drawn, isOpen] = [draw(shape), opensForgetGate(variable, dialect)];
  const called = readInitializer(written)?.written ?? name;
  const blocks = drawn && (isOpen ? forgetBlocks(shape, draw) : [{ sampler: drawn.sampler }]);
  if (!blocks) return say('its initialiser {0} is none of {1} that can be drawn in that shape', called, libraryOf(dialect));
  return {
    name: called, blocks, fans: fansOf(shape, dialect, axes), ...(field === null || dialect.generation === 1 ? {} : { at: { path: fields.path, field } }),
    ...(variable.unitForget ? { opensForget: isOpen } : {}), ...(drawn.scaling ? { scaling: drawn.scaling } : {}),
  };
}

/** A tensor for every variable, of which nothing is stored. */
export function declareVariables(variables: readonly Variable[], dialect: Dialect): ReadonlyMap<Variable, Tensor> {
  return new Map(variables.map((variable): [Variable, Tensor] => {
    const tensor: Tensor = { id: variable.value, dtype: variable.dtype, shape: variable.shape, storage: 'declared', place: null, values: null };
    const without = variable.unread ?? (isFloat(variable.dtype) ? undefined : say('its layer is quantised, and a configuration holds no values of it'));
    if (without !== undefined) return [variable, { ...tensor, problem: without }];
    const found = declarationOf(variable, dialect);
    return [variable, typeof found === 'string' ? { ...tensor, stripped: true, problem: found } : { ...tensor, declared: found }];
  }));
}
