// What gates are drawn from that lie in one tensor, each in its turn.

import type { RecipeBlock } from '../../protocol/recipe';
import type { LayerPart, LayerWeight } from '../layers/layer';
import type { TensorMoments } from '../theory/signal';
import { drawnMoments } from './drawnSums';
import { lawMoments } from './law';

/** Of what a weight is drawn by, and of each of its parts. */
export function momentsDrawn({ tensor, parts }: Pick<LayerWeight, 'tensor' | 'parts'>, blocks: readonly RecipeBlock[]): TensorMoments {
  return withDrawnParts(drawnMoments(blocks, tensor.shape), blocks, parts);
}

/** The moments, and those of each part. */
function withDrawnParts(moments: TensorMoments, blocks: readonly RecipeBlock[], parts: readonly LayerPart[]): TensorMoments {
  return parts.length < 2 ? moments : { ...moments, parts: parts.map((part) => drawnPart(blocks, part)) };
}

/** The first block that an element belongs to draws it; what none has is zero. */
export function drawnPart(blocks: readonly RecipeBlock[], { slices, rows, columns }: LayerPart): TensorMoments {
  const block = blocks.find((each) => (each.slices ?? []).every(({ axis, start, end }) => (
    slices.some((own) => own.axis === axis && own.start >= start && own.end <= end))));
  if (!block) return { mean: 0, second: 0 };
  const { mean, std } = lawMoments([{ sampler: block.sampler }], [rows, columns]);
  return { mean, second: mean ** 2 + std ** 2 };
}
