// A JSON text (RFC 8259) as a tree of spans: structure is read, lists of numbers are passed over, and what a hostile file may cost is bounded.

import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { ByteSource } from '../files/byteSource';
import type { List } from './lists';
import { addRow, asNumbers, emptyList, isFlat, isRow } from './lists';
import { skipSpace, startsNumber, takeNumbers, takeValue } from './numberRun';
import { byteOrderMark, foundAt, placeOf, startOf, syntaxError } from './position';
import { longestText, takeString } from './text';
import type { JsonEntry, JsonLiteral, JsonNumber, JsonNumbers, JsonValue, Span } from './value';
import { byte } from './value';
import { ByteWindow } from './window';

export interface JsonDocument {
  readonly source: ByteSource;
  readonly root: JsonValue;
  /** What is there that not every reader takes, each a clause. */
  readonly notes: readonly string[];
}

/** Arrays in arrays; Python's json gives up at about 1000. */
const deepest = 512;
/** Values that are kept: networks have some ten thousand. */
const mostValues = 1 << 20;
/** Lists of numbers up to this length may be made of something else, too. */
const shortList = 64;
const mostNotes = 4;

/** Throws a Failure that says where the text is no JSON. */
export function scanJson(source: ByteSource): JsonDocument {
  return new Scanner(source).document();
}

/** The numbers or lists of numbers that a list is made of. */
export function partsOf(source: ByteSource, { start, end }: JsonNumbers): readonly JsonValue[] {
  return new Scanner(source).parts(start, end);
}

class Scanner {
  readonly #source: ByteSource;
  #window: ByteWindow;
  readonly #notes: { readonly position: number; readonly what: string }[] = [];
  #kept = 0;

  constructor(source: ByteSource) {
    this.#source = source;
    this.#window = new ByteWindow(source, startOf(source), source.size);
  }

  document(): JsonDocument {
    const source = this.#source;
    if (isUtf16(String.fromCharCode(...source.read(0, 4)))) throw syntaxError(source, 0, say('text in UTF-16'), say('Save the file as UTF-8.'));
    const code = skipSpace(this.#window);
    if (code < 0) throw new Failure('empty-file', say('{0} is empty where a JSON text was expected. Export it again.', source.name));
    const root = this.#value(code, 1);
    if (skipSpace(this.#window) >= 0) {
      throw this.#stray((found) => say('{0} where nothing was expected after the end of its value', found));
    }
    return { source, root, notes: this.#notes.map(({ position, what }) => `${what} at ${placeOf(source, position)}`) };
  }

  parts(start: number, end: number): readonly JsonValue[] {
    return this.#items(start, end - 1, 0);
  }

  #value(code: number, depth: number): JsonValue {
    const start = this.#window.position;
    switch (code) {
      case byte.openBrace: return this.#object(depth);
      case byte.open: return this.#array(depth);
      case byte.quote: {
        const text = takeString(this.#window);
        return { kind: 'string', start, end: this.#window.position, text };
      }
      case byte.lowerT: return this.#literal('true', true);
      case byte.lowerF: return this.#literal('false', false);
      case byte.lowerN: return this.#literal('null', null);
      default: return this.#number(code);
    }
  }

  #number(code: number): JsonValue {
    const start = this.#window.position;
    if (!startsNumber(code)) throw this.#unexpected(say('a value'));
    const value = takeValue(this.#window);
    if (!Number.isFinite(value)) this.#note(start, `${value}, which JSON does not have,`);
    return { kind: 'number', start, end: this.#window.position, value };
  }

  #literal(word: string, value: boolean | null): JsonValue {
    const window = this.#window;
    const start = window.position;
    window.fill(word.length);
    for (const character of word) {
      if (window.peek() !== character.charCodeAt(0)) throw syntaxError(this.#source, start, say('a word that is not {0}', word));
      window.at++;
    }
    return { kind: 'literal', start, end: window.position, value };
  }

  #array(depth: number): JsonValue {
    const window = this.#window;
    const list = emptyList(this.#enter(depth));
    let code = skipSpace(window);
    while (code !== byte.close) {
      let hasComma = false;
      if (isFlat(list) && (startsNumber(code) || code === byte.lowerN)) hasComma = takeNumbers(window, list.tally);
      else this.#item(list, code, depth);
      code = hasComma || this.#comma(byte.close) ? this.#behindComma(byte.close) : byte.close;
    }
    window.at++;
    const end = window.position;
    const { count, nulls } = list.tally;
    // A short list with null in it is a shape of Keras, a long one was a list of numbers.
    if (count === nulls || (nulls > 0 && count <= shortList)) this.#toItems(list, end - 1, depth);
    return asNumbers(list, end) ?? { kind: 'array', start: list.start, end, items: list.items ?? [] };
  }

  #item(list: List, code: number, depth: number): void {
    const { position } = this.#window;
    if (code !== byte.open || (list.tally.count > 0 && !list.rows)) this.#toItems(list, position, depth);
    const value = this.#value(code, depth + 1);
    if (isRow(list, value)) addRow(list, value);
    else this.#keep(this.#toItems(list, position, depth), value);
  }

  /** A list of numbers turns out to be one of other things as well: what was passed over up to `end` is read after all, once. */
  #toItems(list: List, end: number, depth: number): JsonValue[] {
    list.items ??= this.#items(list.start, end, depth);
    return list.items;
  }

  /** The values of the array at `start` that begin before `end`. */
  #items(start: number, end: number, depth: number): JsonValue[] {
    const found: JsonValue[] = [];
    this.#within(start + 1, end, (code) => {
      if (code === byte.comma) this.#window.at++;
      else this.#keep(found, this.#value(code, depth + 1));
    });
    return found;
  }

  /** Looks back at a part of the text, as far as there is something to take. */
  #within(start: number, end: number, take: (code: number) => void): void {
    const back = this.#window;
    const window = new ByteWindow(this.#source, start, end);
    this.#window = window;
    for (let code = skipSpace(window); code >= 0; code = skipSpace(window)) take(code);
    this.#window = back;
  }

  #object(depth: number): JsonValue {
    const window = this.#window;
    const start = this.#enter(depth);
    const entries = new Map<string, JsonEntry>();
    let run: { count: number; strange: number } | null = { count: 0, strange: 0 };
    let code = skipSpace(window);
    while (code !== byte.closeBrace) {
      const { position } = window;
      const { key, text, value } = this.#entry(code, depth);
      if (run && isNext(run.count, text, value)) {
        run.count++;
        if (value.kind === 'literal' || !Number.isFinite(value.value)) run.strange++;
      } else if (run) {
        if (run.count > shortList) this.#entries(entries, start, position, depth);
        run = null;
      }
      if (!run || run.count <= shortList) this.#enterInto(entries, text, { key, value });
      code = this.#comma(byte.closeBrace) ? this.#behindComma(byte.closeBrace) : byte.closeBrace;
    }
    window.at++;
    const end = window.position;
    return run && run.count > shortList ? { kind: 'numbers', start, end, shape: [run.count], ...run } : { kind: 'object', start, end, entries };
  }

  /** Those that were passed over of an object that began like a typed array. */
  #entries(entries: Map<string, JsonEntry>, start: number, end: number, depth: number): void {
    this.#within(start + 1, end, (code) => {
      const { key, text, value } = this.#entry(code, depth);
      if (!entries.has(text)) this.#enterInto(entries, text, { key, value });
      this.#comma(byte.closeBrace);
    });
  }

  #enterInto(entries: Map<string, JsonEntry>, text: string, entry: JsonEntry): void {
    this.#count();
    if (entries.has(text)) this.#note(entry.key.start, `the key ${JSON.stringify(text.slice(0, 80))} for the second time`);
    entries.set(text, entry);
  }

  #entry(code: number, depth: number): JsonEntry & { readonly text: string } {
    if (code !== byte.quote) throw this.#unexpected(say('a key in double quotes'));
    const { text, ...key } = this.#key();
    if (skipSpace(this.#window) !== byte.colon) throw this.#unexpected('":"');
    this.#window.at++;
    return { key, text, value: this.#value(skipSpace(this.#window), depth + 1) };
  }

  #key(): Span & { readonly text: string } {
    const start = this.#window.position;
    const text = takeString(this.#window);
    if (text === null) throw syntaxError(this.#source, start, say('a key of more than {0} characters, where a model has none of these', longestText));
    return { start, end: this.#window.position, text };
  }

  /** Whether there is one, or the end. */
  #comma(close: number): boolean {
    const code = skipSpace(this.#window);
    if (code !== byte.comma && code !== close) throw this.#unexpected(say('"," or "{0}"', String.fromCharCode(close)));
    if (code === byte.comma) this.#window.at++;
    return code === byte.comma;
  }

  #behindComma(close: number): number {
    const code = skipSpace(this.#window);
    if (code === close) {
      throw this.#stray((found) => (close === byte.close ? say('{0} where a value was expected behind a comma', found)
        : say('{0} where a key was expected behind a comma', found)), say('Remove the comma.'));
    }
    return code;
  }

  #enter(depth: number): number {
    const { position } = this.#window;
    if (depth > deepest) {
      throw new Failure('unsupported', say(
        '{0} nests more than {1} lists and objects at {2}, where models need a few: it is no model that can be read.',
        this.#source.name, deepest, placeOf(this.#source, position)));
    }
    this.#window.at++;
    return position;
  }

  #keep(values: JsonValue[], value: JsonValue): void {
    this.#count();
    values.push(value);
  }

  #count(): void {
    if (++this.#kept <= mostValues) return;
    throw new Failure('unsupported', say(
      '{0} holds more than {1} values besides lists of numbers, where networks have thousands: it is no model that can be read.',
      this.#source.name, mostValues));
  }

  #note(position: number, what: string): void {
    if (this.#notes.length < mostNotes) this.#notes.push({ position, what });
  }

  #unexpected(expected: string): Failure {
    return this.#stray((found) => say('{0} where {1} was expected', found, expected));
  }

  #stray(problem: (found: string) => string, remedy?: string): Failure {
    const { position } = this.#window;
    const code = this.#window.peek();
    return syntaxError(this.#source, position, problem(foundAt(this.#source, position)), remedy ?? remedyFor(code));
  }
}

function remedyFor(code: number): string | undefined {
  if (code === byte.slash || code === 0x23) return say('JSON has no comments: remove them.');
  if (code === 0x27) return say('JSON has double quotes alone: write it by json.dump or JSON.stringify.');
  return code < 0 ? say('It was cut off: copy or export it again.') : undefined;
}

/** Whether an entry of an object is the next of a typed array. */
function isNext(count: number, key: string, value: JsonValue): value is JsonNumber | JsonLiteral {
  return key === String(count) && (value.kind === 'number' || (value.kind === 'literal' && value.value === null));
}

/** Whether a text begins like an object or a list, a byte order mark aside. */
export function looksLikeJson(head: string): boolean {
  const mark = String.fromCharCode(...byteOrderMark);
  return isUtf16(head) || /^[ \t\r\n]*[[{]/.test(head.startsWith(mark) ? head.slice(mark.length) : head);
}

/** As PowerShell writes texts: a byte order mark, and a bracket of two bytes. */
const isUtf16 = (head: string): boolean => /^(\xff\xfe[[{\r\n\t ]\0|\xfe\xff\0[[{\r\n\t ])/.test(head);
