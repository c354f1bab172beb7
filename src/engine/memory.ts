import { freemem } from 'node:os';

import type { ValueFacts } from '../core/autodiff/valueFacts';
import { bytesPerElement, elementCount } from '../core/graph/dtype';
import { Failure } from '../protocol/failure';

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
export function refuseTooLarge({ perBatch, fixed }: Need, batch: number | null, available = freeBytes()): void {
  if (perBatch + fixed <= available) return;
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
  const fitting = batch === null || batch < 2 ? 0 : Math.floor((batch * (available - fixed)) / perBatch);
  const advice = fitting > 0 ? `A batch of ${fitting} would fit.` : 'Give smaller sizes, or run it on a larger machine.';
  const needed = `This network needs about ${gigabytes(perBatch + fixed)} of memory to run forward and backward`;
  throw new Failure('out-of-memory', `${needed}, and ${gigabytes(available)} are free. ${advice}`);
}

/** What a container leaves counts, where Node can tell. */
function freeBytes(): number {
  return 'availableMemory' in process ? process.availableMemory() : freemem();
}
