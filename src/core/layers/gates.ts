import type { Node } from '../graph/graph';
import { intAttribute } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { scopeOf } from '../graph/order';
import { knownIntegers } from './dimensions';
import type { Layer, LayerWeight } from './layer';
import { constantValues } from './source';

/** A product by a stored matrix, or by a stretch of one, in the graph it is in. */
export interface Product {
  readonly index: GraphIndex;
  readonly layer: Layer;
  readonly kernel: LayerWeight;
  /** The same for all products by one kernel. */
  readonly key: string;
  /** Outputs. */
  readonly width: number;
}

/** The product whose output a value is, or null. */
export type ProductOf = (index: GraphIndex, value: string) => Product | null;

/** Outputs of a product, from `start` on along its last axis. */
export interface Chunk {
  readonly product: Product;
  readonly start: number;
  readonly width: number;
}

/** A function that is applied to a sum of such outputs: of a recurrent cell, one of its gates. */
export interface Gate {
  readonly index: GraphIndex;
  readonly node: Node;
  readonly chunks: readonly Chunk[];
  /** What products or states were multiplied with on the way: functions of sums themselves, as a reset gate is. */
  readonly factors: readonly Node[];
  /** Additions on the way. */
  readonly sums: readonly Node[];
}

/** What the ONNX operators for recurrent layers know, but for functions that are composed. */
export const gateFunctions: ReadonlySet<string> = new Set(['Sigmoid', 'HardSigmoid', 'Tanh', 'Relu', 'Softsign', 'Softplus', 'Elu', 'LeakyRelu']);
export const isSigmoid = ({ op }: Node): boolean => op === 'Sigmoid' || op === 'HardSigmoid';

/** Operators that leave the last axis as it is, or take steps out of a sequence. */
const passing = new Set(['Identity', 'Cast', 'Squeeze', 'Unsqueeze', 'Reshape', 'Transpose', 'Gather', 'Expand']);
/** Values that are looked at for one gate: cells have about a dozen. */
const mostValues = 32;

/** The outputs that are looked at, of all: a stretch of known bounds, or one of n equal parts. */
type Cut = { readonly start: number; readonly end: number } | { readonly part: number; readonly of: number };

interface Place {
  readonly index: GraphIndex;
  readonly value: string;
  readonly cut: Cut | null;
}

/** The functions of a graph that are applied to sums of outputs of products; none where nothing takes outputs apart. */
export function findGates(index: GraphIndex, productOf: ProductOf): readonly Gate[] {
  const { nodes } = index.graph;
  if (!nodes.some(({ op }) => op === 'Split' || op === 'Slice')) return [];
  return nodes.flatMap((node) => (node.domain === '' && gateFunctions.has(node.op) ? gateAt(index, node, productOf) ?? [] : []));
}

function gateAt(index: GraphIndex, node: Node, productOf: ProductOf): Gate | null {
  const chunks: Chunk[] = [];
  const [factors, sums]: [Node[], Node[]] = [[], []];
  const waiting: Place[] = [{ index, value: node.inputs[0] ?? '', cut: null }];
  for (let at = 0; at < waiting.length && at < mostValues; at++) {
    const place = waiting[at];
    if (!place) break;
    const scope = scopeOf(place.index, place.value);
    const product = productOf(scope, place.value);
    const chunk = product && chunkOf(product, place.cut);
    if (chunk) chunks.push(chunk);
    // A Gemm adds its third operand, which may be another product.
    const third = product?.layer.node.op === 'Gemm' ? product.layer.node.inputs[2] ?? '' : '';
    if (product && third !== '') waiting.push({ index: product.index, value: third, cut: place.cut });
    if (chunk) factors.push(...factorsOf(chunk.product.index, chunk.product.layer.node.inputs[0] ?? ''));
    const before = product ? undefined : scope.producer.get(place.value);
    if (before?.op === 'Add') sums.push(before);
    if (before) factors.push(...factorsOf(scope, place.value));
    if (!product) waiting.push(...(before ? placesBefore(scope, before, place) : scannedPlace(scope, place)));
  }
  return chunks.length > 0 ? { index, node, chunks, factors, sums } : null;
}

/** The functions that a value is a product with. */
function factorsOf(index: GraphIndex, value: string): readonly Node[] {
  const node = index.producer.get(value);
  return node?.op === 'Mul' ? node.inputs.flatMap((input) => functionAt(index, input) ?? []) : [];
}

function functionAt(index: GraphIndex, value: string): Node | null {
  const node = index.producer.get(value);
  return node && gateFunctions.has(node.op) ? node : null;
}

function placesBefore(index: GraphIndex, node: Node, { value, cut }: Place): readonly Place[] {
  const [first = ''] = node.inputs;
  if (node.domain !== '') return [];
  if (node.op === 'Add') return node.inputs.map((input) => ({ index, value: input, cut }));
  if (node.op === 'Mul') return node.inputs.flatMap((input) => (functionAt(index, input) ? [] : { index, value: input, cut }));
  if (passing.has(node.op)) return [{ index, value: first, cut }];
  // Nobody takes a part of a part.
  if (cut) return [];
  const own = node.op === 'Split' ? splitCut(index, node, value) : node.op === 'Slice' ? sliceCut(index, node) : null;
  return own ? [{ index, value: first, cut: own }] : [];
}

/** A step of what a Scan goes through. */
function scannedPlace(index: GraphIndex, { value, cut }: Place): readonly Place[] {
  const { owner, graph } = index;
  if (owner?.node.op !== 'Scan') return [];
  const position = graph.inputs.findIndex(({ name }) => name === value);
  const isScanned = position >= graph.inputs.length - intAttribute(owner.node, 'num_scan_inputs', 1);
  return isScanned ? [{ index: owner.index, value: owner.node.inputs[position] ?? '', cut }] : [];
}

function splitCut(index: GraphIndex, node: Node, value: string): Cut | null {
  if (intAttribute(node, 'axis', 0) === 0) return null;
  const part = node.outputs.indexOf(value);
  const sizes = constantValues(index, node.inputs[1] ?? '');
  if (!sizes) return { part, of: node.outputs.length };
  const start = sizes.slice(0, part).reduce((sum, size) => sum + size, 0);
  return { start, end: start + (sizes[part] ?? 0) };
}

/** Of a Slice along one axis; those that keep an axis whole are left out. */
function sliceCut(index: GraphIndex, node: Node): Cut | null {
  const [starts, ends, axes, steps] = [1, 2, 3, 4].map((position) => knownIntegers(index, node.inputs[position] ?? ''));
  if (!starts || !ends || steps?.some((step) => step !== 1)) return null;
  const cuts = starts.flatMap((start, i) => ({ start, end: ends[i] ?? 0, axis: axes?.[i] ?? i })).filter(({ axis }) => axis !== 0);
  const [cut, ...others] = cuts;
  return cut && others.length === 0 && cut.start >= 0 && cut.end > cut.start ? { start: cut.start, end: cut.end } : null;
}

function chunkOf(product: Product, cut: Cut | null): Chunk | null {
  const { width } = product;
  if (!cut) return { product, start: 0, width };
  if ('of' in cut) return width % cut.of === 0 ? { product, start: (width / cut.of) * cut.part, width: width / cut.of } : null;
  const end = Math.min(cut.end, width);
  return end > cut.start ? { product, start: cut.start, width: end - cut.start } : null;
}
