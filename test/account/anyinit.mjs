import { median, rounded } from './scale.mjs';

/** Of each network: the median and the largest factor between predicted and measured, over layers and seeds. */
export function judgeAnyinit({ version, seeds, rows }) {
  const judge = (factors) => [rounded(median(factors)), rounded(Math.max(...factors))];
  return {
    version, seeds,
    rows: rows.map(({ family, layers, theirs, ours, refused }) => ({
      family, layers, ...(refused || layers === 0 ? { refused: refused ?? 'no layer that both know' } : { theirs: judge(theirs), ours: judge(ours) }),
    })),
  };
}
