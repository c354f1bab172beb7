/** The messages in the header of an object (specification 3.0, IV.A.1), wherever its blocks are. */

import type { Hdf5File } from './cursor';
import { Cursor } from './cursor';

/** Types of messages that are read here (IV.A.2). */
export const messageTypes = {
  dataspace: 1, linkInfo: 2, datatype: 3, link: 6, externalFiles: 7, layout: 8, filters: 11, attribute: 12, continuation: 16, symbolTable: 17,
  attributeInfo: 21,
} as const;

/** Bytes [start, end) of the file, over which a checksum stands at `end`. */
export interface Checksummed {
  readonly start: number;
  readonly end: number;
}

export interface Message {
  readonly type: number;
  /** The body is somewhere else, and here is where (IV.A.2, flag bit 1). */
  readonly isShared: boolean;
  readonly start: number;
  readonly end: number;
  /** The block it is in, where that has a checksum. */
  readonly block: Checksummed | null;
}

export interface ObjectHeader {
  readonly address: number;
  readonly messages: readonly Message[];
}

/** A stretch of messages that is still to be read. */
interface Block {
  readonly start: number;
  readonly end: number;
  readonly checksummed: Checksummed | null;
}

export function readHeader(file: Hdf5File, address: number): ObjectHeader {
  const cursor = file.at(address);
  const isNew = cursor.byte() === 0x4f;
  cursor.position--;
  return { address, messages: isNew ? readNew(cursor) : readOld(cursor) };
}

/** The first message of a type, as a cursor over its body. */
export function bodyOf(file: Hdf5File, { messages }: ObjectHeader, type: number): Cursor | null {
  const message = messages.find((each) => each.type === type);
  return message ? body(file, message) : null;
}

export function body(file: Hdf5File, { type, isShared, start, end }: Message): Cursor {
  const cursor = new Cursor(file, start, end);
  return isShared ? followShared(cursor, type) : cursor;
}

/** The body of a message that another header has, as that of a committed datatype (IV.A.2, "Shared Message"). */
export function followShared(cursor: Cursor, type: number): Cursor {
  const { file } = cursor;
  const version = cursor.version([1, 2, 3], 'a shared message');
  const kind = cursor.byte();
  if (version === 3 && kind !== 2) throw file.unsupported('messages of its headers are in a heap of their own (SOHM)');
  if (version === 1) cursor.skip(6);
  const { messages } = readHeader(file, cursor.present('a shared message'));
  const message = messages.find((each) => each.type === type && !each.isShared);
  if (!message) throw cursor.broken('a shared message is not where it should be');
  return new Cursor(file, message.start, message.end);
}

/** Version 1: a count of messages, which are padded to multiples of 8 bytes; continuation blocks hold messages and nothing else. */
function readOld(cursor: Cursor): readonly Message[] {
  cursor.version([1], 'the header of an object');
  cursor.skip(1);
  const count = cursor.uint(2);
  cursor.skip(4);
  const size = cursor.uint(4);
  cursor.skip(4);
  const messages: Message[] = [];
  const blocks: Block[] = [blockAt(cursor, cursor.position, size, null)];
  for (const block of blocks) {
    const within = new Cursor(cursor.file, block.start, block.end);
    while (within.left >= 8 && messages.length < count) {
      const type = within.uint(2);
      const length = within.uint(2);
      const flags = within.byte();
      within.skip(3);
      messages.push(messageAt(within, type, length, flags, null));
      follow(messages, blocks, cursor.file, (next, bytes) => blockAt(cursor, next, bytes, null));
    }
  }
  return messages;
}

/** Version 2: no count, no padding, and a checksum behind each block. */
function readNew(cursor: Cursor): readonly Message[] {
  const { file, position: start } = cursor;
  cursor.signature('OHDR', 'header of an object');
  cursor.version([2], 'the header of an object');
  const flags = cursor.byte();
  if ((flags & 0x20) !== 0) cursor.skip(16);
  if ((flags & 0x10) !== 0) cursor.skip(4);
  const size = cursor.uint(1 << (flags & 3));
  const hasOrder = (flags & 4) !== 0;
  const checked = (from: number, first: number, end: number): Block => {
    const block = blockAt(cursor, first, end - first, { start: from, end });
    file.verify(from, end, 'the header of an object');
    return block;
  };
  const messages: Message[] = [];
  const blocks: Block[] = [checked(start, cursor.position, cursor.position + size)];
  for (const block of blocks) {
    const within = new Cursor(file, block.start, block.end);
    while (within.left >= (hasOrder ? 6 : 4)) {
      const type = within.byte();
      const length = within.uint(2);
      const messageFlags = within.byte();
      if (hasOrder) within.skip(2);
      messages.push(messageAt(within, type, length, messageFlags, block.checksummed));
      follow(messages, blocks, file, (next, bytes) => {
        new Cursor(file, next, file.source.size).signature('OCHK', 'further block of a header');
        return checked(next, next + 4, next + bytes - 4);
      });
    }
  }
  return messages;
}

function blockAt({ file }: Cursor, start: number, length: number, checksummed: Checksummed | null): Block {
  if (length < 0 || start + length > file.source.size) throw file.broken(`a header at byte ${start} is ${length} bytes long, and runs past the end`, start);
  return { start, end: start + length, checksummed };
}

function messageAt(within: Cursor, type: number, length: number, flags: number, block: Checksummed | null): Message {
  const start = within.position;
  within.skip(length);
  return { type, isShared: (flags & 2) !== 0, start, end: start + length, block };
}

/** Lets the block be read that the last message leads to, if it is one that does. */
function follow(messages: readonly Message[], blocks: Block[], file: Hdf5File, open: (start: number, length: number) => Block): void {
  const message = messages.at(-1);
  if (message?.type !== messageTypes.continuation) return;
  const cursor = new Cursor(file, message.start, message.end);
  const start = file.base + cursor.present('the rest of a header');
  blocks.push(open(start, cursor.length()));
}
