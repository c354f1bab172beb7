import type { DType } from '../../core/graph/dtype';
import { bytesPerElement, elementCount } from '../../core/graph/dtype';
import { fromFloat16 } from '../../core/graph/halfFloat';
import { narrowFloats } from '../../core/graph/narrowFloat';
import type { Tensor, TensorPlace } from '../../core/graph/tensor';
import { piecesOf } from '../../core/graph/tensor';
import type { ByteSource } from '../files/byteSource';
import { openFile } from '../files/byteSource';
import { base64Bytes } from './base64';
import { unpackedBytes } from './chunked';
import { decimalBytes } from './decimal';
import { varintBytes } from './varints';

export type Elements =
  | Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | BigInt64Array | BigUint64Array;

/** Largest number of bytes turned into numbers at once: a whole number of elements of every width, also of 6 bits. */
const chunkBytes = 3 << 18;

type Stored = Pick<Tensor, 'dtype' | 'shape' | 'place'>;

/** All elements of a tensor, floats below 32 bits widened to float32; null where that element type cannot be read. */
export function readElements(source: ByteSource, { dtype, shape, place }: Stored): Elements | null {
  const count = elementCount(shape);
  const result = place && createElements(dtype, count);
  if (!result) return null;
  let filled = 0;
  for (const chunk of elementChunks(source, dtype, place, count)) {
    if (filled + chunk.length > count) return null;
    copyInto(result, chunk, filled);
    filled += chunk.length;
  }
  return filled === count ? result : null;
}

/** All bytes of a tensor as `raw_data` would hold them, however the file stores them; null where they are not as many as they should be. */
export function storedBytes(source: ByteSource, { dtype, shape, place }: Stored): Uint8Array | null {
  if (!place) return null;
  const result = new Uint8Array(Math.ceil(elementCount(shape) * bytesPerElement(dtype)));
  let filled = 0;
  for (const bytes of byteChunks(source, dtype, place)) {
    if (filled + bytes.length > result.length) return null;
    result.set(bytes, filled);
    filled += bytes.length;
  }
  return filled === result.length ? result : null;
}

/** Copies a chunk into elements of the same type from a position on. */
export function copyInto(target: Elements, chunk: Elements, at: number): void {
  if (target instanceof BigInt64Array || target instanceof BigUint64Array) {
    for (let i = 0; i < chunk.length; i++) target[at + i] = BigInt(chunk[i] ?? 0);
  } else {
    for (let i = 0; i < chunk.length; i++) target[at + i] = Number(chunk[i] ?? 0);
  }
}

/** The elements of a tensor, a bounded number at a time, in order; those after `count` that only fill up the last byte are left out. */
export function* elementChunks(source: ByteSource, dtype: DType, place: TensorPlace, count: number): Generator<Elements> {
  let done = 0;
  for (const bytes of byteChunks(source, dtype, place)) {
    const elements = decodeElements(bytes, dtype);
    const left = count - done;
    const isFilled = bytesPerElement(dtype) < 1 && elements.length > left && elements.length - left < 4;
    yield isFilled ? elements.subarray(0, left) : elements;
    done += elements.length;
  }
}

function* byteChunks(source: ByteSource, dtype: DType, place: TensorPlace): Generator<Uint8Array> {
  const pieces = piecesOf(place);
  const isSeamless = pieces.length === 1 || pieces.some(({ encoding }) => encoding !== 'contiguous');
  if (isSeamless) for (const piece of pieces) yield* openedChunks(source, dtype, place, piece);
  else yield* acrossSeams(source, dtype, place, pieces);
}

/** `source` is of the first piece; others may be in files of their own. */
function* openedChunks(source: ByteSource, dtype: DType, { file }: TensorPlace, piece: TensorPlace): Generator<Uint8Array> {
  if (piece.file === file) {
    yield* pieceChunks(source, dtype, piece);
    return;
  }
  const own = openFile(piece.file);
  try {
    yield* pieceChunks(own, dtype, piece);
  } finally {
    own.close();
  }
}

/** Of bytes that are cut anywhere, whole elements: one may begin in a piece and end in the next. */
function* acrossSeams(source: ByteSource, dtype: DType, place: TensorPlace, pieces: readonly TensorPlace[]): Generator<Uint8Array> {
  const width = Math.max(1, bytesPerElement(dtype));
  let rest = new Uint8Array(0);
  for (const piece of pieces) {
    for (const chunk of openedChunks(source, dtype, place, piece)) {
      const joined = rest.length === 0 ? chunk : concatenated(rest, chunk);
      const whole = joined.length - (joined.length % width);
      rest = joined.slice(whole);
      if (whole > 0) yield joined.subarray(0, whole);
    }
  }
  if (rest.length > 0) yield rest;
}

function concatenated(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

function* pieceChunks(source: ByteSource, dtype: DType, place: TensorPlace): Generator<Uint8Array> {
  if (place.grid) yield* unpackedBytes(source, place.grid);
  else if (place.encoding === 'decimal') yield* decimalBytes(source, place, dtype);
  else if (place.encoding === 'base64') yield* base64Bytes(source, place);
  // One varint of int32_data holds an element, or the byte that several narrow ones are packed in.
  else if (place.encoding === 'varint' || !(isFixedWidth(dtype) || place.encoding === 'contiguous')) {
    yield* varintBytes(source, place, Math.max(1, bytesPerElement(dtype)));
  } else yield* rawChunks(source, dtype, place);
}

/** Bytes that are there as they are, but for tags between them. */
function* rawChunks(source: ByteSource, dtype: DType, place: TensorPlace): Generator<Uint8Array> {
  const width = bytesPerElement(dtype);
  const stride = place.encoding === 'tagged' ? width + 1 : 1;
  const step = Math.floor(chunkBytes / stride) * stride;
  for (let at = 0; at < place.length; at += step) {
    const bytes = source.read(place.offset + at, Math.min(step, place.length - at));
    yield place.encoding === 'tagged' ? withoutTags(bytes, width) : bytes;
  }
}

/** Whether `tagged` values are floats behind their tags, and not varints. */
export function isFixedWidth(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64';
}

function withoutTags(bytes: Uint8Array, width: number): Uint8Array {
  const result = new Uint8Array(Math.floor(bytes.length / (width + 1)) * width);
  for (let from = 1, to = 0; to < result.length; from += width + 1, to += width) result.set(bytes.subarray(from, from + width), to);
  return result;
}

/** Array that can hold elements of the type; null for types nothing here reads. */
export function createElements(dtype: DType, count: number): Elements | null {
  switch (dtype) {
    case 'float64': return new Float64Array(count);
    case 'int8': case 'int4': case 'int2': return new Int8Array(count);
    case 'uint8': case 'bool': case 'uint4': case 'uint2': return new Uint8Array(count);
    case 'int16': return new Int16Array(count);
    case 'uint16': return new Uint16Array(count);
    case 'int32': return new Int32Array(count);
    case 'uint32': return new Uint32Array(count);
    case 'int64': return new BigInt64Array(count);
    case 'uint64': return new BigUint64Array(count);
    case 'string': case 'undefined': case 'complex64': case 'complex128': return null;
    default: return new Float32Array(count);
  }
}

/** Bytes of elements back to back as numbers. */
export function decodeElements(given: Uint8Array, dtype: DType): Elements {
  const width = bytesPerElement(dtype);
  // A file that was cut off since it was opened may end within an element, and a view has to begin at a multiple of its width.
  const whole = width > 1 ? given.subarray(0, given.length - (given.length % width)) : given;
  // A copy: what slice gives of a Buffer is the same bytes.
  const bytes = width > 1 && whole.byteOffset % width !== 0 ? new Uint8Array(whole) : whole;
  const view = [bytes.buffer, bytes.byteOffset, bytes.length / width] as const;
  switch (dtype) {
    case 'float32': return new Float32Array(...view);
    case 'float64': return new Float64Array(...view);
    case 'float16': return decodeHalves(new Uint16Array(...view));
    case 'bfloat16': return decodeBrainHalves(new Uint16Array(...view));
    case 'int8': return new Int8Array(...view);
    case 'int16': return new Int16Array(...view);
    case 'uint16': return new Uint16Array(...view);
    case 'int32': return new Int32Array(...view);
    case 'uint32': return new Uint32Array(...view);
    case 'int64': return new BigInt64Array(...view);
    case 'uint64': return new BigUint64Array(...view);
    case 'int4': case 'int2': return unpack(bytes, width * 8, new Int8Array(Math.floor(bytes.length / width)), signedCodes(width * 8));
    case 'uint4': case 'uint2': return unpack(bytes, width * 8, new Uint8Array(Math.floor(bytes.length / width)), null);
    case 'float8e4m3fn': case 'float8e4m3fnuz': case 'float8e5m2': case 'float8e5m2fnuz': case 'float8e8m0':
    case 'float6e2m3': case 'float6e3m2': case 'float4e2m1':
      return unpack(bytes, width * 8, new Float32Array(Math.floor(bytes.length / width)), narrowFloats(dtype));
    default: return bytes;
  }
}

let halves: Float32Array | null = null;

function decodeHalves(codes: Uint16Array): Float32Array {
  halves ??= Float32Array.from({ length: 1 << 16 }, (_, code) => fromFloat16(code));
  const result = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) result[i] = halves[codes[i] ?? 0] ?? 0;
  return result;
}

/** A bfloat16 is the upper half of a float32. */
function decodeBrainHalves(codes: Uint16Array): Float32Array {
  const bits = new Uint32Array(codes.length);
  for (let i = 0; i < codes.length; i++) bits[i] = (codes[i] ?? 0) << 16;
  return new Float32Array(bits.buffer);
}

function signedCodes(bits: number): Int8Array {
  return Int8Array.from({ length: 1 << bits }, (_, code) => (code < 1 << (bits - 1) ? code : code - (1 << bits)));
}

/** Codes of so many bits, the lowest bits of a byte first (onnx.proto, TensorProto.raw_data), each looked up in the table if there is one. */
function unpack<T extends Float32Array | Int8Array | Uint8Array>(bytes: Uint8Array, bits: number, result: T, table: Float32Array | Int8Array | null): T {
  const mask = (1 << bits) - 1;
  for (let i = 0, at = 0; i < result.length; i++, at += bits) {
    const first = at >> 3;
    const code = (((bytes[first] ?? 0) | ((bytes[first + 1] ?? 0) << 8)) >> (at & 7)) & mask;
    result[i] = table ? table[code] ?? 0 : code;
  }
  return result;
}
