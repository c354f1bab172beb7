/** What an element is (specification 3.0, IV.A.2.d), as far as weights and the attributes beside them need. */

import type { DType } from '../../core/graph/dtype';
import type { Cursor } from './cursor';

export type Datatype =
  | { readonly kind: 'number'; readonly dtype: DType; readonly size: number; readonly isBigEndian: boolean }
  /** As many bytes as that, of which those from the first zero on, or spaces at the end, are padding. */
  | { readonly kind: 'text'; readonly size: number; readonly padding: number }
  /** A reference into a global heap. */
  | { readonly kind: 'variable text'; readonly size: number }
  | { readonly kind: 'opaque'; readonly size: number }
  /** `what` elements of it are, in the plural. */
  | { readonly kind: 'other'; readonly size: number; readonly what: string };

/** Of the classes that are only named. */
const classNames: Readonly<Record<number, string>> = {
  2: 'times', 4: 'bit fields', 6: 'compounds', 7: 'references', 9: 'lists of any length', 10: 'arrays', 11: 'complex numbers',
};
const classes = { integer: 0, float: 1, text: 3, opaque: 5, enumeration: 8, variable: 9 } as const;

/** Sign, exponent and mantissa of the floats of IEEE 754, and of bfloat16: places of exponent and mantissa, their widths and the bias. */
const floats: readonly { readonly dtype: DType; readonly size: number; readonly fields: readonly number[] }[] = [
  { dtype: 'float16', size: 2, fields: [10, 5, 0, 10, 15] }, { dtype: 'bfloat16', size: 2, fields: [7, 8, 0, 7, 127] },
  { dtype: 'float32', size: 4, fields: [23, 8, 0, 23, 127] }, { dtype: 'float64', size: 8, fields: [52, 11, 0, 52, 1023] },
];
const integers: Readonly<Record<number, readonly [signed: DType, unsigned: DType]>> = {
  1: ['int8', 'uint8'], 2: ['int16', 'uint16'], 4: ['int32', 'uint32'], 8: ['int64', 'uint64'],
};

export function readDatatype(cursor: Cursor): Datatype {
  const head = cursor.byte();
  const [kind, version] = [head & 15, head >> 4];
  if (version < 1 || version > 5) throw cursor.file.unsupported(`version ${version} of a datatype is not known here (1 to 5 are)`);
  const bits = cursor.uint(3);
  const size = cursor.uint(4);
  const other = (what: string): Datatype => ({ kind: 'other', size, what });
  switch (kind) {
    case classes.integer: return readInteger(cursor, bits, size) ?? other(`integers of ${8 * size} bits in an order of their own`);
    case classes.float: return readFloat(cursor, bits, size) ?? other(`floats of ${8 * size} bits of a form of their own`);
    case classes.text: return { kind: 'text', size, padding: bits & 15 };
    case classes.opaque: return { kind: 'opaque', size };
    case classes.enumeration: return readEnumeration(cursor, version, bits & 0xffff) ?? other('an enumeration of no integers');
    case classes.variable: return (bits & 15) === 1 ? { kind: 'variable text', size } : other('lists of any length');
    default: return other(classNames[kind] ?? `of class ${kind}`);
  }
}

function readInteger(cursor: Cursor, bits: number, size: number): Datatype | null {
  const isWhole = cursor.uint(2) === 0 && cursor.uint(2) === 8 * size;
  const dtype = integers[size]?.[(bits & 8) !== 0 ? 0 : 1];
  return isWhole && dtype ? { kind: 'number', dtype, size, isBigEndian: (bits & 1) !== 0 } : null;
}

function readFloat(cursor: Cursor, bits: number, size: number): Datatype | null {
  const isWhole = cursor.uint(2) === 0 && cursor.uint(2) === 8 * size;
  const found = [cursor.byte(), cursor.byte(), cursor.byte(), cursor.byte(), cursor.uint(4)];
  const form = floats.find((each) => each.size === size && each.fields.every((value, i) => value === found[i]));
  // The first bit of a mantissa is implied (2), the sign is the highest bit, and both bits of a VAX's order are not set.
  const isUsual = (bits >> 4 & 3) === 2 && (bits >> 8 & 0xff) === 8 * size - 1 && (bits & 0x40) === 0;
  return isWhole && isUsual && form ? { kind: 'number', dtype: form.dtype, size, isBigEndian: (bits & 1) !== 0 } : null;
}

/** By its integers; as h5py writes booleans, of which 0 is FALSE and 1 is TRUE, they are such. */
function readEnumeration(cursor: Cursor, version: number, count: number): Datatype | null {
  const base = readDatatypeOf(cursor);
  if (base?.kind !== 'number') return null;
  if (base.size !== 1 || count !== 2) return base;
  const names = [readName(cursor, version), readName(cursor, version)];
  const values = [cursor.byte(), cursor.byte()];
  const isBoolean = names[values.indexOf(0)] === 'FALSE' && names[values.indexOf(1)] === 'TRUE';
  return isBoolean ? { ...base, dtype: 'bool' } : base;
}

/** The integer type of an enumeration: of no other type can one be. */
function readDatatypeOf(cursor: Cursor): Datatype | null {
  const kind = cursor.byte() & 15;
  const bits = cursor.uint(3);
  return kind === classes.integer ? readInteger(cursor, bits, cursor.uint(4)) : null;
}

/** Names are padded to multiples of 8 bytes before version 3. */
function readName(cursor: Cursor, version: number): string {
  const start = cursor.position;
  const name = cursor.terminated();
  if (version < 3) cursor.skip((8 - (cursor.position - start) % 8) % 8);
  return name;
}
