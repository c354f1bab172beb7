import type { GraphBuilder } from '../../core/graph/builder';
import { elementCount } from '../../core/graph/dtype';
import { Algebra } from '../../core/ops/algebra';
import { StatisticsAccumulator } from '../../core/statistics/accumulator';
import { histogramOf } from '../../core/statistics/histogram';
import type { Moments } from '../../protocol/simulation';
import type { Value } from '../runtime';

/** Elements of a tensor that leave the graph for its histogram. */
const sampleSize = 4096;
const bins = 40;

type Results = ReadonlyMap<string, Value>;

/** The nodes that describe one tensor, and how to read what they say. */
export interface Reduction {
  readonly value: string;
  readonly outputs: readonly string[];
  /** Null where the nodes are too coarse for what the tensor turned out to hold. An exact reduction never is. */
  read(results: Results): Moments | null;
}

/** Both say the same; an exact one costs five times as much. */
export type Reduce = (builder: GraphBuilder, value: string, shape: readonly number[]) => Reduction;

/**
 * Float32 means and extremes of rows, whose few numbers are added up outside the graph, and the sum of squares. That is right to a
 * thousandth for tensors with nothing extreme about them, which the extremes and the moments themselves tell.
 */
export const appendReduction: Reduce = (builder, value, shape) => {
  const count = elementCount(shape);
  if (isReadWhole(count)) return readWhole(builder, value, count);
  const length = rowLength(count);
  if (length === null) return appendExactReduction(builder, value, shape);
  const m = new Algebra(builder);
  builder.scope = `statistics/${value}`;
  const rows = m.reshape(value, [count / length, length]);
  const flat = m.reshape(value, [-1]);
  const isFlat = count <= largestFlat;
  const means = m.mean(rows, [1], false);
  const squares = m.reduce('ReduceSumSquare', isFlat ? flat : rows, [isFlat ? 0 : 1], false);
  const [lows, highs] = [m.reduce('ReduceMin', rows, [1], false), m.reduce('ReduceMax', rows, [1], false)];
  // A product of bytes counts three times as fast as a sum of numbers.
  const ones = builder.constant('uint8', [length, 1], Array.from({ length }, () => 1));
  const zeros = builder.add('MatMulInteger', [m.cast(m.equal(rows, m.constant(0)), 'uint8'), ones]);
  const sample = appendSample(m, flat, count);
  for (const name of [means, squares, lows, highs, sample]) builder.output(name, 'float32');
  builder.output(zeros, 'int32');
  builder.scope = '';
  return {
    value, outputs: [means, squares, lows, highs, zeros, sample],
    read(results) {
      const list = (name: string): readonly number[] => toNumbers(results.get(name));
      const mean = sum(list(means)) * length / count;
      const [min, max] = [list(lows).reduce((a, b) => Math.min(a, b), Infinity), list(highs).reduce((a, b) => Math.max(a, b), -Infinity)];
      const square = sum(list(squares)) / count;
      const isConstant = min === max;
      if (!isSound({ mean, square, min, max, error: isFlat ? count * flatError + rowError : rowError })) return null;
      return {
        count, mean: isConstant ? min : mean, variance: isConstant ? 0 : square - mean ** 2, min, max, zeros: sum(list(zeros)), nonFinite: 0,
        ...histogramOfSample(results, sample),
      };
    },
  };
};

/** A tensor of so many elements is read as it is: that takes less time than the nodes of a reduction, and no time to create them. */
const largestWhole = 1 << 14;

export const isReadWhole = (count: number): boolean => count <= largestWhole;

function readWhole(builder: GraphBuilder, value: string, count: number): Reduction {
  builder.output(value, 'float32');
  return {
    value, outputs: [value],
    read(results) {
      const data = results.get(value)?.data;
      return momentsOf(data instanceof Float32Array ? data : new Float32Array(count).fill(NaN));
    },
  };
}

function momentsOf(data: Float32Array): Moments {
  const accumulator = new StatisticsAccumulator();
  accumulator.add(data);
  const { count, mean, min, max, zeros, nonFinite, histogram } = accumulator.finish(histogramOf(data, bins));
  const rest = { count, zeros, nonFinite, ...(histogram ? { histogram } : {}) };
  if (mean === null || min === null || max === null) return { ...rest, mean: null, variance: null, min: null, max: null };
  return { ...rest, mean: min === max ? min : mean, variance: varianceOf(accumulator.variance, min, max, count), min, max };
}

/** Elements whose squares are added up in one go; ONNX Runtime takes a third of the time for that, and errs in proportion to their number. */
const largestFlat = 1 << 20;
/** Relative error of such a sum per element, and of one by rows; both measured, on normal and half-normal numbers, and doubled. */
const flatError = 1.2e-10;
const rowError = 2e-6;
/** A thousandth is promised. */
const largestError = 3e-4;
/** Between these, the squares of numbers that matter to a variance are normal float32 numbers. */
const [smallest, largest] = [1e-15, 1e15];

function isSound({ mean, square, min, max, error }: Readonly<Record<'mean' | 'square' | 'min' | 'max' | 'error', number>>): boolean {
  // A sum is finite only if all its terms are.
  if (!Number.isFinite(mean + square)) return false;
  if (min === max) return true;
  const magnitude = Math.max(-min, max);
  // The difference of the square's mean and the mean's square magnifies the error of the first.
  return magnitude >= smallest && magnitude <= largest && square * error <= (square - mean ** 2) * largestError;
}

/** Length of equal rows that a tensor can be cut into, for sums that do not get long; null for a number of elements like a large prime. */
function rowLength(count: number): number | null {
  for (let length = Math.min(count, 1024); length >= 16 || (length > 0 && length === count); length--) if (count % length === 0) return length;
  return null;
}

/**
 * Right for whatever float32 can hold: reduced in float64 about the mean. Float32 sums of squares would lose exactly what is looked for:
 * at σ = 1e-24 they are 0, at 1e20 infinite.
 */
export const appendExactReduction: Reduce = (builder, value, shape) => {
  const m = new Algebra(builder);
  builder.scope = `statistics/${value}`;
  const count = elementCount(shape);
  const flat = m.reshape(value, [-1]);
  const wide = m.cast(flat, 'float64');
  const total = (condition: string): string => m.cast(m.sum(m.cast(condition, 'int32'), [0]), 'float64');
  const average = m.mean(wide, [0]);
  const numbers = m.concat([
    average,
    // About the mean: the difference of two squares would lose a spread that is small beside it.
    m.mean(m.square(m.sub(wide, average)), [0]),
    m.cast(m.reduce('ReduceMin', flat, [0], true), 'float64'),
    m.cast(m.reduce('ReduceMax', flat, [0], true), 'float64'),
    total(m.equal(flat, m.constant(0))),
    // x − x is 0 for finite x only.
    total(m.equal(m.sub(flat, flat), m.constant(0))),
  ], 0);
  const sample = appendSample(m, flat, count);
  builder.output(numbers, 'float64');
  builder.output(sample, 'float32');
  builder.scope = '';
  return {
    value, outputs: [numbers, sample],
    read(results) {
      const [mean = NaN, variance = NaN, min = NaN, max = NaN, zeros = 0, finite = 0] = toNumbers(results.get(numbers));
      const known = finite === count && count > 0;
      return {
        count,
        mean: known ? mean : null,
        variance: known ? varianceOf(variance, min, max, count) : null,
        min: known ? min : null,
        max: known ? max : null,
        zeros,
        nonFinite: count - finite,
        ...histogramOfSample(results, sample),
      };
    },
  };
};

/** Never below what two elements at the ends of the range amount to, (max − min)² / 2n, so that rounding cannot make it 0. */
function varianceOf(variance: number, min: number, max: number, count: number): number {
  return min === max ? 0 : Math.max(variance, (max - min) ** 2 / (2 * count));
}

function appendSample(m: Algebra, flat: string, count: number): string {
  // An odd step does not fall into step with channels or rows.
  const step = count <= sampleSize ? 1 : Math.floor(count / sampleSize) | 1;
  return step === 1 ? flat : m.slice(flat, [0], [0], [count], [step]);
}

function histogramOfSample(results: Results, sample: string): Pick<Moments, 'histogram'> {
  const data = results.get(sample)?.data;
  const histogram = data instanceof Float32Array ? histogramOf(data, bins) : null;
  return histogram ? { histogram } : {};
}

/** A tensor that is exactly zero: a gradient with no path from the output. */
export function zeroMoments(count: number): Moments {
  return { count, mean: 0, variance: 0, min: 0, max: 0, zeros: count, nonFinite: 0, histogram: { min: -0.5, max: 0.5, counts: [count] } };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function toNumbers(value: Value | undefined): readonly number[] {
  return value ? Array.from(value.data as ArrayLike<number | bigint>, Number) : [];
}
