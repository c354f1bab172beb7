// Tensors and nodes as objects of a JSON text, written anew: with values where there were none, apart from others, or under another name.

import { codeOf } from '../../core/graph/dtype';
import type { Tensor, TensorHome } from '../../core/graph/tensor';
import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { ByteSource } from '../files/byteSource';
import type { Replacement } from '../files/replacement';
import { replaceBy } from '../files/replacement';
import { sliceOf } from '../files/slice';
import { replaceText } from '../json/edit';
import { scanJson } from '../json/scan';
import type { JsonObject, JsonValue } from '../json/value';
import { base64Text } from '../tensors/base64';
import { snakeCase } from './decode';

/** Of TensorProto: where values are, or are said to be. */
const valueFields = ['floatData', 'int32Data', 'stringData', 'int64Data', 'rawData', 'doubleData', 'uint64Data', 'externalData', 'dataLocation'];
const isValueField = (key: string): boolean => valueFields.some((field) => key === field || key === snakeCase(field));

interface Found {
  readonly object: JsonObject;
  /** Its own text, whose positions those of `object` are. */
  readonly source: ByteSource;
  readonly keyed: (name: string) => string;
}

function objectIn(source: ByteSource, { start, end }: { readonly start: number; readonly end: number }): Found {
  const own = sliceOf(source, start, end - start);
  const { root } = scanJson(own);
  if (root.kind !== 'object') {
    throw new Failure('broken-file', say('{0} does not hold at byte {1} what was read there. Read it again.', source.name, start));
  }
  // Of the names that differ, this one is in every tensor.
  const isSnake = [...root.entries.keys()].some((key) => key.includes('_'));
  return { object: root, source: own, keyed: (name) => JSON.stringify(isSnake ? snakeCase(name) : name) };
}

const textOf = ({ source }: Found, start: number, end: number): string => Buffer.from(source.read(start, end - start)).toString('utf8');

/** The object with all that it says, and these values as its bytes. */
export function withValues(source: ByteSource, home: TensorHome, owner: string, length: number, chunks: () => Iterable<Uint8Array>): Replacement {
  const found = objectIn(source, home);
  const kept = [...found.object.entries].filter(([key]) => !isValueField(key)).map(([, { key, value }]) => textOf(found, key.start, value.end));
  const head = new TextEncoder().encode(`{${[...kept, `${found.keyed('rawData')}: "`].join(', ')}`);
  const tail = new TextEncoder().encode('"}');
  return {
    start: home.start, end: home.end, length: head.length + 4 * Math.ceil(length / 3) + tail.length, owner,
    *chunks() {
      yield head;
      yield* base64Text(chunks());
      yield tail;
    },
  };
}

/** A tensor of its own in front of the one that its uses shared, or in front of the node that this stands in. */
export function besideIt(source: ByteSource, home: TensorHome, name: string, { dtype, shape }: Tensor, bytes: Uint8Array): Replacement {
  const { keyed } = objectIn(source, home);
  const fields: readonly (readonly [string, unknown])[] = [
    ['dims', shape.map(String)], ['dataType', codeOf(dtype)], ['name', name], ['rawData', Buffer.from(bytes).toString('base64')],
  ];
  const tensor = `{${fields.map(([key, value]) => `${keyed(key)}: ${JSON.stringify(value)}`).join(', ')}}`;
  const constant = `{"output": [${JSON.stringify(name)}], ${keyed('opType')}: "Constant", "attribute": [{"name": "value", "type": "TENSOR", "t": ${tensor}}]}`;
  const at = home.node?.start ?? home.start;
  return replaceBy(at, at, new TextEncoder().encode(`${home.node ? constant : tensor}, `), name);
}

/** Another name for an input of a node. */
export function renamedInput(
  source: ByteSource, node: { readonly start: number; readonly end: number }, position: number, owner: string, name: string,
): Replacement {
  const inputs = objectIn(source, node).object.entries.get('input')?.value;
  const input = inputs?.kind === 'array' ? inputs.items[position] : undefined;
  if (input) return replaceText(moved(input, node.start), name, owner);
  throw new Failure('broken-file', say('{0}: the node that reads {1} is not where it was read. Read it again.', source.name, owner));
}

/** Where the value of an entry of external data is named: the place of another file. */
export function renamedValue(source: ByteSource, entry: { readonly start: number; readonly end: number }, text: string, owner: string): Replacement {
  const value = objectIn(source, entry).object.entries.get('value')?.value;
  if (value) return replaceText(moved(value, entry.start), text, owner);
  throw new Failure('broken-file', say('{0}: {1} is not where it was read. Read it again.', source.name, owner));
}

const moved = ({ start, end }: JsonValue, by: number): { readonly start: number; readonly end: number } => ({ start: start + by, end: end + by });
