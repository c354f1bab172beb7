import { closeSync, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

import { Failure } from '../protocol/failure';

/** Random access to bytes, without loading them. */
export interface ByteSource {
  /** Path or URI, as messages name it. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Where external data is looked for; null where it is not followed. */
  readonly folder: string | null;
  /** The bytes of [offset, offset + length), fewer only at the end of the file; read into `room`, where there is some. */
  read(offset: number, length: number, room?: Uint8Array): Uint8Array;
  close(): void;
}

/** Largest single read: bounds memory whatever the file claims about itself. */
const largestRead = 1 << 26;

export function openFile(path: string): ByteSource {
  let descriptor: number;
  try {
    // Before it is opened: opening a named pipe waits for somebody to write into it.
    const kind = statSync(path);
    if (!kind.isFile()) {
      throw new Failure('unreadable-file', `${path} is a ${kind.isDirectory() ? 'directory' : 'special file'}, not a model file; name a file.`);
    }
    descriptor = openSync(path, 'r');
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('unreadable-file', `${path} cannot be read: ${reasonOf(error)}.`, String(error));
  }
  const status = fstatSync(descriptor);
  return {
    name: path,
    size: status.size,
    folder: dirname(path),
    read(offset, length, room) {
      if (length > largestRead) throw new Failure('broken-file', `${path}: a read of ${length} bytes at ${offset} is more than a model needs.`);
      const there = Math.max(0, Math.min(length, status.size - offset));
      const buffer = room ? room.subarray(0, there) : new Uint8Array(there);
      let done = 0;
      while (done < buffer.length) {
        const count = readSync(descriptor, buffer, done, buffer.length - done, offset + done);
        if (count === 0) break;
        done += count;
      }
      return done === buffer.length ? buffer : buffer.subarray(0, done);
    },
    close: () => closeSync(descriptor),
  };
}

export function openBytes(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    folder: null,
    read: (offset, length) => bytes.subarray(offset, Math.min(bytes.length, offset + length)),
    close: () => undefined,
  };
}

/** The file behind symbolic links: what a save has to replace. */
export function resolveLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file', EACCES: 'permission is denied', EISDIR: 'it is a directory', EPERM: 'permission is denied',
  EMFILE: 'too many files are open', ENOTDIR: 'a part of the path is not a directory', ENOSPC: 'the disk is full', EROFS: 'the file system is read-only',
};

/** A system error in words. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return reasons[code] ?? (error instanceof Error ? error.message : String(error));
}
