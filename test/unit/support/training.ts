/** Training in the process of the test, with everything that it tells. */
import { Steering } from '../../../src/engine/learning/steering';
import { train } from '../../../src/engine/learning/train';
import type { Cancellation } from '../../../src/protocol/rpc';
import { CancellationSource } from '../../../src/protocol/rpc';
import type { RateTrial, TrainingEvents, TrainingOptions, TrainingPlan, TrainingRequest, TrainingResult, TrainingSteps } from '../../../src/protocol/training';
import { defaultTraining } from '../../../src/protocol/training';

export interface Told {
  readonly plans: TrainingPlan[];
  readonly trials: RateTrial[];
  readonly steps: TrainingSteps[];
  readonly looked: number[];
}

export interface Learning {
  readonly result: TrainingResult;
  readonly told: Told;
}

interface Surroundings extends Partial<TrainingEvents> {
  readonly steering?: Steering;
  readonly cancellation?: Cancellation;
}

/** One seed, few steps and looks, a rate that is given, unless something else is asked for. */
export async function learn(
  path: string, options: Partial<TrainingOptions> = {}, request: Partial<TrainingRequest> = {}, around: Surroundings = {},
): Promise<Learning> {
  const told: Told = { plans: [], trials: [], steps: [], looked: [] };
  const settings: TrainingOptions = {
    ...defaultTraining, schemes: ['current'], seeds: 1, steps: 6, rate: 0.01, samples: 64, snapshots: 2, threads: 1, ...options,
  };
  const result = await train({ path, recipes: [], restored: [], keep: null, options: settings, ...request }, {
    trainingPlanned(plan) {
      told.plans.push(plan);
      around.trainingPlanned?.(plan);
    },
    rateFound: (trial) => void told.trials.push(trial),
    stepped(steps) {
      told.steps.push(steps);
      around.stepped?.(steps);
    },
    observed: ({ snapshot }) => void told.looked.push(snapshot.step),
    trained: (run) => around.trained?.(run),
  }, around.steering ?? new Steering(), around.cancellation ?? new CancellationSource());
  return { result, told };
}
