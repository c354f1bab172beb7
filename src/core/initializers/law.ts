// What is known of values before any is drawn: moments, bounds and expected counts of the distributions that recipes draw from.

import type { Recipe, RecipeBlock, Sampler } from '../../protocol/recipe';
import type { WeightStatistics } from '../../protocol/report';
import { elementCount } from '../graph/dtype';
import { normalQuantile } from '../kernels/random';
import type { Tensor } from '../graph/tensor';
import { createRegion } from './region';
import { bilinearValues } from './patterns';
import { cutNormal, normal, truncatedNormal } from './distributions';

/** Of one element of a block. */
interface Law {
  readonly mean: number;
  readonly variance: number;
  readonly low: number;
  readonly high: number;
  /** Probability of a draw below x. */
  readonly below: (x: number) => number;
}

const step = (value: number): ((x: number) => number) => (x) => (x > value ? 1 : 0);

function lawOf(sampler: Sampler): Law {
  switch (sampler.kind) {
    case 'constant': return { mean: sampler.value, variance: 0, low: sampler.value, high: sampler.value, below: step(sampler.value) };
    case 'normal': return around(sampler.mean, sampler.std);
    case 'uniform': {
      const { low, high } = sampler;
      const below = (x: number): number => Math.min(1, Math.max(0, (x - low) / (high - low)));
      return { mean: (low + high) / 2, variance: (high - low) ** 2 / 12, low, high, below: low === high ? step(low) : below };
    }
    case 'truncated-normal': {
      const { mean, std, tail } = sampler;
      const cut = tail === 0 ? Infinity : -normalQuantile(tail);
      if (std === 0 || cut === Infinity) return around(mean, std);
      const { below } = truncatedNormal(std, cut);
      return { mean, variance: (cutNormal(cut).std * std) ** 2, low: mean - cut * std, high: mean + cut * std, below: (x) => below(x - mean) };
    }
    // A uniform orthogonal matrix: E q² = 1 / max(rows, columns). Of many columns an element is all but normal.
    case 'orthogonal': return { ...around(0, Math.abs(sampler.gain) / Math.sqrt(Math.max(sampler.rows, sampler.columns))), low: -Math.abs(sampler.gain),
      high: Math.abs(sampler.gain) };
    case 'identity': {
      const { gain, rows, columns } = sampler;
      const share = Math.min(rows, columns) / (rows * columns);
      const [low, high] = [Math.min(0, gain), Math.max(0, gain)];
      return { mean: gain * share, variance: gain ** 2 * (share - share ** 2), low, high, below: (x) => (x > 0 ? 1 - share : 0) + (x > gain ? share : 0) };
    }
    case 'sparse': {
      const left = 1 - sampler.zeros / (sampler.within === 'column' ? sampler.rows : sampler.columns);
      const { below, ...drawn } = around(0, sampler.std);
      return { ...drawn, variance: left * sampler.std ** 2, below: (x) => left * below(x) + (1 - left) * step(0)(x) };
    }
    case 'bilinear': return ofValues(bilinearValues(sampler));
    case 'replicated': return lawOf(sampler.of);
    case 'learned': return { ...around(sampler.mean, sampler.std), low: sampler.min, high: sampler.max };
    // Of independent elements; many of them make it all but normal.
    case 'unit-sums': {
      const { count, mean, std } = lawStatistics(sampler.of.blocks, sampler.of.shape);
      const terms = count / sampler.count;
      return around(sampler.factor * terms * (mean ?? 0), Math.abs(sampler.factor) * Math.sqrt(terms) * (std ?? 0));
    }
  }
}

/** Values, each as often as it says. */
function ofValues(values: readonly (readonly [value: number, share: number])[]): Law {
  const mean = values.reduce((sum, [value, share]) => sum + share * value, 0);
  return {
    mean, variance: values.reduce((sum, [value, share]) => sum + share * (value - mean) ** 2, 0),
    low: Math.min(...values.map(([value]) => value)), high: Math.max(...values.map(([value]) => value)),
    below: (x) => values.reduce((sum, [value, share]) => sum + (x > value ? share : 0), 0),
  };
}

const around = (mean: number, std: number): Law => {
  const { below } = normal(std);
  return { mean, variance: std ** 2, low: -Infinity, high: Infinity, below: std === 0 ? step(mean) : (x) => below(x - mean) };
};

/** Elements of a block, which its slices pick. */
function countOf({ slices = [] }: RecipeBlock, shape: readonly number[]): number {
  return slices.length === 0 ? elementCount(shape) : createRegion(slices, shape).count;
}

const bins = 48;
/** How far a histogram of a normal reaches, in standard deviations. */
const reach = 4;

interface Mixture {
  readonly total: number;
  readonly laws: readonly { readonly count: number; readonly law: Law }[];
  readonly mean: number;
  readonly std: number;
}

function mixtureOf(blocks: readonly RecipeBlock[], shape: readonly number[]): Mixture {
  const total = elementCount(shape);
  // The first block an element belongs to draws it: a whole one behind others has what they leave.
  let left = total;
  const parts = blocks.map((block) => {
    const count = Math.min(left, countOf(block, shape));
    left -= count;
    return { count, law: lawOf(block.sampler) };
  });
  const laws = left > 0 ? [...parts, { count: left, law: lawOf({ kind: 'constant', value: 0 }) }] : parts;
  const mean = laws.reduce((sum, { count, law }) => sum + (count / total) * law.mean, 0);
  const variance = laws.reduce((sum, { count, law }) => sum + (count / total) * (law.variance + (law.mean - mean) ** 2), 0);
  return { total, laws, mean, std: Math.sqrt(variance) };
}

/** Mean and standard deviation of a tensor that is drawn by these blocks. */
export const lawMoments = (blocks: readonly RecipeBlock[], shape: readonly number[]): { readonly mean: number; readonly std: number } => {
  const { mean, std } = mixtureOf(blocks, shape);
  return { mean, std };
};

/**
 * What statistics of a tensor would be that is drawn by these blocks, were there infinitely many draws: exact mean and standard deviation,
 * bounds where there are any, and expected counts.
 */
export function lawStatistics(blocks: readonly RecipeBlock[], shape: readonly number[]): WeightStatistics {
  const { total, laws, mean, std } = mixtureOf(blocks, shape);
  const [low, high] = [Math.min(...laws.map(({ law }) => law.low)), Math.max(...laws.map(({ law }) => law.high))];
  const zeros = laws.reduce((sum, { count, law }) => sum + (law.variance === 0 && law.mean === 0 ? count : 0), 0);
  const bounds = { min: Number.isFinite(low) ? low : null, max: Number.isFinite(high) ? high : null };
  return { count: total, mean, std, ...bounds, zeros, nonFinite: 0, histogram: histogram(laws, mean, std, low, high), law: true };
}

function histogram(laws: readonly { readonly count: number; readonly law: Law }[], mean: number, std: number, low: number,
  high: number): NonNullable<WeightStatistics['histogram']> {
  const margin = std === 0 ? Math.max(Math.abs(mean) / 2, Number.MIN_VALUE * 2 ** 60) : 0;
  const [min, max] = [Math.max(low, mean - reach * std) - margin, Math.min(high, mean + reach * std) + margin];
  const edges = Array.from({ length: bins + 1 }, (_, i) => min + ((max - min) * i) / bins);
  const below = edges.map((edge, i) => laws.reduce((sum, { count, law }) => sum + count * (i === 0 ? 0 : i === bins ? 1 : law.below(edge)), 0));
  return { min, max, counts: below.slice(1).map((each, i) => each - (below[i] ?? 0)) };
}

/** The values that a tensor starts with that its file only declares, for a seed. */
export function declaredRecipe({ id, declared }: Tensor, seed: number): Recipe | null {
  return declared ? { version: 1, tensorId: id, seed, blocks: declared.blocks, origin: { scheme: 'normal', title: declared.name } } : null;
}
