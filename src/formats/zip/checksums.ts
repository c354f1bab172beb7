/** Checksums of a ZIP whose stored files change in places. */

import { Failure } from '../../protocol/failure';
import type { ByteSource } from '../files/byteSource';
import type { Replacement } from '../files/replacement';
import { changesLength, inOrder } from '../files/replacement';
import { carriedOver, crcOf } from './crc';
import type { ZipEntry } from './entries';
import { crcAt, flagBits, methods } from './entries';
import { recordAt } from './fields';

const pieceBytes = 1 << 20;
/** New bytes up to this size are kept from making the checksum until they are written; more are made twice. */
const mostKept = 1 << 26;

/**
 * The replacements, and those of the checksums of the entries they lie in, in the order of the file. What does not change is not read; the
 * source has to stay open until all chunks are taken.
 */
export function withChecksums(source: ByteSource, entries: readonly ZipEntry[], replacements: readonly Replacement[]): readonly Replacement[] {
  const total = replacements.reduce((sum, { length }) => sum + length, 0);
  const written = total <= mostKept ? replacements.map(remembered) : replacements;
  const changes = new Map<ZipEntry, Replacement[]>();
  for (const replacement of written) {
    const entry = entryAround(source, entries, replacement);
    const within = changes.get(entry);
    if (within) within.push(replacement);
    else changes.set(entry, [replacement]);
  }
  const checksums = [...changes].flatMap(([entry, within]) => checksumsOf(source, entry, inOrder(within, source.name)));
  return inOrder([...written, ...checksums], source.name);
}

/** The same bytes, made once. */
function remembered(replacement: Replacement): Replacement {
  let kept: readonly Uint8Array[] | null = null;
  const chunks = (): readonly Uint8Array[] => kept ??= Array.from(replacement.chunks(), (chunk) => Uint8Array.from(chunk));
  return { ...replacement, chunks, prepare: chunks };
}

function entryAround(source: ByteSource, entries: readonly ZipEntry[], replacement: Replacement): ZipEntry {
  const { start, end, owner } = replacement;
  const refused = (why: string): Failure => new Failure('unsupported', `${owner} cannot be written into ${source.name}: ${why}.`);
  if (changesLength(replacement)) throw refused(`its new bytes are ${replacement.length}, and they take the place of ${end - start}`);
  const entry = entries.find(({ dataOffset, compressedSize }) => dataOffset <= start && end <= dataOffset + compressedSize);
  if (!entry) throw refused(`bytes ${start} to ${end} are not within one of its files`);
  const { name, method, flags } = entry;
  if (method !== methods.stored || (flags & flagBits.encrypted) !== 0) throw refused(`${name} in it is compressed or encrypted`);
  return entry;
}

function checksumsOf(source: ByteSource, entry: ZipEntry, changes: readonly Replacement[]): readonly Replacement[] {
  let bytes: Uint8Array | null = null;
  const chunks = (): readonly Uint8Array[] => [bytes ??= littleEndian(changedCrc(source, entry, changes))];
  const { name, headerOffset, centralOffset, descriptorOffset } = entry;
  const local = headerOffset + crcAt.local;
  // Where the checksum follows the data, the header before it has 0 in its place.
  const isAhead = descriptorOffset === null || recordAt(source, local, 4, `the checksum of ${name}`).view.getUint32(0, true) === entry.crc;
  const places = [...isAhead ? [local] : [], ...descriptorOffset === null ? [] : [descriptorOffset], centralOffset + crcAt.central];
  return places.map((start) => ({ start, end: start + 4, length: 4, chunks, owner: `the checksum of ${name}` }));
}

function changedCrc(source: ByteSource, { crc, dataOffset, compressedSize }: ZipEntry, changes: readonly Replacement[]): number {
  return changes.reduce((result, { start, end, chunks }) => {
    const difference = crcOf(chunks()) ^ crcOf(piecesOf(source, start, end));
    return (result ^ carriedOver(difference, dataOffset + compressedSize - end)) >>> 0;
  }, crc);
}

function* piecesOf(source: ByteSource, start: number, end: number): Generator<Uint8Array> {
  for (let at = start; at < end;) {
    const piece = source.read(at, Math.min(pieceBytes, end - at));
    if (piece.length === 0) throw new Failure('changed-on-disk', 'The file has become shorter since it was read. Read it again.');
    at += piece.length;
    yield piece;
  }
}

function littleEndian(crc: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, crc, true);
  return bytes;
}
