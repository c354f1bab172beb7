import { varint } from './fields';
import { wire } from './wire';

/** Parts of protobuf messages, as they stand in a file (protobuf encoding). */

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export const tag = (field: number, type: number): Uint8Array => varint(field * 8 + type);
export const delimitedTag = (field: number): Uint8Array => tag(field, wire.delimited);

export const varintField = (field: number, value: number): Uint8Array => concat([tag(field, wire.varint), varint(value)]);

/** A message, or bytes, of these parts. */
export function delimited(field: number, parts: readonly Uint8Array[]): Uint8Array {
  const body = concat(parts);
  return concat([delimitedTag(field), varint(body.length), body]);
}

export const text = (field: number, value: string): Uint8Array => delimited(field, [new TextEncoder().encode(value)]);
