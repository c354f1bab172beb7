import { existsSync, statfsSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

import { elementCount, isFloat } from '../../core/graph/dtype';
import type { Tensor, TensorHome, TensorPlace } from '../../core/graph/tensor';
import { isText, piecesOf } from '../../core/graph/tensor';
import { encodeFloats } from '../../core/initializers/sampling';
import type { RestoredPayload } from '../../protocol/engine';
import { Failure } from '../../protocol/failure';
import type { Cancellation } from '../../protocol/rpc';
import { openFile } from '../files/byteSource';
import { FilePool, contentChunks } from '../tensors/content';
import type { OpenedModel } from '../openModel';
import { tensorsById } from '../openModel';
import { denseElements } from '../tensors/sparse';
import { denseLength, isRewritten } from './tensorWrite';

const copyChunk = 1 << 20;
/** What is left free on a disk that undo is kept on. */
const spareBytes = 64e6;

/** Bytes that keeping the former values of these tensors takes. */
export function undoBaseSize(opened: OpenedModel, ids: Iterable<string>): number {
  const tensors = tensorsById(opened);
  return [...ids].reduce((sum, id) => sum + sizeOf(tensors.get(id)), 0);
}

function sizeOf(tensor: Tensor | undefined): number {
  if (!tensor) return 0;
  const { home } = tensor;
  if (isRewritten(tensor)) return denseLength(tensor) + (home ? home.end - home.start : 0);
  return tensor.place ? piecesOf(tensor.place).reduce((sum, { length }) => sum + length, 0) : 0;
}

/** Whether the disk that holds `folder`, or will, has room for so much. */
export function hasRoom(folder: string, bytes: number): boolean {
  let there = folder;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  const { bavail, bsize } = statfsSync(there);
  return bavail * bsize - spareBytes >= bytes;
}

export interface KeepOptions {
  /** Called with the bytes done, of `undoBaseSize`. */
  readonly progress?: (bytes: number) => void;
  readonly cancellation?: Cancellation;
}

/**
 * Copies what a save overwrites to a file of its own, so that undo can bring it back: the payload, or, of a tensor whose field is replaced
 * as a whole, that field, and behind it the values as the new one will store them.
 */
export async function keepPayloads(
  opened: OpenedModel, ids: Iterable<string>, keepFile: string, { progress, cancellation }: KeepOptions = {},
): Promise<readonly RestoredPayload[]> {
  const tensors = tensorsById(opened);
  await mkdir(dirname(keepFile), { recursive: true });
  const handle = await open(keepFile, 'a');
  const pool = new FilePool();
  const before = (await handle.stat()).size;
  const room = new Uint8Array(copyChunk);
  try {
    let end = before;
    const append = async (chunks: Iterable<Uint8Array>): Promise<{ readonly offset: number; readonly length: number }> => {
      const offset = end;
      for (const chunk of chunks) {
        await handle.writeFile(chunk);
        end += chunk.length;
        progress?.(end - before);
        if (cancellation?.cancelled) throw new Failure('cancelled', 'Cancelled.');
      }
      return { offset, length: end - offset };
    };
    const kept: RestoredPayload[] = [];
    for (const tensorId of ids) {
      const tensor = tensors.get(tensorId);
      if (tensor && isRewritten(tensor) && tensor.home) {
        const { file, start, end: stop, kind } = tensor.home;
        // An input was no initializer: there is nothing to put back.
        const field = await append(bytesOf(file, start, kind === 'graph input' ? 0 : stop - start, room));
        kept.push({ tensorId, file: keepFile, ...await append(valuesOf(pool, tensor)), field: { ...field, of: fieldOf(tensor.home) } });
      } else if (tensor?.place) {
        kept.push({ tensorId, file: keepFile, ...await append(payloadOf(tensor, room)), ...textPieces(tensor.place) });
      }
    }
    await handle.sync();
    return kept;
  } catch (error) {
    await handle.truncate(before);
    throw error;
  } finally {
    pool.close();
    await handle.close();
  }
}

/** What is replaced as a whole when such a tensor is written (see `denseHead`). */
function fieldOf({ kind }: TensorHome): NonNullable<RestoredPayload['field']>['of'] {
  return kind === 'computed constant' ? 'node' : kind === 'sparse constant' || kind === 'float constant' ? 'attribute' : 'tensor';
}

/** What takes new values in another length is put back piece by piece. */
function textPieces(place: TensorPlace): Pick<RestoredPayload, 'pieces'> {
  return place.further && isText(place) ? { pieces: piecesOf(place).map(({ length }) => length) } : {};
}

function* payloadOf({ place }: Tensor, room: Uint8Array): Generator<Uint8Array> {
  for (const { file, offset, length } of place ? piecesOf(place) : []) yield* bytesOf(file, offset, length, room);
}

/** Bytes of a file, as many at a time as there is room for; each chunk is valid until the next. */
export function* bytesOf(file: string, offset: number, length: number, room: Uint8Array): Generator<Uint8Array> {
  const source = openFile(file);
  try {
    for (let at = 0; at < length; at += room.length) yield source.read(offset + at, Math.min(room.length, length - at), room);
  } finally {
    source.close();
  }
}

function* valuesOf(pool: FilePool, tensor: Tensor): Generator<Uint8Array> {
  if (!isFloat(tensor.dtype)) return;
  if (tensor.stored !== undefined && !tensor.values) {
    const dense = denseElements(tensor, (file) => pool.source(file));
    for (let at = 0; at < elementCount(tensor.shape); at += copyChunk) {
      yield encodeFloats(Float64Array.from(dense.subarray(at, at + copyChunk), Number), tensor.dtype);
    }
    return;
  }
  for (const chunk of contentChunks(pool, tensor, {})) yield encodeFloats(Float64Array.from(chunk), tensor.dtype);
}
