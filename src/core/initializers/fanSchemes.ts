import type { FanMode, SchemeDescription, SchemeId, SchemeOptions } from '../../protocol/schemes';
import { say } from '../../protocol/words';
import type { Fans } from '../ops/spec';
import { distributionOption, gainOption, modeOption } from './options';
import type { Resolved } from './resolved';
import { distribute } from './resolved';

/** A way to draw a kernel that its fans alone decide. */
export interface FanScheme extends SchemeDescription {
  readonly id: SchemeId;
  readonly resolve: (fans: Fans, options?: SchemeOptions) => Resolved;
}

export function fanOf({ fanIn, fanOut }: Fans, mode: FanMode): number {
  if (mode === 'fan_avg') return (fanIn + fanOut) / 2;
  return mode === 'fan_in' ? fanIn : fanOut;
}

/** σ² = g² / fan */
function scaled(
  title: string, distribution: 'normal' | 'uniform' | 'truncated-normal', mode: FanMode, gain: number,
): (fans: Fans, options?: SchemeOptions) => Resolved {
  return (fans, options = {}) => {
    const by = options.mode ?? mode;
    const own = options.gain ?? gain;
    return { ...distribute(options.distribution ?? distribution, own / Math.sqrt(fanOf(fans, by)), options.truncation), mode: by, gain: own, title };
  };
}

/** σ = g / √fan_in · min(1, √(fan_out / fan_in)), so that the largest singular value is of the order of √(fan_out / fan_in). */
function spectral({ fanIn, fanOut }: Fans, { gain = 1 }: SchemeOptions = {}): Resolved {
  return { ...distribute('normal', (gain / Math.sqrt(fanIn)) * Math.min(1, Math.sqrt(fanOut / fanIn))), mode: null, gain, title: 'Spectral' };
}

const group = 'By the fans';

/** The recommendation chooses among these, too. */
export const fanSchemes = [
  {
    id: 'xavier-normal', title: 'Xavier normal', group, formula: 'σ² = 2 / (fan_in + fan_out)',
    when: say('Before tanh, sigmoid and softmax, and for attention projections.'),
    source: 'Glorot & Bengio 2010, eq. 12', options: [gainOption(1)], resolve: scaled('Xavier normal', 'normal', 'fan_avg', 1),
  },
  {
    id: 'xavier-uniform', title: 'Xavier uniform', group, formula: '|w| ≤ √(6 / (fan_in + fan_out))',
    when: say('As Xavier normal, with bounded weights.'),
    source: 'Glorot & Bengio 2010, eq. 16', options: [gainOption(1)], resolve: scaled('Xavier uniform', 'uniform', 'fan_avg', 1),
  },
  {
    id: 'he-normal', title: 'He normal', group, formula: 'σ² = 2 / fan_in',
    when: say('Before ReLU and its family; fan_out keeps the gradient in scale instead of the signal.'),
    source: 'He et al. 2015, eq. 10 (fan_out: eq. 14)',
    options: [modeOption('fan_in'), gainOption(Math.SQRT2)], resolve: scaled('He normal', 'normal', 'fan_in', Math.SQRT2),
  },
  {
    id: 'he-uniform', title: 'He uniform', group, formula: '|w| ≤ √(6 / fan_in)',
    when: say('As He normal, with bounded weights.'),
    source: 'He et al. 2015, eq. 10 (fan_out: eq. 14)',
    options: [modeOption('fan_in'), gainOption(Math.SQRT2)], resolve: scaled('He uniform', 'uniform', 'fan_in', Math.SQRT2),
  },
  {
    id: 'lecun-normal', title: 'LeCun normal', group, formula: 'σ² = 1 / fan_in',
    when: say('Before SELU, and where no activation follows.'),
    source: 'LeCun et al. 1998, eq. 16', options: [gainOption(1)], resolve: scaled('LeCun normal', 'normal', 'fan_in', 1),
  },
  {
    id: 'lecun-uniform', title: 'LeCun uniform', group, formula: '|w| ≤ √(3 / fan_in)',
    when: say('As LeCun normal, with bounded weights.'),
    source: 'LeCun et al. 1998, eq. 16', options: [gainOption(1)], resolve: scaled('LeCun uniform', 'uniform', 'fan_in', 1),
  },
  {
    id: 'variance-scaling', title: 'Variance scaling', group, formula: 'σ² = gain² / fan',
    when: say('To choose the fan, the gain and the distribution yourself; a truncated normal is corrected to the σ asked for.'),
    source: 'Glorot & Bengio 2010; He et al. 2015; in this form Keras’ VarianceScaling, 2015',
    options: [modeOption('fan_in'), distributionOption('truncated-normal'), gainOption(1)],
    resolve: scaled('Variance scaling', 'truncated-normal', 'fan_in', 1),
  },
  {
    id: 'spectral', title: 'Spectral', group, formula: 'σ = min(1, √(fan_out / fan_in)) / √fan_in',
    when: say('Where widths differ, or will grow: the largest singular value is about √(fan_out / fan_in), also of layers that narrow.'),
    source: 'Yang, Simon & Bernstein 2023, parametrization 1', options: [gainOption(1)], resolve: spectral,
  },
  {
    id: 'randn-fan-in', title: 'randn/√fan_in', group: 'Lecture notes', formula: 'w = randn / √fan_in',
    when: say('As lecture notes write it: every unit’s sum has the variance of one input.'),
    source: 'Karpathy et al. 2015, CS231n notes 2, after LeCun et al. 1998, eq. 16', options: [], resolve: scaled('randn/√fan_in', 'normal', 'fan_in', 1),
  },
  {
    id: 'randn-half-fan-in', title: 'randn/√(fan_in/2)', group: 'Lecture notes', formula: 'w = randn / √(fan_in / 2)',
    when: say('As lecture notes write it for ReLU, which halves the second moment.'),
    source: 'Karpathy et al. 2015, CS231n notes 2, after He et al. 2015, eq. 10',
    options: [], resolve: scaled('randn/√(fan_in/2)', 'normal', 'fan_in', Math.SQRT2),
  },
] as const satisfies readonly FanScheme[];

export type FanSchemeId = (typeof fanSchemes)[number]['id'];

const byId: ReadonlyMap<string, FanScheme> = new Map(fanSchemes.map((scheme) => [scheme.id, scheme]));

export function fanSchemeOf(id: FanSchemeId): FanScheme {
  const scheme = byId.get(id);
  if (!scheme) throw new Error(`There is no scheme ${id}.`);
  return scheme;
}
