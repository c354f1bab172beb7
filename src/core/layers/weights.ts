import type { Slice } from '../../protocol/recipe';
import { say } from '../../protocol/words';
import { bytesPerElement, elementCount, isFloat } from '../graph/dtype';
import type { Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import type { Tensor } from '../graph/tensor';
import { formalInput, weightOperatorOf } from '../ops/registry';
import type { ParameterPart, ParameterUse, WeightOperator } from '../ops/spec';
import { computedKernel } from './computedWeights';
import { whyConstant } from './constantReasons';
import { frozenReason } from './frozen';
import type { LayerPart, LayerWeight } from './layer';
import { wholeWeight } from './layer';
import { turnedGates } from './turnedGates';
import { partsOfPiece, pieceOf, stretchOf } from './pieces';
import { quantizationBy } from './quantized';
import type { Run } from './runs';
import { storedRuns } from './runs';
import type { StoredSource } from './source';
import { slicedSource, storedSource } from './source';

/** The stored tensors a node reads, each in its role. */
export function weightsOf(index: GraphIndex, node: Node): readonly LayerWeight[] {
  const operator = weightOperatorOf(node);
  if (!operator?.parameters && passesOn.has(node.op)) return [];
  return node.inputs.flatMap((input, position) => {
    if (input === '') return [];
    const formal = operator ? formalInput(operator, position) : undefined;
    const use = formal === undefined ? undefined : operator?.parameters?.[formal];
    const source = storedSource(index, input) ?? (node.op === 'Add' ? slicedSource(index, input) : null);
    if (!source && use) return partlyStored(index, node, input, use, position);
    // What was made for the graph alone is in no file.
    if (!source || source.tensor.id === '') return [];
    if (use) return isWeight(node, source, use) ? [asWeight(index, node, source, use, position, operator)] : [];
    return isFloat(source.tensor.dtype) ? constantOf(index, node, input, source) : [];
  });
}

/** A weight that no single tensor holds: put together from several, some rows of one, or computed. */
function partlyStored(index: GraphIndex, node: Node, input: string, use: ParameterUse, position: number): readonly LayerWeight[] {
  if (use.parts) return assembled(index, node, input, use, position);
  if (use.role !== 'kernel') return [];
  const part = partlyOf(index, node, input, use, position);
  return part.length > 0 ? part : computedKernel(index, node, input, use, position)?.weights ?? [];
}

/** Integers are weights only where something scales them, or where the operator takes nothing else. */
function isWeight(node: Node, source: StoredSource, use: ParameterUse): boolean {
  const { dtype } = source.tensor;
  if (isFloat(dtype) || source.quantization !== null || isTiny(dtype) || use.keeps) return true;
  return node.op.endsWith('Integer');
}

/** float8, float4 and the like: floats that no operator computes with. */
const isTiny = (dtype: Tensor['dtype']): boolean => /^float[48]/.test(dtype);

/** Blocks of integers as the tensor of these integers, and how they are scaled. */
function unpacked(
  index: GraphIndex, node: Node, source: StoredSource, use: ParameterUse, operator: WeightOperator | undefined,
): Pick<StoredSource, 'tensor' | 'quantization'> {
  const packed = use.packedAs?.(source.tensor.shape, node);
  if (!packed || !operator) return source;
  const { dtype, shape, used, zero } = packed;
  const at = (formal: string): string => node.inputs[operator.inputs.indexOf(formal)] ?? '';
  const quantization = quantizationBy(index, at(packed.scale), at(packed.zeroPoint), shape.length - 1, shape.at(-1));
  if (!quantization) return source;
  const [counts, row] = [[...shape.slice(0, -1), 1], elementCount(shape.slice(1))];
  const { scale, zeroPoint } = quantization;
  // Zero points are packed as the integers are, each row of them filled up to whole bytes.
  const [rows = 1, blocks = 1] = shape;
  const inRow = zeroPoint ? elementCount(zeroPoint.shape) / rows / bytesPerElement(dtype) : 0;
  const points = zeroPoint && (isFloat(zeroPoint.dtype) ? zeroPoint : { ...zeroPoint, values: null, dtype, shape: [rows, inRow] });
  const own = {
    ...(zeroPoint ? {} : { zero }), ...(used < row ? { filled: { row, used } } : {}),
    ...(points !== zeroPoint && inRow > blocks ? { filledZeros: { row: inRow, used: blocks } } : {}),
  };
  return {
    tensor: { ...source.tensor, dtype, shape },
    quantization: { ...quantization, scale: { ...scale, shape: counts }, zeroPoint: points, axis: shape.length - 1, ...own },
  };
}

function asWeight(
  index: GraphIndex, node: Node, source: StoredSource, use: ParameterUse, position: number, operator: WeightOperator | undefined,
): LayerWeight {
  const { name, shape } = source;
  const { tensor, quantization } = unpacked(index, node, source, use, operator);
  const fans = use.fans?.(shape, node, position) ?? null;
  const keepsOrder = !source.way.some((step) => step.op === 'Transpose');
  const all = use.parts?.(shape, node) ?? [];
  // A single gate is the whole of a matrix that is stored turned round.
  const isWhole = all.length === 1 && all[0]?.count === elementCount(tensor.shape);
  const given = keepsOrder || isWhole ? all : [];
  const parts = given.flatMap((part) => locatePart(part, tensor.shape, part.start, part.count, fans) ?? []);
  return {
    id: tensor.id, name, tensor, role: use.role, fans, parts: parts.length === given.length ? parts : [], seenShape: shape,
    units: keepsOrder ? use.units?.(shape, node) ?? null : null,
    frozen: use.keeps?.(node) ?? frozenReason(name, tensor, quantization), ...(quantization ? { quantization } : {}),
  };
}

function locatePart(part: ParameterPart, shape: readonly number[], start: number, count: number, fans: LayerWeight['fans']): LayerPart | null {
  const slices = slicesOf(shape, start, count);
  const rows = (part.rows * count) / part.count;
  return slices ? { name: part.name, fans, slices, rows, columns: count / rows } : null;
}

/** Consecutive elements as slices along the axes of a shape; null where they are no box. */
export function slicesOf(shape: readonly number[], start: number, count: number): readonly Slice[] | null {
  const slices: Slice[] = [];
  let from = start;
  for (const [axis, size] of shape.entries()) {
    const inner = elementCount(shape.slice(axis + 1));
    if (from % inner === 0 && count % inner === 0) {
      const [first, steps] = [from / inner, count / inner];
      if (first + steps > size) return null;
      return steps === size ? slices : [...slices, { axis, start: first, end: first + steps }];
    }
    const at = Math.floor(from / inner);
    if (Math.floor((from + count - 1) / inner) !== at) return null;
    slices.push({ axis, start: at, end: at + 1 });
    from -= at * inner;
  }
  return slices;
}

/** A weight put together from several tensors, or from pieces of one: each tensor is a weight with the parts that lie in it. */
function assembled(index: GraphIndex, node: Node, input: string, use: ParameterUse, position: number): readonly LayerWeight[] {
  const found = storedRuns(index, input);
  if (!found) {
    const turned = turnedGates(index, node, input, use, position);
    return turned ? [turned] : [];
  }
  if (found.runs.some((run) => !isFloat(run.tensor.dtype))) return [];
  const fans = use.fans?.(found.shape, node, position) ?? null;
  const parts = use.parts?.(found.shape, node) ?? [];
  const tensors = new Map(found.runs.map((run) => [run.tensor.id, run]));
  // What was made for the graph alone is in no file.
  tensors.delete('');
  return [...tensors.values()].map(({ name, tensor }): LayerWeight => ({
    ...wholeWeight({ name, tensor, shape: found.shape }, use.role), fans,
    parts: parts.flatMap((part) => partsWithin(part, found.runs, tensor, fans)),
  }));
}

/** A kernel that is some of the rows of a stored matrix, or a stretch along another axis of a tensor. */
function partlyOf(index: GraphIndex, node: Node, input: string, use: ParameterUse, position: number): readonly LayerWeight[] {
  const fansOf = (shape: readonly number[]): LayerWeight['fans'] => use.fans?.(shape, node, position) ?? null;
  const piece = pieceOf(index, input);
  const fans = piece?.shape.length === 2 ? fansOf(piece.shape) : null;
  if (piece && fans) {
    const parts = partsOfPiece(piece, fans);
    return [{ ...wholeWeight({ ...piece.run, shape: piece.shape }, use.role), fans: parts[0]?.fans ?? fans, parts }];
  }
  const stretch = stretchOf(index, input, fansOf);
  return stretch ? [{ ...wholeWeight(stretch.source, use.role), fans: stretch.part.fans, parts: [stretch.part], seenShape: stretch.shape }] : [];
}

function partsWithin(part: ParameterPart, runs: readonly Run[], tensor: Tensor, fans: LayerWeight['fans']): readonly LayerPart[] {
  let at = 0;
  return runs.flatMap((run) => {
    const [low, high] = [Math.max(part.start, at), Math.min(part.start + part.count, at + run.count)];
    const offset = run.start + low - at;
    at += run.count;
    if (high <= low || run.tensor.id !== tensor.id) return [];
    return locatePart(part, tensor.shape, offset, high - low, fans) ?? [];
  });
}

/** A stored float that is no parameter of its operator: it keeps its values, and is listed with the reason. */
function constantOf(index: GraphIndex, node: Node, input: string, source: StoredSource): readonly LayerWeight[] {
  if (elementCount(source.tensor.shape) <= 1 || source.tensor.storage === 'computed') return [];
  const known = weightOperatorOf(node);
  const hasStates = Object.values(known?.parameters ?? {}).some(({ role }) => role === 'recurrent');
  if (!known) return [frozenWeight(source, say('Initscope has no initialisation rule for {0}', node.op))];
  return [frozenWeight(source, whyConstant(index, node, input) ?? constantReason(node.op, source.shape, hasStates))];
}

export function frozenWeight(source: StoredSource, reason: string): LayerWeight {
  return { ...wholeWeight(source, 'frozen'), frozen: reason };
}

/** Operators behind which the tensor is looked at by whoever reads their output. */
const passesOn = new Set([
  'Identity', 'Cast', 'Transpose', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Shape', 'Concat', 'Slice', 'Split', 'Expand', 'Tile', 'Pad',
  'QuantizeLinear', 'DequantizeLinear', 'If', 'Loop', 'Scan',
]);

function constantReason(op: string, shape: readonly number[], isState: boolean): string {
  if (isState) return say('it is an initial state, not a weight');
  const isTable = op === 'Add' && shape.filter((size) => size > 1).length > 1;
  return isTable ? say('it is added to the signal like a position table') : say('it is a constant operand of {0}, not a weight', op);
}
