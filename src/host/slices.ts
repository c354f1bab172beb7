// Long work that leaves the extension host to others now and then.

import { setImmediate } from 'node:timers/promises';

import type { Stepwise } from '../formats/tensors/measure';

/** The extension host is given back to others after this long. */
const sliceMs = 12;

/** The result of work done a slice of time at a time; null where nobody wants it any more. */
export async function inSlices<T>(steps: Stepwise<T>, isWanted: () => boolean): Promise<T | null> {
  let since = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() - since < sliceMs) continue;
    await setImmediate();
    if (!isWanted()) return null;
    since = performance.now();
  }
}
