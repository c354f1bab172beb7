import type { AppliedScheme, Recommendation } from '../../protocol/report';
import { say } from '../../protocol/words';
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
  return {
    ...recommendation, std: std * factor, gain: gain === null ? null : gain * factor, bound: bound === null ? null : bound * factor,
    title: `${title}, × ${rounded(factor)}`,
    reason: factor > 1 ? say('{0} A run showed that it reads less than that assumes: it is drawn {1} times as wide.', reason, rounded(factor))
      : say('{0} A run showed that it reads more than that assumes: it is drawn {1} times as wide.', reason, rounded(factor)),
  };
}
