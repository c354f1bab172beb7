// A JSON text as whoever reads a format asks it: each value by its path, of the kind that is expected, or a Failure that says what is there.

import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { ByteSource } from '../files/byteSource';
import { placeOf } from './position';
import type { JsonDocument } from './scan';
import { partsOf } from './scan';
import { readText } from './text';
import { numberTokens } from './tokens';
import type { JsonNumbers, JsonValue } from './value';

/** Longer lists are no settings of a network. */
const longestList = 1 << 16;
/** Characters of a text that messages show. */
const shownCharacters = 40;
/** And the last ones of a path, which is as deep as its file. */
const shownPath = 160;

export class JsonView {
  readonly #document: JsonDocument;
  readonly value: JsonValue;
  /** "config.layers[3].units"; empty for all of it. */
  readonly path: string;
  /** What to do about a wrong text, as a sentence. */
  readonly #remedy: string;

  private constructor(document: JsonDocument, value: JsonValue, path: string, remedy: string) {
    this.#document = document;
    this.value = value;
    this.path = path;
    this.#remedy = remedy;
  }

  static of(document: JsonDocument, remedy = say('Export it again.')): JsonView {
    return new JsonView(document, document.root, '', remedy);
  }

  get source(): ByteSource { return this.#document.source; }
  get file(): string { return this.source.name; }

  /** "config.layers[3].units (line 12, column 7)" */
  get place(): string {
    const what = this.path.length > shownPath ? `…${this.path.slice(-shownPath)}` : this.path;
    return `${what === '' ? say('The text') : what} (${placeOf(this.#document.source, this.value.start)})`;
  }

  /** What is wrong with it: `expected` follows on "where". */
  wrong(expected: string, found = described(this.value)): Failure {
    return new Failure('broken-file', say('{0}: {1} is {2} where {3} was expected. {4}', this.file, this.place, found, expected, this.#remedy));
  }

  /** The value of a key; null where there is none, or it is null. */
  find(key: string): JsonView | null {
    const entry = this.value.kind === 'object' ? this.value.entries.get(key) : undefined;
    const isNull = entry?.value.kind === 'literal' && entry.value.value === null;
    return entry && !isNull ? this.#inner(entry.value, key) : null;
  }

  get(key: string): JsonView {
    const found = this.find(key);
    if (found) return found;
    throw this.wrong(say('an object with {0}', JSON.stringify(key)), this.value.kind === 'object' ? say('an object without it') : described(this.value));
  }

  entries(): readonly (readonly [key: string, value: JsonView])[] {
    if (this.value.kind !== 'object') throw this.wrong(say('an object'));
    return [...this.value.entries].map(([key, { value }]) => [key, this.#inner(value, key)] as const);
  }

  items(): readonly JsonView[] {
    const { value } = this;
    if (value.kind === 'numbers' && !this.#isKeyed(value)) return partsOf(this.#document.source, value).map((each, i) => this.#item(each, i));
    if (value.kind !== 'array') throw this.wrong(say('a list'));
    return value.items.map((each, i) => this.#item(each, i));
  }

  text(): string {
    if (this.value.kind !== 'string' || this.value.text === null) throw this.wrong(say('a short text'));
    return this.value.text;
  }

  /** A text of any length that one wants to hold. */
  longText(): string {
    const { value } = this;
    if (value.kind !== 'string') throw this.wrong(say('a text'));
    return value.text ?? readText(this.source, value);
  }

  number(): number {
    if (this.value.kind !== 'number' || Number.isNaN(this.value.value)) throw this.wrong(say('a number'));
    return this.value.value;
  }

  /** A whole number from `least` on. */
  whole(least = 0): number {
    const { value } = this;
    if (value.kind !== 'number' || !Number.isSafeInteger(value.value) || value.value < least) throw this.wrong(say('a whole number from {0} on', least));
    return value.value;
  }

  flag(): boolean {
    if (this.value.kind !== 'literal' || this.value.value === null) throw this.wrong(say('true or false'));
    return this.value.value;
  }

  /** Numbers that stay where they are: of a list, of lists in it, or of an object that holds nothing else. */
  numbers(): JsonNumbers {
    const { value } = this;
    const { start, end } = value;
    if (value.kind === 'numbers') return value;
    const parts = value.kind === 'array' ? value.items : value.kind === 'object' ? [...value.entries.values()].map((entry) => entry.value) : null;
    const found = parts && tallyOf(parts);
    if (!found) throw this.wrong(say('a list of numbers'));
    return { kind: 'numbers', start, end, ...found };
  }

  /** The numbers themselves, of a short list. */
  list(most = longestList): readonly number[] {
    const { start, end, count } = this.numbers();
    if (count > most) throw this.wrong(say('a list of at most {0} numbers', most));
    const values: number[] = [];
    for (const { bytes, starts, ends, count: found } of numberTokens(this.#document.source, start, end - start)) {
      for (let i = 0; i < found; i++) values.push(Number(Buffer.from(bytes.subarray(starts[i], ends[i])).toString('latin1')));
    }
    return values;
  }

  #isKeyed({ start }: JsonNumbers): boolean {
    return this.#document.source.read(start, 1)[0] === 0x7b;
  }

  #inner(value: JsonValue, key: string): JsonView {
    const isPlain = /^[\w-]+$/.test(key);
    const step = isPlain ? `${this.path === '' ? '' : '.'}${key}` : `[${JSON.stringify(key.slice(0, shownCharacters))}]`;
    return new JsonView(this.#document, value, `${this.path}${step}`, this.#remedy);
  }

  #item(value: JsonValue, position: number): JsonView {
    return new JsonView(this.#document, value, `${this.path}[${position}]`, this.#remedy);
  }
}

/** Short lists are not taken for numbers where null is in them, and are some all the same where numbers are asked for; null where they are not. */
function tallyOf(values: readonly JsonValue[]): Pick<JsonNumbers, 'count' | 'shape' | 'strange'> | null {
  const parts = values.map(partTally);
  const known = parts.flatMap((part) => part ?? []);
  if (known.length < parts.length) return null;
  const [count, strange] = [known.reduce((sum, part) => sum + part.count, 0), known.reduce((sum, part) => sum + part.strange, 0)];
  const inner = known[0]?.shape ?? [];
  const isRegular = known.every(({ shape }) => shape?.join() === inner.join());
  return { count, strange, shape: isRegular ? [values.length, ...inner] : null };
}

function partTally(value: JsonValue): Pick<JsonNumbers, 'count' | 'shape' | 'strange'> | null {
  if (value.kind === 'numbers') return value;
  if (value.kind === 'array') return tallyOf(value.items);
  if (value.kind === 'number') return { count: 1, shape: [], strange: Number.isFinite(value.value) ? 0 : 1 };
  return value.kind === 'literal' && value.value === null ? { count: 1, shape: [], strange: 1 } : null;
}

function described(value: JsonValue): string {
  switch (value.kind) {
    case 'object': return say('an object');
    case 'array': return say('a list of {0}', value.items.length);
    case 'numbers': return say('a list of {0} numbers', value.count);
    case 'string': return value.text === null ? say('a long text') : JSON.stringify(value.text.slice(0, shownCharacters));
    case 'number': return String(value.value);
    case 'literal': return String(value.value);
  }
}
