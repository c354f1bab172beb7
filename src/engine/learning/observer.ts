// The layers of a network at one step: the same statistics as of a simulation, with the cost that is learned.

import type { LearningLayer, TrainingLoss } from '../../protocol/training';
import { encodeToRun } from '../../formats/onnx/encode';
import type { FilePool } from '../../formats/tensors/content';
import { createPayloads } from '../feeding/payloads';
import { planSimulation } from '../planning/plan';
import type { Prepared } from '../planning/prepare';
import type { Outcome } from '../running/readRun';
import { poolOutcomes, readRun } from '../running/readRun';
import { Runner } from '../running/runner';
import type { Value } from '../runtime';
import { createSession } from '../runtime';
import type { TargetPlan } from './cost';
import { appendCost } from './cost';
import { targetName } from './stepGraph';

export interface ObserverOptions {
  readonly prepared: Prepared;
  readonly pool: FilePool;
  readonly learned: ReadonlySet<string>;
  readonly loss: TrainingLoss;
  readonly targets: readonly TargetPlan[];
  readonly threads: number | null;
}

export class Observer {
  readonly #runner: Runner;

  constructor({ prepared, pool, learned, loss, targets, threads }: ObserverOptions) {
    this.#runner = new Runner({
      plan: (isExtreme) => planSimulation({
        ...prepared, learned, values: false, isExtreme,
        appendLoss: (builder) => {
          const targetOf = ({ output, fed, fedShape }: TargetPlan): string => (
            builder.input(targetName(output), fed === 'labels' ? 'int64' : 'float32', fedShape));
          return { ...appendCost(builder, prepared.forward.graph, loss, targets, targetOf), feeds: [] };
        },
      }),
      create: ({ graph }) => createSession(encodeToRun(graph, createPayloads(prepared.graph, pool)), { threads, nodes: graph.nodes.length }),
    });
  }

  get createMs(): number { return this.#runner.createMs; }

  async observe(weights: ReadonlyMap<string, Value>, data: ReadonlyMap<string, Value>): Promise<Outcome> {
    const finished = await this.#runner.run(new Map([...weights, ...data]));
    return poolOutcomes([readRun(this.#runner.plan, weights, finished)]);
  }

  async release(): Promise<void> {
    await this.#runner.release();
  }
}

/** `updateOf` is ‖ΔW‖ / ‖W‖ of a weight of a layer. */
export function learningLayers({ layers }: Outcome, updateOf: (layer: number, weight: string) => number | null): readonly LearningLayer[] {
  return layers.map(({ name, activation, gradient, weights }, at) => ({
    name, activation: withoutHistogram(activation), gradient: withoutHistogram(gradient.activation),
    weights: weights.map((weight) => ({ name: weight.name, gradient: withoutHistogram(weight.gradient), update: updateOf(at, weight.name) })),
  }));
}

/** Of every layer at every step they would be most of what is sent. */
function withoutHistogram<T extends { readonly histogram?: unknown }>(moments: T | null): Omit<T, 'histogram'> | null {
  if (!moments) return null;
  const { histogram: _histogram, ...others } = moments;
  return others;
}
