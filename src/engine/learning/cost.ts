// What is learned: the cost of the outputs against their targets, where its backward pass starts, and how many labels are named rightly.

import type { GraphBuilder } from '../../core/graph/builder';
import { elementCount } from '../../core/graph/dtype';
import type { Graph } from '../../core/graph/graph';
import { Algebra } from '../../core/ops/algebra';
import type { ValueFacts } from '../../core/autodiff/valueFacts';
import { Failure } from '../../protocol/failure';
import type { TrainingLoss } from '../../protocol/training';
import { say } from '../../protocol/words';
import type { Head, LossPlan } from '../planning/loss';
import { appendCrossEntropy, axisOf, headOf } from '../planning/loss';

/** How an output is to be compared. */
export interface TargetPlan {
  readonly output: string;
  /** Of the logits behind the output, the batch first: a softmax may be of rows that are put into another form behind it. */
  readonly shape: readonly number[];
  /** Along which axis the classes are, and how many; a single unit has the classes 0 and 1. */
  readonly axis: number;
  readonly classes: number;
  /** What is fed: a label for each row as int64, or an element for each of the output's. */
  readonly fed: 'labels' | 'elements';
  /** Of what is fed. */
  readonly fedShape: readonly number[];
}

export interface Cost extends Pick<LossPlan, 'cotangents' | 'terms'> {
  /** Share of labels named rightly, by output; none where there are no labels. */
  readonly hits: readonly string[];
}

/** The cost that goes with the end of a network: what its outputs are made by, and how many there are of a sample. */
export function usualLoss(graph: Graph, facts: ValueFacts, output: string, hasLabels: boolean): TrainingLoss {
  const head = headIn(graph, output);
  const shape = facts.shapes.get(head.logits) ?? [];
  const classes = shape[axisOf(head, shape)] ?? 1;
  if (head.kind === 'sigmoid') return 'binary-cross-entropy';
  if (head.logits !== output) return 'cross-entropy';
  return hasLabels && classes > 1 ? 'cross-entropy' : 'mse';
}

export function headIn(graph: Graph, output: string): Head {
  return headOf(new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const))), output);
}

export function planTarget(graph: Graph, facts: ValueFacts, output: string, fed: TargetPlan['fed']): TargetPlan {
  const head = headIn(graph, output);
  const shape = facts.shapes.get(head.logits) ?? [];
  const axis = shape.length === 0 ? 0 : axisOf(head, shape);
  return { output, shape, axis, classes: shape[axis] ?? 1, fed, fedShape: fed === 'labels' ? shape.filter((_, i) => i !== axis) : shape };
}

/**
 * Cross-entropy, L = −mean_rows Σ t ln softmax z; binary, L = mean [softplus z − t z]; squared error, L = mean (y − t)²; from logits z, outputs y
 * and targets t. `targetOf` is the value that is fed for an output.
 */
export function appendCost(
  builder: GraphBuilder, graph: Graph, loss: TrainingLoss, targets: readonly TargetPlan[], targetOf: (plan: TargetPlan) => string,
): Cost {
  const m = new Algebra(builder);
  const cotangents = new Map<string, string>();
  const terms: string[] = [];
  const hits: string[] = [];
  for (const plan of targets) {
    const { output, shape } = plan;
    const head = headIn(graph, output);
    const target = asElements(m, plan, targetOf(plan));
    if (loss === 'mse') {
      const difference = m.sub(output, m.graph.add('Reshape', [target, m.graph.add('Shape', [output])]));
      cotangents.set(output, m.scale(difference, 2 / elementCount(shape)));
      terms.push(m.mean(m.square(m.reshape(difference, [-1])), [0], false));
    } else {
      const kind = loss === 'cross-entropy' ? 'softmax' : 'sigmoid';
      const own: string[] = [];
      appendCrossEntropy(m, { ...refuseOther(head, kind, output), kind }, shape, target, cotangents, own);
      for (const term of own) terms.push(m.reshape(term, []));
    }
    if (isJudged(loss, plan)) hits.push(appendHits(m, plan, head, target));
  }
  return { cotangents, terms, hits };
}

/** A softmax is no sigmoid: a binary cost of it, or the other way round, has no logits to start from. */
function refuseOther(head: Head, kind: Head['kind'], output: string): Head {
  if (head.kind === kind || head.logits === output) return head;
  throw new Failure('wrong-usage', head.kind === 'sigmoid'
    ? say('The output {0} ends in a sigmoid, which the loss asked for does not fit. Use binary-cross-entropy, or mse.', output)
    : say('The output {0} ends in a softmax, which the loss asked for does not fit. Use cross-entropy, or mse.', output));
}

/** Several units that are each on or off name no label together. */
const isJudged = (loss: TrainingLoss, { classes, fed }: TargetPlan): boolean => loss === 'cross-entropy'
  || (loss === 'binary-cross-entropy' && classes === 1) || (fed === 'labels' && classes > 1);

/** What is fed, as elements of the output's shape: labels are ones at their classes. */
function asElements(m: Algebra, { shape, axis, classes, fed }: TargetPlan, target: string): string {
  if (fed === 'elements') return target;
  if (classes === 1) return m.reshape(m.cast(target, 'float32'), shape);
  const values = m.graph.constant('float32', [2], [0, 1]);
  // Of a single row there is a label alone, and OneHot takes no scalar.
  const isRow = shape.length === 1;
  const ones = m.graph.add('OneHot', [isRow ? m.reshape(target, [1]) : target, m.graph.constant('int64', [], [classes]), values], { axis: isRow ? 1 : axis });
  return isRow ? m.reshape(ones, shape) : ones;
}

/** Share of rows whose largest element is the target's; of a single unit, whose side of the middle is. */
function appendHits(m: Algebra, { output, axis, classes }: TargetPlan, head: Head, target: string): string {
  const middle = head.kind === 'sigmoid' && head.logits !== output ? 0.5 : 0;
  const same = classes === 1
    ? m.equal(m.cast(m.greater(m.reshape(output, [-1]), m.constant(middle)), 'int64'), m.cast(m.greater(m.reshape(target, [-1]), m.constant(0.5)), 'int64'))
    : m.equal(m.graph.add('ArgMax', [head.logits], { axis, keepdims: 0 }), m.graph.add('ArgMax', [target], { axis, keepdims: 0 }));
  return m.mean(m.reshape(m.cast(same, 'float32'), [-1]), [0], false);
}
