/** Checksums of headers whose datasets lie in them, when these change. */

import { Failure } from '../../protocol/failure';
import type { ByteSource } from '../files/byteSource';
import type { Replacement } from '../files/replacement';
import { changesLength, inOrder } from '../files/replacement';
import type { Hdf5Dataset, Place } from './dataset';
import { checksum } from './lookup3';

/**
 * The replacements, and those of the checksums that are over what they replace, in the order of the file. `source` is the file on the disk,
 * which has to stay open until all chunks are taken. A header is some kilobytes long, and is read as a whole.
 */
export function withHeaderChecksums(
  source: ByteSource, datasets: Iterable<Hdf5Dataset>, replacements: readonly Replacement[],
): readonly Replacement[] {
  const headers = new Map<number, Place>();
  for (const { checksummed } of datasets) if (checksummed) headers.set(checksummed.offset, checksummed);
  const checksums = [...headers.values()].flatMap(({ offset, length }): readonly Replacement[] => {
    const within = replacements.filter(({ start, end }) => start < offset + length && end > offset);
    const astray = within.find((each) => changesLength(each) || each.start < offset || each.end > offset + length);
    if (astray) throw new Failure('unsupported', `${astray.owner} cannot be written into ${source.name}: it does not fit into the header it lies in.`);
    const at = offset + length;
    const chunks = (): readonly Uint8Array[] => [checksumOf(changed(source, offset, length, within))];
    return within.length > 0 ? [{ start: at, end: at + 4, length: 4, chunks, owner: `the checksum of the header at byte ${offset}` }] : [];
  });
  return inOrder([...replacements, ...checksums], source.name);
}

function changed(source: ByteSource, offset: number, length: number, replacements: readonly Replacement[]): Uint8Array {
  const bytes = new Uint8Array(source.read(offset, length));
  for (const { start, chunks } of replacements) {
    let at = start - offset;
    for (const chunk of chunks()) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
  }
  return bytes;
}

function checksumOf(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(4);
  new DataView(result.buffer).setUint32(0, checksum(bytes), true);
  return result;
}
