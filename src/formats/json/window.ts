// A part of a file seen through a window of bounded size, which moves as one goes on.

import type { ByteSource } from '../files/byteSource';

const windowBytes = 1 << 18;

export class ByteWindow {
  readonly source: ByteSource;
  readonly #end: number;
  readonly #room: Uint8Array;
  /** What is seen: bytes of the file from `base` on. */
  bytes: Uint8Array = new Uint8Array(0);
  base: number;
  /** Where one is in `bytes`. */
  at = 0;

  /** Sees the bytes [start, end) of the file. */
  constructor(source: ByteSource, start: number, end: number) {
    this.source = source;
    this.base = start;
    this.#end = end;
    this.#room = new Uint8Array(Math.min(windowBytes, Math.max(1, end - start)));
  }

  get position(): number { return this.base + this.at; }
  /** Whether nothing is behind what is seen. */
  get isLast(): boolean { return this.base + this.bytes.length >= this.#end; }

  /** The byte there, which is not taken; −1 at the end of the file. */
  peek(): number {
    if (this.at >= this.bytes.length) this.fill(1);
    return this.bytes[this.at] ?? -1;
  }

  /** Sees so many bytes from here on, or all that are left. */
  fill(count: number): void {
    if (this.bytes.length - this.at >= count || this.isLast) return;
    const { position } = this;
    this.bytes = this.source.read(position, Math.min(this.#room.length, this.#end - position), this.#room);
    this.base = position;
    this.at = 0;
  }
}

/** Bytes as characters, one each. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1', start, end);
}
