// The plane of kernels and biases of one activation: where a deep stack forgets what it is shown (order, χ⊥ < 1: gradients vanish), where it tells alike
// samples apart (chaos, χ⊥ > 1: they explode), and the edge between (Poole et al. 2016, figure 1; Schoenholz et al. 2017, figure 1).

import type { PlanePoint } from '../../protocol/phase';
import { activationMoments } from '../ops/quadrature';
import type { Activation } from '../ops/spec';
import { activationIntegrals } from './activationIntegrals';
import { criticalityOf, isScaleInvariant } from './criticality';

export interface Plane {
  readonly reach: PlanePoint;
  readonly columns: number;
  readonly perpendicular: readonly number[];
  readonly edge: readonly PlanePoint[];
  readonly critical: PlanePoint | null;
}

const [columns, rows] = [41, 25];
/** ln K of the edge's points, and how many there are. */
const [least, most, points] = [Math.log(1e-4), Math.log(400), 120];
/** A map that has come so near to where it settles, or that has been followed so long. */
const settled = 1e-4;
const mostSteps = 300;
/** Beyond them K has no end, or is as good as 0. */
const [smallest, largest] = [1e-10, 1e10];

/** Reaches as far as asked, as long as the edge is still seen in it. */
export function phasePlane(activation: Activation, wanted: PlanePoint): Plane {
  const { weights, biases } = criticalityOf(activation);
  const critical = Number.isFinite(weights) ? { weights, biases } : null;
  const whole = edgeOfChaos(activation);
  const usual = critical?.weights ?? whole[0]?.weights ?? 1;
  const within = (asked: number, least: number, most: number): number => Math.min(Math.max(1.15 * asked, least), most);
  const reach = { weights: within(wanted.weights, 2 * usual, 4 * usual), biases: within(wanted.biases, Math.max(usual / 4, 1.5 * biases || 0), 2 * usual) };
  const perpendicular = Array.from({ length: rows }, (_, row) => alongWeights(activation, row / (rows - 1) * reach.biases, reach.weights)).flat();
  // As far as it is seen, and one point more, to which it is drawn.
  const isSeen = (point: PlanePoint | undefined): boolean => point !== undefined && point.weights <= reach.weights && point.biases <= reach.biases;
  const edge = whole.filter((point, at) => isSeen(point) || isSeen(whole[at - 1]) || isSeen(whole[at + 1]));
  return { reach, columns, perpendicular, edge, critical };
}

/** χ⊥ = C_W E f′² at the K where K = C_W E f² + C_b settles; the last one's K is near the next one's. */
function alongWeights(activation: Activation, biases: number, reach: number): readonly number[] {
  let variance = Math.max(biases, 1);
  return Array.from({ length: columns }, (_, column) => {
    const weights = column / (columns - 1) * reach;
    variance = settle(activation, weights, biases, Math.max(variance, smallest * 10));
    return weights * activationIntegrals(activation, Math.sqrt(variance), 0).slope;
  });
}

function settle(activation: Activation, weights: number, biases: number, from: number): number {
  let variance = from;
  for (let step = 0; step < mostSteps; step++) {
    const next = weights * activationIntegrals(activation, Math.sqrt(variance), 0).second + biases;
    if (next >= largest || next <= smallest) return Math.max(smallest, Math.min(largest, next));
    if (Math.abs(next - variance) <= settled * next) return next;
    variance = next;
  }
  return variance;
}

/** By K: C_W = 1 / E f′², and C_b = K − C_W E f², where that is no less than 0. Of functions without scale it is one kernel, whatever the biases. */
function edgeOfChaos(activation: Activation): readonly PlanePoint[] {
  if (isScaleInvariant(activation)) {
    const { weights } = criticalityOf(activation);
    return Array.from({ length: points }, (_, at) => ({ weights, biases: at === 0 ? 0 : Math.exp(least + (most - least) * at / (points - 1)) }));
  }
  return Array.from({ length: points }, (_, at): PlanePoint => {
    const variance = Math.exp(least + (most - least) * at / (points - 1));
    // Differences of near numbers: not from what is kept between grid points.
    const { second, slope } = activationMoments(activation, Math.sqrt(variance));
    return { weights: 1 / slope, biases: variance - second / slope };
  }).filter(({ weights, biases }) => Number.isFinite(weights) && biases >= 0);
}
