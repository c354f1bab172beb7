import { codeOf } from '../../core/graph/dtype';
import type { Tensor, TensorHome } from '../../core/graph/tensor';
import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { ByteSource } from '../files/byteSource';
import type { WireField } from './fields';
import { fieldAt, fieldsIn, varint } from './fields';
import { concat, delimitedTag, tag, text, varintField } from './messages';
import { wire } from './wire';

/** A message around the payload: the number of its field, and the fields of its own that stand before what is inside. */
interface Level {
  readonly field: number;
  readonly before: readonly Uint8Array[];
}

/** Fields of TensorProto that hold values: float_data, int32_data, raw_data, double_data. */
const valueFields = [4, 5, 9, 10];
/** And where they are in another file: external_data, data_location. */
const externalFields = [13, 14];
const dimsField = 1;
/** AttributeProto.AttributeType.TENSOR */
const tensorType = 4;
/** What an unknown field beside the values may take: it is held in memory for a moment. */
const mostKept = 1 << 26;

/**
 * What has to stand before the elements, as `raw_data` takes them, so that the field holds them all: every other field of the message
 * that was there, unknown ones included, then the elements. Nothing stands behind them.
 */
export function denseHead(source: ByteSource, home: TensorHome, tensor: Tensor, payloadLength: number): Uint8Array {
  const field = fieldAt(source, home.start);
  if (field.end !== home.end || field.type !== wire.delimited) {
    throw new Failure('broken-file', say('{0} does not hold at byte {1} what was read there. Read it again.', source.name, home.start));
  }
  if (home.kind === 'float constant') return floatHead(source, field, payloadLength);
  return nest(levels(source, home, field, tensor), delimitedTag(9), payloadLength);
}

function levels(source: ByteSource, { kind }: TensorHome, field: WireField, tensor: Tensor): readonly Level[] {
  const shape = tensor.shape.map((size) => varintField(dimsField, size));
  const type = varintField(2, codeOf(tensor.dtype));
  const value = [text(1, 'value'), varintField(20, tensorType)];
  const sparse = (at: WireField): Uint8Array[] => [...shape, ...keep(source, at, [dimsField, ...valueFields, ...externalFields])];
  switch (kind) {
    case 'tensor': return [{ field: field.number, before: keep(source, field, [...valueFields, ...externalFields]) }];
    case 'graph input': return [{ field: 5, before: [...shape, type, nameOf(source, field)] }];
    // GraphProto.initializer is field 5, and so is AttributeProto.t.
    case 'sparse initializer': return [{ field: 5, before: sparse(valuesField(source, kind, field)) }];
    case 'sparse constant': return [
      { field: field.number, before: [...keep(source, field, [1, 20, 22]), ...value] }, { field: 5, before: sparse(valuesField(source, kind, field)) },
    ];
    case 'computed initializer': return [{ field: 5, before: [...shape, type, outputAsName(source, field)] }];
    case 'computed constant': return [
      // Of NodeProto all but input, op_type and attribute.
      { field: field.number, before: [...keep(source, field, [1, 4, 5]), text(4, 'Constant')] }, { field: 5, before: value },
      { field: 5, before: [...shape, type] },
    ];
    case 'float constant': throw new Error('Floats in an attribute are not a tensor.');
  }
}

/** TensorProto.name (8) from NodeProto.output (2). */
function outputAsName(source: ByteSource, { body, end }: WireField): Uint8Array {
  for (const field of fieldsIn(source, body, end)) {
    if (field.number === 2 && field.type === wire.delimited) return concat([delimitedTag(8), source.read(field.lengthAt, field.end - field.lengthAt)]);
  }
  throw new Failure('broken-file', say('{0}: the node at byte {1} has no output. Read it again.', source.name, body));
}

/** TensorProto.name (8) from ValueInfoProto.name (1). */
function nameOf(source: ByteSource, { body, end }: WireField): Uint8Array {
  for (const field of fieldsIn(source, body, end)) {
    if (field.number === 1 && field.type === wire.delimited) return concat([delimitedTag(8), source.read(field.lengthAt, field.end - field.lengthAt)]);
  }
  throw new Failure('broken-file', say('{0}: the input at byte {1} has no name. Read it again.', source.name, body));
}

/** The TensorProto that holds what a field stores: of a sparse tensor its `values`. */
function valuesField(source: ByteSource, kind: TensorHome['kind'], field: WireField): WireField {
  const inner = (around: WireField, number: number): WireField => {
    // The last one holds, as a decoder takes it.
    const found = [...fieldsIn(source, around.body, around.end)].findLast((each) => each.number === number && each.type === wire.delimited);
    if (!found) throw new Failure('broken-file', say('{0} does not hold at byte {1} what was read there. Read it again.', source.name, around.start));
    return found;
  };
  if (kind === 'sparse constant') return inner(inner(field, 22), 1);
  return kind === 'sparse initializer' ? inner(field, 1) : field;
}

/** `value_float` is AttributeProto.f (2), `value_floats` AttributeProto.floats (7). */
function floatHead(source: ByteSource, field: WireField, payloadLength: number): Uint8Array {
  const name = [...fieldsIn(source, field.body, field.end)].findLast((each) => each.number === 1);
  const isList = name !== undefined && Buffer.from(source.read(name.body, name.end - name.body)).toString() === 'value_floats';
  const before = keep(source, field, [isList ? 7 : 2]);
  if (isList) return nest([{ field: field.number, before }], delimitedTag(7), payloadLength);
  return nest([{ field: field.number, before: [...before, tag(2, wire.fixed32)] }], null, payloadLength);
}

/** Where the floats of an attribute are: behind their tags, or back to back. */
export function floatFields(source: ByteSource, home: TensorHome): readonly WireField[] {
  const field = fieldAt(source, home.start);
  const isFloats = ({ number, type }: WireField): boolean => (
    type === wire.fixed32 ? number === 2 || number === 7 : number === 7 && type === wire.delimited);
  return [...fieldsIn(source, field.body, field.end)].filter(isFloats);
}

function nest(around: readonly Level[], innermost: Uint8Array | null, payloadLength: number): Uint8Array {
  let head = innermost ? concat([innermost, varint(payloadLength)]) : new Uint8Array(0);
  for (const { field, before } of around.toReversed()) {
    const own = concat([...before, head]);
    head = concat([delimitedTag(field), varint(own.length + payloadLength), own]);
  }
  return head;
}

/** The fields of a message but some, byte for byte. */
function keep(source: ByteSource, { start, body, end }: WireField, without: readonly number[]): Uint8Array[] {
  const kept: Uint8Array[] = [];
  let total = 0;
  for (const field of fieldsIn(source, body, end)) {
    if (without.includes(field.number)) continue;
    total += field.end - field.start;
    if (total > mostKept) {
      throw new Failure('unsupported', say('{0}: the message at byte {1} holds too much besides its values to be rewritten.', source.name, start));
    }
    kept.push(source.read(field.start, field.end - field.start));
  }
  return kept;
}
