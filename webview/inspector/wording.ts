import type { LayerReport, Recommendation, ResidualReport, WeightReport, WeightStatistics } from '../../src/protocol/report';
import { say } from '../../src/protocol/words';
import { allOf, compact, grouped, ratio, significant, trimmed } from '../format';
import { spreadRatio, type Measurements } from './health';

/** Names short enough for a cell of the table. */
const families: Readonly<Partial<Record<Recommendation['scheme'], string>>> = {
  'xavier-normal': 'Xavier', 'xavier-uniform': 'Xavier', 'he-normal': 'He', 'he-uniform': 'He', 'lecun-normal': 'LeCun', 'centred-sigmoid': say('Centred'),
};

/** "He .0589", "all 0", "all 1" */
export function recommendationLabel(weight: WeightReport | null): string {
  const recommendation = weight?.recommendation;
  if (!recommendation) return '';
  if (recommendation.distribution === 'constant') return allOf(constantOf(recommendation));
  return `${families[recommendation.scheme] ?? recommendation.title} ${compact(recommendation.std)}`;
}

/** "σ .0150"; "all 1" where nothing varies. */
export function spreadLabel({ std, min }: Pick<WeightStatistics, 'std' | 'min'>): string {
  return std === 0 && min !== null ? allOf(min) : `σ ${compact(std)}`;
}

export function constantOf(recommendation: Recommendation): number {
  if (recommendation.bound !== null) return recommendation.bound;
  return recommendation.scheme === 'ones' ? 1 : 0;
}

/** "31.0×" where the present spread differs visibly from the recommended one, else nothing. */
export function ratioLabel(weight: WeightReport, measurements: Measurements): string {
  const value = spreadRatio(weight, measurements);
  if (value === null || Math.abs(Math.log(value)) < Math.log(1.25)) return '';
  return ratio(value);
}

/** "BN → Relu"; "BN → + → Relu" where a residual branch ends in between. */
export function followedBy(layer: LayerReport): string {
  const { normalization, residual, activation } = layer;
  return [normalization === null ? '' : abbreviatedNorm(normalization), residual ? '+' : '', activation].filter((part) => part !== '').join(' → ');
}

/** The same in words, for a tooltip. */
export function followedAtLength(layer: LayerReport): string {
  const chain = [layer.normalization ?? '', layer.activation].filter((part) => part !== '').join(' → ');
  return layer.residual ? `${chain}\n${residualSentence(layer.residual)}` : chain;
}

export function residualSentence({ addedBy, branches }: ResidualReport): string {
  return branches === 1 ? say('ends the residual branch that {0} adds', addedBy)
    : say('ends one of {0} residual branches, added by {1}', grouped(branches), addedBy);
}

function abbreviatedNorm(op: string): string {
  return op.replace('BatchNormalization', 'BN').replace('LayerNormalization', 'LN').replace('InstanceNormalization', 'IN')
    .replace('GroupNormalization', 'GN');
}

/** "Conv 3×3, stride 2" */
export function operatorLabel(layer: LayerReport): string {
  return layer.detail === '' ? layer.op : `${layer.op} ${layer.detail}`;
}

/** "Xavier normal, fan_avg, gain 1, σ 0.0260" */
export function recommendationFormula(recommendation: Recommendation): string {
  if (recommendation.distribution === 'constant') return say('{0}, every element {1}', recommendation.title, trimmed(constantOf(recommendation)));
  return [
    recommendation.title,
    recommendation.mode ?? '',
    // A title says a gain that is not the scheme's own.
    recommendation.gain === null || recommendation.title.includes('gain') ? '' : `gain ${trimmed(recommendation.gain)}`,
    recommendation.distribution === 'uniform' && recommendation.bound !== null ? `±${significant(recommendation.bound)}` : '',
    `σ ${significant(recommendation.std)}`,
  ].filter((part) => part !== '').join(', ');
}
