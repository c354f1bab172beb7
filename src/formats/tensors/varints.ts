import type { TensorPlace } from '../../core/graph/tensor';
import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { ByteSource } from '../files/byteSource';

/** Bytes read at a time. */
const chunkBytes = 1 << 19;
/** Longest varint of the protobuf encoding. */
const longestVarint = 10;

/** The lowest `width` bytes of every varint, little-endian, a bounded number at a time; each is behind its tag where there are tags. */
export function* varintBytes(source: ByteSource, place: TensorPlace, width: number): Generator<Uint8Array> {
  for (let at = 0; at < place.length;) {
    const bytes = source.read(place.offset + at, Math.min(chunkBytes, place.length - at));
    const { values, consumed } = readVarints(bytes, place.encoding === 'tagged', width);
    if (consumed === 0) {
      throw new Failure('broken-file', say('{0}: the numbers end in the middle of one at byte {1}. Export it again.', source.name, place.offset + at));
    }
    yield values;
    at += consumed;
  }
}

/** Those of the varints that are complete, and how many bytes they take. */
function readVarints(bytes: Uint8Array, tagged: boolean, width: number): { readonly values: Uint8Array; readonly consumed: number } {
  // A varint takes at least one byte, and its tag another.
  const values = new Uint8Array(Math.ceil(bytes.length / (tagged ? 2 : 1)) * width);
  const view = new DataView(values.buffer);
  let [at, consumed, filled] = [0, 0, 0];
  while (at < bytes.length) {
    if (tagged) at = endOfVarint(bytes, at);
    if (at < 0) break;
    const end = endOfVarint(bytes, at);
    if (end < 0) break;
    write(view, filled, width, bytes, at, end);
    filled += width;
    at = end;
    consumed = end;
  }
  return { values: values.subarray(0, filled), consumed };
}

/** Position after the varint that begins there; −1 if it has no end. */
function endOfVarint(bytes: Uint8Array, start: number): number {
  const last = Math.min(bytes.length, start + longestVarint);
  for (let at = start; at < last; at++) if ((bytes[at] ?? 0) < 0x80) return at + 1;
  return -1;
}

function write(view: DataView, at: number, width: number, bytes: Uint8Array, start: number, end: number): void {
  let [low, high] = [0, 0];
  for (let i = start, shift = 0; i < end; i++, shift += 7) {
    const part = (bytes[i] ?? 0) & 0x7f;
    if (shift < 32) low |= part << shift;
    if (shift >= 32) high |= part << (shift - 32);
    else if (shift > 25) high |= part >>> (32 - shift);
  }
  if (width === 1) view.setUint8(at, low & 0xff);
  else if (width === 2) view.setUint16(at, low & 0xffff, true);
  else view.setUint32(at, low >>> 0, true);
  if (width === 8) view.setUint32(at + 4, high >>> 0, true);
}
