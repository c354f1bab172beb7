// What is watched of machines while they learn, as curves over their epochs, one for each layer.

import type { ShownEpoch, ShownMachine } from '../../../src/protocol/pretrainingView';
import { significant } from '../../format';
import type { Curve } from '../training/curves';

export const monitors = ['error', 'cross-entropy', 'pseudo-likelihood', 'divergence', 'gap', 'update', 'activity'] as const;
export type Monitor = (typeof monitors)[number];

export const monitorTitles: Readonly<Record<Monitor, { readonly title: string; readonly axis: string }>> = {
  'error': { title: 'reconstruction error', axis: 'mean squared error' },
  'cross-entropy': { title: 'cross-entropy', axis: 'nats per sample' },
  'pseudo-likelihood': { title: 'pseudo-likelihood', axis: 'nats per sample' },
  'divergence': { title: 'KL divergence', axis: 'KL(data ‖ machine), nats' },
  'gap': { title: 'free-energy gap', axis: 'F(held out) − F(training)' },
  'update': { title: 'update/weight', axis: '‖ΔW‖ / ‖W‖' },
  'activity': { title: 'hidden units on', axis: 'mean probability' },
};

/** The value behind an epoch, with one standard error where it is an estimate; null where it was not worked out. */
function valueOf(epoch: ShownEpoch, monitor: Monitor): { readonly value: number; readonly error: number } | null {
  const of = (value: number | null, error = 0): ReturnType<typeof valueOf> => (value === null || !Number.isFinite(value) ? null : { value, error });
  switch (monitor) {
    case 'error': return of(epoch.error);
    case 'cross-entropy': return of(epoch.crossEntropy);
    case 'pseudo-likelihood': return of(epoch.pseudoLikelihood?.value ?? null);
    case 'divergence': return of(epoch.divergence?.value ?? null, epoch.divergence?.error);
    case 'gap': return of(epoch.freeEnergy.heldOut === null ? null : epoch.freeEnergy.heldOut - epoch.freeEnergy.training);
    case 'update': return of(epoch.ratio);
    case 'activity': return of(epoch.activity);
  }
}

export function monitorCurves(machines: readonly ShownMachine[], monitor: Monitor): readonly Curve[] {
  return machines.flatMap(({ layer, epochs }): readonly Curve[] => {
    const points = epochs.flatMap((epoch) => {
      const found = valueOf(epoch, monitor);
      return found ? [{ x: epoch.epoch, median: found.value, low: found.value - found.error, high: found.value + found.error }] : [];
    });
    const isEstimate = points.some(({ low, high }) => low < high);
    return points.length === 0 ? [] : [{ key: layer, seeds: isEstimate ? 2 : 1, points, marks: [] }];
  });
}

/** Those that some machine has, of which one is drawn. */
export const knownMonitors = (machines: readonly ShownMachine[]): readonly Monitor[] => (
  monitors.filter((monitor) => monitorCurves(machines, monitor).length > 0));

export interface Fact {
  readonly term: string;
  readonly value: string;
}

const nats = (value: number | null): readonly string[] => (value === null ? [] : [`${significant(value)} nats`]);

/** What is known of a machine behind its latest epoch; what is an estimate says so. */
export function factsOf({ epochs, visible, hidden, kind }: ShownMachine): readonly Fact[] {
  const last = epochs.at(-1);
  const units: Fact = { term: 'units', value: `${visible} ${kind === 'gaussian' ? 'Gaussian' : 'on or off'}, ${hidden} hidden` };
  if (!last) return [units];
  const divergence = epochs.findLast((epoch) => epoch.divergence !== null)?.divergence;
  const likelihood = last.pseudoLikelihood;
  const { training, heldOut } = last.freeEnergy;
  return [
    units,
    { term: 'epoch', value: `${last.epoch}, rate ${significant(last.rate)}, momentum ${significant(last.momentum)}` },
    { term: 'reconstruction', value: [`squared error ${significant(last.error)}`, ...nats(last.crossEntropy)].join(', ') },
    ...(divergence ? [{ term: 'KL divergence', value: divergence.kind === 'exact' ? `${significant(divergence.value)} nats, exact`
      : `${significant(divergence.value)} ± ${significant(divergence.error)} nats, by annealed importance sampling` }] : []),
    ...(likelihood ? [{ term: 'pseudo-likelihood', value: `${significant(likelihood.value)} nats, ${likelihood.kind}` }] : []),
    { term: 'free energy', value: heldOut === null ? significant(training) : `${significant(training)}, held out ${significant(heldOut)}` },
    ...(last.ratio === null ? [] : [{ term: 'update/weight', value: `${significant(last.ratio)} (about 0.001 is healthy)` }]),
    { term: 'hidden units on', value: significant(last.activity) },
  ];
}
