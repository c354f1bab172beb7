import type { Algebra } from './algebra';
import type { GateFunction } from './gateFunctions';
import { clipped, gateFunctionsOf } from './gateFunctions';
import type { Rule, RuleContext } from './spec';

/**
 * One direction of a recurrent node, whose tensors lose their axis of directions: X [T, B, I], W [G·H, I], R [G·H, H], states [T, B, H].
 * Time always runs as it is stored: a reverse direction walks it from the last step to the first.
 *
 * Sequences may be shorter than T. Beyond its end a sequence's state stays as it is (at the initial one, where time is walked in reverse)
 * and Y is 0; there every gate has cotangent 0, and the state's cotangent is handed on.
 */
export class Strand {
  readonly r: RuleContext;
  readonly m: Algebra;
  readonly index: number;
  readonly reverse: boolean;
  readonly #functions: readonly GateFunction[];
  /** [T, B, H] */
  readonly shape: readonly [number, number, number];

  constructor(r: RuleContext, index: number, functions: readonly GateFunction[]) {
    const [T = 0, B = 0] = r.shapeOf(r.x('X'));
    this.r = r;
    this.m = r.m;
    this.index = index;
    this.reverse = index === 1 || r.string('direction', 'forward') === 'reverse';
    this.#functions = functions;
    this.shape = [T, B, r.shapeOf(r.x('R'))[2] ?? 0];
  }

  /** Shares what several rules need of this direction. */
  onceAll<K extends string>(key: string, build: () => Readonly<Record<K, string>>): Readonly<Record<K, string>> {
    return this.r.onceAll(`${key}${this.index}`, build);
  }

  /** The activations in the order of the specification. */
  activation(position: number): GateFunction {
    const found = this.#functions[position];
    if (!found) throw new Error(`${this.r.node.op} ${this.r.node.name} names too few activations.`);
    return found;
  }

  /** This direction's part of an input, whose first axis is that of directions. */
  part(formal: string): string {
    const value = this.r.x(formal);
    const [directions = 1, ...rest] = this.r.shapeOf(value);
    return this.r.once(`${formal}${this.index}`, () => this.m.reshape(this.#sliced(value, 0, directions), rest));
  }

  /** An initial state [B, H]. */
  initial(formal: string): string {
    return this.r.has(formal) ? this.part(formal) : this.m.zeros(this.shape.slice(1));
  }

  /** b of W and R [2, G·H], or null. */
  biases(): string | null {
    return this.r.has('B') ? this.m.reshape(this.part('B'), [2, -1]) : null;
  }

  /** h after each step. */
  states(): string {
    const { m, r, shape } = this;
    return r.once(`states${this.index}`, () => {
      const states = m.reshape(this.#sliced(r.y('Y'), 1, this.#directions()), shape);
      return r.has('sequence_lens') && r.has('initial_h') ? m.where(this.valid(), states, this.part('initial_h')) : states;
    });
  }

  /** h before each step. */
  before(): string {
    return this.r.once(`before${this.index}`, () => this.delayed(this.states(), this.initial('initial_h')));
  }

  /** A state before each step, of the states after each. */
  delayed(states: string, initial: string): string {
    const { m, shape: [T, B, H] } = this;
    const first = m.reshape(initial, [1, B, H]);
    return this.reverse ? m.concat([m.slice(states, [0], [1], [T], [1]), first], 0) : m.concat([first, m.slice(states, [0], [0], [T - 1], [1])], 0);
  }

  /** X·Wᵀ + H·Rᵀ + b [T, B, G·H], H being h before each step. */
  preactivations(): string {
    const { m, r } = this;
    return r.once(`preactivations${this.index}`, () => {
      const sum = m.add(m.matmul(r.x('X'), m.swap(this.part('W'), 2)), m.matmul(this.before(), m.swap(this.part('R'), 2)));
      const biases = this.biases();
      return biases === null ? sum : m.add(sum, m.sum(biases, [0], false));
    });
  }

  /** Whether a step is within its sequence, [T, B, 1]. Only where lengths are given. */
  valid(): string {
    const { m, r, shape: [T, B] } = this;
    return r.once('valid', () => m.less(m.flatIndices([T, 1, 1]), m.reshape(m.cast(r.x('sequence_lens'), 'int64'), [1, B, 1])));
  }

  /** The value within the sequences, and a number beyond their ends. */
  within(value: string, beyond = 0): string {
    return this.r.has('sequence_lens') ? this.m.where(this.valid(), value, this.m.constant(beyond)) : value;
  }

  /** 1 beyond the ends, 0 within the sequences [T, B, H]; nothing where there are no lengths. */
  beyond(): readonly string[] {
    return this.r.has('sequence_lens') ? [this.within(this.m.zeros(this.shape), 1)] : [];
  }

  /** dY [T, B, H] */
  outputCotangent(): string {
    const { m, r, shape } = this;
    return r.reached('Y') ? this.within(m.reshape(this.#sliced(r.dy('Y'), 1, this.#directions()), shape)) : m.zeros(shape);
  }

  /** Cotangent of a last state [B, H], which is 0 of an empty sequence. */
  lastCotangent(formal: string): string {
    const { m, r, shape: [, B, H] } = this;
    if (!r.reached(formal)) return m.zeros([B, H]);
    const last = m.reshape(this.#sliced(r.dy(formal), 0, this.#directions()), [B, H]);
    return r.has('sequence_lens') ? m.masked(m.reshape(m.slice(this.valid(), [0], [0], [1], [1]), [B, 1]), last) : last;
  }

  /** Σ over steps and samples of aᵀ·b, for a [T, B, M] and b [T, B, N]. */
  correlate(a: string, b: string): string {
    const rows = (value: string): string => this.m.reshape(value, [this.shape[0] * this.shape[1], -1]);
    return this.m.matmul(this.m.swap(rows(a), 2), rows(b));
  }

  #directions(): number {
    return this.r.shapeOf(this.r.x('W'))[0] ?? 1;
  }

  #sliced(value: string, axis: number, directions: number): string {
    return directions === 1 ? value : this.m.slice(value, [axis], [this.index], [this.index + 1], [1]);
  }
}

/** The directions of a node. `usual` are the activations of one that names none; of each direction's, the first `bounded` obey `clip`. */
export function strandsOf(r: RuleContext, usual: readonly string[], bounded = usual.length): readonly Strand[] {
  const [directions = 1] = r.shapeOf(r.x('W'));
  const bound = r.float('clip', 0);
  const functions = gateFunctionsOf(r.node, usual, directions);
  const perDirection = functions.length / directions;
  return Array.from({ length: directions }, (_, i) => (
    new Strand(r, i, functions.slice(i * perDirection, (i + 1) * perDirection).map((each, k) => (bound > 0 && k < bounded ? clipped(each, bound) : each)))));
}

/** The gradient of an input that has a part per direction. */
export function joined(r: RuleContext, formal: string, strands: readonly Strand[], part: (strand: Strand) => string): string {
  const [, ...rest] = r.shapeOf(r.x(formal));
  return r.m.concat(strands.map((strand) => r.m.reshape(part(strand), [1, ...rest])), 0);
}

/** dX, to which every direction adds dG·W. */
export function inputGradient(r: RuleContext, strands: readonly Strand[], gates: (strand: Strand) => string): string {
  return strands.map((strand) => r.m.matmul(gates(strand), strand.part('W'))).reduce((sum, each) => r.m.add(sum, each));
}

/** The gradients that are sums over all steps of the cotangents dG of the gates, where every gate sees the same h and the sum of both biases. */
export function gateGradients(
  strands: (r: RuleContext) => readonly Strand[], gates: (strand: Strand) => string,
): Readonly<Record<'X' | 'W' | 'R' | 'B', Rule>> {
  return {
    X: (r) => inputGradient(r, strands(r), gates),
    W: (r) => joined(r, 'W', strands(r), (strand) => strand.correlate(gates(strand), r.x('X'))),
    R: (r) => joined(r, 'R', strands(r), (strand) => strand.correlate(gates(strand), strand.before())),
    B: (r) => joined(r, 'B', strands(r), (strand) => {
      const sum = r.m.sum(gates(strand), [0, 1], false);
      return r.m.concat([sum, sum], 0);
    }),
  };
}
