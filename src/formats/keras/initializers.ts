// What Keras and TensorFlow.js draw a variable from that a configuration declares an initialiser for, with the fans and the factors that they use.

import { elementCount } from '../../core/graph/dtype';
import type { Declaration, Tensor } from '../../core/graph/tensor';
import { cutNormal } from '../../core/initializers/distributions';
import type { RecipeBlock, Sampler } from '../../protocol/recipe';
import type { FanMode } from '../../protocol/schemes';
import type { Dialect } from './dialect';
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
const scalings: Readonly<Record<string, readonly [number, string, string]>> = {
  glorot_uniform: [1, 'fan_avg', 'uniform'], glorot_normal: [1, 'fan_avg', 'truncated_normal'], he_uniform: [2, 'fan_in', 'uniform'],
  he_normal: [2, 'fan_in', 'truncated_normal'], lecun_uniform: [1, 'fan_in', 'uniform'], lecun_normal: [1, 'fan_in', 'truncated_normal'],
};

/**
 * TensorFlow.js 4.22 takes "truncated_normal" in a file for no normal at all, and draws a uniform; "normal" it truncates at two σ without
 * correcting for it, which leaves 0.88 σ (VarianceScaling.apply in tfjs-layers/src/initializers.ts).
 */
function scaled(scale: number, mode: FanMode, distribution: string, { fanIn, fanOut }: Fans, dialect: Dialect): Sampler {
  const fan = mode === 'fan_in' ? fanIn : mode === 'fan_out' ? fanOut : (fanIn + fanOut) / 2;
  const std = Math.sqrt(scale / Math.max(1, fan));
  if (dialect.library === 'tfjs') return distribution === 'normal' ? truncated(std) : uniform(Math.sqrt(3) * std);
  if (distribution === 'uniform') return uniform(Math.sqrt(3) * std);
  if (distribution === 'untruncated_normal') return { kind: 'normal', mean: 0, std };
  // Before 2.2.3 a normal was truncated, and not corrected for it.
  return truncated(isUncorrected(dialect) ? std : std / cutStd);
}

const isUncorrected = ({ generation, version }: Dialect): boolean => generation === 1 || /^2\.(0|1)\.|^2\.2\.[012]$/.test(version);

/** A matrix of all axes but the last by the last. */
function matrixOf(shape: readonly number[]): { readonly rows: number; readonly columns: number } {
  return { rows: elementCount(shape.slice(0, -1)), columns: shape.at(-1) ?? 1 };
}

/** Aliases of classes and functions, without underscores. */
const aliases: Readonly<Record<string, string>> = {
  zero: 'zeros', one: 'ones', uniform: 'random_uniform', normal: 'random_normal', eye: 'identity', identity_initializer: 'identity',
    orthogonal_initializer: 'orthogonal',
};

/** "GlorotUniform", "glorotUniform" and "glorot_uniform" are one; `xavier` is TensorFlow's name of Glorot. */
function normalName(written: string): string {
  const name = toSnakeCase(written).replace(/_v\d$/, '').replace(/^xavier_/, 'glorot_');
  return aliases[name] ?? name;
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
  if (!read) return null;
  const { name, config } = read;
  const number = (key: string, otherwise: number): number => (typeof config[key] === 'number' && Number.isFinite(config[key]) ? config[key] : otherwise);
  const given = ['input_axes', 'output_axes'].map((key) => asList(config[key])?.map(Number));
  const own = given[0] && given[1] ? { input: given[0], output: given[1] } : axes;
  const scaling = Object.hasOwn(scalings, name) ? scalings[name] : undefined;
  const fans = fansOf(shape, dialect, own);
  const by = (scale: number, mode: FanMode, distribution: string): Drawn => (
    { sampler: scaled(scale, mode, distribution, fans, dialect), scaling: { library: dialect.library === 'tfjs' ? 'TensorFlow.js' : 'Keras', scale, mode,
      fans } });
  if (scaling) return by(scaling[0], modeOf(scaling[1]), dialect.library === 'tfjs' && scaling[2] === 'truncated_normal' ? 'normal' : scaling[2]);
  if (name === 'variance_scaling') {
    const usual = dialect.generation === 3 ? 'truncated_normal' : 'normal';
    const distribution = typeof config.distribution === 'string' ? config.distribution.toLowerCase() : usual;
    return by(number('scale', 1), modeOf(config.mode), distribution);
  }
  const sampler = fixedSampler(name, shape, number);
  return sampler && { sampler };
}

/** Of initialisers that look at no fans. */
function fixedSampler(name: string, shape: readonly number[], number: (key: string, otherwise: number) => number): Sampler | null {
  switch (name) {
    case 'zeros': return { kind: 'constant', value: 0 };
    case 'ones': return { kind: 'constant', value: 1 };
    case 'constant': return { kind: 'constant', value: number('value', 0) };
    case 'random_uniform': return { kind: 'uniform', low: number('minval', -0.05), high: Math.max(number('minval', -0.05), number('maxval', 0.05)) };
    case 'random_normal': return { kind: 'normal', mean: number('mean', 0), std: Math.abs(number('stddev', 0.05)) };
    case 'truncated_normal': return truncated(Math.abs(number('stddev', 0.05)), number('mean', 0));
    case 'orthogonal': return shape.length < 2 ? null : { kind: 'orthogonal', gain: number('gain', 1), ...matrixOf(shape) };
    case 'identity': return shape.length !== 2 ? null : { kind: 'identity', gain: number('gain', 1), ...matrixOf(shape) };
    default: return null;
  }
}

/** A recurrent bias of zeros but for the forget gate, the second of four, whose is one (Jozefowicz et al. 2015, section 2). */
function forgetBlocks(shape: readonly number[], bias: Sampler): readonly RecipeBlock[] {
  const [axis, size] = [shape.length - 1, shape.at(-1) ?? 0];
  return [{ sampler: { kind: 'constant', value: 1 }, slices: [{ axis, start: size / 4, end: size / 2 }] }, { sampler: bias }];
}

/** Whether an LSTM opens its forget gate: Keras where nothing else is said, TensorFlow.js only where it is said. */
function opensForgetGate({ unitForget, declared: { fields } }: Variable, { library }: Dialect): boolean {
  return unitForget && fields.boolean('unit_forget_bias', library !== 'tfjs');
}

/** How a variable starts by what its configuration declares, or why that is not known, as a clause. */
export function declarationOf(variable: Variable, dialect: Dialect): Declaration | string {
  const { declared: { fields, field, otherwise }, shape, axes, name } = variable;
  const written = (field === null ? undefined : fields.raw(field)) ?? otherwise;
  const drawn = drawnBy(written, shape, dialect, axes);
  const called = readInitializer(written)?.written ?? name;
  if (!drawn) return `its initialiser ${called} is none of Keras that can be drawn in that shape`;
  const isOpen = opensForgetGate(variable, dialect);
  const blocks = isOpen ? forgetBlocks(shape, drawn.sampler) : [{ sampler: drawn.sampler }];
  return {
    name: called, blocks, fans: fansOf(shape, dialect, axes), ...(field === null || dialect.generation === 1 ? {} : { at: { path: fields.path, field } }),
    ...(variable.unitForget ? { opensForget: isOpen } : {}), ...(drawn.scaling ? { scaling: drawn.scaling } : {}),
  };
}

/** A tensor for every variable, of which nothing is stored. */
export function declareVariables(variables: readonly Variable[], dialect: Dialect): ReadonlyMap<Variable, Tensor> {
  return new Map(variables.map((variable): [Variable, Tensor] => {
    const found = declarationOf(variable, dialect);
    const tensor: Tensor = { id: variable.value, dtype: variable.dtype, shape: variable.shape, storage: 'declared', place: null, values: null };
    return [variable, typeof found === 'string' ? { ...tensor, stripped: true, problem: found } : { ...tensor, declared: found }];
  }));
}
