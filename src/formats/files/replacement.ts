import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';

/** Bytes [start, end) of a file that others take the place of; how many there are is known before they are made. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  /** Bytes that take their place. */
  readonly length: number;
  /** The same bytes whenever they are asked for (a checksum over them asks, too); each is valid until the next. */
  readonly chunks: () => Iterable<Uint8Array>;
  /** Whose bytes these are, as messages name it. */
  readonly owner: string;
  /** Works them out and keeps them, step by step: of bytes that are asked for more than once, or before their turn. */
  readonly prepare?: () => Steps;
}

/** Work that yields now and then, so that others have their turn. */
export type Steps = Generator<undefined, void>;

/** New bytes up to this size are kept from when they are made until they are written. */
export const mostKept = 1 << 26;

/** A change of a file, the model's or one beside it. */
export interface PlacedReplacement {
  readonly file: string;
  readonly replacement: Replacement;
}

export function replaceBy(start: number, end: number, bytes: Uint8Array, owner: string): Replacement {
  return { start, end, length: bytes.length, chunks: () => [bytes], owner };
}

/** The same bytes, made once. */
export function remembered(replacement: Replacement): Replacement {
  let kept: Uint8Array | null = null;
  function* prepare(): Steps {
    if (kept) return;
    const made = Buffer.allocUnsafeSlow(replacement.length);
    let at = 0;
    for (const chunk of replacement.chunks()) {
      made.set(chunk, at);
      at += chunk.length;
      yield;
    }
    if (at !== made.length) throw new Error(`${at} bytes came where ${made.length} were announced.`);
    kept = made;
  }
  const chunks = (): readonly Uint8Array[] => {
    runThrough(prepare());
    return kept ? [kept] : [];
  };
  return { ...replacement, chunks, prepare };
}

/** To the end, without pauses. */
export function runThrough(steps: Steps): void {
  while (steps.next().done !== true) continue;
}

export const newBytes = (replacements: readonly Replacement[]): number => replacements.reduce((sum, { length }) => sum + length, 0);

export const changesLength = ({ start, end, length }: Replacement): boolean => length !== end - start;

/** In the order of the file. Throws a Failure where two of them want the same bytes. */
export function inOrder(replacements: readonly Replacement[], file: string): readonly Replacement[] {
  const sorted = [...replacements].sort((a, b) => a.start - b.start || a.end - b.end);
  for (const [i, each] of sorted.entries()) {
    const before = sorted[i - 1];
    if (!before || before.end <= each.start) continue;
    const other = sorted.find(({ owner, start, end }) => owner !== before.owner && [before, each].some((one) => start < one.end && one.start < end));
    throw new Failure('unsupported', other
      ? say('{0} and {1} share their bytes in {2}, so they cannot hold different values. Reinitialize only one of them, or export the model again.',
        before.owner, other.owner, file)
      : say('Values of {0} share their bytes in {1}, so they cannot hold different values. Export the model again.', before.owner, file));
  }
  return sorted;
}

/** A stream of bytes that is taken in portions, each as long as is asked for, across the seams of the chunks. */
export class Portions {
  readonly #chunks: Iterator<Uint8Array>;
  readonly #isInTurns: boolean;
  #rest: Uint8Array = new Uint8Array(0);

  /** `isInTurns`: between two portions others may use the memory that the chunks are in. */
  constructor(chunks: Iterable<Uint8Array>, isInTurns: boolean) {
    this.#chunks = chunks[Symbol.iterator]();
    this.#isInTurns = isInTurns;
  }

  /** Fewer only where the stream ends. */
  *take(length: number): Generator<Uint8Array> {
    for (let left = length; left > 0;) {
      if (this.#rest.length === 0) {
        const next = this.#chunks.next();
        if (next.done === true) return;
        this.#rest = this.#isInTurns ? next.value.slice() : next.value;
      }
      const part = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  skip(length: number): void {
    const portions = this.take(length);
    while (portions.next().done !== true);
  }

  /** Ends the stream, and yields what nobody has asked for. */
  *leftOver(): Generator<Uint8Array> {
    if (this.#rest.length > 0) yield this.#rest;
    for (let next = this.#chunks.next(); next.done !== true; next = this.#chunks.next()) yield next.value;
  }
}
