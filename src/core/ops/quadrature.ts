import type { Activation } from './spec';

/** What standard normal input becomes: x ~ N(0, 1). */
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

/**
 * Moments of an activation under N(0, σ²) by composite Gauss–Legendre quadrature between its kinks. (Gauss–Hermite, blind to kinks,
 * errs by 1e-3 and more.)
 */
export function activationMoments(activation: Activation, sigma = 1): ActivationMoments {
  const known = integrated.get(activation) ?? new Map<number, ActivationMoments>();
  const moments = known.get(sigma) ?? integrateMoments(activation, sigma);
  if (known.size < mostKept) integrated.set(activation, known.set(sigma, moments));
  return moments;
}

/** Layers share what follows them. */
const integrated = new WeakMap<Activation, Map<number, ActivationMoments>>();
const mostKept = 16;

function integrateMoments({ f, df, kinks }: Activation, sigma: number): ActivationMoments {
  const bounds = [-reach, ...kinks.map((kink) => kink / sigma).filter((kink) => Math.abs(kink) < reach), reach].sort((a, b) => a - b);
  const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  const over = (g: (x: number) => number): number => {
    let total = 0;
    bounds.forEach((low, i) => {
      const high = bounds[i + 1];
      if (high !== undefined) total += integrate((x) => g(sigma * x) * density(x), low, high);
    });
    return total;
  };
  return { mean: over(f), second: over((x) => f(x) ** 2), slope: over((x) => df(x) ** 2) };
}

/** 1 / √E f², the factor on a weight's standard deviation that keeps E[a²] = 1 forward. */
export function forwardGain(activation: Activation): number {
  return 1 / Math.sqrt(activationMoments(activation).second);
}

/** 1 / √E f'², the factor that keeps the gradient's variance backward. */
export function backwardGain(activation: Activation): number {
  return 1 / Math.sqrt(activationMoments(activation).slope);
}

function integrate(g: (x: number) => number, low: number, high: number): number {
  const panels = Math.max(1, Math.ceil((high - low) / panelWidth));
  const half = (high - low) / panels / 2;
  let total = 0;
  for (let i = 0; i < panels; i++) {
    const middle = low + half * (2 * i + 1);
    for (const { node, weight } of legendre) total += weight * g(middle + half * node) * half;
  }
  return total;
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
