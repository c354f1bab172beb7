// What a forward pass over some samples is fed, beside the weights.

import type { Draw } from '../feeding/draw';
import type { Value } from '../runtime';
import { targetName } from './stepGraph';
import { batchOf } from './teacher';
import type { Course } from './trainer';

/** `draw` decides what dropout drops. */
export function feedsOf({ samples, batch, masks, steps }: Course, indices: ArrayLike<number>, draw: Draw): ReadonlyMap<string, Value> {
  const data = new Map<string, Value>();
  for (const [name, rows] of samples.inputs) data.set(name, batchOf(rows, indices, batch));
  for (const [output, rows] of samples.targets) {
    const name = targetName(output);
    const value = batchOf(rows, indices, batch);
    data.set(name, { ...value, shape: steps.feeds.find(({ of }) => of === name)?.shape ?? value.shape });
  }
  for (const mask of masks) data.set(mask.input, mask.create(draw));
  return data;
}
