// What a network is fed, as its configuration declares it: shapes and types, in the words of Keras 1 to 3.

import type { DType } from '../../core/graph/dtype';
import { say } from '../../protocol/words';
import { referencesIn } from './callOrder';
import type { Fields } from './fields';
import { isObject } from './fields';
import type { Shape } from './signal';
import type { LayerConfig, Topology } from './topology';
import { isModelClass, readShape, topologyOf } from './topology';

/** Models inside models deeper than this are built by nobody. */
export const deepest = 32;

/** Classes of the layers that read a layer. */
export const readersOf = ({ layers }: Topology, name: string): readonly string[] => layers.flatMap(({ className, calls }) => (
  calls.some(({ args, kwargs }) => [...args, ...kwargs.values()].flatMap(referencesIn).some(({ layer }) => layer === name)) ? [className] : []));

/** As Keras 3, 2 and 1 write it. */
export function shapeIn(config: Fields): Shape | null {
  const whole = readShape(config.raw('batch_shape')) ?? readShape(config.raw('batch_input_shape'));
  const inner = whole ? null : readShape(config.raw('input_shape'));
  return whole ?? (inner ? [null, ...inner] : typeof config.raw('input_dim') === 'number' && !config.has('output_dim') ? [null, config.integer('input_dim')]
    : null);
}

/** Of the first layer, of a model in its place the first of that. */
export function firstShape(layer: LayerConfig, depth: number): Shape | null {
  const own = shapeIn(layer.config);
  if (own || depth > deepest) return own;
  if (layer.className === 'Embedding') return [null, layer.config.has('input_length') ? layer.config.integer('input_length') : null];
  if (isModelClass(layer.className)) {
    const topology = topologyOf(layer.className, layer.name, layer.config);
    const [reference] = topology.inputs;
    const first = reference ? topology.layers.find(({ name }) => name === reference.layer) : topology.layers[0];
    return first ? firstShape(first, depth + 1) : null;
  }
  const wrapped = layer.config.raw('layer');
  return isObject(wrapped) && isObject(wrapped.config) ? shapeIn(layer.config.object('layer').object('config')) : null;
}

/** Names that NumPy gives; what is computed in half precision is computed in float32 here. */
export function declaredType(config: Fields): DType {
  const raw = config.raw('dtype');
  const name = typeof raw === 'string' ? raw : isObject(raw) && isObject(raw.config) && typeof raw.config.name === 'string' ? raw.config.name : 'float32';
  if (name === 'int32' || name === 'int64' || name === 'bool' || name === 'uint8') return name;
  if (name === 'string') throw config.refuse('dtype', say('a type of numbers, since texts are not run, and "float32", say,'));
  return 'float32';
}
