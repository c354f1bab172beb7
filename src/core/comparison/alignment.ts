/** The longest common subsequence of two sequences, in memory that grows with their lengths and not with the product. */

/** Comparisons that are made of what lies between a common beginning and a common end; of more, only these two are aligned. */
const most = 1e8;

export type Aligned = readonly (readonly [left: number, right: number])[];

/** Pairs of places that hold equal keys, both in rising order, as many as there can be (Hirschberg 1975). */
export function align(left: readonly string[], right: readonly string[]): Aligned {
  const numbers = new Map<string, number>();
  const numbered = (keys: readonly string[]): readonly number[] => keys.map((key) => {
    const known = numbers.get(key) ?? numbers.size;
    numbers.set(key, known);
    return known;
  });
  const pairs: (readonly [number, number])[] = [];
  alignWithin(numbered(left), numbered(right), [0, left.length], [0, right.length], pairs);
  return pairs.sort(([a], [b]) => a - b);
}

type Span = readonly [start: number, end: number];

function alignWithin(left: readonly number[], right: readonly number[], spanL: Span, spanR: Span, pairs: (readonly [number, number])[]): void {
  let [[startL, endL], [startR, endR]] = [spanL, spanR];
  while (startL < endL && startR < endR && left[startL] === right[startR]) pairs.push([startL++, startR++]);
  while (startL < endL && startR < endR && left[endL - 1] === right[endR - 1]) pairs.push([--endL, --endR]);
  if (startL === endL || startR === endR || (endL - startL) * (endR - startR) > most) return;
  if (endL - startL === 1) {
    const at = right.indexOf(left[startL] ?? -1, startR);
    if (at >= 0 && at < endR) pairs.push([startL, at]);
    return;
  }
  const middle = (startL + endL) >> 1;
  const before = lengths(left, right, [startL, middle], [startR, endR], 1);
  const after = lengths(left, right, [middle, endL], [startR, endR], -1);
  let best = 0;
  const total = (at: number): number => (before[at] ?? 0) + (after[endR - startR - at] ?? 0);
  for (let at = 1; at <= endR - startR; at++) if (total(at) > total(best)) best = at;
  alignWithin(left, right, [startL, middle], [startR, startR + best], pairs);
  alignWithin(left, right, [middle, endL], [startR + best, endR], pairs);
}

/** Of the longest common subsequence with the first (or, backwards, the last) so many of the right. */
function lengths(left: readonly number[], right: readonly number[], [startL, endL]: Span, [startR, endR]: Span, step: 1 | -1): Uint32Array {
  const size = endR - startR;
  const row = new Uint32Array(size + 1);
  for (let i = 0; i < endL - startL; i++) {
    const key = left[step === 1 ? startL + i : endL - 1 - i];
    let diagonal = 0;
    for (let j = 1; j <= size; j++) {
      const above = row[j] ?? 0;
      row[j] = right[step === 1 ? startR + j - 1 : endR - j] === key ? diagonal + 1 : Math.max(above, row[j - 1] ?? 0);
      diagonal = above;
    }
  }
  return row;
}
