/** Checksums of a ZIP whose stored files change in places. */

import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { ByteSource } from '../files/byteSource';
import type { Replacement, Steps } from '../files/replacement';
import { changesLength, inOrder, mostKept, newBytes, remembered, runThrough } from '../files/replacement';
import { carriedOver, crcInSteps } from './crc';
import type { ZipEntry } from './entries';
import { crcAt, flagBits, methods } from './entries';
import { recordAt } from './fields';

/** As much as stays in a cache of the processor. */
const pieceBytes = 1 << 18;

/**
 * The replacements, and those of the checksums of the entries they lie in, in the order of the file. What does not change is not read; the
 * source has to stay open until all chunks are taken.
 */
export function withChecksums(source: ByteSource, entries: readonly ZipEntry[], replacements: readonly Replacement[]): readonly Replacement[] {
  // More are made twice, for the checksum and to be written.
  const written = newBytes(replacements) <= mostKept ? replacements.map(remembered) : replacements;
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
  const bytes = new Uint8Array(4);
  let isMade = false;
  function* prepare(): Steps {
    if (isMade) return;
    new DataView(bytes.buffer).setUint32(0, yield* changedCrc(source, entry, changes), true);
    isMade = true;
  }
  const chunks = (): readonly Uint8Array[] => {
    runThrough(prepare());
    return [bytes];
  };
  const { name, headerOffset, centralOffset, descriptorOffset } = entry;
  const local = headerOffset + crcAt.local;
  // Where the checksum follows the data, the header before it has 0 in its place.
  const isAhead = descriptorOffset === null || recordAt(source, local, 4, `the checksum of ${name}`).view.getUint32(0, true) === entry.crc;
  const places = [...isAhead ? [local] : [], ...descriptorOffset === null ? [] : [descriptorOffset], centralOffset + crcAt.central];
  return places.map((start) => ({ start, end: start + 4, length: 4, chunks, prepare, owner: `the checksum of ${name}` }));
}

function* changedCrc(source: ByteSource, { crc, dataOffset, compressedSize }: ZipEntry, changes: readonly Replacement[]): Generator<undefined, number> {
  let result = crc;
  for (const { start, end, chunks, prepare } of changes) {
    if (prepare) yield* prepare();
    const difference = (yield* crcInSteps(chunks())) ^ (yield* crcInSteps(piecesOf(source, start, end)));
    result ^= carriedOver(difference, dataOffset + compressedSize - end);
  }
  return result >>> 0;
}

/** Each is valid until the next. */
function* piecesOf(source: ByteSource, start: number, end: number): Generator<Uint8Array> {
  const room = Buffer.allocUnsafe(Math.min(pieceBytes, end - start));
  for (let at = start; at < end;) {
    const piece = source.read(at, Math.min(pieceBytes, end - at), room);
    if (piece.length === 0) throw new Failure('changed-on-disk', say('The file has become shorter since it was read. Read it again.'));
    at += piece.length;
    yield piece;
  }
}
