// Holding, going on and ending, as training hears of it between two steps.

import { setImmediate } from 'node:timers/promises';

import { Failure } from '../../protocol/failure';
import type { Cancellation } from '../../protocol/rpc';

export class Steering {
  #isHeld = false;
  #isStopped = false;
  #wake: (() => void) | null = null;

  to(order: 'hold' | 'go' | 'stop'): void {
    this.#isHeld = order === 'hold';
    this.#isStopped ||= order === 'stop';
    if (this.#isHeld) return;
    this.#wake?.();
    this.#wake = null;
  }

  /** Before something new begins. */
  reset(): void {
    this.#isHeld = false;
    this.#isStopped = false;
  }

  /** Hears what has been said, waits while it is held, and says whether to go on. */
  async isGoing(cancellation: Cancellation): Promise<boolean> {
    await setImmediate();
    while (this.#isHeld && !cancellation.cancelled) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        cancellation.onCancel(resolve);
      });
    }
    if (cancellation.cancelled) throw new Failure('cancelled', 'Cancelled.');
    return !this.#isStopped;
  }
}
