import type { AppliedScheme, Recommendation } from '../../protocol/report';
import type { Advice } from '../initializers/advice';
import { rounded } from '../initializers/advice';

/** What a weight should start from, where it has been drawn as recommended and a run has corrected that: what it holds is what is recommended. */
export function asMeasured(advice: Advice | null, applied: AppliedScheme | undefined): Advice | null {
  if (!advice || applied?.scheme !== 'recommended' || applied.measured === undefined) return advice;
  const factor = applied.measured;
  return { ...advice, recommendation: scaled(advice.recommendation, factor) };
}

function scaled(recommendation: Recommendation, factor: number): Recommendation {
  const { std, gain, bound, title, reason } = recommendation;
  const way = factor > 1 ? 'less' : 'more';
  return {
    ...recommendation, std: std * factor, gain: gain === null ? null : gain * factor, bound: bound === null ? null : bound * factor,
    title: `${title}, × ${rounded(factor)}`,
    reason: `${reason} A run showed that it reads ${way} than that assumes: it is drawn ${rounded(factor)} times as wide.`,
  };
}
