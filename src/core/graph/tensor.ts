import type { RecipeBlock } from '../../protocol/recipe';
import type { StorageKind } from '../../protocol/report';
import type { FanMode } from '../../protocol/schemes';
import type { DType } from './dtype';

/**
 * Where the elements of a tensor are, instead of the elements.
 * `contiguous`: little-endian elements back to back. `tagged`: each element behind its one-byte protobuf tag, as a writer leaves a
 * repeated field that is not packed. `varint`: a packed field of varints (f16 and bf16 in `int32_data`). `decimal`: numbers in a JSON text,
 * whatever stands between them. `base64`: the bytes of such elements as digits in one, likewise. `chunked`: in boxes that `grid` describes.
 */
export interface TensorPlace {
  /** Path of the file as the reader was given it. */
  readonly file: string;
  /** Bytes from the start of the file to the first element (or its tag). */
  readonly offset: number;
  /** Bytes from there to the end of the last element. */
  readonly length: number;
  readonly encoding: 'contiguous' | 'tagged' | 'varint' | 'decimal' | 'base64' | 'chunked';
  readonly grid?: ChunkGrid;
  /** Where further elements are, of a tensor that is stored in pieces. */
  readonly further?: readonly TensorPlace[];
}

/** An array in boxes of one shape, each packed by itself, as HDF5 stores what is compressed or may grow. */
export interface ChunkGrid {
  /** Of the array, and of a box; those at the end of an axis are filled up. */
  readonly shape: readonly number[];
  readonly box: readonly number[];
  readonly elementBytes: number;
  /** What each box went through, in that order; `width` bytes are an element's. */
  readonly filters: readonly ({ readonly kind: 'gzip' } | { readonly kind: 'shuffle'; readonly width: number })[];
  /** In the order of their first elements, none left out. */
  readonly chunks: readonly StoredChunk[];
}

export interface StoredChunk {
  readonly offset: number;
  readonly length: number;
  /** Bit i says that filter i was left out. */
  readonly mask: number;
}

/** Whether elements are characters of a text: new values may take another length. */
export const isText = ({ encoding }: TensorPlace): boolean => encoding === 'decimal' || encoding === 'base64';

/** All pieces, in the order of the elements. */
export function piecesOf(place: TensorPlace): readonly TensorPlace[] {
  return place.further ? [place, ...place.further] : [place];
}

/**
 * The field that stands for a tensor in the model file, tag and length included: what is replaced as a whole where new values do not fit
 * into the place of the old ones. `kind` says what the field is; a computed one becomes an initializer, or a Constant node where
 * there can be none.
 */
export interface TensorHome {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  /** Of a tensor in a Constant node: the fields of its attribute and of the node, which is what a save may have made of something else. */
  readonly attribute?: { readonly start: number; readonly end: number };
  readonly node?: { readonly start: number; readonly end: number };
  /** In a JSON text, where it is an object. */
  readonly isText?: true;
  readonly kind: 'tensor' | 'sparse initializer' | 'sparse constant' | 'float constant' | 'computed initializer' | 'computed constant' | 'graph input';
}

/** Between the name of a tensor and the use of it that has become one of its own. */
export const mergedMark = '~';

/** One of several uses of a stored tensor, as a tensor of its own at the same place. */
export interface MergedUse {
  /** Of the tensor that is stored: its id, its name, and by how many nodes it is read in all. */
  readonly id: string;
  readonly name: string;
  readonly uses: number;
  /** The inputs that have to name another tensor where this use gets one; none of the use that keeps the stored one. */
  readonly rewired: readonly { readonly node: { readonly start: number; readonly end: number }; readonly position: number }[];
}

/** How a configuration says that a tensor starts which it has no values of. */
export interface Declaration {
  /** As the file names it: "GlorotUniform". */
  readonly name: string;
  /** What the library draws it by, resolved for the shape. */
  readonly blocks: readonly RecipeBlock[];
  /**
   * The field that says so, or would: of the object at a path of the file, "config.layers[3].config", or of what stands there in one's place. None
   * where nothing else can be said. `beside`: the key by which the object says what it is.
   */
  readonly at?: { readonly path: string; readonly field: string; readonly beside?: string };
  /** As its library counts them. */
  readonly fans?: { readonly fanIn: number; readonly fanOut: number };
  /** Of the bias of an LSTM: whether its forget gate starts open, which a field of its own says. */
  readonly opensForget?: boolean;
  /** Where its spread comes from fans: those that the library counts, and by whose factor they are taken. */
  readonly scaling?: {
    readonly library: string; readonly scale: number; readonly mode: FanMode; readonly fans: { readonly fanIn: number; readonly fanOut: number };
  };
}

/** A stored tensor. Small ones carry their values, all others only their place. */
export interface Tensor {
  /** Scope path and name, unique in the model: what seeds and recipes are keyed by. Empty for tensors of graphs under construction. */
  readonly id: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly storage: StorageKind;
  readonly place: TensorPlace | null;
  readonly home?: TensorHome;
  /** Elements in row-major order; null if they were not loaded. */
  readonly values: readonly number[] | null;
  /** The value of every element, of a tensor that is computed from its shape. */
  readonly fill?: number;
  /** How many elements a sparse tensor stores: the others are zero. `place` is of the stored ones, `values` of all, as ever. */
  readonly stored?: number;
  /** Where those are, as int64: [stored] positions in row-major order, or [stored, rank] coordinates. */
  readonly indices?: Tensor;
  /** Another tensor that some of its bytes are of, too, though it is not the same. */
  readonly overlaps?: string;
  /** Of a use of a tensor that an exporter has made of several equal ones: which that is. */
  readonly merged?: MergedUse;
  /** Tensors of the file that hold the same, as an exporter repeats the kernel of a recurrent layer for each step: written with it. */
  readonly copies?: readonly Tensor[];
  /** Of a block that is run once more than the network has it: the id of the tensor that it begins as. */
  readonly repeats?: string;
  /** The file knows the shape and not the values, which it may be given. `problem` says where they should be. */
  readonly stripped?: true;
  /** Of a tensor that is only declared: by what it is drawn. It has neither a place nor values. */
  readonly declared?: Declaration;
  /** Why the elements cannot be read or written, if they cannot. */
  readonly problem?: string;
}

/** A tensor that exists only in a graph under construction. */
export function createTensor(dtype: DType, shape: readonly number[], values: readonly number[]): Tensor {
  return { id: '', dtype, shape, storage: 'raw', place: null, values };
}
