import { goalsOf } from '../../core/initializers/goals';
import { rescaled } from '../../core/initializers/rescaling';
import { Settling } from '../../core/initializers/settling';
import type { OpenedModel } from '../../formats/openModel';
import type { Recipe } from '../../protocol/recipe';
import type { SimulationRun } from '../../protocol/simulation';
import type { Outcome } from './readRun';

type Settled = Outcome & Pick<SimulationRun, 'rescaled'>;

type Run = (recipes: readonly Recipe[]) => Promise<Outcome>;

/**
 * The run of what is drawn, made again for as long as it shows kernels that are too wide or too narrow: with these made right. Where every layer is to be made
 * right, that is done first, by `measure`, which runs forward alone.
 */
export async function settle({ graph, layers }: OpenedModel, recipes: readonly Recipe[], run: Run, measure: () => Run): Promise<Settled> {
  const goals = goalsOf(graph, layers, recipes);
  const settling = new Settling(goals);
  const isMeasured = goals.some(({ near }) => 'within' in near);
  const first = isMeasured ? measure() : run;
  let drawn = recipes;
  let outcome = await first(drawn);
  while (!settling.isDone) {
    const factors = settling.next(outcome.layers);
    if (factors.size === 0) break;
    drawn = rescaled(drawn, factors);
    outcome = await first(drawn);
  }
  if (isMeasured) outcome = await run(drawn);
  const changed = settling.outcome(outcome.layers);
  return changed.length === 0 ? outcome : { ...outcome, rescaled: changed };
}
