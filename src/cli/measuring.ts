import type { WeightStatistics } from '../protocol/report';
import type { Ties } from '../core/report/ties';
import { FilePool } from '../formats/tensors/content';
import { leaningBiases } from '../formats/tensors/leanings';
import { measureWeight, runNow } from '../formats/tensors/measure';
import type { OpenedModel } from '../formats/openModel';
import { equalTensors } from '../formats/tensors/ties';
import { isMeasurable } from '../formats/tensors/weightChunks';
import { startProgress } from './progress';

/** What a file's weights hold, and which of them hold the same. */
export interface Measured {
  readonly statistics: ReadonlyMap<string, WeightStatistics>;
  readonly ties: Ties;
}

export function measureModel({ model, layers }: OpenedModel): Measured {
  const statistics = new Map<string, WeightStatistics>();
  const weights = layers.flatMap((layer) => layer.weights).filter(isMeasurable);
  const progress = startProgress(`Measuring ${model.file}`);
  const pool = new FilePool();
  try {
    for (const [i, weight] of weights.entries()) {
      if (!statistics.has(weight.id)) statistics.set(weight.id, runNow(measureWeight(pool, weight, {})));
      progress.tell((i + 1) / weights.length);
    }
    for (const [id, leaning] of runNow(leaningBiases(pool, layers, statistics, () => ({})))) statistics.set(id, leaning);
    return { statistics, ties: runNow(equalTensors(pool, layers, statistics, () => ({}))) };
  } finally {
    progress.end();
    pool.close();
  }
}
