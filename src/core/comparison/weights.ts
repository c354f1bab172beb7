/** What differs between the weights of two layers. */

import type { Difference, WeightComparison, WeightFact } from '../../protocol/comparison';
import type { Recommendation, WeightReport, WeightStatistics } from '../../protocol/report';
import { differences } from './differences';

export interface WeightPair {
  readonly left: WeightReport | null;
  readonly right: WeightReport | null;
}

/** Whether two tensors of equal statistics, by their ids, have been seen to hold their elements in another order. */
export type IsReordered = (left: string, right: string) => boolean;

/** Of the same role, those of the same name first, the others in order. */
export function pairWeights(left: readonly WeightReport[], right: readonly WeightReport[]): readonly WeightPair[] {
  const free = new Set(right);
  const partners = new Map<WeightReport, WeightReport>();
  for (const keyOf of [({ role, name }: WeightReport) => `${role} ${name}`, ({ role }: WeightReport) => role]) {
    const waiting = new Map<string, WeightReport[]>();
    for (const weight of [...free].reverse()) gather(waiting, keyOf(weight), weight);
    for (const weight of left) {
      const found = partners.has(weight) ? undefined : waiting.get(keyOf(weight))?.pop();
      if (!found) continue;
      partners.set(weight, found);
      free.delete(found);
    }
  }
  return [...left.map((weight) => ({ left: weight, right: partners.get(weight) ?? null })), ...[...free].map((weight) => ({ left: null, right: weight }))];
}

function gather<T>(groups: Map<string, T[]>, key: string, member: T): void {
  const known = groups.get(key);
  if (known) known.push(member);
  else groups.set(key, [member]);
}

/**
 * Moments are sums in float64, in the order in which elements are stored: between two orders they differ by rounding. Nothing else of equal elements does.
 */
const rounding = 1e-9;

export function haveSameStatistics(a: WeightStatistics, b: WeightStatistics): boolean {
  const scale = Math.max(Math.abs(a.min ?? 0), Math.abs(a.max ?? 0));
  const near = (x: number | null, y: number | null): boolean => x === y || (x !== null && y !== null && Math.abs(x - y) <= rounding * scale);
  return (['count', 'min', 'max', 'zeros', 'nonFinite'] as const).every((key) => a[key] === b[key]) && near(a.mean, b.mean) && near(a.std, b.std);
}

export function compareWeights({ left, right }: WeightPair, isReordered: IsReordered): WeightComparison {
  const ids = { role: (left ?? right)?.role ?? '', left: left?.id ?? null, right: right?.id ?? null };
  if (!left || !right) return { ...ids, change: left ? 'removed' : 'added', sameValues: null, differs: [] };
  const alike = left.statistics && right.statistics ? haveSameStatistics(left.statistics, right.statistics) : null;
  const sameValues = alike && !isReordered(left.id, right.id);
  const drawn = differences<WeightFact>(['drawn by', left.applied?.title ?? null, right.applied?.title ?? null]);
  const differs = [...structure(left, right), ...values(left, right, alike, sameValues), ...drawn];
  // What a weight should be follows from its neighbours, too: it is told, and is nothing that this one holds.
  const isChanged = differs.some(({ fact }) => fact !== 'should be');
  return { ...ids, change: isChanged ? 'changed' : 'same', sameValues, differs };
}

const shapeText = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** The same sizes in another order are another way to store the same kernel; where they mean another, its fans differ. */
const isStoredOtherwise = (a: readonly number[], b: readonly number[]): boolean => (
  a.length === b.length && a.toSorted((x, y) => x - y).join() === b.toSorted((x, y) => x - y).join());

const advised = (advice: Recommendation | null): string | null => advice && `${advice.title}, σ ${Number(advice.std.toPrecision(3))}`;

function structure(left: WeightReport, right: WeightReport): readonly Difference<WeightFact>[] {
  const shapes = isStoredOtherwise(left.shape, right.shape) ? [] : differences<WeightFact>(['shape', shapeText(left.shape), shapeText(right.shape)]);
  return [...shapes, ...differences<WeightFact>(
    ['type', left.dtype, right.dtype], ['fan in', left.fanIn, right.fanIn], ['fan out', left.fanOut, right.fanOut],
    ['left alone', left.frozen ?? null, right.frozen ?? null], ['should be', advised(left.recommendation), advised(right.recommendation)],
  )];
}

function values(left: WeightReport, right: WeightReport, alike: boolean | null, sameValues: boolean | null): readonly Difference<WeightFact>[] {
  const [a, b] = [left.statistics, right.statistics];
  if (!a || !b || sameValues !== false) return [];
  const looks = differences<WeightFact>(['looks like', left.looksLike, right.looksLike]);
  if (alike) return [{ fact: 'order', was: null, is: null }, ...looks];
  return [...differences<WeightFact>(
    ['mean', a.mean, b.mean], ['std', a.std, b.std], ['min', a.min, b.min], ['max', a.max, b.max], ['zeros', a.zeros, b.zeros],
    ['non-finite', a.nonFinite, b.nonFinite],
  ), ...looks];
}
