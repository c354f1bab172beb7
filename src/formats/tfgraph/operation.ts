// What the rule of an operator is given to build with: its node, what it reads, and the graph it appends to.

import type { AttributeLiteral, GraphBuilder } from '../../core/graph/builder';
import type { DType } from '../../core/graph/dtype';
import { elementCount } from '../../core/graph/dtype';
import { Failure } from '../../protocol/failure';
import type { Shape } from '../keras/signal';
import { broadcast, toFirst, toLast } from '../keras/signal';
import type { Attributes } from './attributes';
import type { TensorFlowNode } from './graphDef';
import type { Known, Signal } from './signal';
import { axisFirst, channelsFirst, fixedShape, isFirst, knownSignal, mostKnown, signalOf, valuesOf } from './signal';

/** What the operators of a graph share. */
export interface Building {
  readonly file: string;
  readonly builder: GraphBuilder;
  /** Values already turned from one layout into the other. */
  readonly turned: Map<string, string>;
}

/** Null where the operator is not put into others, as it is called here. */
export type Rule = (operation: Operation) => Signal | readonly Signal[] | null;
export type Rules = Readonly<Record<string, Rule>>;
/** A number that is known, or the value of a vector of one element. */
export type Part = number | string;
type Literals = Readonly<Record<string, AttributeLiteral>>;

export class Operation {
  readonly building: Building;
  readonly node: TensorFlowNode;
  readonly inputs: readonly Signal[];

  constructor(building: Building, node: TensorFlowNode, inputs: readonly Signal[]) {
    this.building = building;
    this.node = node;
    this.inputs = inputs;
  }

  get attributes(): Attributes { return this.node.attributes; }

  input(position: number): Signal {
    const found = this.inputs[position];
    if (found) return found;
    throw this.refuse(`has ${this.inputs.length} inputs where at least ${position + 1} were expected`);
  }

  refuse(what: string): Failure {
    return new Failure('broken-file', `${this.building.file}: node ${this.node.name} (${this.node.op}) ${what}. Convert the model again.`);
  }

  add(op: string, inputs: readonly string[], attributes: Literals = {}): string {
    return this.building.builder.add(op, inputs, attributes);
  }

  addMany(op: string, inputs: readonly string[], outputs: number, attributes: Literals = {}): readonly string[] {
    return this.building.builder.addMany(op, inputs, outputs, attributes);
  }

  ints(values: readonly number[]): string {
    return this.building.builder.ints(values);
  }

  scalar(value: number, dtype: DType = 'float32'): string {
    return this.building.builder.scalar(value, dtype);
  }

  transpose(value: string, perm: readonly number[]): string {
    if (perm.every((axis, i) => axis === i)) return value;
    const { turned } = this.building;
    const key = `${value}|${perm.join()}`;
    const known = turned.get(key) ?? this.add('Transpose', [value], { perm });
    turned.set(key, known);
    return known;
  }

  /** The value in TensorFlow's layout. */
  plain(signal: Signal): string {
    const { plain, first, shape, dtype } = signal;
    if (plain !== null) return plain;
    if (first !== null) return this.transpose(first, toLast(shape?.length ?? 0));
    const [values, sizes] = [valuesOf(signal), fixedShape(shape)];
    if (!values || !sizes) throw new Error(`${this.node.name} reads a value that is nowhere.`);
    return this.building.builder.constant(dtype, sizes, values);
  }

  /** The value with its last axis behind the batch; `rank`, where that is not known otherwise. */
  first(signal: Signal, rank = signal.shape?.length ?? 0): string {
    if (signal.shape && signal.shape.length !== rank) throw this.refuse(`is given ${described(signal.shape)} where a signal of ${rank} axes was expected`);
    return signal.first ?? (rank < 3 ? this.plain(signal) : this.transpose(this.plain(signal), toFirst(rank)));
  }

  /** Numbers that have to be known when the graph is read; null where they depend on what is fed. */
  list(position: number): readonly number[] | null {
    return valuesOf(this.input(position));
  }

  /** The same operator on every element, in whichever layout the signal is. */
  each(signal: Signal, apply: (value: string) => string, dtype = signal.dtype): Signal {
    return isFirst(signal) ? channelsFirst(apply(signal.first ?? ''), signal.shape, dtype) : signalOf(apply(this.plain(signal)), signal.shape, dtype);
  }

  /** Elements of several signals that are broadcast against each other, with channels first where one of them has them so and the others can. */
  together(signals: readonly Signal[], apply: (...values: readonly string[]) => string, dtype: DType): Signal {
    const shapes = signals.map(({ shape }) => shape);
    const ranks = shapes.map((shape) => shape?.length ?? null);
    const rank = ranks.includes(null) ? null : Math.max(...ranks.map(Number));
    const shape = rank === null ? null : shapes.reduce<Shape>((all, each) => broadcast(all, each ?? []), []);
    const isTurned = rank !== null && rank >= 3 && signals.some((each) => isFirst(each) && each.shape?.length === rank)
      && shapes.every((each) => each && (each.length === rank || each.slice(0, -1).every((size) => size === 1)));
    if (!isTurned) return signalOf(apply(...signals.map((each) => this.plain(each))), shape, dtype);
    return channelsFirst(apply(...signals.map((each) => this.#along(each, rank))), shape, dtype);
  }

  /** A signal, or a vector of channels, as it is broadcast against one of that rank with its channels first. */
  #along(signal: Signal, rank: number): string {
    const { shape } = signal;
    if (shape?.length === rank) return this.first(signal);
    if (shape?.every((size) => size === 1)) return this.plain(shape.length > 1 ? this.flat(signal) : signal);
    return this.add('Reshape', [this.plain(signal), this.ints([-1, ...Array.from({ length: rank - 2 }, () => 1)])]);
  }

  flat(signal: Signal): Signal {
    return signalOf(this.add('Reshape', [this.plain(signal), this.ints([-1])]), [null], signal.dtype);
  }

  /** Appends what makes a list of whole numbers, unless all of them are known. */
  worked(known: Known | null, shape: Shape | null, dtype: DType, make: () => string): Signal {
    const [values, sizes] = [known && valuesOf({ known, shape, dtype, plain: null, first: null }), fixedShape(shape)];
    if (values && sizes && values.length === elementCount(sizes) && values.length <= mostKnown) return knownSignal(values, sizes, dtype);
    return signalOf(make(), shape, dtype, known);
  }

  /** A size of a signal, as a number where it is fixed. */
  size(signal: Signal, axis: number): Part {
    const { shape } = signal;
    const known = shape?.[axis];
    if (typeof known === 'number') return known;
    const at = isFirst(signal) ? axisFirst(axis, shape?.length ?? 0) : axis;
    const value = isFirst(signal) ? signal.first ?? '' : this.plain(signal);
    return this.add('Shape', [value], { start: at, end: at + 1 });
  }

  /** The elements of a vector one by one; null where nobody knows how many there are. */
  parts(signal: Signal): readonly Part[] | null {
    const count = signal.known?.length ?? countOfVector(signal.shape);
    if (count === null || count > mostKnown) return null;
    return Array.from({ length: count }, (_, i) => signal.known?.[i] ?? this.element(signal, i));
  }

  element(signal: Signal, position: number): string {
    return this.add('Slice', [this.plain(signal), this.ints([position]), this.ints([position + 1])]);
  }

  /** The vector of such elements. */
  vector(parts: readonly Part[]): string {
    const known = parts.filter((part) => typeof part === 'number');
    if (known.length === parts.length) return this.ints(known);
    return this.add('Concat', parts.map((part) => (typeof part === 'number' ? this.ints([part]) : part)), { axis: 0 });
  }

  /** A value in another shape. A single size that is open is worked out from the others. */
  reshape(value: string, parts: readonly Part[]): string {
    const open = parts.filter((part) => typeof part !== 'number').length;
    const isWorkedOut = open === 1 && !parts.includes(-1) && !parts.includes(0);
    const shape = isWorkedOut ? parts.map((part) => (typeof part === 'number' ? part : -1)) : parts;
    return this.add('Reshape', [value, this.vector(shape)], shape.includes(0) && !shape.includes(-1) ? { allowzero: 1 } : {});
  }
}

const countOfVector = (shape: Shape | null): number | null => (shape?.length === 1 ? shape[0] ?? null : null);

export const described = (shape: Shape): string => `a signal of shape [${shape.map((size) => size ?? '?').join(', ')}]`;
