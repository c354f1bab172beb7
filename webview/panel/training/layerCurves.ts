// What a chart draws of the layers at one step of the runs.

import type { SimulatedScheme } from '../../../src/protocol/schemes';
import type { ShownLayer, ShownRun, ShownSnapshot } from '../../../src/protocol/trainingView';
import { summarise } from '../../../src/protocol/spread';
import { say } from '../../../src/protocol/words';
import type { Series } from '../series';

export const layerQuantities = ['activation', 'gradient', 'update'] as const;
export type LayerQuantity = (typeof layerQuantities)[number];

/** Updates of about a thousandth of a weight are neither idle nor wild (Karpathy 2015, CS231n notes, "Ratio of weights:updates"; Hinton 2010, section 6). */
export const healthyUpdate = { low: 3e-4, high: 3e-3, label: say('healthy: about 10⁻³') } as const;

/** Null where nothing is known, NaN where it is not finite. */
function valueOf(layer: ShownLayer, quantity: LayerQuantity): number | null {
  if (quantity === 'update') return layer.update;
  const moments = quantity === 'activation' ? layer.activation : layer.gradient;
  return moments === null ? null : moments.variance ?? Number.NaN;
}

/** Steps at which some run was looked at, in order. */
export function observedSteps(runs: readonly ShownRun[]): readonly number[] {
  return [...new Set(runs.flatMap(({ snapshots }) => snapshots.map(({ step }) => step)))].sort((a, b) => a - b);
}

/** The last snapshot of a run that is not later than the step. */
export function snapshotAt({ snapshots }: Pick<ShownRun, 'snapshots'>, step: number): ShownSnapshot | null {
  return snapshots.findLast((snapshot) => snapshot.step <= step) ?? null;
}

/** Runs that had ended before the step have nothing to show there. */
export function layerSeries(
  runs: readonly ShownRun[], schemes: readonly SimulatedScheme[], layers: readonly string[], quantity: LayerQuantity, step: number,
): readonly Series[] {
  return schemes.flatMap((scheme): readonly Series[] => {
    const own = runs.filter((run) => run.scheme === scheme && (run.end === null || run.end.step >= step));
    const seen = own.flatMap((run) => {
      const snapshot = snapshotAt(run, step);
      return snapshot ? [new Map(snapshot.layers.map((layer) => [layer.name, layer]))] : [];
    });
    const points = layers.map((name) => summarise(seen.flatMap((byName) => {
      const layer = byName.get(name);
      return layer ? valueOf(layer, quantity) ?? [] : [];
    })));
    return points.every((point) => point === null) ? [] : [{ scheme, kind: 'measured', seeds: seen.length, points }];
  });
}
