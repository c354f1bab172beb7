// What the description of a Keras layer is given to build with: its configuration, its variables, and the graph it appends to.

import type { AttributeLiteral, GraphBuilder } from '../../core/graph/builder';
import type { DType } from '../../core/graph/dtype';
import { elementCount, highestRank } from '../../core/graph/dtype';
import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { Dialect } from './dialect';
import type { Fields } from './fields';
import type { Shape, Signal } from './signal';
import { channelsFirst, signalOf, sizeAt, toFirst, toLast } from './signal';
import type { Variable } from './variables';

/** What all scopes of a network share. */
export interface Building {
  readonly builder: GraphBuilder;
  readonly dialect: Dialect;
  readonly variables: Map<string, Variable>;
  /** How many variables an object has so far. */
  readonly counts: Map<string, number>;
  /** Values already turned from one layout into the other. */
  readonly turned: Map<string, string>;
  /** What is to be said of the network as a whole, each once. */
  readonly notes: Set<string>;
}

export interface WeightOptions {
  readonly trainable?: boolean;
  /** The field that declares its initialiser, where that is not called after it. */
  readonly field?: string | null;
  readonly unitForget?: boolean;
  readonly axes?: Variable['axes'];
  readonly dtype?: DType;
  /** Its position among the variables of its object, where that is not the next. */
  readonly index?: number;
  /** Why its values are not read, as a clause. */
  readonly unread?: string;
}

type Attributes = Readonly<Record<string, AttributeLiteral>>;

export class LayerScope {
  readonly building: Building;
  readonly fields: Fields;
  /** Names of the models and layers around, and its own. */
  readonly layers: readonly string[];
  readonly owner: string;

  constructor(building: Building, fields: Fields, layers: readonly string[], owner: string) {
    this.building = building;
    this.fields = fields;
    this.layers = layers;
    this.owner = owner;
  }

  get path(): string {
    return this.layers.join('/');
  }

  /** A layer inside this one, which is its attribute of that name; `called` where its variables are named for it, too. */
  inner(attribute: string, fields: Fields, called: string | null = null): LayerScope {
    const owner = attribute === '' ? this.owner : `${this.owner}/${attribute}`;
    return new LayerScope(this.building, fields, called === null ? this.layers : [...this.layers, called], owner);
  }

  refuse(what: string, remedy = say('Save the model again.')): Failure {
    return new Failure('broken-file', say('{0}: layer {1} {2}. {3}', this.fields.file, this.path, what, remedy));
  }

  /** What kernels start by where nothing is said (tfjs-layers' DEFAULT_KERNEL_INITIALIZER). */
  get usualKernel(): string {
    return this.building.dialect.library === 'tfjs' ? 'glorot_normal' : 'glorot_uniform';
  }

  /** Name of the value of a variable, which is made the first time it is asked for: a layer that is called twice has one kernel. */
  weight(name: string, shape: readonly (number | null)[], otherwise: unknown, { trainable = true, field, unitForget = false,
    axes = null, dtype = 'float32', index: given, unread }: WeightOptions = {}): string {
    const value = `${this.path}/${name}`;
    const key = `${this.owner}/${value}`;
    const known = this.building.variables.get(key);
    const sizes = shape.map((size) => {
      if (size !== null && Number.isSafeInteger(size) && size >= 0) return size;
      throw this.refuse(say('needs a fixed size where its {0} is [{1}]', name, shape.map((each) => each ?? '?').join(', ')),
        say('Give the network an input shape, and save it again.'));
    });
    if (!Number.isSafeInteger(elementCount(sizes)) || sizes.length > highestRank) {
      throw this.refuse(say('has a {0} of the impossible shape [{1}]', name, sizes.join(', ')));
    }
    if (known) {
      if (known.shape.join() === sizes.join()) return known.value;
      throw this.refuse(
        say('is called twice with inputs of different sizes: its {0} would be [{1}] and [{2}]', name, known.shape.join(', '), sizes.join(', ')));
    }
    const next = this.building.counts.get(this.owner) ?? 0;
    if (given === undefined) this.building.counts.set(this.owner, next + 1);
    const own = this.building.builder.fresh(value);
    this.building.variables.set(key, {
      value: own, layers: this.layers, owner: this.owner, index: given ?? next, name, shape: sizes, dtype, trainable, unitForget,
      axes: this.building.dialect.knowsAxes ? axes : null, ...(unread === undefined ? {} : { unread }),
      declared: { fields: this.fields, field: field === undefined ? `${name}_initializer` : field, otherwise },
    });
    return own;
  }

  add(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.#at(() => this.building.builder.add(op, inputs, attributes));
  }

  addMany(op: string, inputs: readonly string[], outputs: number, attributes: Attributes = {}): readonly string[] {
    return this.#at(() => this.building.builder.addMany(op, inputs, outputs, attributes));
  }

  /** An operator that nothing is known of, so that it is named, and the rest is read. */
  unknown(name: string, inputs: readonly string[]): string {
    const { builder } = this.building;
    const [node, output] = [builder.fresh(`${this.path}/${name}`), builder.fresh(`${this.path}/${name}_out`)];
    builder.append({ name: node, domain: 'keras', op: name, inputs, outputs: [output], attributes: {} });
    return output;
  }

  scalar(value: number, dtype: DType = 'float32'): string {
    return this.building.builder.scalar(value, dtype);
  }

  vector(values: readonly number[]): string {
    return this.building.builder.constant('float32', [values.length], values);
  }

  ints(values: readonly number[]): string {
    return this.building.builder.ints(values);
  }

  note(text: string): void {
    this.building.notes.add(text);
  }

  /** The value in Keras' layout. */
  plain({ plain, first, shape }: Signal): string {
    if (plain !== null) return plain;
    return this.#turn(first ?? '', toLast(shape.length));
  }

  /** The value with its last axis behind the batch. */
  first({ plain, first, shape }: Signal): string {
    if (first !== null) return first;
    return shape.length === 2 ? plain ?? '' : this.#turn(plain ?? '', toFirst(shape.length));
  }

  /** The same operator on every element, in whichever layout the signal is. */
  each(signal: Signal, apply: (value: string) => string, dtype = signal.dtype): Signal {
    if (signal.plain === null && signal.first !== null) return channelsFirst(apply(signal.first), signal.shape, dtype);
    return signalOf(apply(signal.plain ?? ''), signal.shape, dtype);
  }

  transpose(value: string, perm: readonly number[]): string {
    return perm.every((axis, i) => axis === i) ? value : this.add('Transpose', [value], { perm });
  }

  /** A value in another shape; at most one of its sizes beside the batch may be open. */
  reshape(value: string, shape: Shape): string {
    const open = shape.flatMap((size, axis) => (size === null ? [axis] : []));
    if (open.length > 1) {
      throw this.refuse(say('makes a shape of which more than one size is open: [{0}]', shape.map((size) => size ?? '?').join(', ')));
    }
    return this.add('Reshape', [value, this.ints(shape.map((size) => size ?? -1))]);
  }

  size({ shape }: Signal, axis: number, what = say('its input')): number {
    const size = sizeAt(shape, axis);
    if (size !== null) return size;
    throw this.refuse(say('needs to know size {0} of {1}, [{2}]', axis, what, shape.map((each) => each ?? '?').join(', ')),
      say('Give the network an input shape, and save it again.'));
  }

  #turn(value: string, perm: readonly number[]): string {
    const key = `${value}|${perm.join()}`;
    const known = this.building.turned.get(key);
    const turned = known ?? this.transpose(value, perm);
    this.building.turned.set(key, turned);
    return turned;
  }

  #at<T>(append: () => T): T {
    const { builder } = this.building;
    const { scope, module } = builder;
    [builder.scope, builder.module] = [this.path, this.path === '' ? null : this.path];
    try {
      return append();
    } finally {
      [builder.scope, builder.module] = [scope, module];
    }
  }
}
