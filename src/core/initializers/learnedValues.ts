// Values that were learned: recipes name them by their digest, and whoever keeps them is asked for them.

import { Failure } from '../../protocol/failure';
import type { LearnedSampler, RecipeBlock } from '../../protocol/recipe';
import { say } from '../../protocol/words';
import { checkCount } from './patterns';
import type { Region } from './region';
import type { DrawRun } from './sampling';

/** The values with a digest, or null where nobody has them any more. */
export type LearnedValues = (digest: string) => Float32Array | null;

let kept: LearnedValues = () => null;

/** Says who keeps them in this process. */
export function provideLearned(values: LearnedValues): void {
  kept = values;
}

export const isDigest = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

/** Whether any of them was learned. */
export const areLearned = (blocks: readonly RecipeBlock[]): boolean => blocks.some(({ sampler }) => sampler.kind === 'learned');

/** Asked for once, when the first of them is drawn. */
export function learnedBlock(sampler: LearnedSampler, region: Region): DrawRun {
  checkCount(region, sampler.count, `the ${sampler.count} that were learned`);
  let values: Float32Array | null = null;
  return (out, _at, local) => {
    values ??= valuesOf(sampler);
    out.set(values.subarray(local, local + out.length));
  };
}

function valuesOf({ digest, count }: LearnedSampler): Float32Array {
  const values = kept(digest);
  if (values?.length === count) return values;
  throw new Failure('missing-external-file', say(
    `{0} learned values ({1}…) are not in Initscope's storage any more. Undo the edit that set them, or train again.`, count, digest.slice(0, 12)));
}
