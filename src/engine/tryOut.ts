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
import type { Rescaled, SimulationOptions, SimulationResult, SimulationRun } from '../protocol/simulation';
import type { Verdict } from '../protocol/verdict';
import { say } from '../protocol/words';

/** Advice is there without a run, too: nobody waits longer for it to be tried. */
const patienceMs = 30_000;

export interface Trial extends Omit<SimulationRequest, 'proposed'> {
  readonly proposed: Proposed;
  /** What of it cannot be written, by its tensors' ids: a run with it would tell of another network than comes of it. */
  readonly refusals: (recipes: readonly Recipe[]) => ReadonlyMap<string, string>;
  readonly isTrained: boolean;
  /** Somebody has said what to run it with: that it cannot be run is an error. */
  readonly isAsked: boolean;
}

interface Proposed { readonly scheme: SchemeId; readonly recipes: readonly Recipe[] }

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
  const { proposed, isTrained, refusals } = trial;
  const refused = refusals(proposed.recipes);
  if (proposed.recipes.every(({ tensorId }) => refused.has(tensorId))) return { recipes: proposed.recipes, rescaled: [], verdict: null, notes: [] };
  try {
    const { recipes, own, result: { runs, theory } } = await runWritable(trial, simulate, cancellation);
    const verdict = judge(runs, theory, isTrained);
    // Of trained weights it has been said that they are.
    const compared = verdict && !isTrained ? [[say('It was run once. {0}', verdict.text), ...ofItself(verdict, proposed.scheme, runs, theory)].join(' ')] : [];
    return { recipes, rescaled: own?.rescaled ?? [], verdict, notes: [...own ? rescaledWords(own) : [], ...compared] };
  } catch (error) {
    if (cancellation.cancelled || trial.isAsked) throw error;
    const { message } = describeError(error);
    if (measures(proposed.recipes)) {
      throw new Failure('unsupported', say('LSUV has to run the network, which cannot be done: {0} Orthogonal is what it starts from.', message));
    }
    const why = isCancelled(error) ? say('its run takes longer than {0} s', patienceMs / 1000) : message;
    return { recipes: proposed.recipes, rescaled: [], verdict: null, notes: [say('It has not been run before: {0}', why)] };
  }
}

/** Whether a scheme is among it that cannot be drawn without a run. */
export const measures = (recipes: readonly Recipe[]): boolean => recipes.some(({ origin }) => origin.scheme === 'lsuv');

/** A verdict compares what is bad with what is recommended: of another scheme it says nothing by itself, and nothing where what is there is well, too. */
function ofItself({ text }: Verdict, scheme: SchemeId, runs: SimulationResult['runs'], theory: SimulationResult['theory']): readonly string[] {
  const own = runs.filter((run) => run.scheme === scheme);
  const isSaid = own.length === runs.length || (scheme === 'recommended' && text.includes('Recommended'));
  const verdict = isSaid ? null : judge(own, theory);
  return verdict ? [verdict.text] : [];
}

interface Tried { readonly recipes: readonly Recipe[]; readonly own: SimulationRun | undefined; readonly result: SimulationResult }

/** Without what cannot be written, which may be known only by the factors that a run has found: then it is run again without those. */
async function runWritable(trial: Trial, simulate: Simulate, cancellation: Cancellation): Promise<Tried> {
  const { proposed: { scheme, recipes }, refusals } = trial;
  const refused = refusals(recipes);
  const kept = recipes.filter(({ tensorId }) => !refused.has(tensorId));
  const result = await patiently({ ...trial, proposed: { scheme, recipes: kept } }, simulate, cancellation);
  const own = result.runs.find((run) => run.scheme === scheme);
  const factors = new Map((own?.rescaled ?? []).map(({ tensorId, factor }) => [tensorId, factor]));
  const made = rescaled(recipes, factors);
  const refusedThen = factors.size > 0 ? refusals(made) : refused;
  if (refusedThen.size <= refused.size) return { recipes: made, own, result };
  const withRefused = recipes.map((recipe, i) => (refusedThen.has(recipe.tensorId) ? made[i] ?? recipe : recipe));
  return runWritable({ ...trial, proposed: { scheme, recipes: withRefused } }, simulate, cancellation);
}

/** Beside the weights that are there, where these can be run. */
async function patiently(trial: Trial, simulate: Simulate, cancellation: Cancellation): Promise<SimulationResult> {
  const { isTrained: _trained, isAsked, refusals: _refusals, ...request } = trial;
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
