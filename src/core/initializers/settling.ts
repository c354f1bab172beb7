// Layers made right one after the other, by what runs of the whole network show: the sequence of LSUV (Mishkin & Matas 2016, algorithm 1), with all layers
// of a stage at once, since none of them reads another.

import type { LayerRun, Rescaled } from '../../protocol/simulation';
import type { Goal } from './goals';
import type { Factors } from './rescaling';

/** T_max (Mishkin & Matas 2016, algorithm 1). */
const mostTries = 10;
/** Of the whole network: a deep one takes about one for each layer. */
const mostRuns = 400;

export class Settling {
  readonly #stages: readonly (readonly Goal[])[];
  readonly #settled = new Map<string, { readonly goal: Goal; readonly first: number; readonly factor: number; tries: number }>();
  readonly #unknown = new Set<string>();
  #at = 0;
  #runs = 0;

  constructor(goals: readonly Goal[]) {
    const stages = new Map<number, Goal[]>();
    for (const goal of goals) stages.set(goal.stage, [...stages.get(goal.stage) ?? [], goal]);
    this.#stages = [...stages].toSorted(([a], [b]) => a - b).map(([, together]) => together);
  }

  /** Whether every layer has been made right, or has been tried often enough. */
  get isDone(): boolean { return this.#at >= this.#stages.length || this.#runs >= mostRuns; }

  /** By what else kernels have to be multiplied before the next run; of none once that is all. */
  next(layers: readonly LayerRun[]): Factors {
    const variances = variancesOf(layers);
    this.#runs++;
    for (; !this.isDone; this.#at++) {
      const factors = new Map((this.#stages[this.#at] ?? []).flatMap((goal) => {
        const factor = this.#missing(goal, variances.get(goal.layer) ?? null);
        return factor === null ? [] : [[goal.tensorId, factor] as const];
      }));
      if (factors.size > 0) return factors;
    }
    return new Map();
  }

  /** √(wanted / measured) of a layer that misses; null where it is right, or nothing can be done. */
  #missing(goal: Goal, measured: number | null): number | null {
    if (measured === null || !(measured > 0)) {
      this.#unknown.add(goal.layer);
      return null;
    }
    if (isNear(goal, measured)) return null;
    const factor = Math.sqrt(goal.variance / measured);
    const before = this.#settled.get(goal.tensorId);
    if (before && before.tries >= mostTries) return null;
    this.#settled.set(goal.tensorId, { goal, first: before?.first ?? measured, factor: (before?.factor ?? 1) * factor, tries: (before?.tries ?? 0) + 1 });
    return factor;
  }

  /** What has been made wider or narrower, as a run says in the end. */
  outcome(layers: readonly LayerRun[]): readonly Rescaled[] {
    const variances = variancesOf(layers);
    return [...this.#settled.values()].map(({ goal: { layer, weight, tensorId, variance, near }, first, factor }) => {
      const last = variances.get(layer) ?? null;
      const isMissed = last === null || !isNear({ variance, near, isCeiling: false }, last);
      return { layer, weight, tensorId, factor, measured: first, wanted: variance, reached: last, isMissed };
    });
  }
}

const variancesOf = (layers: readonly LayerRun[]): ReadonlyMap<string, number | null> => (
  new Map(layers.map(({ name, preactivation }) => [name, preactivation?.variance ?? null])));

function isNear({ variance, near, isCeiling }: Pick<Goal, 'variance' | 'near' | 'isCeiling'>, measured: number): boolean {
  if (isCeiling && measured <= variance) return true;
  if ('within' in near) return Math.abs(measured - variance) < near.within;
  return measured <= variance * near.times && measured >= variance / near.times;
}
