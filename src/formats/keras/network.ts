// A Keras model as a graph: its layers called one after the other, in an order in which everything is made before it is used.

import { GraphBuilder } from '../../core/graph/builder';
import type { DType } from '../../core/graph/dtype';
import type { Graph, ValueInfo } from '../../core/graph/graph';
import { orderNodes, reaching } from '../../core/graph/order';
import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { Dialect } from './dialect';
import { keyOf, ordered, referencesIn, statedShapes } from './callOrder';
import { countedAsWritten } from './innerCalls';
import { declaredType, deepest, firstShape, readersOf, shapeIn } from './inputs';
import { asKeras2 } from './keras1';
import type { Fields } from './fields';
import { describeLayer } from './layers';
import { carriedMask } from './masks';
import type { CallContext } from './layers/table';
import { describeOperation } from './layers/operations';
import { CountedNames, toSnakeCase } from './names';
import type { Building } from './scope';
import { LayerScope } from './scope';
import type { Shape, Signal } from './signal';
import { signalOf } from './signal';
import type { Argument, LayerCall, LayerConfig, TensorReference, Topology } from './topology';
import { isModelClass, isNestedModel, readShape, readTopology, topologyOf } from './topology';
import type { FindVariables, Variable } from './variables';

/** Calls of layers, those inside models counted for every call of the model. */
const mostCalls = 100_000;

export interface LoweredNetwork {
  readonly graph: Graph;
  readonly notes: readonly string[];
  readonly variables: readonly Variable[];
}

export function lowerNetwork(model: Fields, dialect: Dialect, find: FindVariables): LoweredNetwork {
  const builder = new GraphBuilder({ name: '', inputs: [], outputs: [], initializers: new Map(), nodes: [] });
  const building: Building = { builder, dialect, variables: new Map(), counts: new Map(), turned: new Map(), notes: new Set() };
  const topology = countedAsWritten(readTopology(model));
  const network = new Network(building);
  const outputs = network.lowerWhole(topology);
  const scope = new LayerScope(building, model, [], '');
  const taken = new Set<string>();
  const ends = outputs.map((signal): ValueInfo => {
    const plain = scope.plain(signal);
    // A value may be several outputs of Keras, and one of ONNX: the last step is the state, too.
    const name = taken.has(plain) ? scope.add('Identity', [plain]) : plain;
    taken.add(name);
    return { name, dtype: signal.dtype, shape: signal.shape.map((size, axis) => size ?? (axis === 0 ? 'batch' : '?')) };
  });
  const variables = [...building.variables.values()];
  const tensors = find(variables);
  const built = builder.build();
  const initializers = new Map([...built.initializers, ...variables.flatMap((variable) => {
    const tensor = tensors.get(variable);
    return tensor ? [[variable.value, tensor] as const] : [];
  })]);
  const graph = { ...built, name: topology.name, outputs: ends, initializers, nodes: reaching(orderNodes(built.nodes).ordered, ends.map(({ name }) => name)) };
  return { graph, notes: [...building.notes], variables };
}

class Network {
  readonly #building: Building;
  #calls = 0;

  constructor(building: Building) {
    this.#building = building;
  }

  /** The outermost model, whose inputs are those of the graph. */
  lowerWhole(topology: Topology): readonly Signal[] {
    const scope = new LayerScope(this.#building, topology.config, [], '');
    if (topology.kind === 'sequential') return this.#sequential(scope, topology, [this.#sequentialInput(scope, topology)], 0);
    const inputs = topology.inputs.map((reference) => {
      const layer = topology.layers.find(({ name }) => name === reference.layer);
      if (!layer) throw missing(topology, reference);
      const shape = shapeIn(layer.config);
      if (!shape) throw new LayerScope(this.#building, layer.config, [layer.name], '').refuse(say('declares no input shape'));
      return this.#input(layer.name, shape, declaredType(layer.config), readersOf(topology, layer.name));
    });
    return this.#functional(scope, topology, inputs, 0);
  }

  #input(name: string, shape: Shape, dtype: DType, readers: readonly string[]): Signal {
    // What a table is looked up by are whole numbers, whatever type the input is declared with.
    const isIndex = readers.length > 0 && readers.every((className) => className === 'Embedding' || className === 'ReversibleEmbedding');
    const own = dtype === 'float32' && isIndex ? 'int64' : dtype;
    const sizes = shape.map((size, axis) => size ?? (axis === 0 ? 'batch' : `${name}_${axis}`));
    return signalOf(this.#building.builder.input(name, own, sizes), shape, own);
  }

  #sequentialInput(scope: LayerScope, topology: Topology): Signal {
    const [first, second] = topology.layers;
    if (!first) throw scope.refuse(say('has no layers'), say('Add some, and save it again.'));
    const built = readShape(topology.config.raw('build_input_shape'));
    const shape = firstShape(first, 0) ?? built ?? first.inputShape;
    if (!shape) {
      throw new Failure('unsupported', say('{0}: the model {1} declares no input shape, so the sizes of its weights are not known. '
        + 'Build it, or begin it with an Input, and save it again.', topology.config.file, topology.name));
    }
    const isInput = first.className === 'InputLayer';
    const reader = isInput ? second : first;
    return this.#input(isInput ? first.name : `${first.name}_input`, shape, declaredType(isInput ? first.config : first.config), reader
      ? [reader.className] : []);
  }

  #sequential(scope: LayerScope, topology: Topology, inputs: readonly Signal[], depth: number): readonly Signal[] {
    const names = new CountedNames();
    let signals = inputs;
    topology.layers.forEach((layer, i) => {
      const own = this.#scopeOf(scope, layer, names);
      if (layer.className === 'InputLayer') return;
      const outputs = this.#call(own, layer, signals, new Map(), new Map(), depth);
      const next = topology.layers[i + 1]?.inputShape ?? null;
      signals = describeOf(layer) || !next ? outputs : outputs.map((output) => ({ ...output, shape: next }));
    });
    return signals;
  }

  #functional(scope: LayerScope, topology: Topology, inputs: readonly Signal[], depth: number): readonly Signal[] {
    const names = new CountedNames();
    const scopes = new Map(topology.layers.map((layer) => [layer.name, this.#scopeOf(scope, layer, names)] as const));
    const made = new Map<string, readonly Signal[]>();
    topology.inputs.forEach((reference, i) => {
      const input = inputs[i];
      if (!input) {
        throw new Failure('broken-file',
          say('{0}: {1} is called with {2} inputs, and has {3}.', topology.config.file, topology.name, inputs.length, topology.inputs.length));
      }
      made.set(keyOf(reference), [input]);
    });
    const shapes = statedShapes(topology);
    for (const { layer, call, position } of ordered(topology)) {
      const key = `${layer.name}/${position}`;
      if (made.has(key)) continue;
      const own = scopes.get(layer.name);
      if (!own) continue;
      const { signals, kwargs, constants } = this.#arguments(topology, call, made, own);
      const outputs = this.#call(own, layer, signals, kwargs, constants, depth);
      const isKnown = describeOf(layer) !== null || isModelClass(layer.className);
      made.set(key, isKnown ? outputs : outputs.map((output, i) => ({ ...output, shape: shapes.get(`${key}/${i}`) ?? output.shape })));
    }
    return topology.outputs.map((reference) => this.#made(topology, reference, made));
  }

  #scopeOf(scope: LayerScope, layer: LayerConfig, names: CountedNames): LayerScope {
    const owner = `${scope.owner === '' ? '' : `${scope.owner}/`}layers/${names.next(toSnakeCase(layer.className))}`;
    return new LayerScope(this.#building, asKeras2(layer, this.#building.dialect), [...scope.layers, layer.name], owner);
  }

  #made(topology: Topology, reference: TensorReference, made: ReadonlyMap<string, readonly Signal[]>): Signal {
    const signal = made.get(keyOf(reference))?.[reference.output];
    if (!signal) throw missing(topology, reference);
    return signal;
  }

  #arguments(topology: Topology, call: LayerCall, made: ReadonlyMap<string, readonly Signal[]>, scope: LayerScope): {
    readonly signals: readonly Signal[]; readonly kwargs: CallContext['kwargs']; readonly constants: CallContext['constants'];
  } {
    // In a list a number is an index, or a size; where it stands for a tensor, it stands alone.
    const all = (argument: Argument): readonly Signal[] => {
      if (argument.kind === 'tensor') return [this.#made(topology, argument.tensor, made)];
      return argument.kind === 'list' ? argument.items.filter(({ kind }) => kind !== 'constant').flatMap(all) : constantSignal(scope, argument.value);
    };
    const kwargs = new Map<string, readonly Signal[]>();
    const constants = new Map<string, unknown>(call.args.flatMap((argument, i) => (referencesIn(argument).length === 0
      ? [[`#${i}`, valueOf(argument)] as const] : [])));
    for (const [name, argument] of call.kwargs) {
      const signals = argument.kind === 'constant' ? [] : all(argument);
      if (signals.length > 0) kwargs.set(name, signals);
      else constants.set(name, valueOf(argument));
    }
    return { signals: call.args.flatMap(all), kwargs, constants };
  }

  #call(
    scope: LayerScope, layer: LayerConfig, inputs: readonly Signal[], kwargs: CallContext['kwargs'], constants: CallContext['constants'], depth: number,
  ): readonly Signal[] {
    this.#calls += 1;
    if (this.#calls > mostCalls) {
      throw new Failure('unsupported', say('{0}: the network calls more than {1} layers, which is more than is followed.', scope.fields.file, mostCalls));
    }
    if (depth > deepest) {
      throw new Failure('unsupported',
        say('{0}: models are nested more than {1} deep at {2}. Save a flatter one.', scope.fields.file, deepest, scope.path));
    }
    if (isNestedModel(layer)) {
      const topology = countedAsWritten(topologyOf(layer.className, layer.name, layer.config));
      const given = [...inputs, ...[...kwargs.values()].flat()];
      return topology.kind === 'sequential' ? this.#sequential(scope, topology, given, depth + 1) : this.#functional(scope, topology, given, depth + 1);
    }
    const context: CallContext = {
      kwargs, constants,
      call: (inner, className, given) => this.#call(inner, { ...layer, className, config: inner.fields, name: inner.layers.at(-1) ?? '' }, given, new Map(),
        new Map(), depth + 1),
    };
    const [first, ...others] = inputs.length > 0 ? inputs : [...kwargs.values()].flat();
    if (!first) throw scope.refuse(say('is called without an input'));
    const describe = describeOf(layer);
    if (describe) {
      const result = describe(scope, [first, ...others], context);
      const outputs = 'shape' in result ? [result] : result;
      const mask = isOperation(layer) ? null : carriedMask(scope, layer.className, [first, ...others]);
      return mask === null ? outputs : outputs.map((output, i) => (i === 0 ? { ...output, mask } : output));
    }
    return [signalOf(scope.unknown(layer.className, [first, ...others].map((signal) => scope.plain(signal))), first.shape)];
  }
}

/** Operations of Keras 3 bear the names of layers, and are told by their module. */
const isOperation = ({ className, module }: LayerConfig): boolean => (
  module?.startsWith('keras.src.ops') === true || className === 'TFOpLambda' || className === 'SlicingOpLambda');

const describeOf = (layer: LayerConfig): ReturnType<typeof describeLayer> => (
  isOperation(layer) ? describeOperation(layer.className) : describeLayer(layer.className));

const valueOf = (argument: Argument): unknown => (
  argument.kind === 'constant' ? argument.value : argument.kind === 'list' ? argument.items.map(valueOf) : argument.tensor);

/** A number that stands where a tensor could. */
function constantSignal(scope: LayerScope, value: unknown): readonly Signal[] {
  return typeof value === 'number' ? [signalOf(scope.scalar(value), [])] : [];
}

function missing({ config, name }: Topology, { layer, call, output }: TensorReference): Failure {
  return new Failure('broken-file', say('{0}: {1} reads output {2} of call {3} of a layer "{4}", which it does not have. Save the model again.',
    config.file, name, output, call, layer));
}
