import type { WeightStatistics } from '../protocol/report';
import { StatisticsAccumulator } from '../core/statistics/accumulator';
import { HistogramBuilder } from '../core/statistics/histogram';

const bins = 48;

/**
 * Statistics of a tensor from its chunks, which are read twice: the histogram needs the range first. Yields after every chunk, so that
 * whoever drives it decides how long it may keep its thread.
 */
export function* measure(chunks: () => Iterable<ArrayLike<number>>): Generator<undefined, WeightStatistics> {
  const accumulator = new StatisticsAccumulator();
  for (const chunk of chunks()) {
    accumulator.add(chunk);
    yield;
  }
  if (accumulator.min > accumulator.max) return accumulator.finish(null);
  const histogram = new HistogramBuilder(accumulator.min, accumulator.max, bins);
  for (const chunk of chunks()) {
    histogram.add(chunk);
    yield;
  }
  return accumulator.finish(histogram.finish());
}

/** The same without pauses, for the command line. */
export function measureNow(chunks: () => Iterable<ArrayLike<number>>): WeightStatistics {
  const steps = measure(chunks);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
