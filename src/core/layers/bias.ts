import { elementCount, highestRank } from '../graph/dtype';
import type { Node } from '../graph/graph';
import { intAttribute, intsAttribute, stringAttribute } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { weightOperatorOf } from '../ops/registry';
import type { LayerWeight } from './layer';
import { wholeWeight } from './layer';
import type { OutputAxes } from './outputAxes';
import { isForOutputs, rearrangedAxes } from './outputAxes';
import { pieceOf } from './pieces';
import { storedRuns } from './runs';
import type { StoredSource } from './source';
import { isReal, storedSource } from './source';

/** The bias of a product, and the operator that adds it. */
export interface FoundBias {
  readonly node: Node;
  readonly weight: LayerWeight;
}

const weightInput = (node: Node): string => node.inputs[1] ?? '';

/** Operators without a bias of their own, or without one here: the Add behind it, with a stored vector of as many elements as there are outputs. */
const biasable = new Set(['MatMul', 'Conv', 'ConvTranspose', 'Gemm', 'Einsum', 'FusedMatMul', 'MatMulNBits']);

/** Operators of ONNX Runtime that add a stored bias to what they read, before whatever else they do. */
const addingBias = new Set(['BiasGelu', 'FastGelu', 'BiasSplitGelu', 'BiasAdd', 'SkipLayerNormalization', 'SkipSimplifiedLayerNormalization']);

/** The bias that the operator behind a product adds to it: it is as much the layer's own as one of an Add. */
export function fusedBias(index: GraphIndex, node: Node, output: string): FoundBias | null {
  const [reader, ...others] = index.consumers.get(output) ?? [];
  if (reader?.domain !== 'com.microsoft' || others.length > 0 || !addingBias.has(reader.op) || !biasable.has(node.op) || hasOwnBias(node)) return null;
  const operator = weightOperatorOf(reader);
  const position = operator?.inputs.findIndex((formal) => operator.parameters?.[formal]?.role === 'bias') ?? -1;
  const source = storedSource(index, reader.inputs[position] ?? '');
  const isVector = source?.shape.length === 1 && (outputWidth(index, node) ?? source.shape[0]) === source.shape[0];
  return source && isReal(source) && isVector ? { node: reader, weight: wholeWeight(source, 'bias') } : null;
}

function hasOwnBias(node: Node): boolean {
  const operator = weightOperatorOf(node);
  const position = operator?.inputs.findIndex((formal) => operator.parameters?.[formal]?.role === 'bias') ?? -1;
  return (node.inputs[position] ?? '') !== '';
}

/** The bias that an Add gives a product, directly behind it or behind operators that only rearrange what it makes. */
export function separateBias(index: GraphIndex, node: Node, output: string): FoundBias | null {
  if (!biasable.has(node.op) || hasOwnBias(node)) return null;
  const width = outputWidth(index, node);
  let [value, reader] = [output, onlyReader(index, output)];
  let axes = outputAxesOf(index, node, width, reader);
  let steps = 0;
  while (reader?.domain === '' && rearrangers.has(reader.op) && reader.inputs[0] === value && steps < farthest && !index.outputs.has(value)) {
    axes = axes && rearrangedAxes(index, reader, axes);
    value = reader.outputs[0] ?? '';
    reader = onlyReader(index, value);
    steps++;
  }
  if (reader?.op !== 'Add') return null;
  const operand = reader.inputs.find((input) => input !== value) ?? '';
  const source = storedSource(index, operand) ?? vectorPiece(index, operand);
  if (!source || !isReal(source)) return null;
  const isBias = (axes !== null && isForOutputs(axes, source.shape)) || (steps === 0 && (isVector(source.shape, width) || isStack(index, node, source.shape)));
  return isBias ? { node: reader, weight: wholeWeight(source, 'bias') } : null;
}

const rearrangers = new Set(['Identity', 'Cast', 'Transpose', 'Reshape', 'Squeeze', 'Unsqueeze']);
/** Exporters put two of them between a product and its bias. */
const farthest = 4;

function onlyReader(index: GraphIndex, value: string): Node | null {
  const [reader, ...others] = index.consumers.get(value) ?? [];
  return others.length === 0 ? reader ?? null : null;
}

const isVector = (shape: readonly number[], width: number | null): boolean => (
  shape.filter((size) => size > 1).length <= 1 && (width === null || elementCount(shape) === width));

/** A vector for each of the kernels of a stack, as experts have them: [experts, 1, outputs] behind [experts, inputs, outputs]. */
function isStack(index: GraphIndex, node: Node, shape: readonly number[]): boolean {
  const kernel = node.op === 'MatMul' ? storedSource(index, weightInput(node))?.shape : undefined;
  return kernel?.length === 3 && shape.join() === [kernel[0], 1, kernel[2]].join();
}

/** Before anything rearranges them. */
function outputAxesOf(index: GraphIndex, node: Node, width: number | null, reader: Node | null): OutputAxes | null {
  if (node.op === 'Einsum') return axesOfEinsum(index, node);
  if (!node.op.startsWith('Conv')) return width === null ? null : { axes: [width], isWhole: false };
  const rank = storedSource(index, weightInput(node))?.shape.length ?? (reader?.op === 'Transpose' ? intsAttribute(reader, 'perm')?.length : undefined) ?? 0;
  return rank < 2 || rank > highestRank ? null : { axes: Array.from({ length: rank }, (_, axis) => (axis === 1 ? width ?? 'all' : null)), isWhole: true };
}

/** Labels of the weight alone are outputs: [heads, size] behind "abc,cde->abde". */
function axesOfEinsum(index: GraphIndex, node: Node): OutputAxes | null {
  const weight = storedSource(index, weightInput(node));
  const [, read = '', used = '', given = ''] = /^(\w+),(\w+)->(\w+)$/.exec(stringAttribute(node, 'equation', '').replaceAll(' ', '')) ?? [];
  if (weight?.shape.length !== used.length || given.length > highestRank) return null;
  const axes = Array.from(given, (label) => (used.includes(label) && !read.includes(label) ? weight.shape[used.indexOf(label)] ?? null : null));
  return { axes, isWhole: true };
}

/** Elements in a row of a stored tensor: the bias of one of several projections that are packed, or one row of two. */
function vectorPiece(index: GraphIndex, value: string): Pick<StoredSource, 'name' | 'tensor' | 'shape'> | null {
  const assembled = storedRuns(index, value);
  const [run, ...others] = assembled?.runs ?? [];
  if (!assembled || !run || others.length > 0 || assembled.shape.at(-1) !== run.count || run.count === elementCount(run.tensor.shape)) return null;
  return { name: run.name, tensor: run.tensor, shape: assembled.shape };
}

function outputWidth(index: GraphIndex, node: Node): number | null {
  const right = storedSource(index, weightInput(node)) ?? pieceOf(index, weightInput(node));
  if (node.op === 'MatMulNBits') return intAttribute(node, 'N', 0);
  if (!right || node.op === 'Einsum') return null;
  if (node.op === 'ConvTranspose') return (right.shape[1] ?? 1) * intAttribute(node, 'group', 1);
  const outputsFirst = node.op.startsWith('Conv') || (node.op === 'Gemm' && intAttribute(node, 'transB', 0) === 1);
  return (outputsFirst ? right.shape[0] : right.shape.at(-1)) ?? null;
}
