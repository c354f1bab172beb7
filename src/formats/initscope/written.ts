// An object of a network that somebody has written by hand: its keys, each read as what it has to be, or refused where it stands.

import { Failure } from '../../protocol/failure';
import type { JsonView } from '../json/view';
import { meant } from './suggest';

/** Characters of a word that messages show. */
const shownCharacters = 40;
/** Sizes beyond this are of no network: ONNX counts in int64, memory in less. */
export const largestSize = 2 ** 31 - 1;

export const shown = (word: string): string => JSON.stringify(word.length > shownCharacters ? `${word.slice(0, shownCharacters)}…` : word);

/** What is wrong at a place of the text: `what` follows on the place. */
export function refusal(view: JsonView, what: string, remedy: string): Failure {
  return new Failure('broken-file', `${view.file}: ${view.place} ${what}. ${remedy}`);
}

/** One of the words that are known there. */
export function wordOf<T extends string>(view: JsonView, known: readonly T[], what: string): T {
  const word = view.text();
  const found = known.find((each) => each === word);
  if (found !== undefined) return found;
  throw refusal(view, `is ${shown(word)}, which is no ${what}`, meant(word, known));
}

export function numberOf(view: JsonView, { least = -Infinity, most = Infinity }: { readonly least?: number; readonly most?: number } = {}): number {
  const value = view.number();
  if (Number.isFinite(value) && value >= least && value <= most) return value;
  const range = least === -Infinity && most === Infinity ? 'a finite number' : most === Infinity ? `a number from ${least} on`
    : `a number from ${least} to ${most}`;
  throw view.wrong(range);
}

export function wholeOf(view: JsonView, least = 1, most = largestSize): number {
  const value = view.whole(least);
  if (value <= most) return value;
  throw view.wrong(`a whole number from ${least} to ${most}`);
}

/** One number for all axes, or a list with one for each. */
export function wholesOf(view: JsonView, count: number, least = 1): readonly number[] {
  if (view.value.kind === 'number') {
    const alike = wholeOf(view, least);
    return Array.from({ length: count }, () => alike);
  }
  const items = view.items();
  if (items.length !== count) throw view.wrong(`a whole number, or a list of ${count}, one for each axis`);
  return items.map((item) => wholeOf(item, least));
}

/** A shape, or an order of axes. */
export function sizesOf(view: JsonView, most: number): readonly number[] {
  const items = view.items();
  if (items.length === 0 || items.length > most) throw view.wrong(`a list of 1 to ${most} sizes`);
  return items.map((item) => wholeOf(item));
}

export class Written {
  readonly view: JsonView;

  /** Refuses keys other than `known`; `what` says of what they are: "a dense layer". */
  constructor(view: JsonView, known: readonly string[], what: string) {
    this.view = view;
    for (const [key, value] of view.entries()) {
      if (!known.includes(key)) throw refusal(value, `is nothing that ${what} has`, meant(key, known));
      const isNull = value.value.kind === 'literal' && value.value.value === null;
      if (isNull) throw refusal(value, 'is null where a value was expected', 'Leave the key out.');
    }
  }

  has(key: string): boolean {
    return this.view.find(key) !== null;
  }

  find(key: string): JsonView | null {
    return this.view.find(key);
  }

  whole(key: string, otherwise: number, least = 1, most = largestSize): number {
    const found = this.find(key);
    return found ? wholeOf(found, least, most) : otherwise;
  }

  wholes(key: string, count: number, otherwise: readonly number[], least = 1): readonly number[] {
    const found = this.find(key);
    return found ? wholesOf(found, count, least) : otherwise;
  }

  number(key: string, otherwise: number, limits: { readonly least?: number; readonly most?: number } = {}): number {
    const found = this.find(key);
    return found ? numberOf(found, limits) : otherwise;
  }

  flag(key: string, otherwise: boolean): boolean {
    return this.find(key)?.flag() ?? otherwise;
  }

  word<T extends string>(key: string, known: readonly T[], what: string, otherwise: T): T {
    const found = this.find(key);
    return found ? wordOf(found, known, what) : otherwise;
  }
}
