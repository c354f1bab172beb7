import type { ValueFacts } from '../../core/autodiff/valueFacts';
import type { GraphBuilder } from '../../core/graph/builder';
import { elementCount } from '../../core/graph/dtype';
import type { Graph, Node } from '../../core/graph/graph';
import { intAttribute } from '../../core/graph/graph';
import { Algebra } from '../../core/ops/algebra';
import type { LossKind } from '../../protocol/simulation';
import type { NumpyArray } from '../../formats/numpy/npy';
import type { Draw, Feed } from '../feeding/draw';
import type { Given } from '../feeding/given';
import { noise } from '../feeding/inputs';
import { classTarget, denseTarget, squaredTarget } from '../feeding/targets';

/** Where the backward pass starts. */
export interface LossPlan {
  /** Value → its cotangent. */
  readonly cotangents: ReadonlyMap<string, string>;
  /** Values to add up to the loss; none for noise, which is no loss. */
  readonly terms: readonly string[];
  /** What has to be fed at each run, by graph input. */
  readonly feeds: readonly Feed[];
}

export const noLoss: LossPlan = { cotangents: new Map(), terms: [], feeds: [] };

/** What the user has for outputs, by name. */
export interface GivenLoss {
  readonly cotangents: Given;
  readonly targets: Given;
}

/**
 * Appends what the cotangent of each float output needs. `noise`: i.i.d. N(0, 1) per element. `mse`: L = mean (y − t)², t noise.
 * `cross-entropy`, from logits z: behind a softmax L = −mean_rows Σ t ln softmax z, so dz = (softmax z − t) / rows; behind a sigmoid the
 * binary one, dz = (σ(z) − t) / count; t random labels where no targets are given. Given cotangents replace the noise of outputs by name.
 */
export function appendLoss(builder: GraphBuilder, graph: Graph, facts: ValueFacts, kind: LossKind, { cotangents: given, targets }: GivenLoss): LossPlan {
  const m = new Algebra(builder);
  const cotangents = new Map<string, string>();
  const terms: string[] = [];
  const feeds: Feed[] = [];
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const feed = (output: string, shape: readonly number[], values: (draw: Draw) => Float32Array): string => {
    const input = builder.input(`target/${output}`, 'float32', shape);
    feeds.push({ input, create: (draw) => ({ dtype: 'float32', shape, data: values(draw) }) });
    return input;
  };
  for (const { name, dtype } of graph.outputs) {
    const shape = facts.shapes.get(name);
    if (dtype !== 'float32' || !shape) continue;
    const own = given.get(name);
    const target = targets.get(name);
    const drawn = (draw: Draw): Float32Array => noise(`cotangent:${name}`, draw, shape, 'normal');
    if (kind === 'noise' || own) {
      cotangents.set(name, feed(name, shape, own ? (draw) => denseTarget(name, shape, own(draw)) : drawn));
    } else if (kind === 'mse') {
      const difference = m.sub(name, feed(name, shape, target ? (draw) => squaredTarget(name, shape, target(draw)) : drawn));
      cotangents.set(name, m.scale(difference, 2 / elementCount(shape)));
      terms.push(m.mean(m.square(m.reshape(difference, [-1])), [0]));
    } else {
      const head = headOf(producers, name);
      // A softmax may be of rows that are put into another form behind it.
      const rows = facts.shapes.get(head.logits) ?? shape;
      const known = (array: NumpyArray): Float32Array => (
        head.kind === 'sigmoid' ? denseTarget(name, rows, array) : classTarget(name, rows, axisOf(head, rows), array));
      const random = (draw: Draw): Float32Array => labels(noise(`labels:${name}`, draw, rows, 'uniform'), rows, head);
      appendCrossEntropy(m, head, rows, feed(name, rows, target ? (draw) => known(target(draw)) : random), cotangents, terms);
    }
  }
  return { cotangents, terms, feeds };
}

export interface Head {
  readonly kind: 'softmax' | 'sigmoid';
  readonly logits: string;
  readonly axis: number;
}

/** The logits behind an output: what a final Softmax, LogSoftmax or Sigmoid reads, also through reshapes; the output itself otherwise. */
export function headOf(producers: ReadonlyMap<string, Node>, output: string): Head {
  let node = producers.get(output);
  while (node?.op === 'Reshape' || node?.op === 'Identity' || node?.op === 'Flatten') node = producers.get(node.inputs[0] ?? '');
  const logits = node?.inputs[0] ?? output;
  if (node?.op === 'Sigmoid') return { kind: 'sigmoid', logits, axis: -1 };
  if (node?.op === 'Softmax' || node?.op === 'LogSoftmax') return { kind: 'softmax', logits, axis: intAttribute(node, 'axis', -1) };
  return { kind: 'softmax', logits: output, axis: -1 };
}

/** Appends the cost of one output against a target of its shape, and where the backward pass starts from it. */
export function appendCrossEntropy(m: Algebra, head: Head, shape: readonly number[], target: string, cotangents: Map<string, string>, terms: string[]): void {
  const aligned = m.graph.add('Reshape', [target, m.graph.add('Shape', [head.logits])]);
  if (head.kind === 'sigmoid') {
    const count = elementCount(shape);
    cotangents.set(head.logits, m.scale(m.sub(m.sigmoid(head.logits), aligned), 1 / count));
    // −[t ln σ(z) + (1 − t) ln(1 − σ(z))] = softplus(z) − t z
    const each = m.sub(m.graph.add('Softplus', [head.logits]), m.mul(aligned, head.logits));
    terms.push(m.mean(m.reshape(each, [-1]), [0]));
    return;
  }
  const rows = elementCount(shape) / (shape[axisOf(head, shape)] ?? 1);
  const softmax = m.graph.add('Softmax', [head.logits], { axis: head.axis });
  cotangents.set(head.logits, m.scale(m.sub(softmax, aligned), 1 / rows));
  const each = m.mul(aligned, m.graph.add('LogSoftmax', [head.logits], { axis: head.axis }));
  terms.push(m.scale(m.sum(m.reshape(each, [-1]), [0]), -1 / rows));
}

export function axisOf(head: Head, shape: readonly number[]): number {
  return head.axis < 0 ? shape.length + head.axis : Math.min(head.axis, shape.length - 1);
}

/** One-hot rows for a softmax, zeros and ones for a sigmoid. */
function labels(uniform: Float32Array, shape: readonly number[], head: Head): Float32Array {
  if (head.kind === 'sigmoid') return Float32Array.from(uniform, (u) => (u < 0.5 ? 0 : 1));
  const axis = axisOf(head, shape);
  const classes = shape[axis] ?? 1;
  const inner = elementCount(shape.slice(axis + 1));
  const result = new Float32Array(uniform.length);
  for (let outer = 0; outer < uniform.length; outer += classes * inner) {
    for (let i = 0; i < inner; i++) result[outer + Math.min(classes - 1, Math.floor((uniform[outer + i] ?? 0) * classes)) * inner + i] = 1;
  }
  return result;
}
