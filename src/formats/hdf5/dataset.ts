/** A dataset: what its elements are and where, or in words why they are not at one place. */

import type { DType } from '../../core/graph/dtype';
import { elementCount } from '../../core/graph/dtype';
import { isFailure } from '../../protocol/failure';
import { offsetOf } from '../files/slice';
import type { AttributeValue } from './attributes';
import type { Hdf5File } from './cursor';
import { readShape } from './dataspace';
import type { Datatype } from './datatype';
import { readDatatype } from './datatype';
import type { Filter, Layout } from './layout';
import { readFilters, readLayout } from './layout';
import type { Checksummed, ObjectHeader } from './objectHeader';
import { body, bodyOf, messageTypes } from './objectHeader';

/** Bytes from the start of the file on the disk: of an archive, where the source is a file in it. */
export interface Place {
  readonly offset: number;
  readonly length: number;
}

export interface Hdf5Dataset {
  readonly kind: 'dataset';
  /** Of the first link to it. */
  readonly path: string;
  readonly dtype: DType | null;
  readonly shape: readonly number[];
  /** Of its elements, little-endian and back to back. */
  readonly place: Place | null;
  /** Why there is no place, or no type, as a clause. */
  readonly problem?: string;
  /** Of elements that lie in a header with a checksum: the bytes it is over, and it stands behind them. */
  readonly checksummed?: Place;
  /** Of elements in pieces. */
  readonly chunks?: Chunks;
  /** Read when they are asked for. */
  readonly attributes: ReadonlyMap<string, AttributeValue>;
}

export interface Chunks {
  readonly file: Hdf5File;
  /** Of the tree that leads to them; null where none was written. */
  readonly address: number | null;
  readonly shape: readonly number[];
  readonly elementBytes: number;
  readonly filters: readonly Filter[];
}

interface Described {
  readonly dtype: DType | null;
  readonly problem?: string;
}

type Located = Pick<Hdf5Dataset, 'place' | 'problem' | 'checksummed' | 'chunks'>;

export const isDataset = ({ messages }: ObjectHeader): boolean => messages.some(({ type }) => type === messageTypes.layout);

export function readDataset(file: Hdf5File, header: ObjectHeader, path: string, attributes: () => ReadonlyMap<string, AttributeValue>): Hdf5Dataset {
  // A getter is not one any more where an object is spread.
  return Object.assign({ kind: 'dataset', path, get attributes() { return attributes(); } } as const, contentsOf(file, header, path, attributes));
}

type Contents = Omit<Hdf5Dataset, 'kind' | 'path' | 'attributes'>;

/** A form that is not known here concerns nobody who does not ask for this dataset. */
function contentsOf(file: Hdf5File, header: ObjectHeader, path: string, attributes: () => ReadonlyMap<string, AttributeValue>): Contents {
  try {
    return readContents(file, header, path, attributes);
  } catch (error) {
    if (!isFailure(error) || error.code !== 'unsupported') throw error;
    return { dtype: null, shape: [0], place: null, problem: error.detail };
  }
}

function readContents(file: Hdf5File, header: ObjectHeader, path: string, attributes: () => ReadonlyMap<string, AttributeValue>): Contents {
  const [typeBody, spaceBody] = [messageTypes.datatype, messageTypes.dataspace].map((type) => bodyOf(file, header, type));
  if (!typeBody || !spaceBody) throw file.broken(`${path} has no type or no shape`, file.base + header.address);
  const type = readDatatype(typeBody);
  const shape = readShape(spaceBody);
  const described = { ...describe(type, attributes), shape: shape ?? [0] };
  const located = locate(file, header, path, type.size, shape);
  // A place is of elements that can be taken as they are.
  return described.problem === undefined ? { ...described, ...located } : { ...described, place: null };
}

function describe(type: Datatype, attributes: () => ReadonlyMap<string, AttributeValue>): Described {
  switch (type.kind) {
    case 'number': return type.isBigEndian && type.size > 1 ? { dtype: type.dtype, problem: 'its elements are big-endian' } : { dtype: type.dtype };
    case 'opaque':
      // NumPy has no bfloat16, so Keras writes two bytes without a type, and says beside them what they are (keras.src.saving.saving_lib).
      if (type.size === 2 && attributes().get('dtype') === 'bfloat16') return { dtype: 'bfloat16' };
      return { dtype: null, problem: `its elements are ${type.size} bytes of no type` };
    case 'text': case 'variable text': return { dtype: 'string', problem: 'its elements are text' };
    case 'other': return { dtype: null, problem: `its elements are ${type.what}` };
  }
}

function locate(file: Hdf5File, header: ObjectHeader, path: string, elementBytes: number, shape: readonly number[] | null): Located {
  const message = header.messages.find(({ type }) => type === messageTypes.layout);
  if (!message) throw file.broken(`${path} has no layout`, file.base + header.address);
  const layout = readLayout(body(file, message));
  if (header.messages.some(({ type }) => type === messageTypes.externalFiles)) return { place: null, problem: 'its elements are in other files' };
  if (shape === null || elementCount(shape) === 0) return { place: null, problem: 'it has no elements' };
  const length = elementCount(shape) * elementBytes;
  switch (layout.kind) {
    case 'virtual': return { place: null, problem: 'its elements are those of other datasets (it is a virtual one)' };
    case 'chunked': return inChunks(file, header, layout, shape, elementBytes);
    case 'compact': return placed(file, path, layout.start, layout.length, length, message.isShared ? null : message.block);
    case 'contiguous':
      if (layout.address === null) return { place: null, problem: 'nothing has been written into it' };
      return placed(file, path, file.base + layout.address, layout.length ?? length, length, null);
  }
}

function placed(file: Hdf5File, path: string, start: number, stored: number, length: number, block: Checksummed | null): Located {
  if (stored !== length) throw file.broken(`${path} is stored in ${stored} bytes, and its shape and type want ${length}`, start);
  if (start + length > file.source.size) throw file.broken(`the elements of ${path} (${length} bytes) run past its end`, start);
  const origin = offsetOf(file.source);
  const place = { offset: origin + start, length };
  return block ? { place, checksummed: { offset: origin + block.start, length: block.end - block.start } } : { place };
}

function inChunks(
  file: Hdf5File, header: ObjectHeader, { address, shape }: Extract<Layout, { kind: 'chunked' }>, whole: readonly number[], elementBytes: number,
): Located {
  const pipeline = bodyOf(file, header, messageTypes.filters);
  const filters = pipeline ? readFilters(pipeline) : [];
  const packed = filters.length > 0 ? `, packed by ${filters.map(({ name }) => name).join(' and ')}` : '';
  if (shape.length !== whole.length) {
    return { place: null, problem: `it is stored in chunks with an index of the newer kind${packed}: h5py writes the older one by libver="earliest"` };
  }
  return { place: null, problem: `it is stored in chunks${packed}`, chunks: { file, address, shape, elementBytes, filters } };
}
