// What a run says of a value channel by channel: in float32 by rows, and in float64 about the mean where that would be too coarse.

import type { GraphBuilder } from '../../core/graph/builder';
import { elementCount } from '../../core/graph/dtype';
import { Algebra } from '../../core/ops/algebra';
import type { Moments } from '../../protocol/simulation';
import type { Value } from '../runtime';
import { isReadWhole } from './reduce';

type Results = ReadonlyMap<string, Value>;

/** The nodes that describe the channels of one tensor, beside those of its moments. */
export interface ChannelReduction {
  readonly value: string;
  /** Null where the nodes are too coarse for what the tensor turned out to hold. */
  read(results: Results, moments: Moments): Channels | null;
}

/** Of each channel, over samples and positions; NaN where there are non-finite elements. */
export interface Channels {
  readonly means: Float64Array;
  readonly variances: Float64Array;
}

/** A tensor as [outer, channels, inner]. */
interface Layout {
  readonly outer: number;
  readonly channels: number;
  readonly inner: number;
}

/** Float32 sums are of so many elements, and are added up outside the graph. */
const [shortest, longest] = [16, 1024];
/** Relative error of the sum of so many squares, and of how much of it a variance may consist: a thousandth is promised, as of all moments. */
const sumError = 2e-6;
const largestError = 3e-4;
/** Mean squares between which the squares of all that matters are normal float32 numbers. */
const [smallest, largest] = [1e-30, 1e30];

/** `axis` is that of the channels. */
export function appendChannels(builder: GraphBuilder, value: string, shape: readonly number[], axis: number, isExtreme: boolean): ChannelReduction {
  const layout = { outer: elementCount(shape.slice(0, axis)), channels: shape[axis] ?? 1, inner: elementCount(shape.slice(axis + 1)) };
  if (isReadWhole(elementCount(shape))) return { value, read: known(layout, (results) => ofWhole(results.get(value)?.data, layout)) };
  builder.scope = `channels/${value}`;
  const quick = isExtreme ? null : appendQuick(builder, value, layout);
  const reduction = quick ?? appendExact(builder, value, layout);
  builder.scope = '';
  return reduction;
}

/** What is not finite has no moments, and what is the same throughout needs none. */
function known({ channels }: Layout, read: (results: Results) => Channels | null): ChannelReduction['read'] {
  const alike = (mean: number, variance: number): Channels => (
    { means: new Float64Array(channels).fill(mean), variances: new Float64Array(channels).fill(variance) });
  return (results, { min, max, nonFinite }) => {
    if (nonFinite > 0 || min === null) return alike(NaN, NaN);
    return min === max ? alike(min, 0) : read(results);
  };
}

/** Sums over stretches of positions, or of what stands before the channels: whichever can be the longer. Null where neither is long enough to save anything. */
function appendQuick(builder: GraphBuilder, value: string, layout: Layout): ChannelReduction | null {
  const { outer, channels, inner } = layout;
  const [along, across] = [largestDivisor(inner), largestDivisor(outer)];
  const stretch = Math.max(along, across);
  if (stretch < shortest) return null;
  const m = new Algebra(builder);
  const isAlong = along >= across;
  const rows = isAlong ? m.reshape(value, [outer * channels * (inner / stretch), stretch]) : m.reshape(value, [outer / stretch, stretch, channels * inner]);
  const [rowMeans, rowSquares] = [m.mean(rows, [1], false), m.reduce('ReduceSumSquare', rows, [1], false)];
  for (const name of [rowMeans, rowSquares]) builder.output(name, 'float32');
  const count = outer * inner;
  const perChannel = isAlong ? inner / stretch : inner;
  return {
    value, read: known(layout, (results) => {
      const [ofMeans, ofSquares] = [results.get(rowMeans)?.data, results.get(rowSquares)?.data];
      if (!(ofMeans instanceof Float32Array) || !(ofSquares instanceof Float32Array)) return null;
      const [means, variances] = [new Float64Array(channels), new Float64Array(channels)];
      for (let at = 0; at < ofMeans.length; at++) {
        const channel = Math.floor(at / perChannel) % channels;
        means[channel] = (means[channel] ?? 0) + (ofMeans[at] ?? NaN) * stretch / count;
        variances[channel] = (variances[channel] ?? 0) + (ofSquares[at] ?? NaN) / count;
      }
      const meanSquare = average(variances);
      for (let channel = 0; channel < channels; channel++) variances[channel] = (variances[channel] ?? 0) - (means[channel] ?? 0) ** 2;
      const isSound = meanSquare >= smallest && meanSquare <= largest && meanSquare * sumError <= average(variances) * largestError;
      return isSound ? { means, variances } : null;
    }),
  };
}

function appendExact(builder: GraphBuilder, value: string, layout: Layout): ChannelReduction {
  const { outer, channels, inner } = layout;
  const m = new Algebra(builder);
  const wide = m.cast(m.reshape(value, [outer, channels, inner]), 'float64');
  const mean = m.mean(wide, [0, 2]);
  const variances = m.mean(m.square(m.sub(wide, mean)), [0, 2]);
  for (const name of [mean, variances]) builder.output(name, 'float64');
  const list = (results: Results, name: string): Float64Array => {
    const data = results.get(name)?.data;
    return data instanceof Float64Array ? data : new Float64Array(channels).fill(NaN);
  };
  return { value, read: known(layout, (results) => ({ means: list(results, mean), variances: list(results, variances) })) };
}

function ofWhole(data: Value['data'] | undefined, { outer, channels, inner }: Layout): Channels {
  const [means, variances] = [new Float64Array(channels), new Float64Array(channels)];
  const at = (sample: number, channel: number, position: number): number => Number(data?.[(sample * channels + channel) * inner + position] ?? NaN);
  for (let channel = 0; channel < channels; channel++) {
    let [sum, squares] = [0, 0];
    for (let sample = 0; sample < outer; sample++) for (let position = 0; position < inner; position++) sum += at(sample, channel, position);
    const mean = sum / (outer * inner);
    for (let sample = 0; sample < outer; sample++) for (let position = 0; position < inner; position++) squares += (at(sample, channel, position) - mean) ** 2;
    means[channel] = mean;
    variances[channel] = squares / (outer * inner);
  }
  return { means, variances };
}

const average = (values: Float64Array): number => values.reduce((sum, each) => sum + each, 0) / values.length;

/** Of a count, so that no sum is long; that of a large prime is 1. */
function largestDivisor(count: number): number {
  for (let divisor = Math.min(count, longest); divisor > 1; divisor--) if (count % divisor === 0) return divisor;
  return 1;
}
