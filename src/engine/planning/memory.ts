import type { ValueFacts } from '../../core/autodiff/valueFacts';
import { bytesPerElement, elementCount, isFloat } from '../../core/graph/dtype';
import type { Graph } from '../../core/graph/graph';
import type { LayerWeight } from '../../core/layers/layer';
import { freeMemory } from '../../formats/files/freeMemory';
import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { InputPlan } from '../feeding/inputs';
import { madeShapes } from './madeShapes';
import type { ReadFloats } from './madeShapes';

/** Of what a run keeps, in bytes: by its batch, and whatever the batch. */
export interface Need {
  readonly perBatch: number;
  readonly fixed: number;
}

/** ONNX Runtime and Node themselves. */
const runtimeBytes = 150e6;
/** Peak memory over the values of the forward pass: 0.8 to 1.4 measured on the networks of the bench. */
const overhead = 1.4;
/** Each weight is there as it is fed, and its gradient. */
const copiesOfWeights = 2;

/** What a forward and backward pass needs: all values of the forward pass are kept until the backward pass has used them. */
export function estimateMemory({ shapes, types }: ValueFacts, weights: ReadonlySet<string>): Need {
  let [values, stored] = [0, 0];
  for (const [name, shape] of shapes) {
    const bytes = elementCount(shape) * bytesPerElement(types.get(name) ?? 'float32');
    if (weights.has(name)) stored += bytes;
    else values += bytes;
  }
  return { perBatch: overhead * values, fixed: copiesOfWeights * stored + runtimeBytes };
}

/** Refuses a run that the machine has no memory for, before it starts: the system would end the process, or others, without a word. */
export function refuseTooLarge({ perBatch, fixed }: Need, batch: number | null, available = freeMemory()): void {
  if (perBatch + fixed <= available) return;
  const fitting = batch === null || batch < 2 ? 0 : Math.floor((batch * (available - fixed)) / perBatch);
  const advice = fitting > 0 ? say('A batch of {0} would fit.', fitting) : smaller();
  throw new Failure('out-of-memory', say('This network needs about {0} of memory to run forward and backward, and {1} are free. {2}',
    gigabytes(perBatch + fixed), gigabytes(available), advice));
}

/** Something that a file states or a user asks for, with the bytes it takes. */
export interface Stated {
  /** "the input x" */
  readonly thing: string;
  readonly shape: readonly number[];
  readonly bytes: number;
}

/** Bytes per element while an input is made up: of integers there are numbers first. */
const perFloat = 8;
const perInteger = 24;

/** What will be there before anything has been run: the inputs, the weights, and what the graph says the shape of. */
export function statedBy(graph: Graph, inputs: readonly InputPlan[], weights: readonly LayerWeight[], read: ReadFloats): readonly Stated[] {
  const given = inputs.map(({ name, dtype, shape }): Stated => (
    { thing: say('the input {0}', name), shape, bytes: elementCount(shape) * (isFloat(dtype) ? perFloat : perInteger) }));
  const fed = weights.map(({ name, tensor: { shape } }): Stated => (
    { thing: say('the weight {0}', name), shape, bytes: elementCount(shape) * copiesOfWeights * 4 }));
  const made = madeShapes(graph, new Map(inputs.map(({ name, shape }) => [name, shape])), read).map(({ node, shape }): Stated => (
    { thing: say('what {0} {1} makes', node.op, node.name), shape, bytes: elementCount(shape) * 4 }));
  return [...given, ...fed, ...made];
}

/** Refuses before any memory is taken what there is not enough of for as much as the file states. */
export function refuseStated(file: string, stated: readonly Stated[], available = freeMemory()): void {
  const total = stated.reduce((sum, { bytes }) => sum + bytes, 0);
  const [largest] = stated.toSorted((a, b) => b.bytes - a.bytes);
  if (total <= available || !largest) return;
  const { thing, shape, bytes } = largest;
  throw new Failure('out-of-memory', say('{0}: {1} is stated as [{2}], which takes about {3}, and {4} are free. {5}',
    file, thing, shape.slice(0, mostDimensions).join(', '), gigabytes(bytes), gigabytes(available), smaller()));
}

const mostDimensions = 8;
const smaller = (): string => say('Give smaller sizes, or run it on a larger machine.');
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
