// Draws of a library, as moments and bounds of many, against the law that we take them for.

import { lawStatistics } from '../../src/core/initializers/law';
import type { RecipeBlock, Sampler } from '../../src/protocol/recipe';
import type { Json } from './goldens';
import { field, listOf, numberOf, numbersOf, textOf } from './goldens';

export interface Measured {
  readonly name: string;
  readonly shape: readonly number[];
  readonly mean: number;
  readonly std: number;
  /** Null of what does not vary. */
  readonly kurtosis: number | null;
  readonly min: number;
  readonly max: number;
  readonly count: number;
}

export function measuredIn(golden: Json): readonly Measured[] {
  return listOf(field(golden, 'measured')).map((each) => {
    const [name = null, shape = null, mean = null, std = null, kurtosis = null, min = null, max = null, count = null] = listOf(each);
    return {
      name: textOf(name), shape: numbersOf(shape), mean: numberOf(mean), std: numberOf(std), kurtosis: kurtosis === null ? null : numberOf(kurtosis),
      min: numberOf(min), max: numberOf(max), count: numberOf(count),
    };
  });
}

/** Standard errors that a moment of so many draws may be off. */
const errors = 5;
/** Of numbers that were written down, and are float32. */
const written = 1e-5;

/** Fourth moment over the square of the second; of a normal cut at two σ from ∫x⁴φ and ∫x²φ over ±2. Null where blocks differ. */
function kurtosisOf(blocks: readonly RecipeBlock[]): number | null {
  const [first] = blocks;
  return first && blocks.length === 1 ? kurtosisBy(first.sampler) : null;
}

function kurtosisBy(sampler: Sampler): number | null {
  switch (sampler.kind) {
    case 'uniform': return 1.8;
    case 'normal': return 3;
    case 'truncated-normal': return 2.3655;
    // A column is uniform on a sphere: E q⁴ = 3 / n (n + 2), E q² = 1 / n.
    case 'orthogonal': {
      const n = Math.max(sampler.rows, sampler.columns);
      return (3 * n) / (n + 2);
    }
    case 'constant': case 'identity': return null;
  }
}

/** What of the draws is not as these blocks draw, each in a sentence. */
export function isLaw({ name, shape, mean, std, kurtosis, min, max, count }: Measured, blocks: readonly RecipeBlock[]): readonly string[] {
  const law = lawStatistics(blocks, shape);
  const [own, center] = [law.std ?? NaN, law.mean ?? NaN];
  const expected = kurtosisOf(blocks);
  // Var(s) = σ² (κ − 1) / 4n, of a mixture as if it were normal; Var(κ) of a normal is 24 / n (Stuart & Ord, 10.9).
  const spread = errors * own * Math.sqrt(((expected ?? 3) - 1) / (4 * count)) + written * own;
  const tolerance = (errors * own) / Math.sqrt(count) + written;
  return [
    ...(Math.abs(own - std) <= spread + 1e-9 ? [] : [`${name}: σ ${own}, where ${count} draws have ${std}`]),
    ...(Math.abs(center - mean) <= tolerance ? [] : [`${name}: mean ${center}, where ${count} draws have ${mean}`]),
    ...(expected === null || (kurtosis !== null && Math.abs(expected - kurtosis) <= errors * Math.sqrt(24 / count)) ? []
      : [`${name}: kurtosis ${expected}, where ${count} draws have ${kurtosis}`]),
    ...(law.min === null || min >= law.min - written ? [] : [`${name}: nothing below ${law.min}, where draws are down to ${min}`]),
    ...(law.max === null || max <= law.max + written ? [] : [`${name}: nothing above ${law.max}, where draws are up to ${max}`]),
  ];
}
