// What passes an edge: the variance of a run, how far from 1 it is, and how that is drawn and said.

import type { LayerGraph } from '../../../src/protocol/layerGraph';
import type { SimulatedScheme } from '../../../src/protocol/schemes';
import type { SimulationRun } from '../../../src/protocol/simulation';
import { summarise } from '../../../src/protocol/spread';
import { say } from '../../../src/protocol/words';
import { significant } from '../../format';
import { collectSeries, varianceOf, type Point, type Quantity } from '../series';

export const directions = ['forward', 'backward'] as const;
export type Direction = (typeof directions)[number];

/** Both of the signal that leaves each node, by its place; null where nothing is known. */
export type Flow = Readonly<Record<Direction, readonly (Point | null)[]>> & {
  /** What a variance should be: 1, and of a gradient what it starts with at the outputs, which a loss makes another than 1. */
  readonly unit: Readonly<Record<Direction, number>>;
};

const quantities: Readonly<Record<Direction, Readonly<Record<'activation' | 'preactivation', Quantity>>>> = {
  forward: { activation: 'activation', preactivation: 'preactivation' },
  backward: { activation: 'gradient-activation', preactivation: 'gradient-preactivation' },
};

export function flowOf(graph: LayerGraph, runs: readonly SimulationRun[], scheme: SimulatedScheme): Flow {
  const layers = [...new Set(graph.nodes.flatMap(({ signal }) => (signal && 'layer' in signal ? [signal.layer] : [])))];
  const placeOf = new Map(layers.map((name, at) => [name, at]));
  const between = runs.filter((run) => run.scheme === scheme).map((run) => new Map(run.between?.map((each) => [each.value, each])));
  const pointsOf = (direction: Direction): readonly (Point | null)[] => {
    const [activation, preactivation] = (['activation', 'preactivation'] as const).map((place) => (
      collectSeries(runs, [], [scheme], layers, quantities[direction][place])[0]?.points));
    const ofValue = (value: string): Point | null => summarise(between.flatMap((run) => (
      varianceOf(run.get(value)?.[direction === 'forward' ? 'signal' : 'gradient'] ?? null) ?? [])));
    return graph.nodes.map(({ signal }) => {
      if (!signal) return null;
      if ('value' in signal) return ofValue(signal.value);
      return (signal.place === 'activation' ? activation : preactivation)?.[placeOf.get(signal.layer) ?? -1] ?? null;
    });
  };
  const backward = pointsOf('backward');
  const started = graph.edges.flatMap(([from, to]) => (graph.nodes[to]?.kind === 'output' ? backward[from]?.median ?? [] : []));
  const largest = Math.max(0, ...started.filter(Number.isFinite));
  return { forward: pointsOf('forward'), backward, unit: { forward: 1, backward: largest > 0 ? largest : 1 } };
}

/** How a stroke is drawn: in steps of some decades from 1. */
export const levels = ['zero', 'low-3', 'low-2', 'low-1', 'fine', 'high-1', 'high-2', 'high-3', 'infinite', 'unknown'] as const;
export type Level = (typeof levels)[number];

/** Decades from 1 at which another level begins. */
const borders = [1, 3, 6] as const;

export function levelOf(variance: number | null): Level {
  if (variance === null) return 'unknown';
  if (!Number.isFinite(variance)) return 'infinite';
  if (variance === 0) return 'zero';
  const decades = Math.log10(variance);
  const step = borders.filter((border) => Math.abs(decades) >= border).length;
  if (step === 0) return 'fine';
  return decades < 0 ? (`low-${step as 1 | 2 | 3}`) : (`high-${step as 1 | 2 | 3}`);
}

/** Of several signals that pass one edge of folded blocks, the one that is farthest from 1. */
export function worst(points: readonly (Point | null)[]): Point | null {
  const distance = ({ median }: Point): number => (Number.isFinite(median) && median > 0 ? Math.abs(Math.log10(median)) : Infinity);
  return points.reduce<Point | null>((found, point) => (point && (!found || distance(point) > distance(found)) ? point : found), null);
}

/** "σ² 0.0031", for labels that are read aloud as well. */
export function saidOf(point: Point | null, direction: Direction): string {
  const value = !point ? say('not known') : Number.isNaN(point.median) ? say('not finite') : significant(point.median);
  return direction === 'forward' ? `σ² ${value}` : say('gradient σ² {0}', value);
}
