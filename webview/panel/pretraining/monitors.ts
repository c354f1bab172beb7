// What is watched of machines while they learn, as curves over their epochs, one for each layer.

import type { ShownEpoch, ShownMachine } from '../../../src/protocol/pretrainingView';
import { say } from '../../../src/protocol/words';
import { significant } from '../../format';
import type { Curve } from '../training/curves';

export const monitors = ['error', 'cross-entropy', 'pseudo-likelihood', 'divergence', 'gap', 'update', 'activity'] as const;
export type Monitor = (typeof monitors)[number];

export const monitorTitles: Readonly<Record<Monitor, { readonly title: string; readonly axis: string }>> = {
  'error': { title: say('reconstruction error'), axis: say('mean squared error') },
  'cross-entropy': { title: say('cross-entropy'), axis: say('nats per sample') },
  'pseudo-likelihood': { title: say('pseudo-likelihood'), axis: say('nats per sample') },
  'divergence': { title: say('KL divergence'), axis: say('KL(data ‖ machine), nats') },
  'gap': { title: say('free-energy gap'), axis: say('F(held out) − F(training)') },
  'update': { title: say('update/weight'), axis: '‖ΔW‖ / ‖W‖' },
  'activity': { title: say('hidden units on'), axis: say('mean probability') },
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

const nats = (value: number | null): readonly string[] => (value === null ? [] : [say('{0} nats', significant(value))]);

/** What is known of a machine behind its latest epoch; what is an estimate says so. */
export function factsOf({ epochs, visible, hidden, kind }: ShownMachine): readonly Fact[] {
  const last = epochs.at(-1);
  const units: Fact = { term: say('units'),
    value: kind === 'gaussian' ? say('{0} Gaussian, {1} hidden', visible, hidden) : say('{0} on or off, {1} hidden', visible, hidden) };
  if (!last) return [units];
  const divergence = epochs.findLast((epoch) => epoch.divergence !== null)?.divergence;
  const likelihood = last.pseudoLikelihood;
  const { training, heldOut } = last.freeEnergy;
  return [
    units,
    { term: say('epoch'), value: say('{0}, rate {1}, momentum {2}', last.epoch, significant(last.rate), significant(last.momentum)) },
    { term: say('reconstruction'), value: [say('squared error {0}', significant(last.error)), ...nats(last.crossEntropy)].join(', ') },
    ...(divergence ? [{ term: say('KL divergence'), value: divergence.kind === 'exact' ? say('{0} nats, exact', significant(divergence.value))
      : say('{0} ± {1} nats, by annealed importance sampling', significant(divergence.value), significant(divergence.error)) }] : []),
    ...(likelihood ? [{ term: say('pseudo-likelihood'),
      value: likelihood.kind === 'exact' ? say('{0} nats, exact', significant(likelihood.value)) : say('{0} nats, stochastic', significant(likelihood.value)) }]
        : []),
    { term: say('free energy'), value: heldOut === null ? significant(training) : say('{0}, held out {1}', significant(training), significant(heldOut)) },
    ...(last.ratio === null ? [] : [{ term: say('update/weight'), value: say('{0} (about 0.001 is healthy)', significant(last.ratio)) }]),
    { term: say('hidden units on'), value: significant(last.activity) },
  ];
}
