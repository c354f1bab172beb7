/** An ONNX file as a tree of its protobuf fields, to be changed where it has structure. */
import { concat, joined, varint } from '../unit/support/protobuf';

export type Value = Message | Uint8Array | bigint;

export interface Field {
  readonly number: number;
  /** 0 varint, 1 eight bytes, 2 delimited, 5 four bytes. */
  readonly wire: number;
  value: Value;
}

export class Message {
  fields: Field[];
  readonly kind: Kind;

  constructor(kind: Kind, fields: Field[]) {
    this.kind = kind;
    this.fields = fields;
  }
}

export type Kind =
  | 'model' | 'graph' | 'node' | 'attribute' | 'tensor' | 'value' | 'type' | 'tensorType' | 'shape' | 'dimension' | 'sparse' | 'function' | 'entry';

/** Which fields of which message are messages (onnx.proto). */
const inner: Readonly<Record<Kind, Readonly<Partial<Record<number, Kind>>>>> = {
  model: { 7: 'graph', 14: 'entry', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 11: 'value', 12: 'value', 13: 'value', 15: 'sparse' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 22: 'sparse' },
  tensor: { 13: 'entry' },
  value: { 2: 'type' },
  type: { 1: 'tensorType' },
  tensorType: { 2: 'shape' },
  shape: { 1: 'dimension' },
  dimension: {},
  sparse: { 1: 'tensor', 2: 'tensor' },
  function: { 7: 'node', 11: 'attribute' },
  entry: {},
};

export function parse(bytes: Uint8Array, kind: Kind = 'model'): Message {
  const fields: Field[] = [];
  let at = 0;
  const number = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const key = Number(number());
    const [field, wire] = [key >>> 3, key & 7];
    if (wire === 0) fields.push({ number: field, wire, value: number() });
    else {
      const length = wire === 2 ? Number(number()) : wire === 1 ? 8 : 4;
      const body = bytes.subarray(at, at + length);
      const of = wire === 2 ? inner[kind][field] : undefined;
      fields.push({ number: field, wire, value: of ? parse(body, of) : body });
      at += length;
    }
  }
  return new Message(kind, fields);
}

export function serialize({ fields }: Message): Uint8Array {
  return joined(fields.map(({ number, wire, value }) => {
    const tag = varint(number * 8 + wire);
    if (typeof value === 'bigint') return concat(tag, varint(value));
    const body = value instanceof Message ? serialize(value) : value;
    return wire === 2 ? joined([tag, varint(body.length), body]) : joined([tag, body]);
  }));
}

/** A message and those in it, with the list that each is in. */
export function* messagesIn(message: Message): Generator<Message> {
  yield message;
  for (const { value } of message.fields) if (value instanceof Message) yield* messagesIn(value);
}

/** Bytes, but for tags and lengths. */
export function sizeOf(value: Value): number {
  if (typeof value === 'bigint') return 2;
  return value instanceof Message ? value.fields.reduce((sum, field) => sum + 2 + sizeOf(field.value), 0) : value.length;
}

export function copyOf(value: Value): Value {
  return value instanceof Message ? new Message(value.kind, value.fields.map((field) => ({ ...field, value: copyOf(field.value) }))) : value;
}
