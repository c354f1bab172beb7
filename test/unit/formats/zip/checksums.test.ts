/** Checksums after changes, against those that are computed over the whole files. */

import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';

import type { ByteSource } from '../../../../src/formats/files/byteSource';
import { openBytes } from '../../../../src/formats/files/byteSource';
import type { Replacement } from '../../../../src/formats/files/replacement';
import { replaceBy } from '../../../../src/formats/files/replacement';
import { withChecksums } from '../../../../src/formats/zip/checksums';
import { readEntry } from '../../../../src/formats/zip/contents';
import { carriedOver } from '../../../../src/formats/zip/crc';
import { readZip } from '../../../../src/formats/zip/entries';
import { Failure } from '../../../../src/protocol/failure';
import { present } from '../../support/graphs';
import { createRandom } from '../../support/random';
import { archive } from './archives';

const forms = ['stored', 'streamed', 'comment', 'wide-headers', 'wide-streamed', 'wide-end'];

function applied(bytes: Uint8Array, replacements: readonly Replacement[]): Uint8Array {
  const result = bytes.slice();
  for (const { start, chunks } of replacements) {
    let at = start;
    for (const chunk of chunks()) {
      result.set(chunk, at);
      at += chunk.length;
    }
  }
  return result;
}

const noise = (random: () => number, length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(random() * 256));

describe('checksums of an archive', () => {
  it.each(forms)('that is %s are right after any changes', (form) => {
    const bytes = archive(form);
    const random = createRandom(3);
    for (let round = 0; round < 200; round++) {
      const source = openBytes(form, bytes);
      const entries = readZip(source);
      const changes = entries.flatMap(({ dataOffset, size, name }) => {
        const count = Math.floor(random() * 3);
        // Pieces beside each other, from nothing at all to all there is.
        const bounds = Array.from({ length: 2 * count }, () => Math.floor(random() * (size + 1))).sort((a, b) => a - b);
        return Array.from({ length: count }, (_, i) => {
          const [from = 0, to = 0] = bounds.slice(2 * i);
          return replaceBy(dataOffset + from, dataOffset + to, noise(random, to - from), name);
        });
      });
      const patched = applied(bytes, withChecksums(source, entries, changes));
      const after = openBytes(form, patched);
      // Reading checks each checksum against the bytes, and those in the headers against each other.
      for (const entry of readZip(after)) expect(entry.crc).toBe(crc32(readEntry(after, entry, 1 << 16)));
      for (const { start, end, chunks } of changes) expect([patched.slice(start, end)]).toEqual([...chunks()]);
    }
  });
  it('are made once, of what changes alone, and only when they are asked for', () => {
    const bytes = archive('stored');
    const inner = openBytes('a', bytes);
    const entries = readZip(inner);
    const reads: number[] = [];
    const source: ByteSource = { ...inner, read: (offset, length) => {
      reads.push(length);
      return inner.read(offset, length);
    } };
    const { dataOffset, name } = present(entries[1]);
    let asked = 0;
    const change: Replacement = { start: dataOffset + 100, end: dataOffset + 110, length: 10, owner: name, chunks: () => {
      asked++;
      return [new Uint8Array(4), new Uint8Array(6)];
    } };
    const all = withChecksums(source, entries, [change]);
    expect(all.map(({ start }) => start)).toEqual([dataOffset - 30 - name.length + 14, dataOffset + 100, present(entries[1]).centralOffset + 16]);
    expect(asked).toBe(0);
    for (let i = 0; i < 2; i++) for (const checksum of [present(all[0]), present(all[2])]) expect([...checksum.chunks()]).toHaveLength(1);
    expect([asked, reads]).toEqual([1, [10]]);
  });
  it('of nothing that changes stay', () => {
    const source = openBytes('a', archive('stored'));
    expect(withChecksums(source, readZip(source), [])).toEqual([]);
  });
  it('of long files are those that are computed over all bytes', () => {
    const random = createRandom(9);
    for (const behind of [0, 1, 7, 255, 256, 65_537, 1_000_003]) {
      const [one, other, rest] = [noise(random, 33), noise(random, 33), new Uint8Array(behind).fill(5)];
      const whole = (head: Uint8Array): number => crc32(rest, crc32(head));
      expect(carriedOver(crc32(one) ^ crc32(other), behind)).toBe((whole(one) ^ whole(other)) >>> 0);
    }
    // x^(2^32 - 1) = 1 for a primitive polynomial, whence bytes beyond 2^32 count as they should.
    expect(carriedOver(0x12345678, 2 ** 32 - 1 + 5)).toBe(carriedOver(0x12345678, 5));
  });
});

describe('changes of an archive are refused', () => {
  const plain = openBytes('a.zip', archive('stored'));
  const { dataOffset, size } = present(readZip(plain)[0]);
  const deflated = openBytes('b.zip', archive('deflated'));
  it.each<readonly [string, ByteSource, readonly Replacement[], RegExp]>([
    ['of another length', plain, [replaceBy(dataOffset, dataOffset + 4, new Uint8Array(5), 'w')], /w cannot be written into a\.zip: its new bytes are 5, .* 4\./],
    ['over the end of a file', plain, [replaceBy(dataOffset + size - 2, dataOffset + size + 2, new Uint8Array(4), 'w')], /not within one of its files/],
    ['over a header', plain, [replaceBy(0, 4, new Uint8Array(4), 'w')], /not within one of its files/],
    ['in a compressed file', deflated, [replaceBy(dataOffset, dataOffset + 4, new Uint8Array(4), 'w')], /config\.json in it is compressed or encrypted/],
    ['over each other', plain,
      [replaceBy(dataOffset, dataOffset + 4, new Uint8Array(4), 'v'), replaceBy(dataOffset + 3, dataOffset + 5, new Uint8Array(2), 'w')],
      /v and w share their bytes/],
  ])('%s', (_, source, changes, said) => {
    expect(() => withChecksums(source, readZip(source), changes)).toThrow(said);
    expect(() => withChecksums(source, readZip(source), changes)).toThrow(Failure);
  });
});
