// Which values a constant has over the units of a layer, where moments do not tell: as many biases that shut their units, and few that do not.

import type { Histogram } from '../../protocol/report';

/** A few values, with the share of units that have each; shares add up to 1. */
export type Law = readonly { readonly at: number; readonly share: number }[];

/** So many values tell where units are open and where they are shut. */
const most = 16;

export function lawOf({ min, max, counts, outside }: Histogram): Law {
  const width = (max - min) / counts.length;
  const together = Math.ceil(counts.length / most);
  const inside = Array.from({ length: Math.ceil(counts.length / together) }, (_, i) => {
    const own = counts.slice(i * together, (i + 1) * together);
    const count = own.reduce((sum, each) => sum + each, 0);
    const weighted = own.reduce((sum, each, k) => sum + each * (min + (i * together + k + 0.5) * width), 0);
    return { at: count === 0 ? min : weighted / count, count };
  });
  const far = outside ? [{ at: outside.lowest, count: outside.below }, { at: outside.highest, count: outside.above }] : [];
  const all = [...inside, ...far].filter(({ count }) => count > 0);
  const total = all.reduce((sum, { count }) => sum + count, 0);
  return all.map(({ at, count }) => ({ at, share: count / total }));
}

/** Constants that are so much wider than what varies decide by themselves what a unit says; narrower ones are as good as normal. */
const wide = 3;

export function isWide(law: Law, variance: number): boolean {
  const mean = law.reduce((sum, { at, share }) => sum + share * at, 0);
  return law.reduce((sum, { at, share }) => sum + share * (at - mean) ** 2, 0) > wide ** 2 * variance;
}
