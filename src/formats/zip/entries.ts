/** The files in a ZIP and where their bytes are, from its directory and the header before each (APPNOTE 6.3.10, sections 4.3.7, 4.3.9 and 4.3.12). */

import type { ByteSource } from '../files/byteSource';
import type { Directory } from './directory';
import { findDirectory } from './directory';
import type { Record } from './fields';
import { broken, long, recordAt, unsupported } from './fields';

/** A file in an archive. Offsets are bytes from the start of the archive. */
export interface ZipEntry {
  readonly name: string;
  /** How it is compressed (4.4.5): 0 is not at all, 8 is deflate. */
  readonly method: number;
  readonly flags: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly dataOffset: number;
  readonly headerOffset: number;
  /** Of its header in the directory. */
  readonly centralOffset: number;
  /** Of the checksum that follows its data, where there is one. */
  readonly descriptorOffset: number | null;
}

export const methods = { stored: 0, deflated: 8 } as const;
/** Bits of the general purpose flag (4.4.4). */
export const flagBits = { encrypted: 1, descriptor: 1 << 3, utf8: 1 << 11, hiddenHeaders: 1 << 13 } as const;
/** Where the checksum is in either header. */
export const crcAt = { local: 14, central: 16 } as const;

const signatures = { central: 0x02014b50, local: 0x04034b50, descriptor: 0x08074b50 } as const;
const lengths = { central: 46, local: 30 } as const;
const longestName = 4096;

/** Without `dataOffset` and `descriptorOffset`, which only the header before the data tells. */
type Listed = Omit<ZipEntry, 'dataOffset' | 'descriptorOffset'> & { readonly nameBytes: Uint8Array };

/** All entries in the order of the directory. */
export function readZip(source: ByteSource): readonly ZipEntry[] {
  const directory = findDirectory(source);
  const listed = readDirectory(source, directory);
  const names = new Set<string>();
  for (const { name } of listed) {
    if (names.has(name)) throw broken(source, `it holds two files of the name ${name}`);
    names.add(name);
  }
  const entries = listed.map((entry) => locate(source, entry, directory.start));
  refuseOverlaps(source, entries);
  return entries;
}

function readDirectory(source: ByteSource, { start, end, count }: Directory): readonly Listed[] {
  const entries: Listed[] = [];
  let at = start;
  while (entries.length < count) {
    const entry = readCentral(source, at, end);
    entries.push(entry.listed);
    at = entry.next;
  }
  if (at !== end) throw broken(source, `its directory names ${count} files and ends ${end - at} bytes behind the last of them`);
  return entries;
}

function readCentral(source: ByteSource, at: number, end: number): { readonly listed: Listed; readonly next: number } {
  if (at + lengths.central > end) throw broken(source, `its directory ends at byte ${end}, before all the files it counts`);
  const { view } = recordAt(source, at, lengths.central, 'a header of its directory');
  if (view.getUint32(0, true) !== signatures.central) throw broken(source, `there is no header of a file at byte ${at} of its directory`);
  const flags = view.getUint16(8, true);
  if ((flags & flagBits.hiddenHeaders) !== 0) throw unsupported(source, 'its directory is encrypted');
  const [nameLength, extraLength, commentLength] = [view.getUint16(28, true), view.getUint16(30, true), view.getUint16(32, true)];
  const next = at + lengths.central + nameLength + extraLength + commentLength;
  if (next > end) throw broken(source, `the header at byte ${at} of its directory runs past the directory's end at byte ${end}`);
  if (nameLength > longestName) throw unsupported(source, `a name in it is ${nameLength} bytes long, and at most ${longestName} are read`);
  const rest = recordAt(source, at + lengths.central, nameLength + extraLength, 'a header of its directory');
  const nameBytes = rest.bytes.slice(0, nameLength);
  const name = Buffer.from(nameBytes).toString((flags & flagBits.utf8) !== 0 ? 'utf8' : 'latin1');
  const [size = 0, compressedSize = 0, headerOffset = 0] = widened(source, rest, nameLength, name, [24, 20, 42].map((field) => view.getUint32(field, true)));
  const sizes = { size, compressedSize, headerOffset };
  return { listed: { name, nameBytes, method: view.getUint16(10, true), flags, crc: view.getUint32(crcAt.central, true), ...sizes, centralOffset: at }, next };
}

/** Of the extra field for what 32 bits do not hold, and what stands in a field of 32 bits then (4.5.3). */
const zip64 = 1;
const tooNarrow = 0xffffffff;

/** The place of an extra field in those of a header, as its start and length without its head. */
function findExtra(source: ByteSource, { view }: Pick<Record, 'view'>, from: number, id: number, name: string): { at: number; length: number } | null {
  for (let at = from; at + 4 <= view.byteLength;) {
    const length = view.getUint16(at + 2, true);
    if (at + 4 + length > view.byteLength) throw broken(source, `an extra field of ${name} runs past the header it is in`);
    if (view.getUint16(at, true) === id) return { at: at + 4, length };
    at += 4 + length;
  }
  return null;
}

/** Numbers that 32 bits do not hold are in the ZIP64 extra field, which has only those, in this order (4.5.3). */
function widened(source: ByteSource, rest: Record, from: number, name: string, fields: readonly number[]): readonly number[] {
  const extra = findExtra(source, rest, from, zip64, name);
  if (!extra) return fields;
  let { at } = extra;
  return fields.map((field) => {
    if (field !== tooNarrow) return field;
    if (at + 8 > extra.at + extra.length) throw broken(source, `the ZIP64 field of ${name} is too short for what it has to hold`);
    at += 8;
    return long(rest.view, at - 8);
  });
}

/** Adds what the header before the data says, which has names and extra fields of its own. */
function locate(source: ByteSource, { nameBytes, ...listed }: Listed, end: number): ZipEntry {
  const { name, headerOffset, compressedSize, size, method, flags, crc } = listed;
  const { view } = recordAt(source, headerOffset, lengths.local, `the header of ${name}`);
  if (view.getUint32(0, true) !== signatures.local) throw broken(source, `there is no header of ${name} at byte ${headerOffset}, where its directory says`);
  const [nameLength, extraLength] = [view.getUint16(26, true), view.getUint16(28, true)];
  const rest = recordAt(source, headerOffset + lengths.local, nameLength + extraLength, `the header of ${name}`);
  if (!Buffer.from(nameBytes).equals(rest.bytes.subarray(0, nameLength))) throw broken(source, `${name} has another name in the header before its data`);
  if (view.getUint16(8, true) !== method) throw broken(source, `${name} is compressed in one way by its directory and in another by its header`);
  const dataOffset = headerOffset + lengths.local + nameLength + extraLength;
  const dataEnd = dataOffset + compressedSize;
  if (dataEnd > end) throw broken(source, `the data of ${name} (${compressedSize} bytes at byte ${dataOffset}) runs into its directory at byte ${end}`);
  if (method === methods.stored && size !== compressedSize && (flags & flagBits.encrypted) === 0) {
    throw broken(source, `${name} is stored as it is, but has ${size} bytes by one field and ${compressedSize} by another`);
  }
  const isStreamed = (flags & flagBits.descriptor) !== 0;
  const localCrc = view.getUint32(crcAt.local, true);
  if (localCrc !== crc && !(isStreamed && localCrc === 0)) throw broken(source, `${name} has one checksum in its directory and another in its header`);
  return { ...listed, dataOffset, descriptorOffset: isStreamed ? findDescriptor(source, name, crc, dataEnd) : null };
}

/** The checksum behind data that was streamed; a signature before it is not always there (4.3.9.3). */
function findDescriptor(source: ByteSource, name: string, crc: number, at: number): number {
  const { view } = recordAt(source, at, 8, `what follows the data of ${name}`);
  if (view.getUint32(0, true) === signatures.descriptor && view.getUint32(4, true) === crc) return at + 4;
  if (view.getUint32(0, true) === crc) return at;
  throw broken(source, `the checksum of ${name} is not behind its data at byte ${at}, where it was streamed to`);
}

/** Two entries over the same bytes are how small archives unpack to any size, and cannot hold different values. */
function refuseOverlaps(source: ByteSource, entries: readonly ZipEntry[]): void {
  const sorted = [...entries].sort((a, b) => a.headerOffset - b.headerOffset);
  for (const [i, { name, dataOffset, compressedSize }] of sorted.entries()) {
    const next = sorted[i + 1];
    if (next && dataOffset + compressedSize > next.headerOffset) throw broken(source, `${name} and ${next.name} share their bytes`);
  }
}
