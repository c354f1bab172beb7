import { elementCount, isFloat } from '../graph/dtype';
import type { DType } from '../graph/dtype';
import type { Graph, Node } from '../graph/graph';
import { graphsIn, intAttribute, withBodies } from '../graph/graph';
import { identity, renameNode } from '../graph/inline';
import type { Names } from '../graph/names';
import { namesOf } from '../graph/names';
import type { GraphIndex } from '../graph/order';
import { indexGraph } from '../graph/order';
import type { IntegerProduct } from './integerProducts';
import { integerProducts } from './integerProducts';
import { isFixed, storedSource } from './source';

/** Operators whose output a quantiser may have to clamp, and those that carry it there. */
const unbounded = new Set([
  'Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'Einsum', 'BatchNormalization', 'InstanceNormalization', 'LayerNormalization', 'GroupNormalization', 'Add', 'Sum',
]);

/**
 * A quantised network as the network of floats that it was made from, for reading its layers: without the quantisation of signals, with products
 * of integers as products of the numbers they stand for. Weights keep theirs. Values that are left have their names.
 */
export function asFloats(graph: Graph): Graph {
  const isQuantized = [...graphsIn(graph)].some(({ nodes }) => nodes.some(({ op }) => /^(Dynamic)?QuantizeLinear$|^DequantizeLinear$/.test(op)));
  return isQuantized ? new Reading(namesOf(graph)).of(indexGraph(graph), new Map()) : graph;
}

class Reading {
  readonly #names: Names;

  constructor(names: Names) {
    this.#names = names;
  }

  /** `around`: what values of the graphs around are read instead. */
  of(index: GraphIndex, around: ReadonlyMap<string, string>): Graph {
    const instead = new Map(around);
    const read = (value: string): string => instead.get(value) ?? value;
    const products = integerProducts(index);
    const dropped = new Set([...products.values()].flatMap(({ around: nodes }) => nodes));
    const made = new Map<string, Node>();
    const nodes: Node[] = [];
    const append = (node: Node): void => {
      nodes.push(node);
      for (const output of node.outputs) made.set(output, node);
    };
    for (const node of index.graph.nodes) {
      const [input, output] = [node.inputs[0] ?? '', node.outputs[0] ?? ''];
      const product = products.get(node);
      if (product) this.#multiply(node, product, read, append);
      else if (node.op === 'DynamicQuantizeLinear') instead.set(output, read(input));
      if (product || dropped.has(node) || isForProducts(index, node, products)) continue;
      if (node.op === 'Identity' && instead.has(input) && isFixed(index, input) && !index.outputs.has(output)) {
        instead.set(output, read(input));
        continue;
      }
      // What is quantised already is quantised again where an exporter copies it.
      const isSignal = isQuantizer(node) && (!isFixed(index, input) || instead.has(input) || isQuantizedAnew(index, node));
      if (isSignal) {
        const isRectifier = node.op === 'QuantizeLinear' && !isAnswer(index, output) && clampsAtZero(index, node) && isUnbounded(index, made.get(read(input)));
        const clamped = isRectifier ? realBehind(index, output) : null;
        if (clamped !== null) append({ name: node.name, domain: '', op: 'Relu', inputs: [read(input)], outputs: [clamped], attributes: {}, written: node.op });
        const value = clamped ?? read(input);
        if (output !== value && !made.has(output)) {
          instead.set(output, value);
          if (index.outputs.has(output)) append(identity(node.name, value, output));
        }
        continue;
      }
      let body = 0;
      const inner = withBodies(node, () => this.of((index.bodies.get(node) ?? [])[body++] ?? index, instead));
      append(renameNode(inner, read));
    }
    return { ...index.graph, nodes };
  }

  /** The operator on real numbers, with its weight dequantised. */
  #multiply(node: Node, product: IntegerProduct, read: (value: string) => string, append: (node: Node) => void): void {
    const name = this.#names.fresh(`${node.name}/dequantised`);
    const { op, axis, position, weights, output } = product;
    append({ name, domain: '', op: 'DequantizeLinear', inputs: weights, outputs: [name], attributes: { axis: { kind: 'int', value: axis } } });
    const inputs = product.inputs.map((input, i) => (i === position ? name : read(input)));
    append({ ...node, op, inputs, outputs: [output], ...(op === node.op ? {} : { written: node.op }) });
  }
}

/** Whether a node quantises a signal for nothing but what is read as real numbers. */
function isForProducts(index: GraphIndex, node: Node, products: ReadonlyMap<Node, IntegerProduct>): boolean {
  const readers = index.consumers.get(node.outputs[0] ?? '') ?? [];
  return node.op === 'DynamicQuantizeLinear' && readers.length > 0 && readers.every((reader) => products.has(reader) || isQuantizer(reader));
}

const isQuantizer = ({ domain, op }: Node): boolean => domain === '' && (op === 'QuantizeLinear' || op === 'DequantizeLinear');

/** The value that a quantised one is read as, where it is at once; itself where it goes on as integers. */
function realBehind(index: GraphIndex, value: string): string {
  const reader = (index.consumers.get(value) ?? []).find(({ op }) => op === 'DequantizeLinear');
  return reader?.outputs[0] ?? value;
}

/** Of what is stored: integers that are quantised already, vectors and numbers that are real, as biases, scales and √2 are, and tables. */
function isQuantizedAnew(index: GraphIndex, node: Node): boolean {
  const source = storedSource(index, node.inputs[0] ?? '');
  if (!source) return false;
  if (source.quantization !== null || !isFloat(source.tensor.dtype)) return source.quantization !== null;
  return source.shape.filter((size) => size > 1).length <= 1 || realReaders(index, node).every(({ op }) => op === 'Gather');
}

/** Who reads the numbers that a quantised tensor stands for. */
function realReaders(index: GraphIndex, { outputs: [output = ''] }: Node): readonly Node[] {
  return (index.consumers.get(output) ?? []).flatMap((reader) => (isQuantizer(reader) ? index.consumers.get(reader.outputs[0] ?? '') ?? [] : [reader]));
}

/** What the network gives may be positive for all that it was calibrated with. */
const isAnswer = (index: GraphIndex, value: string): boolean => index.outputs.has(value) || index.outputs.has(realBehind(index, value));

const smallest: Partial<Record<DType, number>> = {
  uint8: 0, uint16: 0, uint4: 0, uint2: 0, int8: -(2 ** 7), int16: -(2 ** 15), int4: -8, int2: -2,
};

/** Whether nothing below zero can be told from zero: zero is the smallest number of the type. A quantiser takes a ReLU before it away then. */
function clampsAtZero(index: GraphIndex, node: Node): boolean {
  const [, , zeroPoint = ''] = node.inputs;
  if (zeroPoint === '') return [0, 2].includes(intAttribute(node, 'output_dtype', 0));
  const tensor = storedSource(index, zeroPoint)?.tensor;
  return tensor?.values != null && elementCount(tensor.shape) > 0 && tensor.values.every((value) => value === smallest[tensor.dtype]);
}

/** A layer's own output, or a sum of signals: a square or a softmax has no negative numbers, whatever quantises it. */
function isUnbounded(index: GraphIndex, node: Node | undefined): boolean {
  if (!node || !unbounded.has(node.op)) return false;
  return node.op !== 'Add' || node.inputs.every((input) => !isFixed(index, input) || elementCount(storedSource(index, input)?.shape ?? []) > 1);
}
