// A restricted Boltzmann machine, and where its weights start (Hinton 2010, "A Practical Guide to Training Restricted Boltzmann Machines", UTML TR 2010-003).

import type { MachineStart, VisibleKind } from '../../../protocol/pretraining';
import { hashText } from '../../initializers/hash';
import type { Stream } from '../../kernels/random';
import { fillNormals } from '../../kernels/random';

/** p(h|v) = σ(vW + c); p(v|h) = σ(hWᵀ + b), or, of Gaussian visible units, N(hWᵀ + b, 1). */
export interface Machine {
  readonly kind: VisibleKind;
  readonly visible: number;
  readonly hidden: number;
  /** [visible, hidden] */
  readonly weights: Float32Array;
  /** b */
  readonly visibleBias: Float32Array;
  /** c */
  readonly hiddenBias: Float32Array;
}

export type Sizes = Pick<Machine, 'kind' | 'visible' | 'hidden'>;

/** A stream of random numbers of its own for each purpose of a run. */
export const streamOf = (seed: number, purpose: string): Stream => ({ seed, hash: hashText(`rbm:${purpose}`) });

/** Weights of N(0, 0.01²) are Hinton's (section 8); Xavier's and zeros show what others do. */
export function startMachine(sizes: Sizes, start: MachineStart, data: Float32Array, stream: Stream): Machine {
  const { visible, hidden } = sizes;
  const weights = new Float32Array(visible * hidden);
  const std = { guide: 0.01, xavier: Math.sqrt(2 / (visible + hidden)), zeros: 0 }[start];
  if (std > 0) fillNormals(weights, stream, 0, 0, std);
  const visibleBias = start === 'zeros' ? new Float32Array(visible) : baseRates(sizes, data);
  return { ...sizes, weights, visibleBias, hiddenBias: new Float32Array(hidden) };
}

/** A unit that is always, or never, on would get an infinite bias: it is taken to have had half a case of the other. */
const leastShare = (rows: number): number => 0.5 / (rows + 1);

/** b by which the visible units alone have the means of the data: ln(p / (1 − p)) (section 8), of Gaussian units the mean. */
export function baseRates({ kind, visible }: Pick<Machine, 'kind' | 'visible'>, data: Float32Array): Float32Array {
  const rows = data.length / visible;
  const sums = new Float64Array(visible);
  for (let at = 0; at < data.length; at++) sums[at % visible] = (sums[at % visible] ?? 0) + (data[at] ?? 0);
  const least = leastShare(rows);
  return Float32Array.from(sums, (sum) => {
    const mean = sum / rows;
    const share = Math.min(1 - least, Math.max(least, mean));
    return kind === 'gaussian' ? mean : Math.log(share / (1 - share));
  });
}
