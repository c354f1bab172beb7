// A graph of TensorFlow as one of ONNX: its operators one after the other, each by its rule.

import { GraphBuilder } from '../../core/graph/builder';
import { shortened } from '../../core/graph/names';
import { reaching } from '../../core/graph/order';
import type { Dimension, Graph, ValueInfo } from '../../core/graph/graph';
import { restoreBatchNorms } from '../../core/layers/writtenBatchNorms';
import { Failure } from '../../protocol/failure';
import type { ByteSource } from '../files/byteSource';
import type { JsonView } from '../json/view';
import type { Shape } from '../keras/signal';
import type { StoredWeight } from '../tfjs/manifest';
import { dequantized } from '../tfjs/quantized';
import { typeOf, shapeOf } from './attributes';
import { Constants } from './constants';
import { inlineCalls } from './functions';
import type { Reference, TensorFlowNode } from './graphDef';
import { orderedFrom, readNodes, readReference } from './graphDef';
import type { Building } from './operation';
import { Operation } from './operation';
import { operators } from './operators';
import type { Signal } from './signal';
import { signalOf } from './signal';

/** The domain of operators that nothing is known of. */
const foreign = 'tensorflow';
/** Outputs of an operator that nothing is known of. */
const mostOutputs = 4096;
/** What is done besides computing outputs. */
const sideEffects = new Set(['NoOp', 'Assert', 'Placeholder', 'Const']);

/** An output of the graph: what the signature calls it, and what makes it. */
interface End {
  readonly name: string;
  readonly reference: Reference;
}

/** `signature`: what its converter says of inputs and outputs. */
export function lowerGraph(source: ByteSource, topology: JsonView, weights: readonly StoredWeight[], signature: JsonView | null): Graph {
  const file = source.name;
  const written = readNodes(topology.get('node'));
  const { nodes, resolve } = inlineCalls(file, written, topology.find('library'));
  const byName = new Map(nodes.map((node) => [node.name, node] as const));
  const ends = endsOf(file, written, signature).map((reference): End => (
    { name: reference.index === 0 ? reference.node : `${reference.node}:${reference.index}`, reference: resolve(reference) }));
  const ordered = orderedFrom(file, byName, ends.map(({ reference }) => reference.node));
  const builder = new GraphBuilder({ name: '', inputs: [], outputs: [], initializers: new Map(), nodes: [] });
  const constants = new Constants(builder, weights);
  const counts = countOutputs([...ordered.flatMap(({ inputs }) => inputs), ...ends.map(({ reference }) => reference)]);
  const network = new Network({ file, builder, turned: new Map() }, constants, signature, counts);
  for (const node of ordered) network.lower(node);
  const outputs = ends.map((end) => network.output(end));
  const built = builder.build();
  const graph = { ...built, outputs, nodes: reaching(built.nodes, outputs.map(({ name }) => name)) };
  return restoreBatchNorms(dequantized(graph, constants.stored));
}

/** How many outputs of each node are read. */
function countOutputs(references: readonly Reference[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { node, index } of references) counts.set(node, Math.max(counts.get(node) ?? 1, index + 1));
  return counts;
}

/** The outputs that the signature names, each once; of a graph without one, the nodes that nobody reads. */
function endsOf(file: string, nodes: readonly TensorFlowNode[], signature: JsonView | null): readonly Reference[] {
  const named = (signature?.find('outputs')?.entries() ?? []).map(([, entry]) => readReference(entry.get('name')));
  const read = new Set(nodes.flatMap(({ inputs, before }) => [...inputs.map(({ node }) => node), ...before]));
  const last = nodes.filter(({ name, op }) => !read.has(name) && !sideEffects.has(op)).map(({ name }) => ({ node: name, port: null, index: 0 }));
  const all = named.length > 0 ? named : last;
  if (all.length === 0) throw new Failure('broken-file', `${file}: the graph has ${nodes.length} nodes and no output. Convert the model again.`);
  return [...new Map(all.map((reference) => [`${reference.node}:${reference.index}`, reference] as const)).values()];
}

class Network {
  readonly #building: Building;
  readonly #constants: Constants;
  readonly #signature: JsonView | null;
  readonly #counts: ReadonlyMap<string, number>;
  readonly #made = new Map<string, { readonly operation: Operation; readonly signals: readonly Signal[] }>();

  constructor(building: Building, constants: Constants, signature: JsonView | null, counts: ReadonlyMap<string, number>) {
    this.#building = building;
    this.#constants = constants;
    this.#signature = signature;
    this.#counts = counts;
  }

  lower(node: TensorFlowNode): void {
    const { builder } = this.#building;
    builder.scope = node.op === 'Const' || node.op === 'Placeholder' ? '' : shortened(node.name);
    const operation = new Operation(this.#building, node, node.inputs.flatMap((input) => this.#read(node, input) ?? []));
    const found = this.#found(operation);
    const signals = found === null ? this.#opaque(operation) : 'shape' in found ? [found] : found;
    builder.scope = '';
    this.#made.set(node.name, { operation, signals });
  }

  /** Null for what no rule is known of. */
  #found(operation: Operation): Signal | readonly Signal[] | null {
    const { node } = operation;
    if (node.op === 'Const') return this.#constants.signalOf(node);
    if (node.op === 'Placeholder') return this.#input(node);
    return Object.hasOwn(operators, node.op) ? operators[node.op]?.(operation) ?? null : null;
  }

  /** Gives a value the name of an output. */
  output({ name, reference: { node, index } }: End): ValueInfo {
    const { builder, file } = this.#building;
    const made = this.#made.get(node);
    const signal = made?.signals[index];
    if (!made || !signal) {
      throw new Failure('broken-file', `${file}: output ${index} of node ${node} is asked for, which it does not have. Convert the model again.`);
    }
    const value = made.operation.plain(signal);
    const own = builder.fresh(shortened(name));
    builder.append({ name: builder.fresh(`${own}/output`), domain: '', op: 'Identity', inputs: [value], outputs: [own], attributes: {} });
    return { name: own, dtype: signal.dtype, shape: signal.shape && dimensions(signal.shape, own) };
  }

  /** Null for what a loop hands back, which is not made yet. */
  #read(reader: TensorFlowNode, { node, index }: Reference): Signal | null {
    const made = this.#made.get(node);
    const signal = made?.signals[index];
    if (signal) return signal;
    if (!made) return null;
    const what = `output ${index} of ${node} (${made.operation.node.op}), where one of ${made.signals.length} was expected`;
    throw new Failure('broken-file', `${this.#building.file}: node ${reader.name} (${reader.op}) reads ${what}. Convert the model again.`);
  }

  #input(node: TensorFlowNode): Signal | null {
    const { builder } = this.#building;
    const declared = this.#declared(node.name);
    const entry = declared?.find('dtype');
    const dtype = node.attributes.type('dtype') ?? (entry ? typeOf(entry) : 'float32');
    if (dtype === null) return null;
    const tensorShape = declared?.find('tensorShape');
    const shape = node.attributes.shape('shape') ?? (tensorShape ? shapeOf(tensorShape) : null);
    const given = shape && dimensions(shape, node.name);
    // Whole numbers come as TF.js takes them, and are computed with as ONNX has sizes and indices.
    const value = builder.input(shortened(node.name), dtype === 'int64' ? 'int32' : dtype, given);
    return signalOf(dtype === 'int64' ? builder.add('Cast', [value], { to: 7 }) : value, shape, dtype);
  }

  #declared(name: string): JsonView | null {
    const entries = this.#signature?.find('inputs')?.entries() ?? [];
    return entries.find(([, entry]) => entry.find('name')?.text().replace(/:0$/, '') === name)?.[1] ?? null;
  }

  /** An operator that nothing is known of, so that it is named, and the rest is read. */
  #opaque(operation: Operation): readonly Signal[] {
    const { builder } = this.#building;
    const { node, inputs } = operation;
    const count = this.#counts.get(node.name) ?? 1;
    if (count > mostOutputs) throw operation.refuse(`is asked for its output ${count - 1} where one of at most ${mostOutputs} was expected`);
    const values = inputs.map((each) => operation.plain(each));
    builder.scope = '';
    const stem = shortened(node.name);
    const outputs = Array.from({ length: count }, (_, i) => builder.fresh(`${stem}/out${i}`));
    builder.append({ name: builder.fresh(stem), domain: foreign, op: node.op, inputs: values, outputs, attributes: {} });
    return outputs.map((output) => signalOf(output, null));
  }
}

function dimensions(shape: Shape, name: string): readonly Dimension[] {
  return shape.map((size, axis) => size ?? (axis === 0 ? 'batch' : `${shortened(name)}_${axis}`));
}
