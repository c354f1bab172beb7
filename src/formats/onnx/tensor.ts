import type { DType } from '../../core/graph/dtype';
import { bytesPerElement, dtypeOf, elementCount, highestRank, isFloat } from '../../core/graph/dtype';
import type { Tensor, TensorHome, TensorPlace } from '../../core/graph/tensor';
import { isText, piecesOf } from '../../core/graph/tensor';
import type { StorageKind } from '../../protocol/report';
import { say } from '../../protocol/words';
import type { ByteSource } from '../files/byteSource';
import { openFile } from '../files/byteSource';
import { externalFile, isLfsPointer, isMissing } from '../files/external';
import { base64Length } from '../tensors/base64';
import { isFixedWidth, readElements } from '../tensors/elements';
import { externalPlace } from './external';
import type { Extent, Payload, TensorProto } from './schema';
import { externalLocation, isWirePayload } from './schema';
import { wire } from './wire';

/** Tensors up to this many elements that are not floats (shapes, axes, indices) are loaded with the structure. */
const smallTensor = 1024;
/** Types that shapes, axes, indices and masks have; narrower ones are quantised weights. */
const wholeTypes = /^(u?int(8|16|32|64)|bool)$/;

const noValues = say('it has no values');

/** A TensorProto as a place; throws only if reading a small constant fails. */
export function locateTensor(source: ByteSource, proto: TensorProto): Tensor {
  const tensor = locateValues(source, proto);
  const home = homeAt(source, proto.extent, 'tensor');
  return home ? { ...tensor, home } : tensor;
}

export function homeAt(source: ByteSource, extent: Extent | undefined, kind: TensorHome['kind']): TensorHome | undefined {
  // In a text only a tensor can be written anew as a whole: what stands for one elsewhere is in another list.
  if (!extent || (extent.isText && kind !== 'tensor')) return undefined;
  return { file: source.name, start: extent.start, end: extent.end, kind, ...(extent.isText ? { isText: true } : {}) };
}

function locateValues(source: ByteSource, proto: TensorProto): Tensor {
  const dtype = dtypeOf(proto.dataType ?? 0);
  const shape = proto.dims ?? [];
  const impossible = refuseShape(shape);
  if (impossible !== null) return unreadable(dtype, [], 'raw', impossible);
  if (proto.dataLocation === externalLocation) return locateExternal(source, proto, dtype, shape);
  const storage: StorageKind = proto.rawData ? 'raw' : 'typed';
  if (dtype === 'string' || dtype === 'undefined') return unreadable(dtype, shape, storage, say('its element type is {0}', dtype));
  const field = fieldOf(proto, dtype);
  const found = field ? placeOf(source.name, field.payloads, field.width, dtype) : noValues;
  if (elementCount(shape) === 0) return { id: '', dtype, shape, storage, place: null, values: [] };
  if (found === noValues && isFloat(dtype)) return { ...unreadable(dtype, shape, storage, found), stripped: true };
  if (typeof found === 'string') return unreadable(dtype, shape, storage, found);
  const place = found;
  const wrong = isText(place) ? refuseHeld(source, place, field?.payloads ?? [], dtype, shape) : refuseLength(place, dtype, shape);
  if (wrong !== null) return unreadable(dtype, shape, storage, wrong);
  return loadSmall(source, { id: '', dtype, shape, storage, place, values: null });
}

/** What is wrong with a shape as a clause, or null. */
export function refuseShape(shape: readonly number[]): string | null {
  const possible = shape.length <= highestRank && shape.every((size) => size >= 0 && Number.isSafeInteger(size)) && Number.isSafeInteger(elementCount(shape));
  return possible ? null : say('its shape [{0}] is not possible', shape.slice(0, 8).join(', '));
}

function unreadable(dtype: DType, shape: readonly number[], storage: StorageKind, problem: string): Tensor {
  return { id: '', dtype, shape, storage, place: null, values: null, problem };
}

/** Which field of TensorProto holds the values of that type (onnx.proto, comments of TensorProto), and bytes per element there. */
function fieldOf(proto: TensorProto, dtype: DType): { readonly payloads: readonly Payload[]; readonly width: number | null } | null {
  // Of a field that is not repeated the last one holds (protobuf encoding, "Last One Wins").
  const raw = proto.rawData?.at(-1);
  if (raw && raw.length > 0) return { payloads: [raw], width: bytesPerElement(dtype) };
  const typed: readonly [Payload[] | undefined, number | null][] = dtype === 'float32' || dtype === 'complex64'
    ? [[proto.floatData, 4]]
    : dtype === 'float64' || dtype === 'complex128' ? [[proto.doubleData, 8]]
      : dtype === 'int64' ? [[proto.int64Data, null]]
        : dtype === 'uint32' || dtype === 'uint64' ? [[proto.uint64Data, null]] : [[proto.int32Data, null]];
  for (const [payloads, width] of typed) if (payloads) return { payloads, width };
  return null;
}

/** Pieces above this number are no way to store a tensor. */
const mostPieces = 4096;

/** Where the values are, in one piece or several; or why that is not known, as a clause. */
function placeOf(file: string, payloads: readonly Payload[], width: number | null, dtype: DType): TensorPlace | string {
  const filled = payloads.filter((payload) => payload.length > 0);
  if (filled.length > mostPieces) return say('its values are stored in more than {0} pieces', mostPieces);
  const strange = filled.filter(isWirePayload)
    .some(({ form, wireType }) => width !== null && form === 'tagged' && wireType !== (width === 8 ? wire.fixed64 : wire.fixed32));
  if (strange) return say('its values are of another wire type than their field');
  // int32_data holds the bits of narrow floats.
  if (filled.some(({ form }) => form === 'decimal') && width === null && isFloat(dtype)) {
    return say('its values are written as the bits of them, one by one');
  }
  const [first, ...further] = filled.map(({ offset, length, form }): TensorPlace => (
    { file, offset, length, encoding: form !== 'packed' ? form : width === null ? 'varint' : 'contiguous' }));
  if (!first) return noValues;
  return further.length > 0 ? { ...first, further } : first;
}

/** What is wrong with the number of bytes as a clause, or null. Pieces may differ in form: then reading tells whether they fit. */
function refuseLength(place: TensorPlace, dtype: DType, shape: readonly number[]): string | null {
  const pieces = piecesOf(place);
  const stored = pieces.reduce((sum, { length }) => sum + length, 0);
  const lengths = pieces.map((piece) => byteLength(piece, dtype, shape));
  const [least, most] = [Math.min(...lengths.map((each) => each.least)), Math.max(...lengths.map((each) => each.most))];
  if (least <= stored && stored <= most) return null;
  return storedBytes(stored, least === most ? least : say('{0} to {1}', least, most));
}

/** The same of a text. */
function refuseHeld(source: ByteSource, place: TensorPlace, payloads: readonly Payload[], dtype: DType, shape: readonly number[]): string | null {
  const [plain = 0] = payloads.flatMap((payload) => (isWirePayload(payload) ? [] : [payload.holds]));
  const isDecimal = place.encoding === 'decimal';
  const needed = isDecimal ? elementCount(shape) : Math.ceil(elementCount(shape) * bytesPerElement(dtype));
  const held = isDecimal || plain === needed ? plain : base64Length(source, place);
  if (held === needed) return null;
  return isDecimal ? say('it stores {0} numbers where its shape needs {1}', held, needed) : storedBytes(held, needed);
}

const storedBytes = (stored: number, needed: number | string): string => say('it stores {0} bytes where its shape needs {1}', stored, needed);

/** Longest varint of the protobuf encoding. */
const longestVarint = 10;

/** Bytes the elements need in that encoding: varints take 1 to 10, each behind a byte of tag where they are not packed. */
function byteLength(place: TensorPlace, dtype: DType, shape: readonly number[]): { readonly least: number; readonly most: number } {
  const count = elementCount(shape);
  const exactly = (bytes: number): { least: number; most: number } => ({ least: bytes, most: bytes });
  if (place.encoding === 'contiguous') return exactly(Math.ceil(count * bytesPerElement(dtype)));
  const tag = place.encoding === 'tagged' ? 1 : 0;
  if (tag === 1 && isFixedWidth(dtype)) return exactly(count * (bytesPerElement(dtype) + tag));
  // Of types below 8 bits a varint holds a byte of several elements.
  const varints = Math.ceil(count * Math.min(1, bytesPerElement(dtype)));
  return { least: varints * (1 + tag), most: varints * (longestVarint + tag) };
}

function locateExternal(source: ByteSource, proto: TensorProto, dtype: DType, shape: readonly number[]): Tensor {
  const entries = proto.externalData ?? [];
  const location = entries.findLast(({ key }) => key === 'location')?.value ?? '';
  const found = externalFile(source, location);
  if (typeof found === 'string') {
    return { ...unreadable(dtype, shape, 'external', found), ...(isMissing(found, location) && isFloat(dtype) ? { stripped: true } : {}) };
  }
  const { file, size } = found;
  const expected = Math.ceil(elementCount(shape) * bytesPerElement(dtype));
  const { offset, length } = externalPlace(entries, expected);
  if (!Number.isSafeInteger(offset) || offset < 0 || length !== expected) {
    return unreadable(dtype, shape, 'external',
      say('{0} is said to hold {1} bytes at {2} where its shape needs {3}', location, length, offset, expected));
  }
  if (offset + length > size) {
    const short = say('{0} has {1} bytes, but its values end at {2}', location, size, offset + length);
    return unreadable(dtype, shape, 'external', isLfsPointer(file) ? say('{0} is a Git LFS pointer: fetch it with "git lfs pull"', location) : short);
  }
  const tensor: Tensor = { id: '', dtype, shape, storage: 'external', place: { file, offset, length, encoding: 'contiguous' }, values: null };
  if (!isLoaded(tensor)) return tensor;
  const data = openFile(file);
  try {
    return loadSmall(data, tensor);
  } finally {
    data.close();
  }
}

/** What shapes are worked out from: integers, and float scalars, which are slopes and bounds. */
export function isLoaded({ dtype, shape }: Tensor): boolean {
  const count = elementCount(shape);
  return isFloat(dtype) ? count <= 1 : wholeTypes.test(dtype) && count <= smallTensor;
}

function loadSmall(source: ByteSource, tensor: Tensor): Tensor {
  if (!isLoaded(tensor) || !tensor.place) return tensor;
  const values = readElements(source, tensor);
  return values ? { ...tensor, values: Array.from(values, Number) } : tensor;
}
