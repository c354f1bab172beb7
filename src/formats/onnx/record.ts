import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

import { recordKey } from '../../core/edits/record';
import type { ByteSource } from '../files/byteSource';
import { decode } from './decode';
import type { EntryProto, Schema } from './schema';
import { metadataField, modelSchema } from './schema';
import { WireCursor, wire } from './wire';

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Where our own metadata entry lies, tag and length included; null if the file has none. */
export function locateRecord(source: ByteSource): ByteRange | null {
  const cursor = new WireCursor(source);
  const entrySchema = modelSchema.fields.get(metadataField)?.type;
  if (typeof entrySchema !== 'function') throw new Error('The table of ModelProto has no metadata_props.');
  let found: ByteRange | null = null;
  while (cursor.position < source.size) {
    const start = cursor.position;
    const { field, type } = cursor.tag(source.size);
    if (field !== metadataField || type !== wire.delimited) {
      cursor.skip(type, source.size);
      continue;
    }
    const length = cursor.length(source.size);
    const entry = decode(cursor, entrySchema() as Schema<EntryProto>, cursor.position + length);
    if (entry.key === recordKey) found = { start, end: cursor.position };
  }
  return found;
}

/** A `metadata_props` field to be appended after the last byte of a model: a repeated field may stand anywhere in its message. */
export function encodeRecord(text: string): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(metadataField, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).string(recordKey);
  writer.tag(2, WireType.LengthDelimited).string(text);
  return writer.join().finish();
}
