// Many steps of training as one graph: a Loop whose state is all that is learned and remembered, so that of weights nothing leaves the runtime between steps.

import type { BackwardResult } from '../../core/autodiff/backward';
import { appendBackward } from '../../core/autodiff/backward';
import type { ValueFacts } from '../../core/autodiff/valueFacts';
import { GraphBuilder } from '../../core/graph/builder';
import type { DType } from '../../core/graph/dtype';
import type { Graph, Node, ValueInfo } from '../../core/graph/graph';
import type { Optimizer } from '../../core/learning/optimizers';
import { Algebra } from '../../core/ops/algebra';
import { operators } from '../../core/ops/registry';
import type { TrainingLoss } from '../../protocol/training';
import type { Forward } from '../planning/forward';
import type { TargetPlan } from './cost';
import { appendCost } from './cost';

/** Something that is there before the first step and another after each. */
export interface StateValue {
  /** The graph's input, and its output. */
  readonly input: string;
  readonly output: string;
  readonly shape: readonly number[];
  /** The value of the network that it is, and which of the optimiser's slots of that; null of the value itself. */
  readonly value: string;
  readonly slot: number | null;
}

/** What is fed for every step: [steps, …]. */
export interface StepFeed {
  readonly input: string;
  /** The input, target or mask that it is for. */
  readonly of: string;
  readonly dtype: DType;
  /** Of one step. */
  readonly shape: readonly number[];
}

export interface StepGraph {
  readonly graph: Graph;
  readonly state: readonly StateValue[];
  readonly feeds: readonly StepFeed[];
  /** Inputs of the numbers that the optimiser needs: [steps] each. */
  readonly numbers: readonly string[];
  /** [steps] each; no accuracy where there are no labels. */
  readonly losses: string;
  readonly accuracies: string | null;
  readonly backward: BackwardResult;
  /** Values that are learned and that a gradient reaches. */
  readonly moving: ReadonlySet<string>;
}

export interface StepGraphRequest {
  readonly forward: Forward;
  readonly facts: ValueFacts;
  /** Values of weights that are learned, and of running statistics: all of them are fed. */
  readonly learned: ReadonlySet<string>;
  readonly statistics: ReadonlySet<string>;
  /** Inputs and masks that differ from step to step. */
  readonly fed: ReadonlySet<string>;
  readonly loss: TrainingLoss;
  readonly targets: readonly TargetPlan[];
  readonly optimizer: Optimizer;
}

/** Input of the number of steps. */
export const stepsInput = 'steps';
const condition = 'goes on';

export function createStepGraph(request: StepGraphRequest): StepGraph {
  const { forward, facts, learned, optimizer, targets } = request;
  const shapeOf = (value: string): readonly number[] => facts.shapes.get(value) ?? [];
  const body = new GraphBuilder({ ...forward.graph, inputs: [], outputs: [] });
  const iteration = body.input('step', 'int64', []);
  const going = body.input(condition, 'bool', []);
  const feeds: StepFeed[] = forward.graph.inputs.filter(({ name }) => request.fed.has(name)).map(({ name, dtype }) => (
    { input: body.fresh(`steps of ${name}`), of: name, dtype, shape: shapeOf(name) }));
  const atStep = (input: string, name?: string): string => picked(body, input, iteration, name);
  const read = feeds.map(({ input, of }) => pick(input, iteration, of));
  const targetOf = (plan: TargetPlan): string => {
    const input = body.fresh(`steps of the target of ${plan.output}`);
    feeds.push({ input, of: targetName(plan.output), dtype: plan.fed === 'labels' ? 'int64' : 'float32', shape: plan.fedShape });
    return atStep(input);
  };
  const numbers = optimizer.numbers(1, 1).map((_, i) => body.fresh(`number ${i} of the step`));
  const ofStep = numbers.map((input) => atStep(input));

  const cost = appendCost(body, forward.graph, request.loss, targets, targetOf);
  const backward = appendBackward({
    builder: body, nodes: forward.graph.nodes, facts, cotangents: cost.cotangents, targets: learned, hidden: forward.hidden, operators,
  });
  const m = new Algebra(body);
  const state: StateValue[] = [];
  const carry = (value: string, slot: number | null, inner: string, after: string): void => {
    body.output(after, 'float32');
    const name = slot === null ? value : `${value}/${optimizer.slots[slot] ?? ''}`;
    state.push({ input: `before/${name}`, output: `after/${name}`, shape: shapeOf(value), value, slot });
    within.push({ name: inner, dtype: 'float32', shape: shapeOf(value) });
  };
  const within: ValueInfo[] = [];
  body.output(m.graph.add('Identity', [going]), 'bool');
  const moving = new Set<string>();
  for (const value of learned) {
    const gradient = backward.gradients.get(value);
    if (gradient === undefined) {
      carry(value, null, value, m.graph.add('Identity', [value]));
      continue;
    }
    moving.add(value);
    const slots = optimizer.slots.map((slot) => body.fresh(`${value}/${slot}`));
    const updated = optimizer.update({ m, weight: value, gradient, slots, numbers: ofStep });
    carry(value, null, value, updated.weight);
    slots.forEach((slot, i) => carry(value, i, slot, updated.slots[i] ?? ''));
  }
  const updates = statisticsUpdates(forward.graph.nodes);
  for (const value of request.statistics) carry(value, null, value, m.graph.add('Identity', [updates.get(value) ?? value]));
  const losses = m.graph.add('Sum', cost.terms);
  body.output(losses, 'float32');
  const accuracy = cost.hits.length === 0 ? null : m.scale(m.graph.add('Sum', cost.hits), 1 / cost.hits.length);
  if (accuracy !== null) body.output(accuracy, 'float32');

  const { initializers, ...steps } = body.build();
  const inner: Graph = { ...steps, initializers: new Map(), nodes: [...read, ...steps.nodes], inputs: [...steps.inputs, ...within] };
  const scans = [losses, ...(accuracy === null ? [] : [accuracy])].map((_, i) => `all ${i === 0 ? 'losses' : 'accuracies'}`);
  const loop: Node = {
    name: 'training', domain: '', op: 'Loop', inputs: [stepsInput, '', ...state.map(({ input }) => input)],
    outputs: [...state.map(({ output }) => output), ...scans], attributes: { body: { kind: 'graph', value: inner } },
  };
  const stacked = (shape: readonly number[]): readonly (number | string)[] => ['steps', ...shape];
  const graph: Graph = {
    name: 'training', initializers, nodes: [loop],
    inputs: [
      { name: stepsInput, dtype: 'int64', shape: [] },
      ...state.map(({ input, shape }): ValueInfo => ({ name: input, dtype: 'float32', shape })),
      ...feeds.map(({ input, dtype, shape }): ValueInfo => ({ name: input, dtype, shape: stacked(shape) })),
      ...numbers.map((name): ValueInfo => ({ name, dtype: 'float32', shape: stacked([]) })),
    ],
    outputs: [
      ...state.map(({ output, shape }): ValueInfo => ({ name: output, dtype: 'float32', shape })),
      ...scans.map((name): ValueInfo => ({ name, dtype: 'float32', shape: stacked([]) })),
    ],
  };
  return { graph, state, feeds, numbers, losses: scans[0] ?? '', accuracies: scans[1] ?? null, backward, moving };
}

/** What the target of an output is called among what is fed. */
export const targetName = (output: string): string => `target/${output}`;

/** The part of a stack that belongs to a step, as a node in front of those that read it by that name. */
const pick = (stack: string, iteration: string, name: string): Node => (
  { name: `step of ${name}`, domain: '', op: 'Gather', inputs: [stack, iteration], outputs: [name], attributes: { axis: { kind: 'int', value: 0 } } });

function picked(body: GraphBuilder, stack: string, iteration: string, name = body.fresh(`${stack} now`)): string {
  body.append(pick(stack, iteration, name));
  return name;
}

/** Running statistics of normalisations in training mode: what is stored, by what it is after the step (ONNX, BatchNormalization-15). */
function statisticsUpdates(nodes: readonly Node[]): ReadonlyMap<string, string> {
  const copied = new Map(nodes.filter(({ op }) => op === 'Max').map(({ inputs, outputs }) => [outputs[0] ?? '', inputs[0] ?? ''] as const));
  const updates = new Map<string, string>();
  for (const { op, inputs, outputs, attributes: { training_mode: mode } } of nodes) {
    if (op !== 'BatchNormalization' || mode?.kind !== 'int' || mode.value !== 1) continue;
    for (const [position, output] of [[3, 1], [4, 2]] as const) {
      const read = inputs[position] ?? '';
      updates.set(copied.get(read) ?? read, outputs[output] ?? '');
    }
  }
  return updates;
}

