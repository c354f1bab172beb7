// How signal and gradient travel through the layers: a trend over all of them, steps at single ones, and where nothing is left.

import type { Course, Spread, Stop } from './course';
import type { Passed, Step } from './steps';
import { findSteps } from './steps';
import { median } from './median';

export interface Travel {
  /**
   * Change of the standard deviation from one layer to the next, by the slope of its logarithm over the depth. The slope is the median
   * over pairs of layers, so that neither a single pooling or head nor layers that alternate (convolution, norm) are taken for a trend.
   */
  readonly factorPerLayer: number;
  /** Number of layers passed. */
  readonly depth: number;
  /** What the trend amounts to over all layers passed, as a factor of at least 1; Infinity if the signal is lost. */
  readonly range: number;
  /** Changes at single layers that are no trend and have a cause, the largest first. */
  readonly steps: readonly Step[];
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

/** Beyond this, training has to repair the scale before it can begin. */
export const fatal = 1e4;
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
export const gradientTravel = once((course) => travel(course, (stop) => stop.gradient.preactivation, true));

/** Follows the activations from the first layer to the last. */
export const activationTravel = once((course) => travel(course, (stop) => stop.activation, false));

/** Whoever asks for the way of a course again gets what was found. */
function once(follow: (course: Course) => Travel): (course: Course) => Travel {
  const known = new WeakMap<Course, Travel>();
  return (course) => {
    const found = known.get(course) ?? follow(course);
    known.set(course, found);
    return found;
  };
}

function travel({ stops }: Course, pick: (stop: Stop) => Spread | null, backward: boolean): Travel {
  const cuts = backward ? stops.filter(({ cutBy }) => cutBy.length > 0) : [];
  const isCut = new Set(cuts.map(({ name }) => name));
  const seen = stops.flatMap((stop) => {
    const spread = pick(stop);
    return spread === null || spread.state === 'single' || isCut.has(stop.name) ? [] : [{ stop, spread }];
  });
  if (backward) seen.reverse();
  // A single layer without signal may lie off the way; the signal is lost where nothing arrives from there on.
  const lastFinite = seen.findLastIndex(({ spread }) => spread.state === 'finite');
  const lost = seen[lastFinite + 1];
  const passed = seen.flatMap(({ stop, spread }): Passed[] => (spread.state === 'finite' ? [{ stop, log: Math.log(spread.std) }] : []));
  const depth = Math.max(0, passed.length - 1);
  const { steps, rest } = findSteps(passed, backward, tolerance(depth));
  const trend = slope(rest);
  return {
    depth, steps,
    factorPerLayer: Math.exp(trend),
    range: lost ? Infinity : Math.exp(Math.abs(trend) * depth),
    lostAt: lost?.stop.name ?? null,
    silent: seen.slice(0, lastFinite + 1).filter(({ spread }) => spread.state === 'zero').length,
    cut: { layers: cuts.length, by: [...new Set(cuts.flatMap(({ cutBy }) => cutBy))] },
    hidden: stops.filter((stop) => pick(stop) === null).length,
    lostTo: lost ? (lost.spread.state === 'zero' ? 'zero' : 'not finite') : null,
  };
}

/** Beyond this many layers every n-th is looked at: the number of pairs grows with the square. */
const mostLayers = 256;

/** Slope of values over their positions: the median over all pairs (Theil 1950, Sen 1968). */
function slope(values: readonly number[]): number {
  const stride = Math.ceil(values.length / mostLayers);
  const chosen = values.map((value, at) => ({ value, at })).filter(({ at }) => at % stride === 0);
  return median(chosen.flatMap((left, i) => chosen.slice(i + 1).map((right) => (right.value - left.value) / (right.at - left.at))));
}

