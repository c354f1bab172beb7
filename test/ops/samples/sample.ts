/** A case for the generic suites: one node with its inputs. Values are multiples of 1/256, exact in float32 and short in JSON. */
import type { AttributeLiteral } from '../../../src/core/graph/builder';
import { elementCount } from '../../../src/core/graph/dtype';

export interface Operand {
  readonly dtype: 'float32' | 'int64' | 'int32' | 'bool' | 'uint8';
  readonly shape: readonly number[];
  readonly values: readonly number[];
  /** Stored in the graph, not fed: what decides shapes. */
  readonly stored: boolean;
}

export interface Sample {
  readonly op: string;
  /** Absent is ai.onnx. */
  readonly domain?: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, AttributeLiteral>>;
  /** By name of the value: the formal input's, with a number where that is variadic. In the order of the node's inputs. */
  readonly inputs: ReadonlyMap<string, Operand>;
  /** Positions of the inputs; null where an optional input before the last is absent. */
  readonly positions: readonly (string | null)[];
  readonly outputs: number;
  /** Outputs that nothing uses, whose cotangent is therefore not given. */
  readonly unused: readonly number[];
  /** Optional outputs that the node does not have. */
  readonly absent?: readonly number[];
}

/** Random numbers of one operand: uniform in [0, 1). */
type Random = () => number;
export type Fill = (random: Random) => Operand;

/** A linear congruential generator (Numerical Recipes), of which the upper bits are used. */
export function createRandom(key: string): Random {
  let state = 0;
  for (const character of key) state = (Math.imul(state, 31) + character.charCodeAt(0)) >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
  next();
  return next;
}

const rounded = (value: number): number => Math.round(value * 256) / 256;

function floats(shape: readonly number[], element: (random: Random) => number): Fill {
  return (random) => ({
    dtype: 'float32', shape, stored: false, values: Array.from({ length: elementCount(shape) }, () => rounded(element(random))),
  });
}

/** Sum of four uniform numbers, scaled to unit variance: bell-shaped and bounded by 3.5. */
const bell = (random: Random): number => (random() + random() + random() + random() - 2) * Math.sqrt(3);

export const noise = (shape: readonly number[], scale = 1): Fill => floats(shape, (random) => scale * bell(random));
export const between = (shape: readonly number[], low: number, high: number): Fill => floats(shape, (random) => low + (high - low) * random());
export const positive = (shape: readonly number[]): Fill => between(shape, 0.5, 2);

/** Noise that stays 0.1 away from the points where a function has a kink. */
export function awayFrom(shape: readonly number[], kinks: readonly number[], scale = 1): Fill {
  const isNear = (x: number): boolean => kinks.some((kink) => Math.abs(x - kink) < 0.1);
  return floats(shape, (random) => {
    let x = scale * bell(random);
    while (isNear(x)) x = scale * bell(random);
    return x;
  });
}

/** Elements all at least 1/8 apart, in random order: no ties for a maximum. */
export function distinct(shape: readonly number[]): Fill {
  return (random) => {
    const count = elementCount(shape);
    const order = Array.from({ length: count }, (_, i) => ({ i, key: random() })).sort((a, b) => a.key - b.key);
    return { dtype: 'float32', shape, stored: false, values: order.map(({ i }) => (i - Math.floor(count / 2)) / 8 + 1 / 16) };
  };
}

export const scalar = (value: number): Fill => () => ({ dtype: 'float32', shape: [], stored: false, values: [value] });
export const exactly = (shape: readonly number[], values: readonly number[]): Fill => () => ({ dtype: 'float32', shape, stored: false, values });
export const ints = (values: readonly number[], shape: readonly number[] = [values.length]): Fill => () => ({ dtype: 'int64', shape, stored: true, values });
/** Lengths of sequences, which are fed like the sequences. */
export const lengths = (values: readonly number[]): Fill => () => ({ dtype: 'int32', shape: [values.length], stored: false, values });
/** Floats stored in the graph, of which no gradient is asked. */
export const stored = (shape: readonly number[], values: readonly number[]): Fill => () => ({ dtype: 'float32', shape, stored: true, values });
export const coins = (shape: readonly number[]): Fill => (random) => ({
  dtype: 'bool', shape, stored: false, values: Array.from({ length: elementCount(shape) }, () => (random() < 0.5 ? 0 : 1)),
});

/** Truth values stored in the graph. */
export const flags = (values: readonly number[], shape: readonly number[] = [values.length]): Fill => () => ({ dtype: 'bool', shape, values, stored: true });
/** Bytes stored in the graph. */
export const bytes = (values: readonly number[], shape: readonly number[] = [values.length]): Fill => () => ({ dtype: 'uint8', shape, values, stored: true });

export interface SampleOptions {
  readonly outputs?: number;
  readonly unused?: readonly number[];
  readonly absent?: readonly number[];
  readonly domain?: string;
}

/** `inputs`: fills by formal input, null where it is absent; a list for the formal input of a variadic operator. */
export function sample(
  op: string, name: string, inputs: Readonly<Record<string, Fill | readonly Fill[] | null>>,
  attributes: Readonly<Record<string, AttributeLiteral>> = {}, options: SampleOptions = {},
): Sample {
  const operands = new Map<string, Operand>();
  const positions: (string | null)[] = [];
  for (const [formal, given] of Object.entries(inputs)) {
    if (given === null) {
      positions.push(null);
      continue;
    }
    (typeof given === 'function' ? [given] : given).forEach((fill, i) => {
      const value = typeof given === 'function' ? formal : `${formal}${i}`;
      operands.set(value, fill(createRandom(`${op}/${name}/${value}`)));
      positions.push(value);
    });
  }
  const absent = options.absent ? { absent: options.absent } : {};
  const domain = options.domain === undefined ? {} : { domain: options.domain };
  return { op, name, attributes, inputs: operands, positions, outputs: options.outputs ?? 1, unused: options.unused ?? [], ...absent, ...domain };
}

/** Length of the sequence cotangents are taken from. */
const sequenceLength = 1021;
/** The sequence all cotangents are taken from; exported for the generator of the golden values. */
export const cotangentSequence: readonly number[] = noise([sequenceLength])(createRandom('cotangents')).values;

/** Cotangent of an output: the sequence from a place of its own. */
export function cotangentOf(output: number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => cotangentSequence[(i + 97 * output) % sequenceLength] ?? 0);
}
