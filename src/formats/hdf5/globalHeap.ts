/** Text of any length, which attributes refer to by a heap and a number in it (specification 3.0, III.E). */

import type { Cursor, Hdf5File } from './cursor';

interface Place {
  readonly position: number;
  readonly length: number;
}

/** The heaps of a file, each read once; a text that several elements refer to is one string. */
export class GlobalHeaps {
  readonly #file: Hdf5File;
  readonly #heaps = new Map<number, ReadonlyMap<number, Place>>();
  readonly #texts = new Map<Place, string>();

  constructor(file: Hdf5File) {
    this.#file = file;
  }

  /** The text that a reference is to, which the cursor stands before; empty where it is to nothing. */
  text(reference: Cursor): string {
    reference.skip(4);
    const address = reference.address();
    const index = reference.uint(4);
    if (address === null || address === 0) return '';
    const place = this.#heap(address).get(index);
    if (!place) throw reference.broken(`there is no object ${index} in a global heap`);
    const known = this.#texts.get(place);
    if (known !== undefined) return known;
    const text = this.#file.at(place.position - this.#file.base, place.length).text(place.length);
    this.#texts.set(place, text);
    return text;
  }

  #heap(address: number): ReadonlyMap<number, Place> {
    const known = this.#heaps.get(address);
    if (known) return known;
    const heap = readHeap(this.#file, address);
    this.#heaps.set(address, heap);
    return heap;
  }
}

const padded = (length: number): number => 8 * Math.ceil(length / 8);
/** Signature and version before the length of a heap; number and count of references before that of an object. */
const headBytes = 8;

/** Heads of the heap and of its objects are padded, too, which shows where lengths are not 8 bytes wide. */
function readHeap(file: Hdf5File, address: number): ReadonlyMap<number, Place> {
  const cursor = file.at(address);
  cursor.signature('GCOL', 'global heap');
  cursor.version([1], 'a global heap');
  cursor.skip(3);
  const within = file.at(address, cursor.length());
  const head = padded(headBytes + file.lengthBytes);
  within.skip(head);
  const objects = new Map<number, Place>();
  // Object 0 is the room that is left.
  while (within.left >= head) {
    const start = within.position;
    const index = within.uint(2);
    if (index === 0) break;
    within.skip(6);
    const length = within.length();
    objects.set(index, { position: start + head, length });
    within.skip(Math.min(within.left, head + padded(length) - (within.position - start)));
  }
  return objects;
}
