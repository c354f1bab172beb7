import type { LayerRun, LayerTheory, Moments, SchemeTheory, SimulationRun } from '../../src/protocol/simulation';
import type { SimulatedScheme } from '../../src/protocol/schemes';
import { say } from '../../src/protocol/words';
import { summarise, type Spread } from '../../src/protocol/spread';

/** As the axes of charts have it. */
export const variance = say('variance σ²');

/** What a chart can draw of a layer. */
export const forwardQuantities = ['activation', 'preactivation'] as const;
export const backwardQuantities = ['gradient-activation', 'gradient-preactivation', 'gradient-weights'] as const;
export type Quantity = (typeof forwardQuantities)[number] | (typeof backwardQuantities)[number];

/** One layer under one scheme, over its seeds. NaN stands for a variance that is not finite. */
export type Point = Spread;

export interface Series {
  readonly scheme: SimulatedScheme;
  /** `before`: earlier runs, which these are laid over. `theory`: what the moments of the weights say. */
  readonly kind: 'measured' | 'before' | 'theory';
  readonly seeds: number;
  /** By layer, in the order of the plan; null where nothing is known. */
  readonly points: readonly (Point | null)[];
}

export function momentsOf(layer: LayerRun, quantity: Quantity): Moments | null {
  switch (quantity) {
    case 'activation': return layer.activation;
    case 'preactivation': return layer.preactivation;
    case 'gradient-activation': return layer.gradient.activation;
    case 'gradient-preactivation': return layer.gradient.preactivation;
    case 'gradient-weights': return layer.weights[0]?.gradient ?? null;
  }
}

/** Null where nothing is known, NaN where elements are not finite. */
export function varianceOf(moments: Moments | null): number | null {
  return moments === null ? null : moments.variance ?? Number.NaN;
}

const indexed = new WeakMap<SimulationRun, ReadonlyMap<string, LayerRun>>();

function layersByName(run: SimulationRun): ReadonlyMap<string, LayerRun> {
  const known = indexed.get(run);
  if (known) return known;
  const byName = new Map(run.layers.map((layer) => [layer.name, layer]));
  indexed.set(run, byName);
  return byName;
}

/** Over runs, a value of each or null where it has none. */
export function pointsOf(runs: readonly SimulationRun[], count: number, valueAt: (run: SimulationRun, at: number) => number | null): Series['points'] {
  return Array.from({ length: count }, (_, at) => summarise(runs.map((run) => valueAt(run, at)).filter((value) => value !== null)));
}

/** Of earlier runs those schemes that are shown now, or all where none of them is. */
export function collectSeries(
  runs: readonly SimulationRun[], earlier: readonly SimulationRun[], schemes: readonly SimulatedScheme[],
  layers: readonly string[], quantity: Quantity,
): readonly Series[] {
  const valueAt = (run: SimulationRun, at: number): number | null => {
    const layer = layersByName(run).get(layers[at] ?? '');
    return layer ? varianceOf(momentsOf(layer, quantity)) : null;
  };
  return arrangeSeries(runs, earlier, schemes, (of) => pointsOf(of, layers.length, valueAt));
}

/** A line for each scheme, those of earlier runs behind them. */
export function arrangeSeries(
  runs: readonly SimulationRun[], earlier: readonly SimulationRun[], schemes: readonly SimulatedScheme[],
  points: (of: readonly SimulationRun[]) => Series['points'],
): readonly Series[] {
  const of = (from: readonly SimulationRun[], scheme: SimulatedScheme, kind: Series['kind']): Series => {
    const own = from.filter((run) => run.scheme === scheme);
    return { scheme, kind, seeds: own.length, points: points(own) };
  };
  const past = [...new Set(earlier.map(({ scheme }) => scheme))];
  const again = past.filter((scheme) => schemes.includes(scheme));
  return [
    ...(again.length > 0 ? again : past).map((scheme) => of(earlier, scheme, 'before')), ...schemes.map((scheme) => of(runs, scheme, 'measured')),
  ].filter(({ seeds, kind, points: all }) => seeds > 0 && (kind === 'measured' || all.some((point) => point !== null)));
}

/** What theory says of the schemes that are shown; nothing where it does not know any layer. */
export function theorySeries(
  theory: readonly SchemeTheory[], schemes: readonly SimulatedScheme[], layers: readonly string[], quantity: Quantity,
): readonly Series[] {
  return schemes.flatMap((scheme): readonly Series[] => {
    const byName = new Map(theory.find((each) => each.scheme === scheme)?.layers.map((layer) => [layer.name, layer]));
    const points = layers.map((name) => {
      const layer = byName.get(name);
      const variance = layer ? predictedOf(layer, quantity) : null;
      if (variance === null) return null;
      // Between draws differ by a standard deviation of the logarithm either way.
      const factor = quantity === 'preactivation' ? Math.exp(layer?.response?.spread ?? 0) : 1;
      return { median: variance, low: variance / factor, high: variance * factor };
    });
    return points.every((point) => point === null) ? [] : [{ scheme, kind: 'theory', seeds: 0, points }];
  });
}

function predictedOf({ activation, preactivation, gradient }: LayerTheory, quantity: Quantity): number | null {
  switch (quantity) {
    case 'activation': return activation?.variance ?? null;
    case 'preactivation': return preactivation?.variance ?? null;
    case 'gradient-activation': return gradient.activation;
    case 'gradient-preactivation': return gradient.preactivation;
    case 'gradient-weights': return gradient.weight;
  }
}
