import type { LayerWeight } from '../../core/layers/layer';
import type { WeightStatistics } from '../../protocol/report';
import { elementCount } from '../../core/graph/dtype';
import { drawnPart } from '../../core/initializers/drawnParts';
import { lawStatistics } from '../../core/initializers/law';
import { StatisticsAccumulator } from '../../core/statistics/accumulator';
import { GateStatistics } from './gateStatistics';
import { HistogramBuilder } from '../../core/statistics/histogram';
import { SpreadSample } from '../../core/statistics/outliers';
import { RankSample } from '../../core/statistics/rank';
import { UnitDigest } from '../../core/statistics/units';
import type { FilePool, TensorContent } from './content';
import type { Chunk } from './weightChunks';
import { isRepeated, weightChunks } from './weightChunks';

const bins = 48;

/** Work that yields now and then, so that whoever drives it decides how long it may keep its thread. */
export type Stepwise<T> = Generator<undefined, T>;

/** Statistics of the numbers a weight stands for now. */
export function* measureWeight(pool: FilePool, weight: LayerWeight, content: TensorContent): Stepwise<WeightStatistics> {
  const { units, tensor } = weight;
  // Of what is drawn anew at every start, the law is known, and no draw is measured.
  if (tensor.declared) return withDrawnGates(lawStatistics(content.recipe?.blocks ?? tensor.declared.blocks, tensor.shape), weight, content);
  const elements = elementCount(tensor.shape);
  const ranked = weight.role === 'kernel' && weight.parts.length === 0 ? RankSample.create(units, elements) : null;
  const gates = GateStatistics.create(weight);
  const measured = yield* measure(() => weightChunks(pool, weight, content), UnitDigest.create(units, elements), ranked, gates);
  const found = gates?.finish();
  return found ? { ...measured, gates: found } : measured;
}

function withDrawnGates(statistics: WeightStatistics, { role, parts, tensor }: LayerWeight, { recipe }: TensorContent): WeightStatistics {
  const blocks = recipe?.blocks ?? tensor.declared?.blocks;
  if (role !== 'bias' || parts.length < 2 || !blocks) return statistics;
  const gates = parts.map((part) => drawnPart(blocks, part)).map(({ mean, second }) => ({ mean, std: Math.sqrt(Math.max(0, second - mean ** 2)) }));
  return { ...statistics, gates };
}

/** Statistics of numbers from their chunks, which are read twice: the histogram needs the range first. */
export function* measure(
  chunks: () => Iterable<Chunk>, digest: UnitDigest | null = null, ranked: RankSample | null = null,
  gates: GateStatistics | null = null,
): Stepwise<WeightStatistics> {
  const accumulator = new StatisticsAccumulator();
  const sample = new SpreadSample();
  let isWhole = true;
  for (const chunk of chunks()) {
    if (isRepeated(chunk)) {
      accumulator.addRepeated(chunk);
      isWhole = false;
    } else {
      accumulator.add(chunk);
      sample.add(chunk);
      digest?.add(chunk);
      ranked?.add(chunk);
      gates?.add(chunk);
    }
    yield;
  }
  if (accumulator.min > accumulator.max) return accumulator.finish(null);
  const { min, max } = isWhole ? sample.spanWithin(accumulator) : accumulator;
  const histogram = new HistogramBuilder(min, max, bins, accumulator);
  for (const chunk of chunks()) {
    if (isRepeated(chunk)) histogram.addRepeated(chunk);
    else histogram.add(chunk);
    yield;
  }
  const [units, rank] = isWhole ? [digest?.finish(), ranked?.finish()] : [];
  return {
    ...accumulator.finish(histogram.finish()), ...(units && units.duplicate + units.zero > 0 ? { units } : {}), ...(rank ? { rank } : {}),
  };
}

/** To the end without pauses, for the command line. */
export function runNow<T>(steps: Stepwise<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
