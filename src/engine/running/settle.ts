import { goalsOf } from '../../core/initializers/goals';
import { rescaled } from '../../core/initializers/rescaling';
import { Settling } from '../../core/initializers/settling';
import type { OpenedModel } from '../../formats/openModel';
import type { Recipe } from '../../protocol/recipe';
import type { SimulationRun } from '../../protocol/simulation';
import type { Outcome } from './readRun';

type Settled = Outcome & Pick<SimulationRun, 'rescaled'>;

/** The run of what is drawn, made again for as long as it shows kernels that are too wide or too narrow: with these made right. */
export async function settle(
  { graph, layers }: OpenedModel, recipes: readonly Recipe[], run: (recipes: readonly Recipe[]) => Promise<Outcome>,
): Promise<Settled> {
  const settling = new Settling(goalsOf(graph, layers, recipes));
  let drawn = recipes;
  let outcome = await run(drawn);
  while (!settling.isDone) {
    const factors = settling.next(outcome.layers);
    if (factors.size === 0) break;
    drawn = rescaled(drawn, factors);
    outcome = await run(drawn);
  }
  const changed = settling.outcome(outcome.layers);
  return changed.length === 0 ? outcome : { ...outcome, rescaled: changed };
}
