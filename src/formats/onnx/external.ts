// Where an ONNX model names other files, whatever the tensor is for.

import { bytesPerElement, dtypeOf, elementCount } from '../../core/graph/dtype';
import type { ExternalReference } from '../../core/graph/graph';
import type { ByteSource } from '../files/byteSource';
import { externalFile } from '../files/external';
import type { EntryProto, ModelProto, Schema, TensorProto } from './schema';
import { externalLocation, modelSchema, tensorSchema } from './schema';

/**
 * Every place where a model names another file that is there: by the table of its messages, so that it does not matter what a tensor is
 * for, or whether anything reads it.
 */
export function externalReferences(source: ByteSource, model: ModelProto): readonly ExternalReference[] {
  const found: ExternalReference[] = [];
  for (const { dataLocation, externalData = [], extent, ...proto } of tensorProtosIn(modelSchema, model)) {
    // Of entries with the same key the last one holds.
    const entry = dataLocation === externalLocation ? externalData.findLast(({ key }) => key === 'location') : undefined;
    if (!entry?.extent || !extent) continue;
    const location = entry.value ?? '';
    const there = externalFile(source, location);
    if (typeof there === 'string') continue;
    const tensor = { name: proto.name ?? '', start: extent.start };
    found.push({ file: there.file, location, entry: entry.extent, tensor, ...rangeOf(externalData, proto) });
  }
  return found;
}

function rangeOf(entries: readonly EntryProto[], { dims = [], dataType = 0 }: TensorProto): { readonly offset: number; readonly length: number } {
  const { offset, length } = externalPlace(entries, Math.ceil(elementCount(dims) * bytesPerElement(dtypeOf(dataType))));
  const isPossible = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length > 0;
  return isPossible ? { offset, length } : { offset: 0, length: 0 };
}

/** Where values are in their file: what is left out is the beginning, and the length that they need. */
export function externalPlace(entries: readonly EntryProto[], needed: number): { readonly offset: number; readonly length: number } {
  const given = new Map(entries.map((entry) => [entry.key ?? '', entry.value ?? '']));
  return { offset: Number(given.get('offset') ?? 0), length: Number(given.get('length') ?? needed) };
}

function* tensorProtosIn(schema: Schema<unknown>, message: object): Generator<TensorProto> {
  if (schema === tensorSchema) yield message;
  else for (const { name, type } of schema.fields.values()) {
    if (typeof type !== 'function') continue;
    const value: unknown = Reflect.get(message, name);
    const messages: readonly unknown[] = Array.isArray(value) ? value : [value];
    for (const inner of messages) if (typeof inner === 'object' && inner !== null) yield* tensorProtosIn(type(), inner);
  }
}
