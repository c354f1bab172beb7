// A network as it is written, made into a graph: layers one after the other, blocks as often as they are repeated, branches beside each other.

import { GraphBuilder } from '../../core/graph/builder';
import type { Graph } from '../../core/graph/graph';
import { Failure } from '../../protocol/failure';
import type { JsonView } from '../json/view';
import type { WrittenWeight } from './declare';
import type { Initializers } from './initializers';
import { noInitializers, readInitializers } from './initializers';
import type { Input } from './inputs';
import type { BlockName } from './layers';
import { blockTypes, isBlock, layerType, typeNames } from './layers';
import type { ActivationName } from './layers/activations';
import { activationNames } from './layers/activations';
import { merge, mergers } from './layers/merging';
import type { LayerType } from './layers/table';
import { commonOptions, keysOf } from './layers/table';
import { Paths, lookUp, readName } from './places';
import type { Building, Table } from './scope';
import { LayerScope } from './scope';
import type { Signal } from './signal';
import { described } from './signal';
import { meant } from './suggest';
import { Written, refusal, shown, wholeOf } from './written';

/** Layers, those of blocks counted every time; the deepest networks have a thousand (He et al. 2016, arXiv 1603.05027). */
export const mostLayers = 10_000;

export interface Lowered {
  readonly graph: Graph;
  readonly weights: readonly WrittenWeight[];
}

export interface NetworkParts {
  readonly root: JsonView;
  readonly name: string;
  readonly inputs: readonly [Input, ...Input[]];
  readonly layers: JsonView;
  /** Names of layers whose outputs are the network's; null for the last one. */
  readonly outputs: JsonView | null;
  readonly initializers: readonly Initializers[];
  readonly activation: ActivationName;
}

/** Where a layer stands, and what is said around it: initializers the nearest first. */
interface Around extends Pick<NetworkParts, 'initializers' | 'activation'> {
  /** Path of the block; empty outside of all. */
  readonly scope: string;
}

export function lowerNetwork({ root, name, inputs, layers, outputs, initializers, activation }: NetworkParts): Lowered {
  const builder = new GraphBuilder({ name, inputs: inputs.map(({ info }) => info), outputs: [], initializers: new Map(), nodes: [] });
  const building: Building = { builder, weights: [], tables: new Map() };
  const around = { scope: '', initializers, activation };
  const network = new Network(root, building, inputs);
  const last = network.lowerAll(layers, around, inputs[0].signal);
  const ends = outputs ? outputs.items().map((each) => ({ signal: network.find(each, ''), called: each.text() })) : [{ signal: last, called: 'output' }];
  if (outputs && ends.length === 0) throw outputs.wrong('a list of at least one name', 'empty');
  const scope = network.scopeOf({ view: root, path: 'output', type: 'output', written: null, main: null }, around);
  const named = new Map(ends.map(({ signal, called }) => [scope.plain(signal), { called, shape: signal.shape }] as const));
  const built = builder.build();
  const own = new Set(inputs.map(({ info }) => info.name));
  // What comes out is called by its layer, and not by the operator that happens to make it.
  const renamed = new Map([...named].flatMap(([value, { called }]) => (own.has(value) ? [] : [[value, builder.fresh(called)] as const])));
  const rename = (value: string): string => renamed.get(value) ?? value;
  return {
    graph: {
      ...built, nodes: built.nodes.map((node) => ({ ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) })),
      outputs: [...named].map(([value, { shape }]) => ({ name: rename(value), dtype: 'float32', shape: ['batch', ...shape] })),
    },
    weights: building.weights,
  };
}

class Network {
  readonly #root: JsonView;
  readonly #building: Building;
  /** Outputs of layers and blocks, by path. */
  readonly #made = new Map<string, Signal>();
  readonly #paths = new Paths();
  #layers = 0;

  constructor(root: JsonView, building: Building, inputs: readonly Input[]) {
    this.#root = root;
    this.#building = building;
    for (const { info, signal } of inputs) this.#made.set(this.#paths.named('', info.name, root), signal);
  }

  scopeOf(given: Pick<LayerScope, 'view' | 'path' | 'type' | 'written' | 'main'>, { scope, initializers, activation }: Around): LayerScope {
    return new LayerScope({
      ...given, initializers, activation, building: this.#building, find: (name) => this.find(name, scope),
      findTable: (name): Table => lookUp(this.#building.tables, scope, name, this.#root),
    });
  }

  /** An array that is read by its name. */
  find(name: JsonView, scope: string): Signal {
    const signal = lookUp(this.#made, scope, name, this.#root);
    if (signal.tokens !== null) throw refusal(name, `reads ${described(signal)}, which are no numbers to compute with`, 'Put an "embedding" before them.');
    return signal;
  }

  lowerAll(list: JsonView, around: Around, given: Signal): Signal {
    const views = list.items();
    if (views.length === 0) throw list.wrong('a list of at least one layer', 'empty');
    return views.reduce((signal, view) => this.#lower(view, around, signal), given);
  }

  /** `as`: the path of the layer, where a repetition has named it. */
  #lower(view: JsonView, around: Around, given: Signal, as: string | null = null): Signal {
    if (++this.#layers > mostLayers) {
      throw new Failure('unsupported', `${view.file}: ${view.place} would be layer ${mostLayers + 1}, and networks have at most ${mostLayers}. Repeat less.`);
    }
    if (view.value.kind === 'string') return this.#bare(view, around, given, as);
    if (view.value.kind !== 'object') throw view.wrong('the name of a layer, or an object with its type as a key,');
    const keys = view.entries().map(([key]) => key);
    const [type, second] = keys.filter((key) => typeNames.includes(key));
    if (type === undefined) throw withoutType(view, keys);
    if (second !== undefined) throw refusal(view, `is a ${type} and a ${second} at once`, 'Make two layers of it.');
    const from = view.find('input');
    const input = from ? lookUp(this.#made, around.scope, from, this.#root) : given;
    if (isBlock(type)) return this.#block(type, view, around, input);
    const found = layerType(type);
    if (!found) throw withoutType(view, keys);
    const written = new Written(view, keysOf(type, found), found.what);
    const main = view.get(type);
    const isFlag = main.value.kind === 'literal' && main.value.value === true;
    if (found.example === 'true' && !isFlag) throw main.wrong('true');
    const named = written.find('name');
    const path = as ?? (named ? this.#paths.named(around.scope, readName(named), named) : this.#paths.numbered(around.scope, type));
    const own = readInitializers(written.find('initializer'), found.roles);
    const place = { ...around, initializers: [own, ...around.initializers] };
    return this.#build(found, this.scopeOf({ view, path, type, written, main: isFlag && found.isComplete ? null : main }, place), input);
  }

  /** A layer whose name says all. */
  #bare(view: JsonView, around: Around, given: Signal, as: string | null): Signal {
    const type = view.text();
    const found = layerType(type);
    if (!found && !isBlock(type)) throw refusal(view, `is ${shown(type)}, which is no layer`, meant(type, typeNames));
    if (!found?.isComplete) {
      throw refusal(view, `is ${shown(type)} alone, which says too little`, `Write {"${type}": ${found?.example ?? '…'}}, say.`);
    }
    const path = as ?? this.#paths.numbered(around.scope, type);
    const place = { ...around, initializers: [noInitializers, ...around.initializers] };
    return this.#build(found, this.scopeOf({ view, path, type, written: null, main: null }, place), given);
  }

  #build({ build, isNaming = false }: LayerType, layer: LayerScope, input: Signal): Signal {
    if (!isNaming && input.tokens !== null && layer.type !== 'embedding') {
      throw layer.refuse(`is given ${described(input)}, which are no numbers to compute with`, 'Put an "embedding" before it.');
    }
    const signal = build(layer, input);
    this.#made.set(layer.path, signal);
    return signal;
  }

  #block(type: BlockName, view: JsonView, outer: Around, input: Signal): Signal {
    const written = new Written(view, [type, ...blockTypes[type]], type === 'branches' ? 'a set of branches' : `a ${type}`);
    const named = written.find('name');
    const name = named && readName(named);
    const around = {
      ...outer, initializers: [readInitializers(written.find('initializer')), ...outer.initializers],
      activation: written.word('activation', activationNames, 'activation', outer.activation),
    };
    if (type === 'repeat') return this.#repeat(written, around, input, named, name);
    const scope = named && name !== null ? this.#paths.named(outer.scope, name, named) : outer.scope;
    const inner = { ...around, scope };
    const output = type === 'residual' ? this.#residual(written, inner, input) : this.#branches(written, inner, input);
    if (name !== null) this.#made.set(scope, output);
    return output;
  }

  /** The same layers so many times, each with weights of its own: "block1/conv1", "block2/conv1", …, or "conv1", "conv2", … of a single layer. */
  #repeat(written: Written, around: Around, input: Signal, named: JsonView | null, name: string | null): Signal {
    const { scope } = around;
    const times = wholeOf(written.view.get('repeat'), 1, mostLayers);
    const layers = written.view.get('layers');
    const [only, ...others] = layers.items();
    const single = only && others.length === 0 && isPlain(only) ? only : null;
    const whole = named && name !== null && times > 1 ? this.#paths.named(scope, name, named) : null;
    let signal = input;
    for (let i = 1; i <= times; i++) {
      const own = name === null || times === 1 ? name : `${name}${/\d$/.test(name) ? '-' : ''}${i}`;
      const path = named && own !== null ? this.#paths.named(scope, own, named) : single ? null : this.#paths.numbered(scope, 'block');
      signal = single ? this.#lower(single, around, signal, path) : this.lowerAll(layers, { ...around, scope: path ?? scope }, signal);
      if (path !== null) this.#made.set(path, signal);
    }
    if (whole !== null) this.#made.set(whole, signal);
    return signal;
  }

  /** What the layers make of the signal, added to it, or to what a shortcut makes of it (He et al. 2016, arXiv 1512.03385, eq. 1 and 2). */
  #residual(written: Written, around: Around, input: Signal): Signal {
    const { view } = written;
    const branch = this.lowerAll(view.get('residual'), around, input);
    const shortcut = written.find('shortcut');
    const skip = shortcut ? this.lowerAll(shortcut, { ...around, scope: this.#paths.numbered(around.scope, 'shortcut') }, input) : input;
    if (skip.tokens !== null) throw refusal(view, `adds to ${described(skip)}`, 'Put an "embedding" before it.');
    if (!shortcut && skip.shape.join() !== branch.shape.join()) {
      throw refusal(view, `makes ${described(branch)} of ${described(skip)}, which do not add up`,
        'Give it a "shortcut" that makes the same of it: [{"conv": 128, "kernel": 1, "stride": 2}], say.');
    }
    return merge(this.#merging(written, around, 'residual'), 'add', [skip, branch]);
  }

  #branches(written: Written, around: Around, input: Signal): Signal {
    const list = written.view.get('branches');
    const [first, ...others] = list.items().map((branch) => (
      this.lowerAll(branch, { ...around, scope: this.#paths.numbered(around.scope, 'branch') }, input)));
    if (!first) throw list.wrong('a list of lists of layers', 'empty');
    return merge(this.#merging(written, around, 'branches'), written.word('merge', mergers, 'way to merge', 'concat'), [first, ...others]);
  }

  #merging({ view }: Written, around: Around, type: string): LayerScope {
    return this.scopeOf({ view, path: this.#paths.numbered(around.scope, type), type, written: null, main: null }, around);
  }
}

/** A layer that is no block, and that nobody has named. */
function isPlain({ value }: JsonView): boolean {
  return value.kind === 'string' || (value.kind === 'object' && !value.entries.has('name') && ![...value.entries.keys()].some(isBlock));
}

function withoutType(view: JsonView, keys: readonly string[]): Failure {
  const known: readonly string[] = commonOptions;
  const key = keys.find((each) => !known.includes(each));
  if (key === undefined) return refusal(view, 'says of no layer which it is', 'Write its type as a key: {"dense": 128}, say.');
  const remedy = meant(key, typeNames);
  return refusal(view, `has no key that is a type of layer, and ${shown(key)} is none`, remedy);
}
