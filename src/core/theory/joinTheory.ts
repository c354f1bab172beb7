// What theory says of the channels where a residual branch is added to the signal.

import type { ChannelMoments, JoinRun } from '../../protocol/simulation';
import { elementCount } from '../graph/dtype';
import type { Join } from '../layers/joins';
import type { Signal } from './signal';

export function joinTheory(
  { name, layer, sum, end, channels }: Join, signals: ReadonlyMap<string, Signal>, shapeOf: (value: string) => readonly number[] | null,
): JoinRun {
  const of = (value: string): ChannelMoments | null => {
    const [signal, shape] = [signals.get(value), shapeOf(value)];
    return signal && shape && channels !== null ? channelMoments(signal, shape, channels < 0 ? shape.length + channels : channels) : null;
  };
  return { name, layer: layer.name, sum: of(sum), branch: of(end) };
}

/** E (Σ x / n)² is the mean of E x x′ over all pairs of the n values that a channel has, each of a sample and a position; its own with itself among them. */
function channelMoments({ second, common, local, apart }: Signal, shape: readonly number[], axis: number): ChannelMoments | null {
  const [samples = 1] = shape;
  const channels = shape[axis];
  if (channels === undefined || axis === 0) return null;
  const positions = elementCount(shape) / samples / channels;
  const [otherSamples, otherPositions] = [samples - 1, positions - 1];
  const squaredMean = (second + otherSamples * common + otherPositions * local + otherSamples * otherPositions * apart) / (samples * positions);
  return { channels, squaredMean: Math.max(0, squaredMean), variance: Math.max(0, second - squaredMean) };
}
