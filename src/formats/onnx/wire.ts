import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { ByteSource } from '../files/byteSource';

/** Bytes read at once while walking: few behind a payload that was skipped, where a head of some bytes is followed by the next, then more. */
const smallestWindow = 1 << 12;
const largestWindow = 1 << 16;

/** Protobuf wire types (protobuf encoding specification). Groups (3, 4) are not used by ONNX. */
export const wire = { varint: 0, fixed64: 1, delimited: 2, fixed32: 5 } as const;

/** Walks a protobuf message in a file through a small window. Offsets are bytes from the start of the file. */
export class WireCursor {
  readonly source: ByteSource;
  position = 0;
  #window: Uint8Array = new Uint8Array(0);
  #start = 0;
  #size = largestWindow;
  readonly #float = new DataView(new ArrayBuffer(8));

  constructor(source: ByteSource) {
    this.source = source;
  }

  #ensure(count: number): number {
    let at = this.position - this.#start;
    if (at < 0 || at + count > this.#window.length) {
      const isNext = this.position <= this.#start + this.#window.length;
      this.#size = isNext ? Math.min(largestWindow, 2 * this.#size) : smallestWindow;
      this.#window = this.source.read(this.position, Math.max(count, this.#size));
      this.#start = this.position;
      at = 0;
      if (this.#window.length < count) throw this.broken(say('the file ends in the middle of a value'));
    }
    return at;
  }

  byte(): number {
    const at = this.#ensure(1);
    this.position++;
    return this.#window[at] ?? 0;
  }

  /** A varint as a non-negative number; exact to 2^53, beyond that to the nearest double. */
  unsigned(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw this.broken(say('a varint is longer than 10 bytes'));
  }

  /** A varint as a two's complement int64; exact between −2^53 and 2^53. */
  signed(): number {
    let low = 0n;
    for (let i = 0n; i < 10n; i++) {
      const byte = this.byte();
      low |= BigInt(byte & 0x7f) << (7n * i);
      if (byte < 0x80) return Number(BigInt.asIntN(64, low));
    }
    throw this.broken(say('a varint is longer than 10 bytes'));
  }

  float32(): number {
    const at = this.#ensure(4);
    this.position += 4;
    for (let i = 0; i < 4; i++) this.#float.setUint8(i, this.#window[at + i] ?? 0);
    return this.#float.getFloat32(0, true);
  }

  /** Copies `length` bytes. The caller bounds the length. */
  bytes(length: number): Uint8Array {
    const at = this.#ensure(length);
    this.position += length;
    return this.#window.slice(at, at + length);
  }

  /** Field number, wire type and, for a delimited field, its length, checked against the end of the message around it. */
  tag(end: number): { readonly field: number; readonly type: number } {
    const key = this.unsigned();
    const type = key % 8;
    const field = Math.floor(key / 8);
    if (field === 0 || field > 0x1fffffff || (type !== 0 && type !== 1 && type !== 2 && type !== 5)) {
      throw this.broken(say('field {0} has wire type {1}, which ONNX does not use', field, type));
    }
    if (this.position > end) throw this.broken(say('a field runs past the end of its message'));
    return { field, type };
  }

  /** Length of a delimited field that has to end by `end`. */
  length(end: number): number {
    const length = this.unsigned();
    if (this.position + length > end) {
      throw this.broken(say('a length of {0} bytes runs past the end of its message by {1}', length, this.position + length - end));
    }
    return length;
  }

  skip(type: number, end: number): void {
    if (type === wire.varint) this.unsigned();
    else if (type === wire.fixed64) this.position += 8;
    else if (type === wire.fixed32) this.position += 4;
    else {
      const length = this.length(end);
      this.position += length;
    }
    if (this.position > end) throw this.broken(say('a value runs past the end of its message'));
  }

  broken(what: string): Failure {
    return new Failure('broken-file', say('{0} is not a readable ONNX model: {1} (at byte {2} of {3}). Export or copy it again.',
      this.source.name, what, this.position, this.source.size));
  }
}
