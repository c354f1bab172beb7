// What the description of a layer is given to build with: what is written of it, its weights, and the graph it appends to.

import type { AttributeLiteral, GraphBuilder } from '../../core/graph/builder';
import { elementCount } from '../../core/graph/dtype';
import type { Failure } from '../../protocol/failure';
import type { JsonView } from '../json/view';
import type { WrittenWeight } from './declare';
import type { Initializers } from './initializers';
import type { ActivationName } from './layers/activations';
import type { Signal } from './signal';
import { channelsFirst, described, signalOf } from './signal';
import type { Written } from './written';
import { largestSize, refusal } from './written';

/** What all layers of a network share. */
export interface Building {
  readonly builder: GraphBuilder;
  readonly weights: WrittenWeight[];
  /** Tables that texts are looked up in, by the layer's path. */
  readonly tables: Map<string, Table>;
}

export interface Table {
  readonly value: string;
  readonly tokens: number;
  readonly width: number;
}

type Attributes = Readonly<Record<string, AttributeLiteral>>;

/** What weights are called that are not called by their role: the only one of a layer, and a kernel that has a part of the layer to itself. */
const calls: Readonly<Partial<Record<WrittenWeight['role'], string>>> = { embedding: 'weight', position: 'weight', slope: 'weight', output: 'kernel' };

export class LayerScope {
  readonly building: Building;
  /** "block3/conv1" */
  readonly path: string;
  /** "conv" */
  readonly type: string;
  readonly written: Written | null;
  /** What stands behind its type; null where that stands alone. */
  readonly main: JsonView | null;
  readonly view: JsonView;
  /** Its own, and those around it, the nearest first. */
  readonly initializers: readonly Initializers[];
  /** Behind kernels that say nothing else. */
  readonly activation: ActivationName;
  /** What the layer can read beside its input, by name. */
  readonly find: (name: JsonView) => Signal;
  readonly findTable: (name: JsonView) => Table;

  constructor(given: Pick<LayerScope, 'building' | 'path' | 'type' | 'written' | 'main' | 'view' | 'initializers' | 'activation' | 'find' |
    'findTable'>) {
    ({ building: this.building, path: this.path, type: this.type, written: this.written, main: this.main, view: this.view,
      initializers: this.initializers, activation: this.activation, find: this.find, findTable: this.findTable } = given);
  }

  /** `what` follows on the layer. */
  refuse(what: string, remedy: string): Failure {
    return refusal(this.view, what, remedy);
  }

  /** Refuses an input of other ranks; `takes` says what it takes. */
  needs(signal: Signal, ranks: readonly number[], takes: string, remedy: string): void {
    if (!ranks.includes(signal.shape.length)) throw this.refuse(`takes ${takes}, and is given ${described(signal)}`, remedy);
  }

  /** Name of the value of a weight. `part` is a layer inside this one: "query". */
  weight(role: WrittenWeight['role'], shape: readonly number[], part = ''): string {
    const { builder, weights } = this.building;
    if (elementCount(shape) > largestSize) {
      throw this.refuse(`has a ${role} of [${shape.join(', ')}], which is more than ${largestSize} numbers`, 'Make the layer, or its input, smaller.');
    }
    const value = builder.fresh(`${this.path}${part === '' ? '' : `/${part}`}/${calls[role] ?? role}`);
    weights.push({ value, role, shape, initializers: this.initializers, layer: this });
    return value;
  }

  add(op: string, inputs: readonly string[], attributes: Attributes = {}, part = ''): string {
    return this.addMany(op, inputs, 1, attributes, part)[0] ?? '';
  }

  addMany(op: string, inputs: readonly string[], outputs: number, attributes: Attributes = {}, part = ''): readonly string[] {
    const { builder } = this.building;
    const path = part === '' ? this.path : `${this.path}/${part}`;
    [builder.scope, builder.module] = [path, path];
    const names = builder.addMany(op, inputs, outputs, attributes);
    [builder.scope, builder.module] = ['', null];
    return names;
  }

  scalar(value: number): string {
    return this.building.builder.scalar(value);
  }

  ints(values: readonly number[]): string {
    return this.building.builder.ints(values);
  }

  transpose(value: string, perm: readonly number[]): string {
    return this.add('Transpose', [value], { perm });
  }

  /** Another shape of the same numbers; the batch stays. */
  reshape(value: string, shape: readonly number[]): string {
    return this.add('Reshape', [value, this.ints([0, ...shape])]);
  }

  /** The value in the order of its shape. */
  plain({ plain, first }: Signal): string {
    return plain ?? this.transpose(first ?? '', [0, 2, 1]);
  }

  /** The value with its channels behind the batch. */
  first(signal: Signal): string {
    return signal.first ?? (signal.shape.length === 2 ? this.transpose(this.plain(signal), [0, 2, 1]) : this.plain(signal));
  }

  /** The same operator on every element, in whichever layout the signal is. */
  each({ plain, first, shape }: Signal, apply: (value: string) => string): Signal {
    return plain === null && first !== null ? channelsFirst(apply(first), shape) : signalOf(apply(plain ?? ''), shape);
  }
}
