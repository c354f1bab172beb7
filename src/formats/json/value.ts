// What a JSON text holds, as a tree in which every value knows its bytes, and lists of numbers are nothing but that.

/** Bytes [start, end) of the file. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface JsonObject extends Span {
  readonly kind: 'object';
  /** In the order of the text; of a key that is there twice the last value, which is what all readers take. */
  readonly entries: ReadonlyMap<string, JsonEntry>;
}

export interface JsonEntry {
  /** The key with its quotes. */
  readonly key: Span;
  readonly value: JsonValue;
}

export interface JsonArray extends Span {
  readonly kind: 'array';
  readonly items: readonly JsonValue[];
}

/**
 * Numbers of an array, of arrays in it, or of an object with the keys "0", "1", … (a typed array, as JSON.stringify writes it). They are not
 * read; `partsOf` tells them apart, `cutNumbers` tells where some of them are.
 */
export interface JsonNumbers extends Span {
  readonly kind: 'numbers';
  readonly count: number;
  /** Sizes of arrays in arrays from the outside in; null where those of one level differ. */
  readonly shape: readonly number[] | null;
  /** How many are written NaN, Infinity or null. */
  readonly strange: number;
}

export interface JsonString extends Span {
  readonly kind: 'string';
  /** Null where it is long: its bytes are between the quotes. */
  readonly text: string | null;
}

export interface JsonNumber extends Span {
  readonly kind: 'number';
  readonly value: number;
}

export interface JsonLiteral extends Span {
  readonly kind: 'literal';
  readonly value: boolean | null;
}

export type JsonValue = JsonObject | JsonArray | JsonNumbers | JsonString | JsonNumber | JsonLiteral;

/** Bytes that JSON is made of (RFC 8259, section 2). */
export const byte = {
  tab: 0x09, lineFeed: 0x0a, carriageReturn: 0x0d, space: 0x20, quote: 0x22, plus: 0x2b, comma: 0x2c, minus: 0x2d, point: 0x2e, slash: 0x2f, zero: 0x30,
  nine: 0x39, colon: 0x3a, upperE: 0x45, upperI: 0x49, upperN: 0x4e, open: 0x5b, backslash: 0x5c, close: 0x5d, lowerE: 0x65, lowerF: 0x66,
  lowerN: 0x6e, lowerT: 0x74, lowerU: 0x75, openBrace: 0x7b, closeBrace: 0x7d,
} as const;
