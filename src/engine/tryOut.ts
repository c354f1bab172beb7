// What is about to be drawn, run once before it is offered: kernels that miss are made right, and what it does is compared with what is there.

import { isHeldToRuns } from '../core/initializers/goals';
import { rescaledWords } from '../core/initializers/rescaledWords';
import { rescaled } from '../core/initializers/rescaling';
import { judge } from '../core/verdict/verdict';
import type { SimulationRequest } from '../protocol/engine';
import { Failure } from '../protocol/failure';
import type { Recipe } from '../protocol/recipe';
import type { Cancellation } from '../protocol/rpc';
import { CancellationSource, describeError, isCancelled } from '../protocol/rpc';
import type { SchemeId } from '../protocol/schemes';
import type { Rescaled, SimulationOptions, SimulationResult } from '../protocol/simulation';
import type { Verdict } from '../protocol/verdict';

/** Advice is there without a run, too: nobody waits longer for it to be tried. */
const patienceMs = 30_000;

export interface Trial extends Omit<SimulationRequest, 'proposed'> {
  readonly proposed: { readonly scheme: SchemeId; readonly recipes: readonly Recipe[] };
  readonly isTrained: boolean;
  /** Somebody has said what to run it with: that it cannot be run is an error. */
  readonly isAsked: boolean;
}

export interface TriedOut {
  /** With what the run has shown in them. */
  readonly recipes: readonly Recipe[];
  readonly rescaled: readonly Rescaled[];
  readonly verdict: Verdict | null;
  /** Each a sentence. */
  readonly notes: readonly string[];
}

export type Simulate = (request: SimulationRequest, cancellation: Cancellation) => Promise<SimulationResult>;

/** Whether anything of it is held to what a run shows. */
export const isToBeTried = (recipes: readonly Recipe[]): boolean => recipes.some(({ origin }) => isHeldToRuns(origin.scheme));

/** Throws where it is cancelled, and where a scheme that measures cannot. */
export async function tryOut(trial: Trial, simulate: Simulate, cancellation: Cancellation): Promise<TriedOut> {
  const { proposed, isTrained } = trial;
  try {
    const { runs, theory } = await patiently(trial, simulate, cancellation);
    const own = runs.find(({ scheme }) => scheme === proposed.scheme);
    const changed = own?.rescaled ?? [];
    const recipes = rescaled(proposed.recipes, new Map(changed.map(({ tensorId, factor }) => [tensorId, factor])));
    const verdict = judge(runs, theory, isTrained);
    // Of trained weights it has been said that they are.
    const compared = verdict && !isTrained ? [`It was run once. ${verdict.text}`] : [];
    return { recipes, rescaled: changed, verdict, notes: [...own ? rescaledWords(own) : [], ...compared] };
  } catch (error) {
    if (cancellation.cancelled || trial.isAsked) throw error;
    const { message } = describeError(error);
    if (measures(proposed.recipes)) {
      throw new Failure('unsupported', `LSUV has to run the network, which cannot be done: ${message} Orthogonal is what it starts from.`);
    }
    const why = isCancelled(error) ? `its run takes longer than ${patienceMs / 1000} s` : message;
    return { recipes: proposed.recipes, rescaled: [], verdict: null, notes: [`It has not been run before: ${why}`] };
  }
}

const measures = (recipes: readonly Recipe[]): boolean => recipes.some(({ origin }) => origin.scheme === 'lsuv');

/** Beside the weights that are there, where these can be run. */
async function patiently(trial: Trial, simulate: Simulate, cancellation: Cancellation): Promise<SimulationResult> {
  const { isTrained: _trained, isAsked, ...request } = trial;
  const own = new CancellationSource();
  const forget = cancellation.onCancel(() => own.cancel());
  const timer = isAsked || measures(trial.proposed.recipes) ? undefined : setTimeout(() => own.cancel(), patienceMs);
  const run = (schemes: SimulationOptions['schemes']): Promise<SimulationResult> => simulate({ ...request, options: { ...request.options, schemes } }, own);
  try {
    return await run(['current', trial.proposed.scheme]).catch((error: unknown) => {
      if (isCancelled(error)) throw error;
      return run([trial.proposed.scheme]);
    });
  } finally {
    clearTimeout(timer);
    forget();
  }
}
