// Which layers a Keras configuration has and what is connected to what, in the dialects of Keras 1 to 3 and of TensorFlow.js.

import { highestRank } from '../../core/graph/dtype';
import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { Fields } from './fields';
import { asList, isObject } from './fields';
import type { Shape } from './signal';

/** An output of a call of a layer; Keras 3 says its shape, too. */
export interface TensorReference { readonly layer: string; readonly call: number; readonly output: number; readonly shape?: Shape }

/** What a layer is given: outputs of others, lists of them, or constants, as the configuration has them. */
export type Argument =
  | { readonly kind: 'tensor'; readonly tensor: TensorReference }
  | { readonly kind: 'list'; readonly items: readonly Argument[] }
  | { readonly kind: 'constant'; readonly value: unknown };

export interface LayerCall {
  readonly args: readonly Argument[];
  readonly kwargs: ReadonlyMap<string, Argument>;
}

export interface LayerConfig {
  readonly name: string;
  readonly className: string;
  /** Python module it is from, as Keras 3 says: "keras.layers", or the user's own. */
  readonly module: string | null;
  readonly config: Fields;
  readonly calls: readonly LayerCall[];
  /** Of its first input, where Keras 3 says it. */
  readonly inputShape: Shape | null;
}

/** A model: layers with their connections, or one after the other. */
export interface Topology {
  readonly name: string;
  readonly kind: 'functional' | 'sequential';
  readonly config: Fields;
  readonly layers: readonly LayerConfig[];
  readonly inputs: readonly TensorReference[];
  readonly outputs: readonly TensorReference[];
}

/** What Keras has called a model that is a graph of layers. */
const functionalClasses = new Set(['Functional', 'Model', 'Graph']);

export const isModelClass = (className: string): boolean => functionalClasses.has(className) || className === 'Sequential';

/** Of a model whose class is the user's own Keras says nothing of what is inside. */
export const isNestedModel = ({ className, config }: LayerConfig): boolean => isModelClass(className) && Array.isArray(config.raw('layers'));

/** Whether an object is a model as `to_json` writes one. */
export function isModelConfig(value: unknown): value is Readonly<Record<string, unknown>> {
  if (!isObject(value) || typeof value.class_name !== 'string' || !Object.hasOwn(value, 'config')) return false;
  return Array.isArray(value.config) || (isObject(value.config) && Array.isArray(value.config.layers));
}

export function readTopology(model: Fields): Topology {
  const className = model.string('class_name');
  return topologyOf(className, model.string('name', className.toLowerCase()), configIn(model));
}

/** Of a model by its class and its own fields, as a layer of another has them. */
export function topologyOf(className: string, called: string, config: Fields): Topology {
  const name = config.string('name', called);
  const layers = config.objects('layers').map(readLayer);
  const twice = layers.find((layer, i) => layers.findIndex((other) => other.name === layer.name) < i);
  if (twice) {
    throw new Failure('broken-file',
      say('{0}: two layers of {1} are called {2}, and each needs a name of its own. Save the model again.', config.file, name, twice.name));
  }
  if (className === 'Sequential') return { name, kind: 'sequential', config, layers, inputs: [], outputs: [] };
  return {
    name, kind: 'functional', config, layers,
    inputs: references(config, 'input_layers'), outputs: references(config, 'output_layers'),
  };
}

/** Sequential was a bare list of layers until Keras 2.2.4. */
function configIn(object: Fields): Fields {
  const bare = asList(object.raw('config'));
  return bare ? object.around('config', 'layers') : object.object('config');
}

function readLayer(layer: Fields, position: number): LayerConfig {
  const className = layer.string('class_name');
  const config = configIn(layer);
  const name = layer.string('name', config.string('name', `${className.toLowerCase()}_${position}`));
  const calls = (asList(layer.raw('inbound_nodes')) ?? []).map((node) => readCall(layer, node));
  const built = layer.has('build_config') ? layer.object('build_config').raw('input_shape') : undefined;
  return { name, className, module: layer.has('module') ? layer.string('module') : null, config, calls, inputShape: readShape(built) };
}

/** Sizes, batch first, null where one is open; null for what is no shape. */
export function readShape(value: unknown): Shape | null {
  const list = asList(value);
  const isShape = list?.every((size) => size === null || (typeof size === 'number' && Number.isSafeInteger(size) && size >= 0)) ?? false;
  return list && isShape && list.length <= highestRank ? list.map((size) => (typeof size === 'number' ? size : null)) : null;
}

/** Keras 3 writes {args, kwargs}; before, a call is a list of [layer, node, tensor, kwargs]. */
function readCall(layer: Fields, node: unknown): LayerCall {
  if (isObject(node) && (Object.hasOwn(node, 'args') || Object.hasOwn(node, 'kwargs'))) {
    const kwargs = isObject(node.kwargs) ? Object.entries(node.kwargs) : [];
    return { args: (asList(node.args) ?? []).map((each) => modernArgument(each, 0)),
      kwargs: new Map(kwargs.map(([name, each]) => [name, modernArgument(each, 0)])) };
  }
  const entries = asList(node) ?? [];
  // Some converters leave out the list around a single entry.
  const list = isLegacyEntry(entries) ? [entries] : entries;
  const items = list.map((entry) => legacyArgument(layer, entry));
  const last = asList(list[0])?.[3];
  const kwargs = isObject(last) ? Object.entries(last).map(([name, value]): [string, Argument] => [name, legacyKwarg(value)]) : [];
  return { args: items.length === 1 ? items : [{ kind: 'list', items }], kwargs: new Map(kwargs) };
}

/** Arguments inside arguments deeper than this are written by nobody. */
const deepest = 16;

function modernArgument(value: unknown, depth: number): Argument {
  if (isObject(value) && value.class_name === '__keras_tensor__' && isObject(value.config)) {
    const tensor = referenceOf(value.config.keras_history);
    const shape = readShape(value.config.shape);
    if (tensor) return { kind: 'tensor', tensor: shape ? { ...tensor, shape } : tensor };
  }
  const items = depth < deepest ? asList(value) : undefined;
  return items ? { kind: 'list', items: items.map((each) => modernArgument(each, depth + 1)) } : { kind: 'constant', value };
}

function isLegacyEntry(entries: readonly unknown[]): boolean {
  return typeof entries[0] === 'string' && typeof entries[1] === 'number';
}

function legacyArgument(layer: Fields, entry: unknown): Argument {
  const list = asList(entry);
  if (list?.[0] === '_CONSTANT_VALUE') return { kind: 'constant', value: list[2] };
  const tensor = referenceOf(list);
  if (!tensor) throw layer.refuse('inbound_nodes', 'entries [layer, node, tensor]');
  return { kind: 'tensor', tensor };
}

/** A tensor among the keyword arguments stands as [layer, node, tensor] where a layer is called that. */
function legacyKwarg(value: unknown): Argument {
  const list = asList(value);
  const tensor = list?.length === 3 ? referenceOf(list) : null;
  return tensor ? { kind: 'tensor', tensor } : { kind: 'constant', value };
}

function referenceOf(value: unknown): TensorReference | null {
  const [layer, call, output] = asList(value) ?? [];
  if (typeof layer !== 'string' || !isIndex(call) || !isIndex(output)) return null;
  return { layer, call, output };
}

const isIndex = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

/** One triple, a list of them, or a dictionary or nested lists, whose order is that of its entries. */
function references(config: Fields, name: string): readonly TensorReference[] {
  const found = referencesIn(config.raw(name), 0);
  if (found.length === 0) throw config.refuse(name, 'a list of [layer, node, tensor]');
  return found;
}

function referencesIn(value: unknown, depth: number): readonly TensorReference[] {
  const single = referenceOf(value);
  if (single) return [single];
  if (depth >= deepest) return [];
  const items = asList(value) ?? (isObject(value) ? Object.values(value) : []);
  return items.flatMap((each) => referencesIn(each, depth + 1));
}
