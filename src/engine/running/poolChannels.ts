// What runs of as many samples each say of the channels of a value, together.

import type { ChannelMoments } from '../../protocol/simulation';
import type { Channels } from '../planning/channels';

/** Averages over channels of what each says over all runs (Chan, Golub & LeVeque 1983, eq. 2.1); null where one is not known. */
export function poolChannels(all: readonly (Channels | null)[]): ChannelMoments | null {
  const known = all.filter((each) => each !== null);
  const channels = known[0]?.means.length ?? 0;
  if (known.length < all.length || channels === 0) return null;
  let [squaredMean, variance] = [0, 0];
  for (let channel = 0; channel < channels; channel++) {
    const mean = average(known, ({ means }) => means[channel] ?? NaN);
    squaredMean += mean ** 2 / channels;
    variance += average(known, ({ means, variances }) => (variances[channel] ?? NaN) + ((means[channel] ?? NaN) - mean) ** 2) / channels;
  }
  return { channels, squaredMean: finite(squaredMean), variance: finite(variance) };
}

const average = (all: readonly Channels[], of: (one: Channels) => number): number => all.reduce((sum, each) => sum + of(each), 0) / all.length;
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
