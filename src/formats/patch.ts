import { randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { chmod, constants, copyFile, open, rename, stat, unlink } from 'node:fs/promises';

import { bytesPerElement, isFloat } from '../core/graph/dtype';
import type { DType } from '../core/graph/dtype';
import type { TensorPlace } from '../core/graph/tensor';
import type { Cancellation } from '../protocol/rpc';
import { Failure } from '../protocol/failure';
import { reasonOf, resolveLinks } from './byteSource';
import type { ByteRange } from './onnx/record';

/** New payload of one tensor, as long as the old one: bare elements in order, or bytes as the file stores them. */
export interface PayloadWrite {
  readonly tensorId: string;
  readonly dtype: DType;
  readonly place: TensorPlace;
  readonly form: 'elements' | 'stored';
  readonly chunks: () => Iterable<Uint8Array>;
}

export interface FilePatch {
  readonly source: string;
  /** May be the source itself. */
  readonly target: string;
  readonly writes: readonly PayloadWrite[];
  /** Bytes of the source to leave out (an earlier record), and bytes to append. */
  readonly remove: ByteRange | null;
  readonly append: Uint8Array | null;
  readonly progress?: (writtenBytes: number) => void;
  readonly cancellation?: Cancellation;
}

/** Why new values of that tensor cannot be written in place, or null if they can. */
export function refuseWrite(place: TensorPlace | null, dtype: DType): string | null {
  if (!place) return 'its place in the file is not known';
  if (!isFloat(dtype)) return `its element type is ${dtype}`;
  if (place.encoding === 'varint' || (place.encoding === 'tagged' && dtype !== 'float32' && dtype !== 'float64')) {
    return 'its values are stored as varints, whose lengths would change';
  }
  return null;
}

/**
 * Patches a copy of the file beside the target, flushes it, and renames it over the target: at any moment the target is the old file or
 * the new one. Permissions are kept; a symbolic link stays and its target is replaced. Every byte outside the writes is the source's.
 */
export async function patchFile(patch: FilePatch): Promise<void> {
  await patchFiles([patch]);
}

/** The same for files that belong together: none is replaced before all copies are complete. */
export async function patchFiles(patches: readonly FilePatch[]): Promise<void> {
  const ready: { readonly beside: string; readonly target: string }[] = [];
  let at = 0;
  let replaced = 0;
  try {
    for (; at < patches.length; at++) {
      const patch = patches[at];
      if (!patch) break;
      const target = resolveLinks(patch.target);
      await refuseReadOnly(target);
      const beside = `${target}.${randomBytes(6).toString('hex')}.initscope-tmp`;
      ready.push({ beside, target });
      await writeCopy(patch, beside, await modeFor(patch.source, target));
    }
    if (patches.some((patch) => patch.cancellation?.cancelled)) throw new Failure('cancelled', 'Cancelled.');
    for (at = 0; at < ready.length; at++) {
      const file = ready[at];
      if (file) await rename(file.beside, file.target);
      replaced++;
    }
  } catch (error) {
    for (const { beside } of ready.slice(replaced)) await unlink(beside).catch(() => undefined);
    if (error instanceof Failure) throw error;
    const done = patches.slice(0, replaced).map((patch) => patch.target).join(', ');
    const state = replaced === 0 ? 'The file is as it was.' : `${done} was already replaced: save again.`;
    throw new Failure('write-failed', `${patches[at]?.target ?? ''} was not saved: ${reasonOf(error)}. ${state}`, String(error));
  }
}

async function writeCopy(patch: FilePatch, beside: string, mode: number): Promise<void> {
  await copyFile(patch.source, beside, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await chmod(beside, mode);
  const handle = await open(beside, 'r+');
  try {
    const removed = patch.remove ? await cutOut(handle, patch.remove) : null;
    await writePayloads(handle, patch, removed);
    if (patch.append) await handle.write(patch.append, 0, patch.append.length, (await handle.stat()).size);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Permissions of the file that is replaced; a new file has those of its source, and may be written even if that is read-only. */
async function modeFor(source: string, target: string): Promise<number> {
  const replaced = await stat(target).catch(() => null);
  return replaced ? replaced.mode & 0o7777 : ((await stat(source).catch(() => null))?.mode ?? 0o644) & 0o7777 | 0o200;
}

async function refuseReadOnly(target: string): Promise<void> {
  const status = await stat(target).catch(() => null);
  if (status && (status.mode & 0o222) === 0) {
    throw new Failure('read-only', `${target} is read-only and was not saved. Allow writing to it, or save under another name.`);
  }
}

/** Moves what follows the range down over it; returns how places behind it have to be corrected. */
async function cutOut(handle: FileHandle, range: ByteRange): Promise<ByteRange> {
  const { size } = await handle.stat();
  const buffer = new Uint8Array(1 << 20);
  let [from, to] = [range.end, range.start];
  while (from < size) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, size - from), from);
    if (bytesRead === 0) break;
    await handle.write(buffer, 0, bytesRead, to);
    from += bytesRead;
    to += bytesRead;
  }
  await handle.truncate(size - (range.end - range.start));
  return range;
}

async function writePayloads(handle: FileHandle, patch: FilePatch, removed: ByteRange | null): Promise<void> {
  let written = 0;
  for (const write of patch.writes) {
    const refused = refuseWrite(write.place, write.dtype);
    if (refused !== null) throw new Failure('unsupported', `${write.tensorId} cannot be written: ${refused}.`);
    const { offset, length, encoding } = write.place;
    const width = bytesPerElement(write.dtype);
    let at = removed && offset >= removed.end ? offset - (removed.end - removed.start) : offset;
    const end = at + length;
    for (const chunk of write.chunks()) {
      if (patch.cancellation?.cancelled) throw new Failure('cancelled', 'Cancelled.');
      const bytes = encoding === 'tagged' && write.form === 'elements' ? withTags(chunk, width) : chunk;
      if (at + bytes.length > end) throw new Error(`New values of ${write.tensorId} are longer than the old ones.`);
      await handle.write(bytes, 0, bytes.length, at);
      at += bytes.length;
      written += bytes.length;
      patch.progress?.(written);
    }
    if (at !== end) throw new Error(`New values of ${write.tensorId} are shorter than the old ones.`);
  }
}

/** Tag bytes of `float_data` (field 4, fixed32) and `double_data` (field 10, fixed64). */
const tags: Readonly<Record<number, number>> = { 4: 0x25, 8: 0x51 };

function withTags(elements: Uint8Array, width: number): Uint8Array {
  const tagged = new Uint8Array((elements.length / width) * (width + 1));
  for (let from = 0, to = 0; from < elements.length; from += width, to += width + 1) {
    tagged[to] = tags[width] ?? 0;
    tagged.set(elements.subarray(from, from + width), to + 1);
  }
  return tagged;
}
