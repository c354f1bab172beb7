import { GraphBuilder } from '../../core/graph/builder';
import type { Attributes, Graph, Node } from '../../core/graph/graph';
import { graphsIn, intAttribute, intsAttribute, withBodies } from '../../core/graph/graph';
import type { Names } from '../../core/graph/names';
import { namesOf } from '../../core/graph/names';

/** Positions of a quantised value, its scale and its zero point among the inputs of a node. */
type Triple = readonly [value: number, scale: number, zeroPoint: number];

/** An operator on integers that its specification defines by one on the real numbers they stand for. */
interface Integral {
  readonly op: string;
  /** The operator on real numbers. */
  readonly stands: string;
  readonly operands: (node: Node) => readonly Triple[];
  /** Of the result: absent where it is real already. */
  readonly result: readonly [scale: number, zeroPoint: number];
  /** Position of a bias of int32, whose scale is the product of those of the first two operands. */
  readonly bias?: number;
  /** Axis along which the second operand may have several scales. */
  readonly axis?: (node: Node) => number;
}

const one: Integral['operands'] = () => [[0, 1, 2]];
const two: Integral['operands'] = () => [[0, 1, 2], [3, 4, 5]];
const ofOne = (op: string, stands: string): Integral => ({ op, stands, operands: one, result: [3, 4] });
const ofTwo = (op: string, stands: string): Integral => ({ op, stands, operands: two, result: [6, 7] });

/** ONNX QLinearConv and QLinearMatMul, and what ONNX Runtime has beside them (ContribOperators.md). */
const integrals: ReadonlyMap<string, Integral> = new Map([
  { ...ofTwo('QLinearConv', 'Conv'), bias: 8, axis: () => 0 },
  { ...ofTwo('QLinearMatMul', 'MatMul'), axis: () => 1 },
  { ...ofTwo('QGemm', 'Gemm'), result: [7, 8] as const, bias: 6, axis: (node: Node) => (intAttribute(node, 'transB', 0) === 1 ? 0 : 1) },
  ofTwo('QLinearAdd', 'Add'), ofTwo('QLinearMul', 'Mul'),
  ofOne('QLinearSigmoid', 'Sigmoid'), ofOne('QLinearLeakyRelu', 'LeakyRelu'), ofOne('QLinearSoftmax', 'Softmax'), ofOne('QLinearReduceMean', 'ReduceMean'),
  ofOne('QLinearGlobalAveragePool', 'GlobalAveragePool'), ofOne('QLinearAveragePool', 'AveragePool'),
  {
    op: 'QLinearConcat', stands: 'Concat', result: [0, 1] as const,
    operands: ({ inputs }: Node) => Array.from({ length: Math.floor((inputs.length - 2) / 3) }, (_, i): Triple => [2 + 3 * i, 3 + 3 * i, 4 + 3 * i]),
  },
].map((entry) => [entry.op, entry]));

/** What says how integers are handled, and nothing of the real operator. */
const own = new Set(['opset', 'channels_last']);

/**
 * Operators on quantised values as what they are by definition: the real operator between DequantizeLinear and QuantizeLinear. Layers are then
 * found, and gradients end, as in any other network with quantisers.
 */
export function expandQuantized(graph: Graph): Graph {
  if (![...graphsIn(graph)].some(({ nodes }) => nodes.some((node) => canExpand(node) || mixed.has(node.op) || isOwn(node)))) return graph;
  return expanded(graph, namesOf(graph));
}

/** Positions among the inputs of a real product with a kernel of integers: of the signal's scale and zero point, of the kernel's, and of a bias. */
interface Mixed {
  /** Null where the signal is real, and quantised as it comes. */
  readonly signal: Triple | null;
  readonly kernel: Triple;
  readonly bias: number;
}

const mixed: ReadonlyMap<string, Mixed> = new Map<string, Mixed>([
  ['MatMulIntegerToFloat', { signal: [0, 2, 4], kernel: [1, 3, 5], bias: 6 }], ['DynamicQuantizeMatMul', { signal: null, kernel: [1, 2, 3], bias: 4 }],
]);

function expanded(graph: Graph, names: Names): Graph {
  const builder = new GraphBuilder({ ...graph, nodes: [] }, names);
  for (const node of graph.nodes) {
    const integral = canExpand(node) ? integrals.get(node.op) : undefined;
    const product = node.domain === 'com.microsoft' ? mixed.get(node.op) : undefined;
    if (integral) expand(node, integral, builder);
    else if (product) expandProduct(node, product, builder);
    else if (isOwn(node)) builder.append({ ...node, domain: '' });
    else builder.append(withBodies(node, (body) => expanded(body, names)));
  }
  return builder.build();
}

/** ONNX Runtime's own quantisers, from before the standard ones took 16 and 4 bits. */
const isOwn = ({ domain, op }: Node): boolean => domain === 'com.microsoft' && (op === 'QuantizeLinear' || op === 'DequantizeLinear');

function canExpand(node: Node): boolean {
  if ((node.domain !== '' && node.domain !== 'com.microsoft') || !integrals.has(node.op) || intAttribute(node, 'channels_last', 0) === 1) return false;
  // Before operator set 13 a Softmax took all axes from its own on together.
  if (node.op === 'QLinearSoftmax') return intAttribute(node, 'opset', 13) >= 13 || intAttribute(node, 'axis', 1) === -1;
  const alpha = node.attributes.alpha;
  return node.op !== 'QGemm' || alpha?.kind !== 'float' || alpha.value === 1;
}

function expand(node: Node, integral: Integral, builder: GraphBuilder): void {
  const at = (position: number): string => node.inputs[position] ?? '';
  const [output = ''] = node.outputs;
  builder.scope = node.name;
  const operands = integral.operands(node).map((triple, i) => {
    const axis = i === 1 ? integral.axis?.(node) : undefined;
    return dequantized(builder, triple.map(at), axis === undefined ? {} : { axis });
  });
  const bias = integral.bias === undefined ? '' : at(integral.bias);
  if (bias !== '') operands.push(dequantized(builder, [bias, builder.add('Mul', [at(1), at(4)])], { axis: 0 }));
  const axes = intsAttribute(node, 'axes');
  if (integral.stands === 'ReduceMean' && axes) operands.push(builder.ints(axes));
  const [scale, zeroPoint] = integral.result.map(at);
  const real = scale === '' ? output : builder.fresh('real');
  const attributes: Attributes = Object.fromEntries(Object.entries(node.attributes).filter(([name]) => !own.has(name) && (name !== 'axes' || !axes)));
  builder.append({ ...node, domain: '', op: integral.stands, inputs: operands, outputs: [real], attributes, written: node.op });
  if (real !== output) {
    const inputs = [real, scale ?? '', ...(zeroPoint === '' || zeroPoint === undefined ? [] : [zeroPoint])];
    builder.append({ name: builder.fresh('QuantizeLinear'), domain: '', op: 'QuantizeLinear', inputs, outputs: [output], attributes: {} });
  }
  builder.scope = '';
}

function expandProduct(node: Node, { signal, kernel, bias }: Mixed, builder: GraphBuilder): void {
  const at = (position: number): string => node.inputs[position] ?? '';
  const [output = ''] = node.outputs;
  builder.scope = node.name;
  const factors = [
    dequantized(builder, signal ? signal.map(at) : builder.addMany('DynamicQuantizeLinear', [at(0)], 3)), dequantized(builder, kernel.map(at), { axis: 1 }),
  ];
  const isBiased = at(bias) !== '';
  const product = isBiased ? builder.fresh('real') : output;
  builder.append({ ...node, domain: '', op: 'MatMul', inputs: factors, outputs: [product], attributes: {}, written: node.op });
  if (isBiased) builder.append({ name: builder.fresh('Add'), domain: '', op: 'Add', inputs: [product, at(bias)], outputs: [output], attributes: {} });
  builder.scope = '';
}

function dequantized(builder: GraphBuilder, inputs: readonly string[], attributes: Readonly<Record<string, number>> = {}): string {
  return builder.add('DequantizeLinear', inputs.at(-1) === '' ? inputs.slice(0, -1) : inputs, attributes);
}
