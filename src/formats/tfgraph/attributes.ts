// Attributes of a node, as protobuf writes AttrValue in JSON (tensorflow/core/framework/attr_value.proto): numbers may be texts, texts are base64.

import type { DType } from '../../core/graph/dtype';
import { highestRank } from '../../core/graph/dtype';
import type { JsonView } from '../json/view';
import type { Shape } from '../keras/signal';

/** Types as TF.js holds them: floats in 32 bits, whole numbers in one type (tfjs-converter, operation_mapper.ts, parseDtypeParam). */
const types: Readonly<Record<string, DType>> = {
  DT_FLOAT: 'float32', DT_HALF: 'float32', DT_DOUBLE: 'float32', DT_BFLOAT16: 'float32', DT_INT8: 'int64', DT_UINT8: 'int64', DT_INT16: 'int64',
  DT_UINT16: 'int64', DT_INT32: 'int64', DT_INT64: 'int64', DT_BOOL: 'bool',
};
/** The same by their numbers in tensorflow/core/framework/types.proto. */
const numbered = [
  'DT_INVALID', 'DT_FLOAT', 'DT_DOUBLE', 'DT_INT32', 'DT_UINT8', 'DT_INT16', 'DT_INT8', 'DT_STRING', 'DT_COMPLEX64', 'DT_INT64', 'DT_BOOL', 'DT_QINT8',
  'DT_QUINT8', 'DT_QINT32', 'DT_BFLOAT16', 'DT_QINT16', 'DT_QUINT16', 'DT_UINT16', 'DT_COMPLEX128', 'DT_HALF',
];
/** Longer lists are no attribute of an operator. */
const longestList = 4096;

export class Attributes {
  readonly #view: JsonView | null;

  /** `view`: null of a node without any. */
  constructor(view: JsonView | null) {
    this.#view = view;
  }

  find(name: string): JsonView | null {
    return this.#view?.find(name) ?? null;
  }

  whole(name: string, otherwise: number): number {
    const value = this.#valueOf(name, 'i');
    return value ? wholeOf(value) : otherwise;
  }

  wholes(name: string): readonly number[] {
    const list = this.find(name)?.get('list').find('i');
    if (!list) return [];
    if (list.value.kind === 'numbers') return list.list(longestList);
    return limited(list).map(wholeOf);
  }

  number(name: string, otherwise: number): number {
    const value = this.#valueOf(name, 'f');
    if (!value) return otherwise;
    // Of float values protobuf writes what JSON has no number for as a text.
    const read = value.value.kind === 'string' ? Number(value.value.text) : value.number();
    if (Number.isNaN(read)) throw value.wrong('a number');
    return read;
  }

  flag(name: string, otherwise = false): boolean {
    return this.#valueOf(name, 'b')?.flag() ?? otherwise;
  }

  text(name: string, otherwise: string): string {
    const value = this.#valueOf(name, 's');
    return value ? decoded(value) : otherwise;
  }

  texts(name: string): readonly string[] {
    const list = this.find(name)?.get('list').find('s');
    return list ? limited(list).map(decoded) : [];
  }

  /** Null for what is no number, such as texts. */
  type(name: string, otherwise: DType | null = null): DType | null {
    const value = this.#valueOf(name, 'type');
    return value ? typeOf(value) : otherwise;
  }

  /** Null where not even the rank is said. */
  shape(name: string): Shape | null {
    const value = this.#valueOf(name, 'shape');
    return value ? shapeOf(value) : null;
  }

  #valueOf(name: string, kind: string): JsonView | null {
    return this.find(name)?.get(kind) ?? null;
  }
}

function limited(list: JsonView): readonly JsonView[] {
  const items = list.items();
  if (items.length > longestList) throw list.wrong(`a list of at most ${longestList}`);
  return items;
}

export function wholeOf(view: JsonView): number {
  const value = view.value.kind === 'string' && /^-?\d{1,19}$/.test(view.value.text ?? '') ? Number(view.value.text) : view.value.kind === 'number' ? view.value.value
    : NaN;
  if (!Number.isInteger(value)) throw view.wrong('a whole number');
  return value;
}

/** Bytes in base64, each a character. */
function decoded(view: JsonView): string {
  return Buffer.from(view.text(), 'base64').toString('latin1');
}

export function typeOf(view: JsonView): DType | null {
  const name = view.value.kind === 'number' ? numbered[view.value.value] ?? '' : view.text();
  return types[name] ?? null;
}

/** A TensorShapeProto: sizes that are not fixed are −1. */
export function shapeOf(view: JsonView): Shape | null {
  if (view.find('unknownRank')?.flag() === true) return null;
  const sizes = view.find('dim')?.items() ?? [];
  if (sizes.length > highestRank) throw view.wrong(`a shape of at most ${highestRank} axes`);
  return sizes.map((each) => {
    const written = each.find('size');
    const size = written ? wholeOf(written) : 0;
    if (!Number.isSafeInteger(size)) throw each.wrong('a size');
    return size < 0 ? null : size;
  });
}
