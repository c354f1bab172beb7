// The messages of onnx.proto out of a JSON text, by the same tables as out of the wire format (ProtoJSON: protobuf.dev, "ProtoJSON Format").

import type { JsonView } from '../json/view';
import type { Field, Schema, TextPayload } from '../onnx/schema';
import { plainLength } from '../tensors/base64';

/** Longest string, and longest list in an attribute or a shape, as in the wire format. */
const [longestString, longestList] = [1 << 20, 1 << 20];

/** Names of what is an enumeration in onnx.proto, in the order of their numbers from 0 on. */
const enumerations: Readonly<Record<string, readonly string[]>> = {
  'AttributeProto.type': [
    'UNDEFINED', 'FLOAT', 'INT', 'STRING', 'TENSOR', 'GRAPH', 'FLOATS', 'INTS', 'STRINGS', 'TENSORS', 'GRAPHS', 'SPARSE_TENSOR', 'SPARSE_TENSORS',
    'TYPE_PROTO', 'TYPE_PROTOS',
  ],
  'TensorProto.dataLocation': ['DEFAULT', 'EXTERNAL'],
};

/** "dataType" as onnx.proto has it: "data_type". Readers take both. */
export const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

export const findField = (view: JsonView, name: string): JsonView | null => view.find(name) ?? view.find(snakeCase(name));

/** Passes over keys that the table does not have; throws a Failure where a value is not of its type. */
export function decodeJson<T>(view: JsonView, schema: Schema<T>): T {
  if (view.value.kind !== 'object') throw view.wrong(`an object, a ${schema.name},`);
  const message: Record<string, unknown> = {};
  for (const field of schema.fields.values()) {
    const value = findField(view, field.name);
    if (!value) continue;
    message[field.name] = field.type === 'payload' ? payloadOf(value) : field.repeated ? listOf(value, schema, field) : valueOf(value, schema, field);
  }
  const { start, end } = view.value;
  if (schema.located) message.extent = { start, end, isText: true };
  return message as T;
}

function listOf(view: JsonView, schema: Schema<unknown>, field: Field): readonly unknown[] {
  if (view.value.kind !== 'numbers') return view.items().map((item) => valueOf(item, schema, field));
  const list = view.list(longestList);
  if (field.type === 'int' && list.every(Number.isInteger)) return list;
  if (field.type === 'float') return list.map(Math.fround);
  throw view.wrong(field.type === 'int' ? 'a list of whole numbers' : 'a list of texts');
}

function valueOf(view: JsonView, schema: Schema<unknown>, field: Field): unknown {
  switch (field.type) {
    case 'int': return whole(view, enumerations[`${schema.name}.${field.name}`] ?? []);
    case 'float': return Math.fround(float(view));
    case 'bytes': return Buffer.from(text(view), 'base64').toString('utf8');
    case 'string': return text(view);
    case 'payload': return payloadOf(view);
    default: return decodeJson(view, field.type());
  }
}

function text(view: JsonView): string {
  const { value } = view;
  if (value.kind === 'string' && value.end - value.start > longestString) throw view.wrong(`a text of at most ${longestString} bytes`);
  return view.longText();
}

/** int64 are texts, since a reader might take numbers for float64; an enumeration is its name, or its number. */
function whole(view: JsonView, names: readonly string[]): number {
  const { value } = view;
  if (value.kind === 'string') {
    const named = names.indexOf(value.text ?? '');
    if (named >= 0) return named;
    if (/^-?\d{1,19}$/.test(value.text ?? '')) return Number(value.text);
  }
  if (value.kind !== 'number' || !Number.isInteger(value.value)) throw view.wrong(names.length > 0 ? `one of ${names.join(', ')}` : 'a whole number');
  return value.value;
}

const strange = ['NaN', 'Infinity', '-Infinity'];

function float(view: JsonView): number {
  const { value } = view;
  if (value.kind === 'number') return value.value;
  const isNumber = value.kind === 'string' && value.text !== null && (strange.includes(value.text) || /^-?\d[\d.eE+-]*$/.test(value.text));
  if (isNumber) return Number(value.text);
  throw view.wrong('a number');
}

/** Bytes are a text in base64; numbers are a list of them, of texts where they are int64, or NaN. */
function payloadOf(view: JsonView): readonly TextPayload[] {
  const { value } = view;
  const { start, end } = value;
  if (value.kind === 'numbers') return [{ form: 'decimal', offset: start, length: end - start, holds: value.count }];
  if (value.kind === 'array') {
    const other = view.items().find((item) => item.value.kind !== 'string' && item.value.kind !== 'number');
    if (other) throw other.wrong('a number');
    return value.items.length === 0 ? [] : [{ form: 'decimal', offset: start, length: end - start, holds: value.items.length }];
  }
  if (value.kind !== 'string') throw view.wrong('a text in base64, or a list of numbers,');
  const place = { file: view.file, offset: start + 1, length: end - start - 2, encoding: 'base64' } as const;
  return [{ form: 'base64', offset: place.offset, length: place.length, holds: plainLength(view.source, place) }];
}
