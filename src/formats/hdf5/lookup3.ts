/** The checksum of HDF5's structure: hashlittle of Bob Jenkins' lookup3 (2006), begun from 0 (specification 3.0, "Jenkins' lookup3"). */

const rotated = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** The 12 bytes of a block are three words, which are mixed after each block but the last. */
const blockBytes = 12;

export function checksum(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let a = 0xdeadbeef + bytes.length | 0;
  let b = a;
  let c = a;
  let at = 0;
  for (; bytes.length - at > blockBytes; at += blockBytes) {
    a = a + view.getInt32(at, true) | 0;
    b = b + view.getInt32(at + 4, true) | 0;
    c = c + view.getInt32(at + 8, true) | 0;
    a = (a - c | 0) ^ rotated(c, 4); c = c + b | 0;
    b = (b - a | 0) ^ rotated(a, 6); a = a + c | 0;
    c = (c - b | 0) ^ rotated(b, 8); b = b + a | 0;
    a = (a - c | 0) ^ rotated(c, 16); c = c + b | 0;
    b = (b - a | 0) ^ rotated(a, 19); a = a + c | 0;
    c = (c - b | 0) ^ rotated(b, 4); b = b + a | 0;
  }
  if (bytes.length === 0) return c >>> 0;
  const last = new DataView(new ArrayBuffer(blockBytes));
  for (let i = at; i < bytes.length; i++) last.setUint8(i - at, bytes[i] ?? 0);
  a = a + last.getInt32(0, true) | 0;
  b = b + last.getInt32(4, true) | 0;
  c = c + last.getInt32(8, true) | 0;
  c = (c ^ b) - rotated(b, 14) | 0;
  a = (a ^ c) - rotated(c, 11) | 0;
  b = (b ^ a) - rotated(a, 25) | 0;
  c = (c ^ b) - rotated(b, 16) | 0;
  a = (a ^ c) - rotated(c, 4) | 0;
  b = (b ^ a) - rotated(a, 14) | 0;
  c = (c ^ b) - rotated(b, 24) | 0;
  return c >>> 0;
}
