import type { SchemeOptions } from '../../protocol/schemes';
import { say } from '../../protocol/words';
import type { Layer, LayerWeight } from '../layers/layer';
import { activationMoments } from '../ops/quadrature';
import type { Fans } from '../ops/spec';
import { startingSlope } from './kernelAdvice';
import { directionOption, distributionOption, gainOption } from './options';
import type { Resolved } from './resolved';
import { distribute } from './resolved';
import type { Scheme } from './scheme';
import { drawParts } from './scheme';

interface Second {
  /** E f² */
  readonly value: number;
  /** E f'² */
  readonly slope: number;
}

const known = new WeakMap<Layer, Second>();

/** Of what follows the layer under N(0, 1); 1 where nothing follows that can be integrated. */
function secondMoments(layer: Layer): Second {
  const found = known.get(layer) ?? integrate(layer);
  known.set(layer, found);
  return found;
}

function integrate({ activation }: Layer): Second {
  // Whatever slope it has learned, it starts from that one: half of (1 + a²) either way (He et al. 2015, eq. 15).
  if (activation?.name === 'PRelu') return { value: (1 + startingSlope ** 2) / 2, slope: (1 + startingSlope ** 2) / 2 };
  if (!activation?.scalar) return { value: 1, slope: 1 };
  const { second, slope } = activationMoments(activation.scalar);
  return { value: second, slope };
}

/**
 * Forward, fan_in σ² E f² = 1 keeps the signal's second moment (He et al. 2015, eq. 7); backward, fan_out σ² E f'² = 1 keeps the gradient's
 * (eq. 13). In between, the mean of both is 1, as Glorot & Bengio 2010, eq. 12 take it for f(x) = x.
 */
function resolve(layer: Layer, { fanIn, fanOut }: Fans, options: SchemeOptions): Resolved {
  const { value, slope } = secondMoments(layer);
  const { direction = 'forward', distribution = 'normal' } = options;
  const way = {
    forward: { mode: 'fan_in', fan: fanIn, moment: value },
    backward: { mode: 'fan_out', fan: fanOut, moment: slope },
    between: { mode: 'fan_avg', fan: (fanIn + fanOut) / 2, moment: (fanIn * value + fanOut * slope) / (fanIn + fanOut) },
  } as const;
  const { mode, fan, moment } = way[direction];
  const gain = options.gain ?? 1 / Math.sqrt(moment);
  return {
    ...distribute(distribution, gain / Math.sqrt(fan), options.truncation), mode, gain, title: `Moments ${direction}, gain ${Number(gain.toPrecision(3))}`,
  };
}

export const momentScheme: Scheme = {
  id: 'moments', title: 'Activation’s moments', group: 'By the fans', formula: 'σ² = 1 / (fan_in · E f²)',
  when: say('For activations without a rule of their own (GELU, SiLU, Mish): the gain is an integral of what follows, forward, backward, or between.'),
  source: 'He et al. 2015, eq. 7 and 13, with E f² and E f′² by quadrature; Bingham & Miikkulainen 2021',
  options: [directionOption, distributionOption('normal'), gainOption(null)],
  draw({ layer, weight }, options) {
    return weight.role === 'kernel' ? drawParts(weight, (part) => resolve(layer, fansOf(weight, part?.fans ?? null), options)) : null;
  },
};

export function fansOf(weight: LayerWeight, own: Fans | null): Fans {
  return own ?? weight.fans ?? { fanIn: 1, fanOut: 1 };
}
