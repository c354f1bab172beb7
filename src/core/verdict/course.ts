// What is known of signal and gradient at each layer under a scheme, in the order of the layers: measured by runs, or predicted.

import type { SimulatedScheme } from '../../protocol/schemes';
import type { LayerRun, LayerTheory, Moments, SchemeTheory, SimulationRun, TheoryMoments, ThroughTime } from '../../protocol/simulation';

/** Of the elements of a value: over seeds the geometric mean of their standard deviations, and what one draw says of the rest. */
export interface Spread {
  /** `single` of one element, which has no spread. */
  readonly state: 'finite' | 'zero' | 'not finite' | 'single';
  readonly std: number;
  readonly mean: number;
  /** Share that is exactly 0. */
  readonly zeros: number;
}

export interface Stop {
  readonly name: string;
  readonly preactivation: Spread | null;
  readonly activation: Spread | null;
  /** With respect to the two. */
  readonly gradient: { readonly preactivation: Spread | null; readonly activation: Spread | null };
  /** Cosine between what the layer says of two samples. */
  readonly cosine: number | null;
  /** And of two tokens of one. */
  readonly tokenCosine: number | null;
  /** Root mean square of the kernel's gradient over that of the kernel: geometric mean over seeds. Null where it is not known, or either is zero. */
  readonly pace: number | null;
  readonly cutBy: readonly string[];
  /** Standard deviation of the kernel, times the recommended one. */
  readonly scale: number | null;
  /** Largest |f′| of the activation behind. */
  readonly steepest: number | null;
  /** In a residual branch, which may start closed. */
  readonly inBranch: boolean;
  /** Share of units that a constant shuts. */
  readonly shut: number | null;
  /** What theory says of a recurrent layer's gradient through time: no run looks at single steps. */
  readonly throughTime: ThroughTime | null;
}

export interface Course {
  readonly scheme: SimulatedScheme;
  readonly basis: 'measured' | 'predicted';
  /** Draws that were run; 0 of what is predicted. */
  readonly seeds: number;
  readonly stops: readonly Stop[];
}

/** What runs of a scheme say; with what theory knows of the weights. */
export function measuredCourse(runs: readonly SimulationRun[], scheme: SimulatedScheme, theory: readonly SchemeTheory[] = []): Course | null {
  const own = runs.filter((run) => run.scheme === scheme);
  const first = own[0];
  if (!first) return null;
  const known = new Map(theory.find((each) => each.scheme === scheme)?.layers.map((layer) => [layer.name, layer]));
  const stops = first.layers.map(({ name, cutBy = [] }, i): Stop => {
    const of = (pick: (layer: LayerRun) => Moments | null): Spread | null => spreadOf(own.flatMap(({ layers }) => (layers[i] && pick(layers[i])) ?? []));
    const meanOf = (pick: (layer: LayerRun) => number | undefined): number | null => {
      const values = own.flatMap(({ layers }) => (layers[i] && pick(layers[i])) ?? []);
      return values.length === 0 ? null : values.reduce((sum, each) => sum + each, 0) / values.length;
    };
    const { scale = null, steepest = null, inBranch = false, throughTime = null } = known.get(name) ?? {};
    return {
      name, cutBy, scale, steepest, inBranch, shut: null, throughTime,
      preactivation: of((layer) => layer.preactivation), activation: of((layer) => layer.activation),
      gradient: { preactivation: of((layer) => layer.gradient.preactivation), activation: of((layer) => layer.gradient.activation) },
      cosine: meanOf(({ cosine }) => cosine), tokenCosine: meanOf(({ tokenCosine }) => tokenCosine),
      // Only of kernels is a scale known; those of norms come to rest at others.
      pace: scale === null ? null : geometricMean(own.flatMap(({ layers }) => layers[i]?.weights[0]?.ratio ?? [])),
    };
  });
  return { scheme, basis: 'measured', seeds: new Set(own.map(({ seed }) => seed)).size, stops };
}

/** What the moments of the weights say before anything is run. */
export function predictedCourse({ scheme, layers }: SchemeTheory): Course {
  const stops = layers.map(({ name, preactivation, activation, gradient, scale, steepest, inBranch, shut, throughTime }: LayerTheory): Stop => ({
    name, cutBy: [], scale, steepest, inBranch, shut, throughTime: throughTime ?? null,
    preactivation: predicted(preactivation), activation: predicted(activation),
    gradient: { preactivation: ofVariance(gradient.preactivation), activation: ofVariance(gradient.activation) },
    cosine: activation?.cosine ?? null, tokenCosine: null, pace: null,
  }));
  return { scheme, basis: 'predicted', seeds: 0, stops };
}

const geometricMean = (ratios: readonly number[]): number | null => (
  ratios.length === 0 || ratios.some((ratio) => !(ratio > 0)) ? null : Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length));

/** Null of what was not seen. */
function spreadOf(known: readonly Moments[]): Spread | null {
  if (known.length === 0) return null;
  const [mean, zeros] = [known[0]?.mean ?? 0, known.reduce((sum, { zeros: own, count }) => sum + own / count, 0) / known.length];
  if (!known.some((moments) => moments.count > 1)) return { state: 'single', std: NaN, mean, zeros };
  if (known.some((moments) => moments.variance === null)) return { state: 'not finite', std: NaN, mean, zeros };
  const variances = known.map((moments) => moments.variance ?? 0);
  if (variances.some((variance) => variance === 0)) return { state: 'zero', std: 0, mean, zeros };
  return { state: 'finite', std: Math.exp(variances.reduce((sum, variance) => sum + Math.log(variance) / 2, 0) / variances.length), mean, zeros };
}

const predicted = (moments: TheoryMoments | null): Spread | null => (moments ? ofVariance(moments.variance, moments.mean) : null);

function ofVariance(variance: number | null, mean = 0): Spread | null {
  if (variance === null) return null;
  return { state: variance > 0 ? 'finite' : 'zero', std: Math.sqrt(variance), mean, zeros: variance > 0 ? 0 : 1 };
}
