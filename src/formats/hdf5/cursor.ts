/** Fields of an HDF5 file's structure, read through a few small pages, and a bound to how much of it is read. */

import { Failure } from '../../protocol/failure';
import type { ByteSource } from '../files/byteSource';
import { checksum } from './lookup3';

const pageBytes = 1 << 13;
/** Structure is written in blocks of some kilobytes, between which a reader goes back and forth. */
const mostPages = 512;
/** What the reading of a page counts for, beside the bytes that are taken of it: a file could ask for another page with every field. */
const pageCost = 256;
/** Largest part that is held at once: no header, heap or attribute of a model comes near. */
const largestPart = 1 << 26;

/** Bytes of the source, and where they begin in it. */
interface Window {
  start: number;
  bytes: Uint8Array;
}

const nothing: Readonly<Window> = { start: 0, bytes: new Uint8Array(0) };

/** What everything else is read by. Positions are bytes from the start of the source, addresses from `base` (specification 3.0, II.A). */
export class Hdf5File {
  readonly source: ByteSource;
  /** Set by the superblock, as are the widths of addresses and lengths. */
  base = 0;
  addressBytes = 8;
  lengthBytes = 8;
  readonly #pages = new Map<number, Window>();
  #left: number;

  constructor(source: ByteSource) {
    this.source = source;
    this.#left = 4 * source.size + (1 << 20);
  }

  /** The page around a position; null where `count` bytes from there are not in one page, or the file ends before. */
  page(position: number, count: number): Window | null {
    const start = position - position % pageBytes;
    if (position + count > start + pageBytes) return null;
    const page = this.#pages.get(start) ?? this.#readPage(start);
    return position + count <= start + page.bytes.length ? page : null;
  }

  /** Takes the room of the oldest page where there are many: whoever still holds that one sees by its start that it is another. */
  #readPage(start: number): Window {
    this.spend(pageCost, start);
    const [oldest] = this.#pages.size === mostPages ? this.#pages.values() : [];
    const page: Window = oldest ?? { start, bytes: new Uint8Array(pageBytes) };
    this.#pages.delete(page.start);
    page.bytes = this.source.read(start, pageBytes, page.bytes);
    page.start = start;
    this.#pages.set(start, page);
    return page;
  }

  /** Structure that leads back to itself, in whatever way, would be read forever: a header is read twice, where its attributes are asked for. */
  spend(count: number, position: number): void {
    this.#left -= count;
    if (this.#left < 0) throw this.broken('its structure leads back to itself', position);
  }

  at(address: number, length = this.source.size - this.base - address): Cursor {
    const start = this.base + address;
    if (length < 0 || start + length > this.source.size) throw this.broken(`what should be at byte ${start} is beyond its end`, start);
    return new Cursor(this, start, start + length);
  }

  /** Compares the checksum that follows bytes [start, end) with theirs. */
  verify(start: number, end: number, what: string): void {
    if (new Cursor(this, end, end + 4).uint(4) !== checksum(new Cursor(this, start, end).view(end - start))) {
      throw this.broken(`the checksum of ${what} is not that of its bytes`, start);
    }
  }

  broken(what: string, position: number): Failure {
    const { name, size } = this.source;
    return new Failure('broken-file', `${name} is not a readable HDF5 file: ${what} (at byte ${position} of ${size}). Save or copy it again.`);
  }

  /** The clause by itself is the detail, for whoever can leave out the part that it is about. */
  unsupported(what: string): Failure {
    return new Failure('unsupported', `${this.source.name} cannot be read: ${what}. Save it by a current h5py or Keras in its default format.`, what);
  }
}

/** Reads fields one after another, none beyond `end`. Everything is little-endian. */
export class Cursor {
  readonly file: Hdf5File;
  position: number;
  readonly end: number;
  #window: Readonly<Window> = nothing;

  constructor(file: Hdf5File, position: number, end: number) {
    this.file = file;
    this.position = position;
    this.end = end;
  }

  get left(): number {
    return this.end - this.position;
  }

  #take(count: number): number {
    if (count > this.left) throw this.broken(`${count} bytes are wanted where ${Math.max(0, this.left)} are left`);
    if (count > largestPart) throw this.file.unsupported(`a part of its structure is ${count} bytes long, and at most ${largestPart} are read`);
    this.file.spend(count, this.position);
    const { start, bytes } = this.#window;
    if (this.position < start || this.position + count > start + bytes.length) this.#window = this.#fill(count);
    this.position += count;
    return this.position - count - this.#window.start;
  }

  #fill(count: number): Window {
    const page = this.file.page(this.position, count);
    if (page) return page;
    const bytes = this.file.source.read(this.position, count);
    if (bytes.length < count) throw this.broken('it ends in the middle of a value');
    return { start: this.position, bytes };
  }

  /** An unsigned number of up to 8 bytes: exact to 2^53, beyond that to the nearest double, which no file is as long as. */
  uint(width: number): number {
    const at = this.#take(width);
    const { bytes } = this.#window;
    let value = 0;
    for (let i = width - 1; i >= 0; i--) value = 256 * value + (bytes[at + i] ?? 0);
    return value;
  }

  byte(): number {
    return this.uint(1);
  }

  length(): number {
    return this.uint(this.file.lengthBytes);
  }

  /** Null for the address that is all ones: what would be there is not there. */
  address(): number | null {
    const width = this.file.addressBytes;
    const at = this.#take(width);
    const { bytes } = this.#window;
    let isUndefined = true;
    for (let i = 0; i < width; i++) isUndefined &&= bytes[at + i] === 0xff;
    this.position -= width;
    const value = this.uint(width);
    return isUndefined ? null : value;
  }

  /** The address of what has to be there. */
  present(what: string): number {
    const address = this.address();
    if (address === null) throw this.broken(`${what} is nowhere`);
    return address;
  }

  /** Valid until something else is read. */
  view(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#window.bytes.subarray(at, at + count);
  }

  /** A copy. */
  bytes(count: number): Uint8Array {
    return new Uint8Array(this.view(count));
  }

  text(count: number): string {
    const { buffer, byteOffset } = this.view(count);
    return Buffer.from(buffer, byteOffset, count).toString('utf8');
  }

  /** Text up to a zero byte, which is passed over. */
  terminated(): string {
    const bytes: number[] = [];
    for (let byte = this.byte(); byte !== 0; byte = this.byte()) bytes.push(byte);
    return Buffer.from(bytes).toString('utf8');
  }

  skip(count: number): void {
    if (count > this.left) throw this.broken(`${count} bytes are passed over where ${Math.max(0, this.left)} are left`);
    this.position += count;
  }

  /** A part of what is left, as a cursor of its own; this one goes on behind it. */
  part(length: number): Cursor {
    const start = this.position;
    this.skip(length);
    return new Cursor(this.file, start, start + length);
  }

  signature(expected: string, what: string): void {
    const start = this.position;
    for (let i = 0; i < expected.length; i++) {
      if (this.byte() !== expected.charCodeAt(i)) throw this.file.broken(`there is no ${what}, which begins with ${expected}`, start);
    }
  }

  /** Throws where a version is none of those that are known here. */
  version(known: readonly number[], what: string): number {
    const found = this.byte();
    if (known.includes(found)) return found;
    throw this.file.unsupported(`version ${found} of ${what} is not known here (${known.join(', ')} ${known.length > 1 ? 'are' : 'is'})`);
  }

  broken(what: string): Failure {
    return this.file.broken(what, this.position);
  }
}

/** The width of the smallest unsigned number that can say `limit`, as the format computes it in several places. */
export function widthOf(limit: number): number {
  let width = 1;
  while (limit >= 256 ** width) width++;
  return width;
}
