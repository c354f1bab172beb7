import type { Activation } from './spec';

/** What normal input becomes: x ~ N(μ, σ²). */
export interface ActivationMoments {
  /** E f(x) */
  readonly mean: number;
  /** E f(x)² */
  readonly second: number;
  /** E f'(x) */
  readonly meanSlope: number;
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
 * Moments of an activation under N(mean, σ²) by composite Gauss–Legendre quadrature between its kinks. (Gauss–Hermite, blind to kinks,
 * errs by 1e-3 and more.)
 */
export function activationMoments(activation: Activation, sigma = 1, mean = 0): ActivationMoments {
  const { f, df } = activation;
  const known = integrated.get(activation) ?? new Map<string, ActivationMoments>();
  const key = `${sigma} ${mean}`;
  const moments = known.get(key) ?? {
    mean: expectation(activation, sigma, f, mean), second: expectation(activation, sigma, (x) => f(x) ** 2, mean),
    meanSlope: expectation(activation, sigma, df, mean), slope: expectation(activation, sigma, (x) => df(x) ** 2, mean),
  };
  if (known.size < mostKept) integrated.set(activation, known.set(key, moments));
  return moments;
}

/** Layers share what follows them. */
const integrated = new WeakMap<Activation, Map<string, ActivationMoments>>();
const mostKept = 256;

/** E g(x) for x ~ N(mean, σ²), where g is smooth but at the kinks of the activation. */
export function expectation(activation: Pick<Activation, 'kinks'>, sigma: number, g: (x: number) => number, mean = 0): number {
  if (sigma === 0) return g(mean);
  let total = 0;
  for (const { z, weight } of normalNodes(activation, sigma, mean)) total += weight * g(mean + sigma * z);
  return total;
}

/** Points z and weights that stand for the normal density, so that Σ weight · g(mean + σz) is E g(x). */
export function normalNodes({ kinks }: Pick<Activation, 'kinks'>, sigma: number, mean = 0): readonly { readonly z: number; readonly weight: number }[] {
  const inner = kinks.map((kink) => (kink - mean) / sigma).filter((kink) => Math.abs(kink) < reach).sort((a, b) => a - b);
  const bounds = [-reach, ...inner, reach];
  const width = panelWidth / Math.min(widest, Math.max(1, sigma));
  return bounds.flatMap((low, i) => {
    const high = bounds[i + 1];
    if (high === undefined) return [];
    const panels = Math.max(1, Math.ceil((high - low) / width));
    const half = (high - low) / panels / 2;
    return Array.from({ length: panels }, (_, panel) => low + half * (2 * panel + 1)).flatMap((middle) => legendre.map(({ node, weight }) => {
      const z = middle + half * node;
      return { z, weight: weight * half * Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI) };
    }));
  });
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
