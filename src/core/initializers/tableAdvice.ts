import type { LayerWeight } from '../layers/layer';
import { say } from '../../protocol/words';
import type { Advice } from './advice';
import { adviseParts, adviseScheme, rounded } from './advice';
import { kernelAdvice } from './kernelAdvice';
import { distribute, truncated } from './resolved';

/** What a table should start from whose rows are looked up, or added to those of another. */
export function tableAdvice(weight: LayerWeight): Advice {
  const { kernelUse, addedTo, positionBias, rows } = weight;
  const shared = kernelUse?.weight.fans;
  if (shared) {
    const { recommendation } = kernelAdvice(kernelUse.layer, kernelUse.weight, shared);
    const reason = say('The same table is the kernel of {0}, whose scale it has to have. {1}', kernelUse.layer.name, recommendation.reason);
    const grounds = { reason, source: `${recommendation.source}; Press & Wolf 2017` };
    return adviseScheme(weight, shared, sharedScheme(recommendation.scheme), grounds, recommendation.gain ?? undefined);
  }
  if (positionBias) return biasAdvice(weight, positionBias);
  if (addedTo) return adviceBeside(weight, addedTo.weight, tableAdvice(addedTo.weight).recommendation.std);
  const reason = say('Looking a row up is a product with a one-hot vector, so fan_in is 1 and unit variance comes out.');
  const scale = rows?.scale ?? 1;
  const scaled = scale === 1 ? reason : say('{0} But the graph multiplies its rows with {1}.', reason, rounded(scale));
  return adviseParts(weight, 'lecun-normal', () => normal(1 / scale, 'fan_in'), { reason: scaled, source: 'LeCun et al. 1998, eq. 16 with fan_in = 1' });
}

/** Of a kernel whose rows are looked up by another layer. */
export function asTableToo(advice: Advice, table: string | undefined): Advice {
  if (table === undefined) return advice;
  const { recommendation } = advice;
  const reason = say('{0} It is the table of {1} as well, which has to do with that scale.', recommendation.reason, table);
  return { ...advice, recommendation: { ...recommendation, reason, source: `${recommendation.source}; Press & Wolf 2017` } };
}

/** Both authors' code: `trunc_normal_` of standard deviation 0.02 cut at ±2, and T5's normal of 1/√d_model. */
function biasAdvice(weight: LayerWeight, { of, std }: NonNullable<LayerWeight['positionBias']>): Advice {
  const reason = say('Its rows are added to the scores of attention, by relative position: this is what {0} starts them from.', of);
  if (of === 'T5') return adviseParts(weight, 'normal', () => normal(std, null), { reason, source: 'Raffel et al. 2020, the authors’ code' });
  const drawn = { ...truncated(std, 2 / std), mode: null, gain: null, title: `Truncated normal, σ ${std}` };
  return adviseParts(weight, 'truncated-normal', () => drawn, { reason, source: 'Liu et al. 2021, the authors’ code' });
}

/** Of a table whose rows are added to those of another one with that standard deviation. */
export function adviceBeside(weight: LayerWeight, other: LayerWeight, std: number): Advice {
  const reason = say('Its rows are added to those of {0}, and arrive at the sum as wide as they do: neither drowns the other.', other.name);
  return adviseParts(weight, 'normal', () => normal(widthBeside(weight, other, std), null), { reason, source: 'Devlin et al. 2018, figure 2, for the sum' });
}

/** The standard deviation with which rows arrive at a sum as wide as those of another table. */
function widthBeside({ rows }: LayerWeight, other: LayerWeight, std: number): number {
  return (std * (other.rows?.scale ?? 1)) / (rows?.scale ?? 1);
}

const normal = (std: number, mode: 'fan_in' | null): ReturnType<Parameters<typeof adviseParts>[2]> => (
  { ...distribute('normal', std), mode, gain: mode && std, title: std === 1 ? 'Normal' : `Normal, σ ${rounded(std)}` });

/** A kernel is always advised one of the schemes; the others are for what is no kernel. */
function sharedScheme(id: string): Parameters<typeof adviseScheme>[2] {
  return id === 'xavier-normal' || id === 'he-normal' ? id : 'lecun-normal';
}
