import type { DType } from '../core/graph/dtype';
import { bytesPerElement, elementCount } from '../core/graph/dtype';
import { fromBfloat16, fromFloat16 } from '../core/graph/halfFloat';
import type { TensorPlace } from '../core/graph/tensor';
import { Failure } from '../protocol/failure';
import type { ByteSource } from './byteSource';

export type Elements =
  | Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | BigInt64Array | BigUint64Array;

/** Largest number of bytes turned into numbers at once. */
const chunkBytes = 1 << 20;

/** All elements of a tensor, half precision widened to float32; null where that element type cannot be read. */
export function readElements(source: ByteSource, dtype: DType, shape: readonly number[], place: TensorPlace): Elements | null {
  const count = elementCount(shape);
  const result = createElements(dtype, count);
  if (!result) return null;
  let filled = 0;
  for (const chunk of elementChunks(source, dtype, place)) {
    if (filled + chunk.length > count) return null;
    copyInto(result, chunk, filled);
    filled += chunk.length;
  }
  return filled === count ? result : null;
}

function copyInto(target: Elements, chunk: Elements, at: number): void {
  if (target instanceof BigInt64Array || target instanceof BigUint64Array) {
    for (let i = 0; i < chunk.length; i++) target[at + i] = BigInt(chunk[i] ?? 0);
  } else {
    for (let i = 0; i < chunk.length; i++) target[at + i] = Number(chunk[i] ?? 0);
  }
}

/** The elements of a tensor, a bounded number at a time, in order. */
export function* elementChunks(source: ByteSource, dtype: DType, place: TensorPlace): Generator<Elements> {
  if (place.encoding === 'varint' || (place.encoding === 'tagged' && !isFixedWidth(dtype))) {
    yield* varintChunks(source, dtype, place);
    return;
  }
  const width = bytesPerElement(dtype);
  const stride = place.encoding === 'tagged' ? width + 1 : width;
  const step = Math.floor(chunkBytes / stride) * stride;
  for (let at = 0; at < place.length; at += step) {
    const bytes = source.read(place.offset + at, Math.min(step, place.length - at));
    yield decodeFixed(place.encoding === 'tagged' ? withoutTags(bytes, width) : bytes, dtype);
  }
}

function isFixedWidth(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64';
}

function withoutTags(bytes: Uint8Array, width: number): Uint8Array {
  const result = new Uint8Array((bytes.length / (width + 1)) * width);
  for (let from = 1, to = 0; from < bytes.length; from += width + 1, to += width) result.set(bytes.subarray(from, from + width), to);
  return result;
}

/** Array that can hold elements of the type; null for types nothing here reads. */
export function createElements(dtype: DType, count: number): Elements | null {
  switch (dtype) {
    case 'float32': case 'float16': case 'bfloat16': return new Float32Array(count);
    case 'float64': return new Float64Array(count);
    case 'int8': return new Int8Array(count);
    case 'uint8': case 'bool': return new Uint8Array(count);
    case 'int16': return new Int16Array(count);
    case 'uint16': return new Uint16Array(count);
    case 'int32': return new Int32Array(count);
    case 'uint32': return new Uint32Array(count);
    case 'int64': return new BigInt64Array(count);
    case 'uint64': return new BigUint64Array(count);
    default: return null;
  }
}

function decodeFixed(bytes: Uint8Array, dtype: DType): Elements {
  const count = bytes.length / bytesPerElement(dtype);
  const aligned = bytes.slice().buffer;
  switch (dtype) {
    case 'float32': return new Float32Array(aligned);
    case 'float64': return new Float64Array(aligned);
    case 'float16': return Float32Array.from(new Uint16Array(aligned), fromFloat16);
    case 'bfloat16': return Float32Array.from(new Uint16Array(aligned), fromBfloat16);
    case 'int8': return new Int8Array(aligned);
    case 'int16': return new Int16Array(aligned);
    case 'uint16': return new Uint16Array(aligned);
    case 'int32': return new Int32Array(aligned);
    case 'uint32': return new Uint32Array(aligned);
    case 'int64': return new BigInt64Array(aligned);
    case 'uint64': return new BigUint64Array(aligned);
    default: return new Uint8Array(aligned, 0, Math.floor(count));
  }
}

function* varintChunks(source: ByteSource, dtype: DType, place: TensorPlace): Generator<Elements> {
  for (let at = 0; at < place.length;) {
    const { values, consumed } = readVarints(source.read(place.offset + at, Math.min(chunkBytes, place.length - at)), place.encoding === 'tagged');
    if (consumed === 0) throw new Failure('broken-file', `${source.name}: the numbers end in the middle of one at byte ${place.offset + at}. Export it again.`);
    yield asElements(values, dtype);
    at += consumed;
  }
}

/** The varints that are complete, each behind its tag if there are tags, and how many bytes they take. */
function readVarints(bytes: Uint8Array, tagged: boolean): { readonly values: readonly bigint[]; readonly consumed: number } {
  const values: bigint[] = [];
  let at = 0;
  const next = (): bigint | null => {
    let value = 0n;
    for (let shift = 0n; at < bytes.length && shift < 70n; shift += 7n) {
      const byte = bytes[at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    return null;
  };
  let consumed = 0;
  while (at < bytes.length) {
    if (tagged && next() === null) break;
    const value = next();
    if (value === null) break;
    values.push(value);
    consumed = at;
  }
  return { values, consumed };
}

/** Values of int32_data, int64_data and uint64_data; half precision is stored there as its bit pattern. */
function asElements(values: readonly bigint[], dtype: DType): Elements {
  if (dtype === 'int64') return BigInt64Array.from(values);
  if (dtype === 'uint64') return BigUint64Array.from(values.map((value) => BigInt.asUintN(64, value)));
  const numbers = values.map(Number);
  if (dtype === 'float16') return Float32Array.from(numbers, fromFloat16);
  if (dtype === 'bfloat16') return Float32Array.from(numbers, fromBfloat16);
  const result = createElements(dtype, numbers.length) ?? new Int32Array(numbers.length);
  copyInto(result, Float64Array.from(numbers), 0);
  return result;
}
