import type { SimulatedScheme } from '../../protocol/schemes';
import type { Moments, SimulationRun } from '../../protocol/simulation';

/** How a signal travels through the layers of a run, or of the geometric median over seeds. */
export interface Travel {
  readonly scheme: SimulatedScheme;
  /**
   * Change of the standard deviation from one layer to the next, by the slope of its logarithm over the depth. The slope is the median
   * over pairs of layers, so that neither a single pooling or head nor layers that alternate (convolution, norm) are taken for a trend.
   */
  readonly factorPerLayer: number;
  /** Number of layers passed. */
  readonly depth: number;
  /** What the trend amounts to over all layers passed, as a factor of at least 1; Infinity if the signal is lost. */
  readonly range: number;
  /** A change between the two ends of the way that is no trend: how large, and the layer behind its largest step; null where there is none. */
  readonly jump: { readonly factor: number; readonly at: string } | null;
  /** First layer, on the way, at which nothing is left: exactly zero or not finite. */
  readonly lostAt: string | null;
  /** Layers off the way that get exactly nothing, as those of a branch that a scale of 0 closes. */
  readonly silent: number;
  /** Layers that no gradient comes to whatever the weights are, and the operators that end it. */
  readonly cut: { readonly layers: number; readonly by: readonly string[] };
  /** Layers whose signal is not known, because an operator without a rule hides it. */
  readonly hidden: number;
  readonly lostTo: 'zero' | 'not finite' | null;
}

/** Within this factor a signal is kept. */
const kept = 10;
/** In a network of up to this many layers first layer and head, which differ in width, are most of it; there is no trend to speak of. */
const shallow = 4;
const keptWhereShallow = 100;
/** A draw of finite width changes log σ by about this much per layer, by chance: a random walk (Hanin & Rolnick 2018, arXiv 1803.01719). */
const chancePerLayer = 0.15;

/** The factor within which a signal is kept over so many layers, chance (two standard deviations of the walk) included. */
export function tolerance(depth: number): number {
  return (depth < shallow ? keptWhereShallow : kept) * Math.exp(2 * chancePerLayer * Math.sqrt(depth));
}

/** Follows the gradient from the last layer to the first. */
export function gradientTravel(runs: readonly SimulationRun[], scheme: SimulatedScheme): Travel | null {
  return travel(runs.filter((run) => run.scheme === scheme), scheme, (layer) => layer.gradient.preactivation, true);
}

/** Follows the activations from the first layer to the last. */
export function activationTravel(runs: readonly SimulationRun[], scheme: SimulatedScheme): Travel | null {
  return travel(runs.filter((run) => run.scheme === scheme), scheme, (layer) => layer.activation, false);
}

type Pick = (layer: SimulationRun['layers'][number]) => Moments | null;

function travel(runs: readonly SimulationRun[], scheme: SimulatedScheme, pick: Pick, backward: boolean): Travel | null {
  const first = runs[0];
  if (!first) return null;
  const layers = first.layers.map(({ name }, i) => ({ name, known: runs.flatMap((run) => (run.layers[i] && pick(run.layers[i])) ?? []) }));
  const cuts = backward ? first.layers.filter(({ cutBy }) => cutBy !== undefined) : [];
  const isCut = new Set(cuts.map(({ name }) => name));
  const stops = layers.filter(({ name, known }) => known.some((moments) => moments.count > 1) && !isCut.has(name))
    .map(({ name, known }) => ({ name, ...summary(known) }));
  if (backward) stops.reverse();
  // A single layer without signal may lie off the way; the signal is lost where nothing arrives from there on.
  const lost = stops[stops.findLastIndex((stop) => stop.state === 'finite') + 1];
  const passed = stops.filter((stop) => stop.state === 'finite');
  const depth = Math.max(0, passed.length - 1);
  const trend = slope(passed.map((stop) => Math.log(stop.std)));
  return {
    scheme,
    depth,
    factorPerLayer: Math.exp(trend),
    jump: jumpOf(passed, trend),
    range: lost ? Infinity : Math.exp(Math.abs(trend) * depth),
    lostAt: lost?.name ?? null,
    silent: stops.slice(0, stops.findLastIndex((stop) => stop.state === 'finite') + 1).filter((stop) => stop.state === 'zero').length,
    cut: { layers: cuts.length, by: [...new Set(cuts.flatMap(({ cutBy = [] }) => cutBy))] },
    hidden: layers.filter(({ known }) => known.length === 0).length,
    lostTo: lost ? (lost.state === 'zero' ? 'zero' : 'not finite') : null,
  };
}

/** A single step, such as a head makes it, may change the scale by this much beyond what a trend may; the outer quarters of the way are compared. */
const step = 1000;
const outer = 4;

function jumpOf(stops: readonly { readonly name: string; readonly std: number }[], trend: number): Travel['jump'] {
  const quarter = Math.floor(stops.length / outer);
  if (quarter === 0) return null;
  const logs = stops.map((stop) => Math.log(stop.std));
  const change = median(logs.slice(-quarter)) - median(logs.slice(0, quarter));
  const depth = stops.length - 1;
  if (Math.abs(change) < Math.log(tolerance(depth) * step) || Math.abs(change) < 2 * Math.abs(trend) * depth) return null;
  const steps = logs.slice(1).map((value, i) => Math.sign(change) * (value - (logs[i] ?? value)));
  const at = stops[steps.indexOf(Math.max(...steps)) + 1]?.name ?? '';
  return { factor: Math.exp(change), at };
}

/** Beyond this many layers every n-th is looked at: the number of pairs grows with the square. */
const mostLayers = 256;

/** Slope of values over their positions: the median over all pairs (Theil 1950, Sen 1968). */
function slope(values: readonly number[]): number {
  const stride = Math.ceil(values.length / mostLayers);
  const chosen = values.map((value, at) => ({ value, at })).filter(({ at }) => at % stride === 0);
  return median(chosen.flatMap((left, i) => chosen.slice(i + 1).map((right) => (right.value - left.value) / (right.at - left.at))));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** Geometric mean of the standard deviations over seeds. */
function summary(known: readonly Moments[]): { readonly std: number; readonly state: 'finite' | 'zero' | 'not finite' } {
  if (known.some((moments) => moments.variance === null)) return { std: NaN, state: 'not finite' };
  const variances = known.map((moments) => moments.variance ?? 0);
  if (variances.some((variance) => variance === 0)) return { std: 0, state: 'zero' };
  return { std: Math.exp(variances.reduce((sum, variance) => sum + Math.log(variance) / 2, 0) / variances.length), state: 'finite' };
}
