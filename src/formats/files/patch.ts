import type { FileHandle } from 'node:fs/promises';
import { chmod, constants, copyFile, open, rm, stat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';

import type { Cancellation } from '../../protocol/rpc';
import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import { keepStatus } from './fileStatus';
import type { Replacement } from './replacement';
import { changesLength, mostKept, newBytes, remembered } from './replacement';

export interface FilePatch {
  readonly source: string;
  /** May be the source itself. */
  readonly target: string;
  /** In the order of the file, none over another. */
  readonly replacements: readonly Replacement[];
  readonly append: Uint8Array | null;
  /** Called with the bytes done, of `patchedSize`. */
  readonly progress?: (bytes: number) => void;
  readonly cancellation?: Cancellation;
}

/** Bytes of a file after the patch. */
export function patchedSize({ replacements, append }: Pick<FilePatch, 'replacements' | 'append'>, size: number): number {
  return replacements.reduce((sum, { start, end, length }) => sum + length - (end - start), size) + (append?.length ?? 0);
}

/** From this size on a flush is worth beginning before everything is written. */
const largeFile = 1 << 26;

/**
 * Writes the patched source to a new file and flushes it. What is replaced takes other bytes, everything else is the source's, byte for
 * byte: memory is bounded by two buffers, whatever the size, and by new bytes that are worked out before the rest is copied.
 */
export async function writePatched(given: FilePatch, beside: string): Promise<void> {
  const source = await open(given.source, 'r');
  let target: FileHandle | null = null;
  let preparing: Preparing | null = null;
  try {
    const { size } = await source.stat();
    const copying = staysInPlace(given.replacements, size) ? await copyWhole(given, size, beside) : null;
    const patch = copying ? { ...given, replacements: keptWhereFew(given.replacements) } : given;
    preparing = copying && new Preparing(patch);
    const isCloned = copying !== null && await copying.done;
    // A copy of what is write-protected is so, too; until it has the permissions of the one it replaces nobody else may read it.
    if (isCloned) await chmod(beside, 0o600);
    target = await open(beside, isCloned ? 'r+' : 'wx', 0o600);
    await keepStatus(patch, beside);
    // What is copied can go to the disk while there is still something to work out.
    if (isCloned && size >= largeFile && preparing?.isUnderWay === true) await target.datasync();
    await preparing?.done;
    const output = new Output(target, patch);
    try {
      await writeAll(source, output, patch, size, isCloned);
      await output.flush();
    } finally {
      await output.settle();
    }
    if (isCloned) await target.truncate(patchedSize(patch, size));
    await target.sync();
  } finally {
    await preparing?.settle();
    await source.close();
    await target?.close();
  }
}

function keptWhereFew(replacements: readonly Replacement[]): readonly Replacement[] {
  return newBytes(replacements) <= mostKept ? replacements.map((each) => (each.prepare ? each : remembered(each))) : replacements;
}

/** New bytes are worked out in turns with everything else: while the system copies the others, and writes them to the disk. */
class Preparing {
  readonly done: Promise<void>;
  #isUnderWay = true;

  constructor(patch: FilePatch) {
    this.done = prepareAll(patch).finally(() => {
      this.#isUnderWay = false;
    });
    // It is awaited when the copy is there, and may fail before that.
    this.done.catch(() => undefined);
  }

  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** Waits for its end, however it ends: before that the source may not be closed. */
  async settle(): Promise<void> {
    await this.done.catch(() => undefined);
  }
}

async function prepareAll({ replacements, cancellation }: FilePatch): Promise<void> {
  for (const { prepare } of replacements) {
    const steps = prepare?.();
    while (steps && steps.next().done !== true) {
      await setImmediate();
      if (cancellation?.cancelled) throw new Failure('cancelled', 'Cancelled.');
    }
  }
}

/** Whether everything that remains of the source remains where it is. */
function staysInPlace(replacements: readonly Replacement[], size: number): boolean {
  return replacements.every((each) => !changesLength(each) || each.end === size);
}

/** Up to this size the system copies a file sooner than anybody wants to stop it. */
const largestCopy = 1 << 30;

/**
 * Begins to copy the source as a whole, to be written over where it changes: by sharing its blocks, where the file system knows such (btrfs, xfs,
 * APFS), which takes a moment whatever the size; else by the system, which is faster than reading and writing, if most of it stays. `done`: whether
 * the copy is there. Null where there is none to be.
 */
async function copyWhole({ source, replacements }: FilePatch, size: number, beside: string): Promise<{ readonly done: Promise<boolean> } | null> {
  const copied = (flags: number): Promise<boolean> => copyFile(source, beside, constants.COPYFILE_EXCL | flags).then(() => true, () => false);
  if (await copied(constants.COPYFILE_FICLONE_FORCE)) return { done: Promise.resolve(true) };
  const changed = replacements.reduce((sum, { start, end }) => sum + end - start, 0);
  const isThere = await stat(beside).then(() => true, () => false);
  if (size > largestCopy || 2 * changed > size || isThere) return null;
  // What was copied until the disk was full is in the way of writing piece by piece, which says what is wrong.
  return { done: copied(0).then(async (isWhole) => {
    if (!isWhole) await rm(beside, { force: true });
    return isWhole;
  }) };
}

async function writeAll(source: FileHandle, output: Output, { replacements, append }: FilePatch, size: number, isCloned: boolean): Promise<void> {
  const keep = (from: number, to: number): Promise<void> => (isCloned ? output.skip(to - from) : output.copy(source, from, to));
  let at = 0;
  for (const { start, end, length, chunks } of replacements) {
    if (end > size) throw new Failure('changed-on-disk', say('The file has become shorter since it was read. Read it again.'));
    await keep(at, start);
    let done = 0;
    for (const chunk of chunks()) {
      done += chunk.length;
      await output.put(chunk);
    }
    if (done !== length) throw new Error(`${done} bytes came where ${length} were announced.`);
    at = end;
  }
  await keep(at, size);
  if (append) await output.put(append);
}

const bufferBytes = 1 << 20;

/** Writes one buffer while the next is filled. */
class Output {
  readonly #handle: FileHandle;
  readonly #progress: ((bytes: number) => void) | undefined;
  readonly #cancellation: Cancellation | undefined;
  #filling = Buffer.allocUnsafe(bufferBytes);
  #writing = Buffer.allocUnsafe(bufferBytes);
  #filled = 0;
  #position = 0;
  #pending: Promise<void> = Promise.resolve();

  constructor(handle: FileHandle, { progress, cancellation }: Pick<FilePatch, 'progress' | 'cancellation'>) {
    this.#handle = handle;
    this.#progress = progress;
    this.#cancellation = cancellation;
  }

  /** The bytes may be changed afterwards. */
  async put(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + bufferBytes - this.#filled);
      this.#filling.set(part, this.#filled);
      at += part.length;
      await this.#advance(part.length);
    }
  }

  /** Bytes [from, to) of another file. */
  async copy(source: FileHandle, from: number, to: number): Promise<void> {
    for (let at = from; at < to;) {
      const { bytesRead } = await source.read(this.#filling, this.#filled, Math.min(to - at, bufferBytes - this.#filled), at);
      if (bytesRead === 0) throw new Failure('changed-on-disk', say('The file has become shorter while it was copied. Read it again.'));
      at += bytesRead;
      await this.#advance(bytesRead);
    }
  }

  /** Leaves bytes as they are. */
  async skip(length: number): Promise<void> {
    if (length === 0) return;
    await this.flush();
    this.#position += length;
    this.#progress?.(this.#position);
  }

  async #advance(count: number): Promise<void> {
    this.#filled += count;
    this.#progress?.(this.#position + this.#filled);
    if (this.#cancellation?.cancelled) throw new Failure('cancelled', 'Cancelled.');
    if (this.#filled === bufferBytes) await this.#hand();
  }

  async #hand(): Promise<void> {
    await this.#pending;
    [this.#filling, this.#writing] = [this.#writing, this.#filling];
    this.#pending = writeFully(this.#handle, this.#writing.subarray(0, this.#filled), this.#position);
    // It is awaited before the next one begins, and may fail before that.
    this.#pending.catch(() => undefined);
    this.#position += this.#filled;
    this.#filled = 0;
  }

  async flush(): Promise<void> {
    if (this.#filled > 0) await this.#hand();
    await this.#pending;
  }

  /** Waits for the last write, however it ends: before that the file may not be closed. */
  async settle(): Promise<void> {
    await this.#pending.catch(() => undefined);
  }
}

async function writeFully(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}
