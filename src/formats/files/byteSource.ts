import { closeSync, fstatSync, openSync, readSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';

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
      throw new Failure('unreadable-file', kind.isDirectory()
        ? say('{0} is a directory, not a model file; name a file.', path) : say('{0} is a special file, not a model file; name a file.', path));
    }
    descriptor = openSync(path, 'r');
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('unreadable-file', say('{0} cannot be read: {1}.', path, reasonOf(error)), String(error));
  }
  const status = fstatSync(descriptor);
  return {
    name: path,
    size: status.size,
    folder: dirname(path),
    read(offset, length, room) {
      if (length > largestRead) throw new Failure('broken-file', say('{0}: a read of {1} bytes at {2} is more than a model needs.', path, length, offset));
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

/** Links that lead to links further than this lead nowhere. */
const mostLinks = 40;

/** The file behind symbolic links, whether or not it is there yet: what a save has to replace. */
export function resolveLinks(path: string, left = mostLinks): string {
  try {
    return realpathSync(path);
  } catch {
    const folder = dirname(resolve(path));
    const there = folder === resolve(path) ? folder : join(resolveLinks(folder, left - 1), basename(path));
    const link = left > 0 ? linkAt(there) : null;
    return link === null ? there : resolveLinks(resolve(dirname(there), link), left - 1);
  }
}

function linkAt(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

/** Whether two names are of one file, by links of either kind. */
export function isSameFile(a: string, b: string): boolean {
  if (resolveLinks(a) === resolveLinks(b)) return true;
  const [one, two] = [a, b].map((path) => statSync(path, { bigint: true, throwIfNoEntry: false }));
  return one !== undefined && two !== undefined && one.ino !== 0n && one.ino === two.ino && one.dev === two.dev;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: say('there is no such file'), EACCES: say('permission is denied'), EISDIR: say('it is a directory'), EPERM: say('permission is denied'),
  EMFILE: say('too many files are open'), ENOTDIR: say('a part of the path is not a directory'), ENOSPC: say('the disk is full'),
    EROFS: say('the file system is read-only'),
  EFBIG: say('it would be larger than files may be here'), EDQUOT: say('the quota of the disk is used up'), ENAMETOOLONG: say('its name is too long'),
  EEXIST: say('something of that name is there'),
};

/** A system error in words. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return reasons[code] ?? (error instanceof Error ? error.message : String(error));
}
