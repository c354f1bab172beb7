// What layers of one activation need that follow on one another without a norm: depth decides, since each multiplies what the one before it has done.

import type { Layer } from '../layers/layer';
import type { Activation } from '../ops/spec';
import { activationMoments } from '../ops/quadrature';
import { balancedVariance, journey, loss } from '../theory/balance';
import { criticalityOf } from '../theory/criticality';
import type { EdgePoint } from '../theory/edge';
import { edgeOf } from '../theory/edge';
import { sameFunction } from '../theory/sameFunction';

/** Below this change of scale over the whole depth, either way, zero biases and a gain that keeps one moment do: what scale is held to (docs/account.md). */
const tolerated = Math.log(4);
/** Fewer layers multiply too little to speak of. */
const shallow = 4;

/** How the kernels and biases of a chain start, whatever reads what. */
export type ChainStart =
  /** At a point where neither signal nor gradient changes: biases have a part in it. */
  | { readonly kind: 'critical'; readonly point: EdgePoint; readonly source: string }
  /** By the gain that loses least both ways over that depth. */
  | { readonly kind: 'balanced'; readonly gain: number };

const known = new WeakMap<Activation, Map<number, ChainStart | null>>();

/** Null where depth changes nothing: of few layers, and of functions that keep every scale. */
export function chainStart(activation: Activation, depth: number): ChainStart | null {
  if (depth < shallow) return null;
  const one = sameFunction(activation);
  const ofFunction = known.get(one) ?? new Map<number, ChainStart | null>();
  known.set(one, ofFunction);
  const found = ofFunction.get(depth);
  if (found !== undefined) return found;
  const start = findStart(one, depth);
  ofFunction.set(depth, start);
  return start;
}

function findStart(activation: Activation, depth: number): ChainStart | null {
  const point = criticalityOf(activation);
  const { kind, variance, weights } = point;
  if (kind === 'half-stable' && variance !== null) {
    const byMoments = loss(journey(activation, depth, 1 / activationMoments(activation).second, 0));
    return byMoments > tolerated ? { kind: 'critical', point: { ...point, variance }, source: 'Roberts, Yaida & Hanin 2022, chapter 5' } : null;
  }
  if (kind !== 'towards zero' || loss(journey(activation, depth, weights, 0)) <= tolerated) return null;
  const balanced = balancedVariance(activation, depth, weights);
  const edge = Math.log(journey(activation, depth, balanced, 0).range) > tolerated ? edgeOf(activation, depth) : null;
  return edge ? { kind: 'critical', point: edge, source: 'Schoenholz et al. 2017, section 3' } : { kind: 'balanced', gain: Math.sqrt(balanced) };
}

/** The gain of kernels without biases that loses least over that depth; 1 where depth changes nothing. */
export function balancedGain(activation: Activation, depth: number): number {
  const { kind, weights } = criticalityOf(activation);
  const isTolerable = depth < shallow || kind !== 'towards zero' || loss(journey(activation, depth, weights, 0)) <= tolerated;
  return isTolerable ? 1 : Math.sqrt(balancedVariance(activation, depth, weights));
}

/** Of a layer in a chain. */
export function startOf({ activation, chain }: Layer): ChainStart | null {
  return activation?.scalar && chain && chain.depth > 0 ? chainStart(activation.scalar, chain.depth) : null;
}

/** E x² of what a layer reads that stands behind a chain which starts at its critical point; null where it reads none. */
export function readFromCritical({ chain }: Pick<Layer, 'chain'>): number | null {
  const reads = chain?.reads;
  const start = reads?.activation.scalar ? chainStart(reads.activation.scalar, reads.depth) : null;
  return start?.kind === 'critical' ? (start.point.variance - start.point.biases) / start.point.weights : null;
}
