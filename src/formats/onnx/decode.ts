import { say } from '../../protocol/words';
import type { Field, Payload, Schema } from './schema';
import type { WireCursor } from './wire';
import { wire } from './wire';

/** Subgraphs of subgraphs deeper than this are refused: no exporter writes them, and recursion has to end. */
const deepestMessage = 64;
/** Longest string: names and external-data keys, not payloads. */
const longestString = 1 << 20;
/** Longest list in an attribute or a shape. */
const longestList = 1 << 20;

/** Decodes the message in [cursor.position, end), skipping unknown fields and recording where payloads lie. */
export function decode<T>(cursor: WireCursor, schema: Schema<T>, end: number, depth = 0): T {
  if (depth > deepestMessage) throw cursor.broken(say('messages are nested more than {0} deep', deepestMessage));
  const message: Record<string, unknown> = {};
  while (cursor.position < end) {
    const start = cursor.position;
    const { field: number, type } = cursor.tag(end);
    const field = schema.fields.get(number);
    if (!field) cursor.skip(type, end);
    else if (field.type === 'payload') addPayload(message, field, locate(cursor, type, start, end));
    else if (field.repeated) addRepeated(cursor, message, field, type, start, end, depth);
    else message[field.name] = readValue(cursor, schema, field, type, start, end, depth);
  }
  if (cursor.position !== end) throw cursor.broken(say('{0} ends {1} bytes late', schema.name, cursor.position - end));
  return message as T;
}

function readValue(cursor: WireCursor, schema: Schema<unknown>, field: Field, type: number, start: number, end: number, depth: number): unknown {
  const expected = field.type === 'int' ? wire.varint : field.type === 'float' ? wire.fixed32 : wire.delimited;
  if (type !== expected) throw cursor.broken(say('{0} has wire type {1} instead of {2}', `${schema.name}.${field.name}`, type, expected));
  if (field.type === 'int') return cursor.signed();
  if (field.type === 'float') return cursor.float32();
  const length = cursor.length(end);
  if (typeof field.type === 'function') {
    const inner = field.type();
    const decoded = decode(cursor, inner, cursor.position + length, depth + 1);
    return inner.located ? Object.assign(decoded as object, { extent: { start, end: cursor.position } }) : decoded;
  }
  if (length > longestString) throw cursor.broken(say('{0} is a string of {1} bytes', `${schema.name}.${field.name}`, length));
  return new TextDecoder().decode(cursor.bytes(length));
}

function addRepeated(cursor: WireCursor, message: Record<string, unknown>, field: Field, type: number, start: number, end: number, depth: number): void {
  const list = (message[field.name] ??= []) as unknown[];
  const packed = type === wire.delimited && (field.type === 'int' || field.type === 'float');
  if (!packed) {
    list.push(readValue(cursor, { name: 'list', fields: new Map(), located: false }, field, type, start, end, depth));
    return;
  }
  const length = cursor.length(end);
  const stop = cursor.position + length;
  while (cursor.position < stop) {
    if (list.length >= longestList) throw cursor.broken(say('{0} has more than {1} elements', field.name, longestList));
    list.push(field.type === 'int' ? cursor.signed() : cursor.float32());
  }
  if (cursor.position !== stop) throw cursor.broken(say('{0} ends in the middle of a value', field.name));
}

function locate(cursor: WireCursor, type: number, start: number, end: number): Payload {
  if (type !== wire.delimited) {
    cursor.skip(type, end);
    return { wireType: type, form: 'tagged', offset: start, length: cursor.position - start };
  }
  const length = cursor.length(end);
  const offset = cursor.position;
  cursor.position += length;
  return { wireType: type, form: 'packed', offset, length };
}

/** Keeps one entry for a run of tagged values, so that a million of them cost one object. */
function addPayload(message: Record<string, unknown>, field: Field, payload: Payload): void {
  const list = (message[field.name] ??= []) as Payload[];
  const last = list.at(-1);
  const continues = last?.form === 'tagged' && payload.form === 'tagged' && last.wireType === payload.wireType
    && last.offset + last.length === payload.offset;
  if (last && continues) list[list.length - 1] = { ...last, length: last.length + payload.length };
  else list.push(payload);
}
