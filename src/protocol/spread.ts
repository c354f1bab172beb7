// What draws of one number have in common: the middle, on a logarithmic scale, and how far they lie apart.

/** Over seeds. NaN stands for a number that is not finite. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Not finite is larger than any number. */
function ascending(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a - b;
}

/** Of an even number of them, the median is the geometric mean of the two in the middle. Null of none. */
export function summarise(values: readonly number[]): Spread | null {
  const sorted = [...values].sort(ascending);
  const low = sorted[0];
  const high = sorted[sorted.length - 1];
  const left = sorted[(sorted.length - 1) >> 1];
  const right = sorted[sorted.length >> 1];
  if (low === undefined || high === undefined || left === undefined || right === undefined) return null;
  const median = sorted.length % 2 === 1 || left === right ? left : Math.sqrt(left) * Math.sqrt(right);
  return { median, low, high };
}
