// What a rule is told of its node: worked out where it is asked for, and the same forward and backward.

import type { Node } from '../graph/graph';
import type { Kernel, MomentContext } from './rule';
import type { Signal, TensorMoments } from './signal';
import { standardNormal } from './signal';

/** What is known of the values of a network, whoever asks. */
export interface Known extends Pick<MomentContext, 'mode' | 'shape' | 'gradient' | 'isKnown' | 'fanInBehind' | 'isHiddenBehind'> {
  readonly signalOf: (value: string) => Signal | undefined;
  readonly constantAt: (value: string) => Signal | null;
  readonly storedAt: (value: string) => TensorMoments | null;
  readonly kernelOf: (node: Node) => Kernel | null;
}

/** Most rules ask for two things of these: a function for each of them, and for each node, would be much of what a prediction takes. */
export class StepContext implements MomentContext {
  readonly node: Node;
  readonly #known: Known;
  #kernel: Kernel | null | undefined;

  constructor(node: Node, known: Known) {
    [this.node, this.#known] = [node, known];
  }

  get mode(): MomentContext['mode'] { return this.#known.mode; }
  get shape(): MomentContext['shape'] { return this.#known.shape; }
  get gradient(): MomentContext['gradient'] { return this.#known.gradient; }
  get fanInBehind(): MomentContext['fanInBehind'] { return this.#known.fanInBehind; }
  get isHiddenBehind(): MomentContext['isHiddenBehind'] { return this.#known.isHiddenBehind; }
  get isKnown(): MomentContext['isKnown'] { return this.#known.isKnown; }
  get kernel(): Kernel | null { return this.#kernel === undefined ? (this.#kernel = this.#known.kernelOf(this.node)) : this.#kernel; }
  get stored(): MomentContext['stored'] { return (position) => this.#known.storedAt(this.node.inputs[position] ?? ''); }
  get isSignal(): MomentContext['isSignal'] { return (position) => this.#known.signalOf(this.node.inputs[position] ?? '') !== undefined; }

  get x(): MomentContext['x'] {
    return (position) => {
      const input = this.node.inputs[position] ?? '';
      return this.#known.signalOf(input) ?? this.#known.constantAt(input) ?? standardNormal;
    };
  }
}
