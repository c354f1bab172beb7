// The fields of an object of a JSON file, each read as what it has to be, or refused by its path.

import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';

type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a value is, in a few words for a message. */
function described(value: unknown): string {
  if (value === undefined) return say('missing');
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** An object of a file. `path` says where it is there, as messages name it. */
export class Fields {
  readonly file: string;
  readonly path: string;
  readonly #object: JsonObject;
  /** The field that is no field of the file, where the whole of it stands for that one. */
  readonly #whole: string | null;

  constructor(file: string, path: string, value: unknown, whole: string | null = null) {
    this.file = file;
    this.path = path;
    this.#whole = whole;
    if (!isObject(value)) throw this.#refused('', value, say('an object'));
    this.#object = value;
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined;
  }

  /** As the file has it; undefined for null, too, which is how Python writes what is left out. */
  raw(name: string): unknown {
    return Object.hasOwn(this.#object, name) ? this.#object[name] ?? undefined : undefined;
  }

  names(): readonly string[] {
    return Object.keys(this.#object);
  }

  /** The same object with other fields in place of some of its own. */
  with(fields: JsonObject): Fields {
    return new Fields(this.file, this.path, { ...this.#object, ...fields }, this.#whole);
  }

  string(name: string, otherwise?: string): string {
    return this.#read(name, otherwise, say('a text'), (value) => (typeof value === 'string' ? value : undefined));
  }

  number(name: string, otherwise?: number): number {
    return this.#read(name, otherwise, say('a number'), (value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined));
  }

  boolean(name: string, otherwise?: boolean): boolean {
    return this.#read(name, otherwise, say('true or false'),
      (value) => (typeof value === 'boolean' ? value : value === 0 || value === 1 ? value === 1 : undefined));
  }

  /** Not below `least`. */
  integer(name: string, otherwise?: number, least = -Infinity): number {
    const kind = least === -Infinity ? say('a whole number') : say('a whole number from {0} on', least);
    return this.#read(name, otherwise, kind, (value) => (isInteger(value) && value >= least ? value : undefined));
  }

  /** One number stands for as many equal ones. */
  integers(name: string, count: number, otherwise?: number, least = 1): readonly number[] {
    const alike = (value: number): number[] => Array.from({ length: count }, () => value);
    return this.#read(name, otherwise === undefined ? undefined : alike(otherwise), say('{0} whole numbers from {1} on', count, least), (value) => {
      const list = isInteger(value) ? alike(value) : asList(value);
      return list?.length === count && list.every((each): each is number => isInteger(each) && each >= least) ? list : undefined;
    });
  }

  /** A list whatever its elements are; of one that is missing, `otherwise`. */
  list(name: string, otherwise?: readonly unknown[]): readonly unknown[] {
    return this.#read(name, otherwise, say('a list'), asList);
  }

  object(name: string): Fields {
    return new Fields(this.file, this.#at(name), this.raw(name));
  }

  /** The objects of a list, each by its place there. */
  objects(name: string): readonly Fields[] {
    return this.list(name).map((value, i) => new Fields(this.file, `${this.#at(name)}[${i}]`, value));
  }

  /** A value that stands where an object would, as the only field of one. */
  around(name: string, field: string): Fields {
    return new Fields(this.file, this.#at(name), { [field]: this.raw(name) }, field);
  }

  refuse(name: string, expected: string): Failure {
    return this.#refused(name, this.raw(name), expected);
  }

  #read<T>(name: string, otherwise: T | undefined, expected: string, read: (value: unknown) => T | undefined): T {
    const value = this.raw(name);
    const result = value === undefined ? otherwise : read(value);
    if (result === undefined) throw this.#refused(name, value, expected);
    return result;
  }

  #at(name: string): string {
    if (name === this.#whole) return this.path;
    return this.path === '' || name === '' ? `${this.path}${name}` : `${this.path}.${name}`;
  }

  #refused(name: string, found: unknown, expected: string): Failure {
    const at = this.#at(name);
    return new Failure('broken-file',
      say('{0}: {1} is {2} where {3} is expected. Save the model again.', this.file, at === '' ? say('the file') : at, described(found), expected));
  }
}

const isInteger = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value);

/** A list, also as Keras marks a tuple: {"class_name": "__tuple__", "items": [...]}, {"class_name": "TensorShape", "items": [...]}. */
export function asList(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value as readonly unknown[];
  if (!isObject(value)) return undefined;
  const items = value.items ?? (isObject(value.config) ? value.config.value : undefined);
  return value.class_name === '__tuple__' || value.class_name === 'TensorShape' || value.class_name === '__list__' ? asList(items) : undefined;
}
