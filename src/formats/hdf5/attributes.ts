/** Values beside an object, by name (specification 3.0, IV.A.2.m and IV.A.2.v), read when they are asked for. */

import { bytesPerElement, elementCount } from '../../core/graph/dtype';
import { openBytes } from '../files/byteSource';
import { readElements } from '../tensors/elements';
import { recordsOf } from './btree2';
import type { Cursor, Hdf5File } from './cursor';
import { readShape } from './dataspace';
import type { Datatype } from './datatype';
import { readDatatype } from './datatype';
import { FractalHeap } from './fractalHeap';
import type { GlobalHeaps } from './globalHeap';
import type { ObjectHeader } from './objectHeader';
import { body, bodyOf, followShared, messageTypes } from './objectHeader';

export type Scalar = string | number | boolean;
/** Arrays are flat, in row-major order. Null where there is no value, or one of a type that nothing here reads. */
export type AttributeValue = Scalar | readonly Scalar[] | null;

/** Of a tree of attributes by name (III.A.2, "Type 8"). */
const attributeRecords = 8;
const heapIdBytes = 8;
/** Attributes are headings. Whoever asks for one gets at most this many values. */
const mostValues = 1 << 20;

export function readAttributes(file: Hdf5File, heaps: GlobalHeaps, header: ObjectHeader): ReadonlyMap<string, AttributeValue> {
  const compact = header.messages.filter(({ type }) => type === messageTypes.attribute).map((message) => body(file, message));
  const info = bodyOf(file, header, messageTypes.attributeInfo);
  const dense = info ? denseAttributes(file, info) : [];
  return new Map([...compact, ...dense].map((cursor) => readAttribute(heaps, cursor)));
}

function denseAttributes(file: Hdf5File, info: Cursor): readonly Cursor[] {
  info.version([0], 'the attributes of an object');
  if ((info.byte() & 1) !== 0) info.skip(2);
  const [heapAddress, tree] = [info.address(), info.address()];
  if (heapAddress === null || tree === null) return [];
  const heap = new FractalHeap(file, heapAddress);
  return [...recordsOf(file, tree, attributeRecords)].map((record) => {
    const id = record.part(heapIdBytes);
    if ((record.byte() & 2) !== 0) throw file.unsupported('attributes in it are shared by several objects (SOHM)');
    return heap.object(id);
  });
}

function readAttribute(heaps: GlobalHeaps, cursor: Cursor): readonly [string, AttributeValue] {
  const version = cursor.version([1, 2, 3], 'an attribute');
  const flags = cursor.byte();
  const [nameBytes, typeBytes, spaceBytes] = [cursor.uint(2), cursor.uint(2), cursor.uint(2)];
  if (version === 3) cursor.skip(1);
  // Before version 2 each part is padded to a multiple of 8 bytes, and none is shared.
  const part = (length: number): Cursor => cursor.part(version === 1 ? 8 * Math.ceil(length / 8) : length);
  const name = part(nameBytes).terminated();
  const typePart = part(typeBytes);
  const spacePart = part(spaceBytes);
  const type = readDatatype(version > 1 && (flags & 1) !== 0 ? followShared(typePart, messageTypes.datatype) : typePart);
  const shape = readShape(version > 1 && (flags & 2) !== 0 ? followShared(spacePart, messageTypes.dataspace) : spacePart);
  return [name, shape === null ? null : readValue(cursor, heaps, type, shape)];
}

function readValue(cursor: Cursor, heaps: GlobalHeaps, type: Datatype, shape: readonly number[]): AttributeValue {
  const count = elementCount(shape);
  if (count > mostValues || count * type.size > cursor.left) {
    throw cursor.broken(`an attribute of ${count} values of ${type.size} bytes is longer than its message or heap`);
  }
  const values = valuesOf(cursor, heaps, type, count);
  return shape.length === 0 ? values?.[0] ?? null : values;
}

function valuesOf(cursor: Cursor, heaps: GlobalHeaps, type: Datatype, count: number): readonly Scalar[] | null {
  switch (type.kind) {
    case 'text': return Array.from({ length: count }, () => withoutPadding(cursor.bytes(type.size), type.padding));
    case 'variable text': return Array.from({ length: count }, () => heaps.text(cursor.part(type.size)));
    case 'number': return numbersOf(cursor.bytes(count * type.size), type, count);
    case 'opaque': case 'other': return null;
  }
}

/** Padding of text: 0 ends it at its first zero, 1 fills it up with zeros, 2 with spaces (IV.A.2.d, class 3). */
function withoutPadding(bytes: Uint8Array, padding: number): string {
  const zero = bytes.indexOf(0);
  const text = Buffer.from(zero < 0 || padding === 2 ? bytes : bytes.subarray(0, zero)).toString('utf8');
  return padding === 2 ? text.replace(/ +$/, '') : text;
}

function numbersOf(bytes: Uint8Array, { dtype, isBigEndian }: Extract<Datatype, { kind: 'number' }>, count: number): readonly Scalar[] | null {
  const width = bytesPerElement(dtype);
  if (isBigEndian) for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
  const place = { file: '', offset: 0, length: bytes.length, encoding: 'contiguous' } as const;
  const elements = readElements(openBytes('', bytes), { dtype, shape: [count], place });
  return elements && Array.from(elements, (element: number | bigint) => (dtype === 'bool' ? element !== 0 : Number(element)));
}
