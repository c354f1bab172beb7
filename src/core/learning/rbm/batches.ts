// Which samples a step sees, and what learning rate and momentum it has.

import type { RateSchedule } from '../../../protocol/pretraining';
import type { Stream } from '../../kernels/random';
import { fillUniforms } from '../../kernels/random';

/** Steps of an epoch, all of one size at most as asked: a last, smaller batch would have another weight. */
export function batchesOf(rows: number, atMost: number): { readonly steps: number; readonly batch: number } {
  const steps = Math.ceil(rows / Math.min(rows, atMost));
  return { steps, batch: Math.ceil(rows / steps) };
}

/** A twentieth of the samples where that is of a usual size (Hinton 2010, section 4), and as many epochs as make a thousand updates. */
export function usualLength(
  rows: number, given: { readonly batch: number | null; readonly epochs: number | null },
): { readonly batch: number; readonly epochs: number } {
  const batch = given.batch ?? Math.max(10, Math.min(50, Math.ceil(rows / 20)));
  return { batch, epochs: given.epochs ?? Math.max(20, Math.min(200, Math.ceil(1000 / batchesOf(rows, batch).steps))) };
}

/** Rows of an epoch in an order of its own (Durstenfeld 1964); where batches do not come out even, the first few of them a second time. */
export function orderOf(rows: number, count: number, epoch: number, stream: Stream): Uint32Array {
  const order = Uint32Array.from({ length: rows }, (_, i) => i);
  const u = new Float64Array(rows);
  fillUniforms(u, stream, epoch * rows, 0, 1);
  for (let i = rows - 1; i > 0; i--) {
    const at = Math.floor((u[i] ?? 0) * (i + 1));
    [order[i], order[at]] = [order[at] ?? 0, order[i] ?? 0];
  }
  return Uint32Array.from({ length: count }, (_, i) => order[i % rows] ?? 0);
}

/** Momentum starts at a half, and grows when the first large gradients are over (Hinton 2010, section 9). */
const firstMomentum = 0.5;
const firstEpochs = 5;

export interface Pace { readonly rate: number; readonly momentum: number }

/** Of an epoch, the first of which is 1. */
export function paceOf(epoch: number, epochs: number, schedule: RateSchedule, { rate, momentum }: Pace): Pace {
  return {
    // The last epoch, too, has something to learn.
    rate: schedule === 'linear' ? rate * (1 - (epoch - 1) / epochs) : rate,
    momentum: epoch <= Math.min(firstEpochs, Math.floor(epochs / 2)) ? Math.min(firstMomentum, momentum) : momentum,
  };
}
