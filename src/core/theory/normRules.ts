// Normalisations: what comes out has the scale and the shift that they say, whatever goes in.

import { floatAttribute } from '../graph/graph';
import type { MomentContext, MomentRule } from './rule';
import type { Backward } from './gradient';
import { scaled } from './gradient';
import type { Signal, TensorMoments } from './signal';
import { add, constantSignal, nothing, numberOf, one, scaleAndShift, varianceOf, withProfile } from './signal';

/** What each element is made zero and one by: the mean that samples and positions have in common, unit by unit; that of the units of a sample; or none. */
export type Centre = 'over samples' | 'over units' | 'none';

/** The signal before scale and shift. */
export function normalised(signal: Signal, centre: Centre, epsilon: number): Signal {
  const spread = variance(signal, centre);
  const squared = spread + epsilon;
  const taken = centre === 'over samples' ? signal.apart : centre === 'over units' ? signal.mean ** 2 : 0;
  const left = (product: number): number => Math.max(0, product - taken) / squared;
  const mean = centre === 'none' ? signal.mean / Math.sqrt(squared) : 0;
  const made = { mean, second: spread / squared, common: left(signal.common), local: left(signal.local), apart: left(signal.apart) };
  // Statistics over the image leave its border as it was beside the rest; those of a place make all places alike.
  return withProfile(made, centre === 'over samples' ? signal.profile : undefined);
}

function variance(signal: Signal, centre: Centre): number {
  if (centre === 'none') return signal.second;
  return centre === 'over units' ? varianceOf(signal) : Math.max(0, signal.second - signal.apart);
}

/** γ² / (σ² + ε), what of a gradient goes through: that it has no mean and no part along the signal takes a share of 1/n (Ioffe & Szegedy 2015, section 3). */
export const throughNorm = (signal: Signal, centre: Centre, epsilon: number, scale: TensorMoments): Backward => (
  scaled(scale.second / (variance(signal, centre) + epsilon)));

/** Stored statistics are numbers: γ (x − μ) / √(v + ε) + β, μ being what it is whatever x is. */
const byStored: Pick<MomentRule, 'forward' | 'backward'> = {
  forward: (context) => {
    const { node, x, stored, isKnown } = context;
    const [mean, scale] = [stored(3), storedScale(context)];
    if (!isKnown(node.inputs[0] ?? '')) return { why: 'what comes to its stored statistics is not known' };
    if (!mean || !scale) return { why: 'its stored statistics are not known' };
    const centred = add(x(0), scaleAndShift(constantSignal(mean), numberOf(-1), nothing));
    return scaleAndShift(centred, scale, stored(2) ?? nothing);
  },
  backward: (context) => {
    const scale = storedScale(context);
    return scale && scaled(scale.second);
  },
};

/** γ / √(v + ε), of variances that are about the same for all units. */
function storedScale({ node, stored }: MomentContext): TensorMoments | null {
  const [gamma, variance] = [stored(1) ?? one, stored(4)];
  if (!variance) return null;
  const factor = 1 / Math.sqrt(Math.max(0, variance.mean) + floatAttribute(node, 'epsilon', 1e-5));
  return { mean: gamma.mean * factor, second: gamma.second * factor ** 2 };
}

const takesStored = ({ node, mode }: MomentContext): boolean => mode.storedStatistics === true && node.op === 'BatchNormalization';

function norm(ops: readonly string[], centre: Centre, epsilon: number, [scaleAt, shiftAt]: readonly [number, number] = [1, 2]): MomentRule {
  const scaleOf = ({ stored }: MomentContext): TensorMoments => stored(scaleAt) ?? one;
  return {
    ops, data: 1, restores: true,
    forward: (context) => (takesStored(context) ? byStored.forward(context) : scaleAndShift(
      normalised(context.x(0), centre, floatAttribute(context.node, 'epsilon', epsilon)), scaleOf(context), context.stored(shiftAt) ?? nothing)),
    backward: (context, position, y) => (takesStored(context) ? byStored.backward(context, position, y)
      : throughNorm(context.x(0), centre, floatAttribute(context.node, 'epsilon', epsilon), scaleOf(context))),
  };
}

export const normRules: readonly MomentRule[] = [
  norm(['BatchNormalization', 'InstanceNormalization'], 'over samples', 1e-5),
  norm(['LayerNormalization', 'GroupNormalization'], 'over units', 1e-5),
  norm(['RMSNormalization', 'SimplifiedLayerNormalization'], 'none', 1e-5),
];
