import type { Activation } from './spec';

/** What normal input becomes: x ~ N(0, σ²). */
export interface ActivationMoments {
  /** E f(x) */
  readonly mean: number;
  /** E f(x)² */
  readonly second: number;
  /** E f'(x)² */
  readonly slope: number;
}

/** Beyond 12 σ the normal density is below 1e-32, and no activation outgrows it. */
const reach = 12;
/** Nodes per panel and panels per unit: 16-node Gauss–Legendre is exact to rounding for a smooth integrand over half a unit. */
const nodesPerPanel = 16;
const panelWidth = 0.5;
/** Of wider input a function bends within a part of σ; beyond so many units it is as good as made of straight pieces. */
const widest = 64;

/**
 * Moments of an activation under N(0, σ²) by composite Gauss–Legendre quadrature between its kinks. (Gauss–Hermite, blind to kinks,
 * errs by 1e-3 and more.)
 */
export function activationMoments(activation: Activation, sigma = 1): ActivationMoments {
  const { f, df } = activation;
  const known = integrated.get(activation) ?? new Map<number, ActivationMoments>();
  const of = (g: (x: number) => number): number => expectation(activation, sigma, g);
  const moments = known.get(sigma) ?? { mean: of(f), second: of((x) => f(x) ** 2), slope: of((x) => df(x) ** 2) };
  if (known.size < mostKept) integrated.set(activation, known.set(sigma, moments));
  return moments;
}

/** Layers share what follows them. */
const integrated = new WeakMap<Activation, Map<number, ActivationMoments>>();
const mostKept = 16;

/** E g(x) for x ~ N(mean, σ²), where g is smooth but at the kinks of the activation. */
export function expectation(activation: Activation, sigma: number, g: (x: number) => number, mean = 0): number {
  if (sigma === 0) return g(mean);
  const { z, weight } = normalNodes(activation, sigma, mean);
  let total = 0;
  for (let i = 0; i < z.length; i++) total += (weight[i] ?? 0) * g(mean + sigma * (z[i] ?? 0));
  return total;
}

/** Points z and weights that stand for the normal density, so that Σ weight · g(mean + σz) is E g(x). */
export function normalNodes({ kinks, f }: Activation, sigma: number, mean = 0): { readonly z: Float64Array; readonly weight: Float64Array } {
  const isTame = sigma <= 1 || isStraightFarOut(f);
  const bends = isTame && sigma > 1 ? bendsAt : [];
  const inner = [...new Set([...kinks, ...bends].map((x) => (x - mean) / sigma))].filter((z) => Math.abs(z) < reach).sort((a, b) => a - b);
  const bounds = [-reach, ...inner, reach];
  const width = isTame ? panelWidth : panelWidth / Math.min(widest, sigma);
  const panels = bounds.slice(1).map((high, i) => Math.max(1, Math.ceil((high - (bounds[i] ?? 0)) / width)));
  const total = nodesPerPanel * panels.reduce((sum, each) => sum + each, 0);
  const [z, weight] = [new Float64Array(total), new Float64Array(total)];
  let at = 0;
  panels.forEach((each, i) => {
    const [low = 0, high = 0] = [bounds[i], bounds[i + 1]];
    const half = (high - low) / each / 2;
    for (let panel = 0; panel < each; panel++) {
      const middle = low + half * (2 * panel + 1);
      for (const { node, weight: share } of legendre) {
        const point = middle + half * node;
        z[at] = point;
        weight[at] = share * half * Math.exp((-point * point) / 2) / Math.sqrt(2 * Math.PI);
        at++;
      }
    }
  });
  return { z, weight };
}

/** Where functions bend that are straight farther out: of wide input that is a small part of σ, and wants panels of its own. */
const bendsAt = [-24, -12, -8, -6, -4.5, -3, -2, -1, 0, 1, 2, 3, 4.5, 6, 8, 12, 24];

/** Most activations; a sine is not. */
export function isStraightFarOut(f: Activation['f']): boolean {
  return [-1, 1].every((sign) => [30, 61, 117].every((x) => {
    const bent = f(sign * x) - (f(sign * (x - 7)) + f(sign * (x + 7))) / 2;
    return Math.abs(bent) <= 1e-9 * (1 + Math.abs(f(sign * x)));
  }));
}

/** 1 / √E f², the factor on a weight's standard deviation that keeps E[a²] = 1 forward. */
export function forwardGain(activation: Activation): number {
  return 1 / Math.sqrt(activationMoments(activation).second);
}

/** 1 / √E f'², the factor that keeps the gradient's variance backward. */
export function backwardGain(activation: Activation): number {
  return 1 / Math.sqrt(activationMoments(activation).slope);
}

const legendre = gaussLegendre(nodesPerPanel);

/** Nodes and weights on [−1, 1]: roots of the Legendre polynomial by Newton's method (Press et al., Numerical Recipes, section 4.6). */
function gaussLegendre(count: number): readonly { readonly node: number; readonly weight: number }[] {
  return Array.from({ length: count }, (_, i) => {
    let x = Math.cos((Math.PI * (i + 0.75)) / (count + 0.5));
    let slope = 0;
    for (let step = 0; step < 100; step++) {
      let [current, previous] = [1, 0];
      for (let n = 1; n <= count; n++) [current, previous] = [((2 * n - 1) * x * current - (n - 1) * previous) / n, current];
      slope = (count * (x * current - previous)) / (x * x - 1);
      const change = current / slope;
      x -= change;
      if (Math.abs(change) < 1e-15) break;
    }
    return { node: x, weight: 2 / ((1 - x * x) * slope * slope) };
  });
}
