import type { Histogram } from '../../protocol/report';
import type { Moments } from '../../protocol/simulation';
import { HistogramBuilder } from './histogram';

/** The moments of all elements together, from those of disjoint parts (Chan, Golub & LeVeque 1983, eq. 2.1). */
export function poolMoments(parts: readonly Moments[]): Moments {
  const [first] = parts;
  if (parts.length === 1 && first) return first;
  const sum = (of: (part: Moments) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const count = sum((part) => part.count);
  const isKnown = parts.every(({ mean, variance }) => mean !== null && variance !== null) && count > 0;
  const mean = sum((part) => part.count * (part.mean ?? 0)) / count;
  const spread = sum((part) => part.count * ((part.variance ?? 0) + ((part.mean ?? 0) - mean) ** 2));
  const min = parts.reduce((least, part) => Math.min(least, part.min ?? Infinity), Infinity);
  const max = parts.reduce((most, part) => Math.max(most, part.max ?? -Infinity), -Infinity);
  const histogram = poolHistograms(parts.flatMap((part) => part.histogram ?? []));
  return {
    count,
    mean: isKnown ? mean : null,
    variance: isKnown ? (min === max ? 0 : spread / count) : null,
    min: isKnown ? min : null,
    max: isKnown ? max : null,
    zeros: sum((part) => part.zeros),
    nonFinite: sum((part) => part.nonFinite),
    ...(histogram ? { histogram } : {}),
  };
}

/** Over the range of all, each old bin counted where its middle is. */
function poolHistograms(histograms: readonly Histogram[]): Histogram | null {
  const [first] = histograms;
  if (!first) return null;
  const min = histograms.reduce((least, histogram) => Math.min(least, histogram.min), Infinity);
  const max = histograms.reduce((most, histogram) => Math.max(most, histogram.max), -Infinity);
  const range = {
    min: histograms.reduce((least, { outside }) => Math.min(least, outside?.lowest ?? least), min),
    max: histograms.reduce((most, { outside }) => Math.max(most, outside?.highest ?? most), max),
  };
  const builder = new HistogramBuilder(min, max, first.counts.length, range);
  for (const histogram of histograms) {
    const width = (histogram.max - histogram.min) / histogram.counts.length;
    const { outside } = histogram;
    if (outside) {
      builder.addRepeated({ value: outside.lowest, count: outside.below });
      builder.addRepeated({ value: outside.highest, count: outside.above });
    }
    histogram.counts.forEach((count, i) => builder.addRepeated({ value: histogram.min + (i + 0.5) * width, count }));
  }
  return builder.finish();
}
