import type { DrawnSampler, ElementSampler, Sampler } from '../../protocol/recipe';
import type { Recommendation } from '../../protocol/report';
import type { SchemeOptions } from '../../protocol/schemes';
import { cutNormal } from './distributions';

/** How a weight is to be drawn: the distribution with its numbers, and what to say about it. */
export interface Resolved {
  readonly sampler: DrawnSampler;
  readonly mode: Recommendation['mode'];
  readonly gain: number | null;
  readonly std: number;
  /** Bound of what is bounded, value of a constant. */
  readonly bound: number | null;
  /** "He normal" */
  readonly title: string;
}

export function isOfElements(sampler: Sampler): sampler is ElementSampler {
  return sampler.kind === 'constant' || sampler.kind === 'normal' || sampler.kind === 'uniform' || sampler.kind === 'truncated-normal';
}

type Drawn = Pick<Resolved, 'sampler' | 'std' | 'bound'>;

/** Where normals are cut unless it is said otherwise, as libraries do. */
export const usualTruncation = 2;

/** Around 0 with that standard deviation: a uniform's bound is √3 σ, and what is truncated is drawn wider by as much as the cut takes away. */
export function distribute(distribution: NonNullable<SchemeOptions['distribution']>, std: number, truncation = usualTruncation): Drawn {
  if (distribution === 'normal') return { sampler: { kind: 'normal', mean: 0, std }, std, bound: null };
  if (distribution === 'truncated-normal') return truncated(std / cutNormal(truncation).std, truncation);
  const bound = std * Math.sqrt(3);
  return { sampler: { kind: 'uniform', low: -bound, high: bound }, std, bound };
}

/** A normal of the standard deviation `raw` that is cut, and not corrected for it. */
export function truncated(raw: number, truncation = usualTruncation, mean = 0): Drawn {
  const { tail, std } = cutNormal(truncation);
  return { sampler: { kind: 'truncated-normal', mean, std: raw, tail }, std: raw * std, bound: mean === 0 ? raw * truncation : null };
}

export function uniformBetween(bound: number): Drawn {
  return { sampler: { kind: 'uniform', low: -bound, high: bound }, std: bound / Math.sqrt(3), bound };
}

export function constant(value: number): Resolved {
  const title = value === 0 ? 'Zeros' : value === 1 ? 'Ones' : `Constant ${value}`;
  return { sampler: { kind: 'constant', value }, mode: null, gain: null, std: 0, bound: value, title };
}
