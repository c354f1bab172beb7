import { elementCount, isFloat } from '../../core/graph/dtype';
import type { Tensor } from '../../core/graph/tensor';
import type { LayerWeight } from '../../core/layers/layer';
import type { Quantization } from '../../core/layers/quantized';
import type { Repeated } from '../../core/statistics/accumulator';
import type { QuantizationReport } from '../../protocol/report';
import type { FilePool, TensorContent } from './content';
import { contentChunks } from './content';
import type { Elements } from './elements';
import { elementChunks, readElements } from './elements';

/** Elements in order, or many that are alike. */
export type Chunk = ArrayLike<number> | Repeated;

export const isRepeated = (chunk: Chunk): chunk is Repeated => 'value' in chunk;

/** Scales of one tensor: more than this are not read. */
const mostScales = 1 << 22;

/** Whether there are elements to look at. */
export function isMeasurable({ tensor }: LayerWeight): boolean {
  return tensor.problem === undefined && (tensor.place !== null || tensor.values !== null || tensor.fill !== undefined || tensor.declared !== undefined);
}

/**
 * The numbers a weight stands for now, a bounded number at a time: quantised ones times their scale, the zeros that a sparse tensor leaves
 * out at the end.
 */
export function* weightChunks(pool: FilePool, { tensor, quantization }: LayerWeight, content: TensorContent): Generator<Chunk> {
  const count = elementCount(tensor.shape);
  if (content.recipe) yield* contentChunks(pool, tensor, content);
  else if (tensor.fill !== undefined) yield { value: tensor.fill, count };
  else if (quantization) yield* dequantized(pool, tensor, quantization);
  else if (tensor.stored !== undefined && !tensor.values) {
    yield* contentChunks(pool, tensor, content);
    yield { value: 0, count: Math.max(0, count - tensor.stored) };
  } else if (isFloat(tensor.dtype) || tensor.values) yield* contentChunks(pool, tensor, content);
  else if (tensor.place) for (const chunk of elementChunks(pool.source(tensor.place.file), tensor.dtype, tensor.place, count)) yield asNumbers(chunk);
}

function asNumbers(elements: Elements): ArrayLike<number> {
  return elements instanceof BigInt64Array || elements instanceof BigUint64Array ? Float64Array.from(elements, Number) : elements;
}

/** (q − zero point) · scale + offset, with one scale for all, for each index of an axis, or for each block along it (ONNX DequantizeLinear). */
function* dequantized(pool: FilePool, tensor: Tensor, quantization: Quantization): Generator<ArrayLike<number>> {
  const { scale, zero = 0, offset = 0, axis, blockSize, filled } = quantization;
  const scales = scalesOf(pool, quantization);
  const zeros = zerosOf(pool, quantization);
  if (!tensor.place || !scales || (quantization.zeroPoint && zeros?.length !== 1 && zeros?.length !== scales.length)) return;
  const { shape } = tensor;
  const at = axis === null ? 0 : axis < 0 ? axis + shape.length : axis;
  const inner = elementCount(shape.slice(at + 1));
  const size = shape[at] ?? 1;
  const blocks = Math.ceil(size / blockSize);
  const isBlocked = axis !== null && scale.shape.length > 1;
  const scaleOf = (i: number): number => {
    if (axis === null) return 0;
    const along = Math.floor(i / inner) % size;
    return isBlocked ? (Math.floor(i / (inner * size)) * blocks + Math.floor(along / blockSize)) * inner + (i % inner) : along;
  };
  let start = 0;
  for (const chunk of elementChunks(pool.source(tensor.place.file), tensor.dtype, tensor.place, elementCount(shape))) {
    const elements = asNumbers(chunk);
    const result = new Float64Array(elements.length);
    for (let i = 0; i < result.length; i++) {
      const index = scaleOf(start + i);
      result[i] = ((elements[i] ?? 0) - (zeros?.[zeros.length === 1 ? 0 : index] ?? zero)) * (scales[index] ?? NaN) + offset;
    }
    const first = start;
    start += result.length;
    yield filled ? result.filter((_, i) => (first + i) % filled.row < filled.used) : result;
  }
}

/** One scale for all, or as many as the tensor or the other factor has. */
function scalesOf(pool: FilePool, { scale, times, divides }: Quantization): ArrayLike<number> | null {
  if (divides) {
    const values = valuesOf(pool, scale);
    return values && Float64Array.from(values, (value) => 1 / value);
  }
  const [own, other] = [valuesOf(pool, scale), times ? valuesOf(pool, times) : [1]];
  if (!own || !other || (other.length === 1 && other[0] === 1)) return own && other && own;
  const at = (values: ArrayLike<number>, i: number): number => values[values.length === 1 ? 0 : i] ?? NaN;
  return Float64Array.from({ length: Math.max(own.length, other.length) }, (_, i) => at(own, i) * at(other, i));
}

/** One zero point for all, or as many as there are scales; null where there is none. */
function zerosOf(pool: FilePool, { zeroPoint, filledZeros }: Quantization): ArrayLike<number> | null {
  const zeros = zeroPoint && valuesOf(pool, zeroPoint);
  return zeros && filledZeros ? Array.from(zeros).filter((_, i) => i % filledZeros.row < filledZeros.used) : zeros;
}

/** All values of a small tensor; null where it cannot be read, or is not small. */
function valuesOf(pool: FilePool, tensor: Tensor): ArrayLike<number> | null {
  if (tensor.values) return tensor.values;
  const known = latest.get(pool) ?? [];
  const found = known.find((each) => each.tensor === tensor) ?? { tensor, values: readValues(pool, tensor) };
  latest.set(pool, [found, ...known.filter((each) => each !== found)].slice(0, mostKept));
  return found.values;
}

/** Scales and zero points that were read last: many tensors may have the same. */
const latest = new WeakMap<FilePool, readonly { readonly tensor: Tensor; readonly values: ArrayLike<number> | null }[]>();
const mostKept = 4;

function readValues(pool: FilePool, tensor: Tensor): ArrayLike<number> | null {
  if (!tensor.place || tensor.problem !== undefined || elementCount(tensor.shape) > mostScales) return null;
  const elements = readElements(pool.source(tensor.place.file), tensor);
  return elements && asNumbers(elements);
}

/** How a weight is scaled, as reports show it. */
export function describeQuantization(pool: FilePool, quantization: Quantization): QuantizationReport {
  const { axis } = quantization;
  const scales = scalesOf(pool, quantization);
  if (!scales || scales.length === 0) return { scales: null, axis };
  let [min, max] = [Infinity, -Infinity];
  for (let i = 0; i < scales.length; i++) {
    min = Math.min(min, scales[i] ?? NaN);
    max = Math.max(max, scales[i] ?? NaN);
  }
  return { scales: { count: scales.length, min, max }, axis };
}
