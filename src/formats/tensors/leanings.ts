// Biases of the layers of a file that follow the sums of their kernels' rows, behind functions whose mean they may take away.

import type { Layer, LayerWeight } from '../../core/layers/layer';
import { readsSigmoid } from '../../core/layers/chains';
import { UnitSums, leaningOf } from '../../core/statistics/leaning';
import type { WeightStatistics } from '../../protocol/report';
import type { FilePool, TensorContent } from './content';
import type { Stepwise } from './measure';
import { isMeasurable, isRepeated, weightChunks } from './weightChunks';

/** The statistics of such biases, with how they lean, by id. */
export function* leaningBiases(
  pool: FilePool, layers: readonly Layer[], statistics: ReadonlyMap<string, WeightStatistics>, contentOf: (id: string) => TensorContent,
): Stepwise<ReadonlyMap<string, WeightStatistics>> {
  const found = new Map<string, WeightStatistics>();
  for (const layer of layers) {
    const [kernel, bias] = [weightOf(layer, 'kernel'), weightOf(layer, 'bias')];
    const known = bias && statistics.get(bias.id);
    if (!readsSigmoid(layer) || !kernel?.units || !bias || !known || known.law || known.std === 0 || known.std === null) continue;
    const sums = new UnitSums(kernel.units);
    const biases: number[] = [];
    for (const chunk of weightChunks(pool, kernel, contentOf(kernel.id))) {
      if (!isRepeated(chunk)) sums.add(chunk);
      yield;
    }
    for (const chunk of weightChunks(pool, bias, contentOf(bias.id))) if (!isRepeated(chunk)) biases.push(...Array.from(chunk));
    const leans = leaningOf(sums.sums, biases);
    if (leans !== null) found.set(bias.id, { ...known, leans });
  }
  return found;
}

const weightOf = ({ weights }: Layer, role: LayerWeight['role']): LayerWeight | undefined => (
  weights.find((weight) => weight.role === role && isMeasurable(weight) && weight.parts.length === 0));
