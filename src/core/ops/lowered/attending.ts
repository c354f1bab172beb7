import type { Algebra } from '../algebra';

/** The least float32: what is added to a score that takes no part, so that its weight is 0 without an infinity. */
export const lowest = -3.4028234663852886e38;

/** B samples, N heads of queries and K of keys, S queries, T keys, of D elements each, and of V of the values. */
export interface Sizes {
  readonly B: number;
  readonly N: number;
  readonly K: number;
  readonly S: number;
  readonly T: number;
  readonly D: number;
  readonly V: number;
}

export interface Attending {
  /** [B, N, S, D] */
  readonly query: string;
  /** [B, K, T, D] */
  readonly key: string;
  /** [B, K, T, V] */
  readonly value: string;
  readonly sizes: Sizes;
  readonly scale: number;
  /** Scores are squashed into ± that; 0 if they are not. */
  readonly softcap: number;
  /** Added to the scores, which they broadcast against: [B, N, S, T]. */
  readonly biases: readonly string[];
  /** One more score per query, [1 or N, 1], which takes a share of the weights and brings no value. */
  readonly sink?: string;
}

export interface Attended {
  /** [B, N, S, V] */
  readonly output: string;
  /** [B, N, S, T], scaled and nothing else yet */
  readonly scores: string;
  /** [B, N, S, T] */
  readonly weights: string;
}

/**
 * softmax(scale · Q Kᵀ + bias) V (Vaswani et al. 2017, arXiv 1706.03762, eq. 1). Where several heads of queries share one of keys
 * (Ainslie et al. 2023, arXiv 2305.13245, section 2.2), their queries are taken for more queries of it.
 */
export function attend(m: Algebra, { query, key, value, sizes, scale, softcap, biases, sink }: Attending): Attended {
  const { B, N, K, S, T, D, V } = sizes;
  const grouped = (tensor: string, last: number): string => (N === K ? tensor : m.reshape(tensor, [B, K, (N / K) * S, last]));
  const ungrouped = (tensor: string, last: number): string => (N === K ? tensor : m.reshape(tensor, [B, N, S, last]));
  const scores = ungrouped(m.matmul(grouped(m.scale(query, scale), D), m.transpose(key, [0, 1, 3, 2])), T);
  const capped = softcap === 0 ? scores : m.scale(m.tanh(m.scale(scores, 1 / softcap)), softcap);
  const biased = biases.reduce((sum, bias) => m.add(sum, bias), capped);
  const weights = sink === undefined ? softmax(m, biased) : sharedWith(m, biased, m.expand(m.reshape(sink, [1, -1, 1, 1]), [B, N, S, 1]), T);
  return { scores, weights, output: ungrouped(m.matmul(grouped(weights, T), value), V) };
}

const softmax = (m: Algebra, scores: string): string => m.graph.add('Softmax', [scores], { axis: -1 });

function sharedWith(m: Algebra, scores: string, sink: string, count: number): string {
  return m.slice(softmax(m, m.concat([scores, sink], -1)), [-1], [0], [count], [1]);
}

const range = (m: Algebra, from: number, count: number): string => (
  m.graph.add('Range', [from, from + count, 1].map((value) => m.graph.constant('int64', [], [value]))));

/** `count` positions from a place on, as [1, count]. */
export const positionsFrom = (m: Algebra, from: number, count: number): string => m.reshape(range(m, from, count), [1, count]);

export interface Window {
  /** Position of the first query among the keys. */
  readonly offset: number;
  /** How many keys before and behind its own place a query sees; null for all. */
  readonly left: number | null;
  readonly right: number | null;
}

/** Which of T keys each of S queries sees, [S, T]; null where that is all. */
export function visible(m: Algebra, { S, T }: Pick<Sizes, 'S' | 'T'>, { offset, left, right }: Window): string | null {
  const keys = positionsFrom(m, 0, T);
  const queries = (shift: number): string => m.reshape(range(m, offset + shift, S), [S, 1]);
  const behind = right === null ? null : m.graph.add('LessOrEqual', [keys, queries(right)]);
  const before = left === null ? null : m.graph.add('GreaterOrEqual', [keys, queries(-left)]);
  return behind !== null && before !== null ? m.and(behind, before) : behind ?? before;
}

/** What is added to scores so that only those count of which a condition holds. */
export const excluding = (m: Algebra, condition: string, excluded = lowest): string => m.where(condition, m.constant(0), m.constant(excluded));

/** [B, S, heads · size] as [B, heads, S, size]. */
export function split(m: Algebra, value: string, [B = 1, S = 1, width = 1]: readonly number[], heads: number): string {
  return m.transpose(m.reshape(value, [B, S, heads, width / heads]), [0, 2, 1, 3]);
}

/** [B, heads, S, size] as [B, S, heads · size]. */
export function joined(m: Algebra, value: string, [B = 1, heads = 1, S = 1, size = 1]: readonly number[]): string {
  return m.reshape(m.transpose(value, [0, 2, 1, 3]), [B, S, heads * size]);
}

/** What was kept of earlier steps, then what comes now: [B, K, P + T, size]. */
export const continued = (m: Algebra, past: string | null, value: string): string => (past === null ? value : m.concat([past, value], 2));
