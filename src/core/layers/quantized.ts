import type { GraphIndex } from '../graph/order';
import { scopeOf } from '../graph/order';
import type { Node } from '../graph/graph';
import { intAttribute } from '../graph/graph';
import type { DType } from '../graph/dtype';
import { elementCount } from '../graph/dtype';
import type { Tensor } from '../graph/tensor';

/** How a quantised tensor stands for real numbers: (q − zeroPoint) · scale + offset, per tensor, per index of an axis, or per block along it. */
export interface Quantization {
  readonly scale: Tensor;
  /** Another that it is multiplied with: of a bias, whose scale is that of its input times that of its kernel. */
  readonly times?: Tensor;
  /** Integers are divided by the scale. */
  readonly divides?: true;
  /** Null where it is 0, or `zero`. */
  readonly zeroPoint: Tensor | null;
  /** The zero point, where it is one number that no tensor holds. */
  readonly zero?: number;
  /** What is added behind the scale, where a zero point would be no whole number. */
  readonly offset?: number;
  /** Null where one scale serves all elements. */
  readonly axis: number | null;
  /** The same of zero points. */
  readonly filledZeros?: { readonly row: number; readonly used: number };
  /** Of each row of so many elements, those that stand for numbers: what fills the last block up does not. Absent where all do. */
  readonly filled?: { readonly row: number; readonly used: number };
  /** Elements along the axis that share a scale; 1 where each index has its own. */
  readonly blockSize: number;
}

/** Numbers that a tensor stands for. */
export function numberCount({ shape }: Tensor, quantization: Quantization | undefined): number {
  const { row, used } = quantization?.filled ?? { row: 1, used: 1 };
  return (elementCount(shape) / row) * used;
}

/** How a DequantizeLinear node scales what it reads (ONNX DequantizeLinear specification); null where its scale is computed. */
export function quantizationOf(index: GraphIndex, node: Node): Quantization | null {
  const [, scaleName = '', zeroName = ''] = node.inputs;
  return quantizationBy(index, scaleName, zeroName, intAttribute(node, 'axis', 1), intAttribute(node, 'block_size', 0));
}

/** Integers that a model casts, scales and shifts, as q · scale + offset, and how; null where `node` is not the last of these steps. */
export function writtenQuantization(index: GraphIndex, node: Node): { readonly integers: string; readonly quantization: Quantization } | null {
  const product = operandOf(index, node, 'Add', 'Mul');
  const cast = product && operandOf(index, product, 'Mul', 'Cast');
  const integers = cast?.inputs[0] ?? '';
  const [scale, offset] = [product, node].map((each) => stored(index, each?.inputs[1] ?? ''));
  const isScalar = scale?.values?.length === 1 && offset?.values?.length === 1;
  if (!isScalar || !few.has(stored(index, integers)?.dtype ?? 'undefined')) return null;
  return { integers, quantization: { scale, zeroPoint: null, axis: null, blockSize: 1, offset: offset.values[0] ?? 0 } };
}

/** Integers that are stored for numbers, and not for sizes or positions. */
const few: ReadonlySet<DType> = new Set(['uint8', 'int8', 'uint16', 'int16']);

function operandOf(index: GraphIndex, { op, domain, inputs }: Node, expected: string, operand: string): Node | null {
  const node = op === expected && domain === '' ? index.producer.get(inputs[0] ?? '') : undefined;
  return node?.op === operand && node.domain === '' ? node : null;
}

/** With scale and zero point by name, for operators that take them themselves. */
export function quantizationBy(index: GraphIndex, scaleName: string, zeroName: string, axis: number, blockSize = 0): Quantization | null {
  const product = scopeOf(index, scaleName).producer.get(scaleName);
  const divisor = product?.op === 'Reciprocal' ? reshaped(index, product.inputs[0] ?? '') : null;
  const zeroPoint = zeroName === '' ? null : stored(index, zeroName);
  if (divisor) {
    const isOne = elementCount(divisor.shape) === 1;
    return { scale: divisor, divides: true, zeroPoint, axis: isOne ? null : axis, blockSize: Math.max(1, blockSize) };
  }
  const names = product?.op === 'Mul' ? product.inputs : [scaleName];
  const [scale, times] = names.map((name) => stored(index, name));
  if (!scale || times === null) return null;
  const single = elementCount(scale.shape) === 1 && elementCount(times?.shape ?? []) === 1;
  return {
    scale, ...(times ? { times } : {}), zeroPoint, axis: single ? null : axis, blockSize: Math.max(1, blockSize),
  };
}

/** A stored tensor, or one in another shape, which has to be a constant. */
function reshaped(index: GraphIndex, name: string): Tensor | null {
  const node = scopeOf(index, name).producer.get(name);
  if (node?.op !== 'Reshape') return stored(index, name);
  const [tensor, shape] = [0, 1].map((position) => stored(index, node.inputs[position] ?? ''));
  const sizes = shape?.values ? Array.from(shape.values, Number) : [];
  return tensor && elementCount(sizes) === elementCount(tensor.shape) ? { ...tensor, shape: sizes } : null;
}

function stored(index: GraphIndex, name: string): Tensor | null {
  return scopeOf(index, name).graph.initializers.get(name) ?? null;
}
