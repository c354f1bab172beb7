import { elementCount } from '../graph/dtype';
import type { LayerWeight } from '../layers/layer';
import type { Fans } from '../ops/spec';
import { say } from '../../protocol/words';
import type { Advice } from './advice';
import { adviseParts, rounded } from './advice';
import { constant, uniformBetween } from './resolved';

/** Steps from here to there (Gu & Dao 2023, arXiv 2312.00752, section 3.6). */
const [shortest, longest] = [0.001, 0.1];
/** softplus⁻¹(y) = ln(eʸ − 1) */
const softplusInverse = (y: number): number => Math.log(Math.expm1(y));

/**
 * The bias that Δ = softplus(… + bias) has its usual size from. The authors draw that log-uniformly, and so softplus⁻¹ of it, which is ln y + y/2 − …,
 * is uniform but for half the step: by no more than 0.5 % of its distribution.
 */
export function stepAdvice(weight: LayerWeight): Advice {
  const [low, high] = [softplusInverse(shortest), softplusInverse(longest)];
  const sampler = { kind: 'uniform', low, high } as const;
  const drawn = { sampler, std: (high - low) / Math.sqrt(12), bound: null, mode: null, gain: null, title: `U(${rounded(low)}, ${rounded(high)})` };
  const reason = say('Behind the softplus it is the usual step of a state space: from {0} to {1}, short and long ones alike.', shortest, longest);
  return adviseParts(weight, 'uniform', () => drawn, { reason, source: 'Gu & Dao 2023, section 3.6' });
}

/** U(±1/√rank): the steps of unit input vary by as much as their bias leaves them (the authors' code, `dt_init_std`). */
export function stepKernelAdvice(weight: LayerWeight, { fanIn }: Fans): Advice {
  const drawn = { ...uniformBetween(fanIn ** -0.5), mode: null, gain: null, title: `U(±${rounded(fanIn ** -0.5)})` };
  const reason = say('It makes the steps of a state space of {0} numbers: a variance that the softplus leaves small beside its bias.', fanIn);
  return adviseParts(weight, 'uniform', () => drawn, { reason, source: 'Gu & Dao 2023, section 3.6, the authors’ code' });
}

/** A_n = −(n + 1), n from 0 on, in every channel: S4D-Real (Gu et al. 2022, arXiv 2206.11893), as Mamba has it (section 3.6). */
export function decayAdvice(weight: LayerWeight): Advice | null {
  if (!weight.decay) return null;
  const { states, form } = weight.decay;
  const values = Array.from({ length: states }, (_, n) => (form === 'logarithm' ? Math.log(n + 1) : -(n + 1)));
  const blocks = values.map((value, n) => ({ resolved: constant(value), slices: [{ axis: 1, start: n, end: n + 1 }] }));
  const mean = values.reduce((sum, value) => sum + value, 0) / states;
  const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / states);
  const title = form === 'logarithm' ? `ln 1 to ln ${states}` : `−1 to −${states}`;
  const channels = elementCount(weight.tensor.shape) / states;
  const reason = say('The {0} states of each of {1} channels forget at rates 1 to {2}, so that some remember for long.', states, channels, states);
  const source = 'Gu & Dao 2023, section 3.6; Gu et al. 2022';
  const numbers = { mode: null, distribution: 'constant', gain: null, std, bound: null } as const;
  return { resolved: constant(values[0] ?? 0), blocks, parts: [], recommendation: { scheme: 'constant', ...numbers, title, reason, source } };
}
