// Normalisations: what comes out has the scale and the shift that they say, whatever goes in.

import { elementCount } from '../graph/dtype';
import { floatAttribute } from '../graph/graph';
import type { MomentContext, MomentRule } from './rule';
import type { Backward, Gradient } from './gradient';
import { scaled, withAcross, withProfileOf } from './gradient';
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

/** Samples, and positions of each, that a unit of [samples, units, …] has. */
export interface Places {
  readonly samples: number;
  readonly positions: number;
}

function placesOf({ node, shape }: MomentContext): Places | null {
  const [samples, , ...rest] = shape(node.inputs[0] ?? '') ?? [];
  return samples === undefined ? null : { samples, positions: elementCount(rest) };
}

/**
 * What a unit's mean is taken of gets gradients that add up to zero over it: of a batch norm those of all samples and positions, of an instance norm those of
 * the positions of a sample (Ioffe & Szegedy 2015, section 3). Of one place it is a small part; of the sum over many it is all.
 */
function withoutMean({ second, local, across, profile }: Gradient, { samples, positions }: Places, isEachSample: boolean): Gradient {
  const isKnown = !Number.isNaN(across?.same);
  const { same, other } = across && isKnown ? across : { same: 0, other: 0 };
  const [inOne, inTwo] = [(second + (positions - 1) * local) / positions, (same + (positions - 1) * other) / positions];
  const all = (inOne + (samples - 1) * inTwo) / samples;
  const left = (product: number, mean: number): number => (positions === 1 ? 0 : product - mean);
  if (isEachSample) {
    const kept = across && (isKnown ? { same: left(same, inTwo), other: left(other, inTwo) } : across);
    return withProfileOf(profile, withAcross({ second, local: left(local, inOne) }, kept));
  }
  const ofTwo = isKnown ? { same: same - all, other: left(other, all) } : { same: NaN, other: NaN };
  return withProfileOf(profile, { second, local: left(local, all), across: ofTwo });
}

/** Stored statistics are numbers: γ (x − μ) / √(v + ε) + β, μ being what it is whatever x is. */
const byStored: Pick<MomentRule, 'forward' | 'backward'> = {
  forward: (context) => {
    const { node, x, stored, isKnown } = context;
    const [mean, scale] = [stored(3), storedScale(context, stored(1) ?? one)];
    if (!isKnown(node.inputs[0] ?? '')) return { why: 'what comes to its stored statistics is not known' };
    return mean && scale ? scaleAndShift(centredBy(mean, x(0)), scale, stored(2) ?? nothing) : { why: 'its stored statistics are not known' };
  },
  backward: (context) => {
    const scale = storedScale(context, context.stored(1) ?? one);
    return scale && scaled(scale.second);
  },
};

const epsilonOf = ({ node }: Pick<MomentContext, 'node'>): number => floatAttribute(node, 'epsilon', 1e-5);

const centredBy = (mean: TensorMoments, x: Signal): Signal => add(x, scaleAndShift(constantSignal(mean), numberOf(-1), nothing));

/** γ / √(v + ε), of variances that are about the same for all units. */
function storedScale({ node, stored }: MomentContext, gamma: TensorMoments): TensorMoments | null {
  const variance = stored(4);
  if (!variance) return null;
  const factor = 1 / Math.sqrt(Math.max(0, variance.mean) + epsilonOf({ node }));
  return { mean: gamma.mean * factor, second: gamma.second * factor ** 2 };
}

/** What γ is multiplied with; null of an operator that is no norm, or of one whose statistics are not known. */
export function standardised(context: MomentContext): Signal | null {
  const { node, x, stored } = context;
  const centre = centres.get(node.op);
  if (!centre) return null;
  if (!takesStored(context)) return normalised(x(0), centre, epsilonOf(context));
  const [mean, scale] = [stored(3), storedScale(context, one)];
  return mean && scale ? scaleAndShift(centredBy(mean, x(0)), scale, nothing) : null;
}

const takesStored = ({ node, mode }: MomentContext): boolean => mode.storedStatistics === true && node.op === 'BatchNormalization';

function norm(op: string, centre: Centre): MomentRule {
  const scaleOf = ({ stored }: MomentContext): TensorMoments => stored(1) ?? one;
  return {
    ops: [op], data: 1, restores: true,
    forward: (context) => (takesStored(context) ? byStored.forward(context) : scaleAndShift(
      normalised(context.x(0), centre, epsilonOf(context)), scaleOf(context), context.stored(2) ?? nothing)),
    backward: (context, position, y) => {
      if (takesStored(context)) return byStored.backward(context, position, y);
      const through = throughNorm(context.x(0), centre, epsilonOf(context), scaleOf(context));
      const places = centre === 'over samples' ? placesOf(context) : null;
      return places ? (gradient) => withoutMean(through(gradient), places, op === 'InstanceNormalization') : through;
    },
  };
}

const centres: ReadonlyMap<string, Centre> = new Map<string, Centre>([
  ['BatchNormalization', 'over samples'], ['InstanceNormalization', 'over samples'], ['LayerNormalization', 'over units'],
  ['GroupNormalization', 'over units'], ['RMSNormalization', 'none'], ['SimplifiedLayerNormalization', 'none'],
]);

export const normRules: readonly MomentRule[] = [...centres].map(([op, centre]) => norm(op, centre));
