import { bytesPerElement, elementCount, isFloat } from '../../core/graph/dtype';
import type { Tensor, TensorHome, TensorPlace } from '../../core/graph/tensor';
import { isText, piecesOf } from '../../core/graph/tensor';
import type { RestoredPayload } from '../../protocol/engine';
import { Failure } from '../../protocol/failure';
import type { Recipe } from '../../protocol/recipe';
import { say } from '../../protocol/words';
import type { ByteSource } from '../files/byteSource';
import { isFixedWidth } from '../tensors/elements';
import { denseHead, floatFields } from '../onnx/dense';
import { withValues } from '../onnxJson/objects';
import type { OpenedModel } from '../openModel';
import { tensorsById } from '../openModel';
import { declaredChanges } from './declared';
import { wire } from '../onnx/wire';
import type { PlacedReplacement, Replacement } from '../files/replacement';
import { Portions } from '../files/replacement';
import { writeText } from './textWrite';

/** Largest protobuf message, hence model file and tensor in it (protobuf encoding, "Size limits"). */
export const largestMessage = 2 ** 31 - 1;

/** Why new values of that tensor cannot be written, as a clause, or null if they can. */
export function refuseWrite(tensor: Tensor): string | null {
  const { problem, dtype, home, stored, overlaps, stripped, declared, place } = tensor;
  if (problem !== undefined && !stripped) return problem;
  if (declared) return declared.at ? null : say('the file does not say how it starts, and holds no values');
  if (overlaps !== undefined) return say('some of its bytes are those of {0}, too', overlaps);
  if (!isFloat(dtype)) return say('its element type is {0}', dtype);
  if (elementCount(tensor.shape) === 0) return say('it has no elements');
  if (place?.grid) return say(
    'it is stored in chunks of a file whose structure is not written here: load the model in Keras and save it, which stores it whole');
  if (fittingPieces(tensor)) return null;
  if (!home && stored !== undefined && place && isText(place)) return say('it is sparse, and with its zeros would have to stand elsewhere in the text');
  if (!home) return stored === undefined ? say('its place in the file is not known') : say('it is a sparse argument of a function, which takes no other');
  const bytes = denseLength(tensor);
  return bytes > largestMessage ? say('written out it would take {0} GB, and a model file can hold 2', (bytes / 1e9).toFixed(1)) : null;
}

/** Why tensors cannot take the values of these recipes, by their ids, each as a clause. */
export function refusalsOf(opened: OpenedModel, recipes: readonly Recipe[]): ReadonlyMap<string, string> {
  const tensors = tensorsById(opened);
  const { left } = declaredChanges(opened, recipes);
  return new Map(recipes.flatMap(({ tensorId }) => {
    const tensor = tensors.get(tensorId);
    const refused = tensor ? refuseWrite(tensor) ?? left.get(tensorId) : say('it is not in the file');
    return refused === undefined ? [] : [[tensorId, refused] as const];
  }));
}

/** The recipes whose tensors can take new values, each with its tensor; `refused` spares the asking. */
export function writableOf(
  opened: OpenedModel, recipes: readonly Recipe[], refused = refusalsOf(opened, recipes),
): readonly { readonly recipe: Recipe; readonly tensor: Tensor }[] {
  const tensors = tensorsById(opened);
  return recipes.flatMap((recipe) => {
    const tensor = tensors.get(recipe.tensorId);
    return tensor && !refused.has(recipe.tensorId) ? [{ recipe, tensor }] : [];
  });
}

/** Whether new values do not simply go over the old ones, so that more than them has to be kept to bring the old ones back. */
export function isRewritten(tensor: Tensor): boolean {
  return tensor.declared === undefined && fittingPieces(tensor) === null;
}

export function denseLength({ shape, dtype }: Tensor): number {
  return elementCount(shape) * bytesPerElement(dtype);
}

/** The pieces that take new values, whatever these are; null where something around them would have to be another, or there are not as many. */
function fittingPieces({ place, dtype, stored }: Tensor): readonly TensorPlace[] | null {
  if (!place || stored !== undefined) return null;
  const pieces = piecesOf(place);
  const isFitting = isText(place) || place.encoding === 'contiguous' || (place.encoding === 'tagged' && isFixedWidth(dtype));
  const fits = isFitting && pieces.every(({ encoding }) => encoding === place.encoding);
  return fits ? pieces : null;
}

/** Puts elements, drawn or read, into a tensor. `source` is the model file. */
export function writeElements(source: ByteSource, tensor: Tensor, chunks: () => Iterable<Uint8Array>): readonly PlacedReplacement[] {
  const refused = refuseWrite(tensor);
  if (refused !== null) throw new Failure('unsupported', say('{0} cannot be written: {1}.', tensor.id, refused));
  const pieces = fittingPieces(tensor) ?? attributePieces(source, tensor);
  const [first] = pieces ?? [];
  if (pieces && first && isText(first)) return writeText(tensor, pieces, chunks);
  if (pieces) {
    const width = bytesPerElement(tensor.dtype);
    const isTagged = first?.encoding === 'tagged';
    return fill(pieces, tensor.id, isTagged ? () => withTags(chunks(), width) : chunks);
  }
  const { home } = tensor;
  if (!home) throw new Error(`${tensor.id} has neither a place nor a home.`);
  const length = denseLength(tensor);
  if (home.isText) return [{ file: source.name, replacement: withValues(source, home, tensor.id, length, chunks) }];
  const head = denseHead(source, home, tensor, length);
  // An input stays one: what stands in front of it is its value.
  const end = home.kind === 'graph input' ? home.start : home.end;
  return [{
    file: source.name,
    replacement: {
      start: home.start, end, length: head.length + length, owner: tensor.id,
      *chunks() {
        yield head;
        yield* exactly(chunks(), length, tensor.id);
      },
    },
  }];
}

/** Puts bytes as `raw_data` would hold them into a tensor. */
export const writeBytes = (tensor: Tensor, bytes: Uint8Array): readonly PlacedReplacement[] => (
  tensor.place && isText(tensor.place) ? writeText(tensor, piecesOf(tensor.place), () => [bytes]) : writeStored(tensor, () => [bytes]));

/** Puts bytes as the file stored them back into the place of a tensor. Text in it may have become longer or shorter than the `payload`. */
export function writeStored(
  { id, place }: Tensor, chunks: () => Iterable<Uint8Array>, payload?: Pick<RestoredPayload, 'length' | 'pieces'>,
): readonly PlacedReplacement[] {
  if (!place) throw new Failure('unsupported', say('{0} cannot be written: its place in the file is not known.', id));
  const lengths = payload && isText(place) ? payload.pieces ?? [payload.length] : piecesOf(place).map(({ length }) => length);
  return fill(piecesOf(place), id, chunks, lengths);
}

/** Puts a field as the file had it back into the place of the one that a save has put there. */
export function writeField(
  home: TensorHome, { length, of }: NonNullable<RestoredPayload['field']>, owner: string, chunks: () => Iterable<Uint8Array>,
): Replacement {
  const { start, end } = of === 'tensor' ? home : home[of] ?? home;
  return { start, end, length, owner, chunks: () => exactly(chunks(), length, owner) };
}

/** Floats of an attribute, where they are stored as they are to be: behind tags all of them, or none. */
function attributePieces(source: ByteSource, { home, shape }: Tensor): readonly TensorPlace[] | null {
  if (home?.kind !== 'float constant') return null;
  const fields = floatFields(source, home);
  const pieces = fields.map(({ start, body, end, type }): TensorPlace => {
    const isPacked = type === wire.delimited;
    return { file: home.file, offset: isPacked ? body : start + 1, length: isPacked ? end - body : 4, encoding: 'contiguous' };
  });
  return pieces.reduce((sum, { length }) => sum + length, 0) === 4 * elementCount(shape) ? pieces : null;
}

/** One stream for all pieces, which are asked for in their order, and begun anew where one is asked for again. */
function fill(
  pieces: readonly TensorPlace[], owner: string, chunks: () => Iterable<Uint8Array>, lengths: readonly number[] = pieces.map(({ length }) => length),
): readonly PlacedReplacement[] {
  let stream: { readonly portions: Portions; next: number } | null = null;
  const before = (i: number): Portions => {
    if (stream?.next === i) return stream.portions;
    const portions = new Portions(chunks(), pieces.length > 1);
    portions.skip(lengths.slice(0, i).reduce((sum, length) => sum + length, 0));
    stream = { portions, next: i };
    return portions;
  };
  return pieces.map(({ file, offset, length: former }, i): PlacedReplacement => {
    const length = lengths[i] ?? 0;
    return {
      file,
      replacement: {
        start: offset, end: offset + former, length, owner,
        *chunks() {
          const portions = before(i);
          // Where whoever asks stops in the middle, nobody goes on from there.
          stream = null;
          yield* exactly(portions.take(length), length, owner);
          if (i === pieces.length - 1) yield* exactly(portions.leftOver(), 0, owner);
          else stream = { portions, next: i + 1 };
        },
      },
    };
  });
}

function* exactly(chunks: Iterable<Uint8Array>, length: number, owner: string): Generator<Uint8Array> {
  let done = 0;
  for (const chunk of chunks) {
    done += chunk.length;
    if (done > length) throw new Error(`New values of ${owner} are longer than the old ones`);
    yield chunk;
  }
  if (done < length) throw new Error(`New values of ${owner} are shorter than the old ones`);
}

/** Tag bytes of `float_data` (field 4, fixed32) and `double_data` (field 10, fixed64). */
const tags: Readonly<Record<number, number>> = { 4: 0x25, 8: 0x51 };

function* withTags(chunks: Iterable<Uint8Array>, width: number): Generator<Uint8Array> {
  for (const elements of chunks) {
    const tagged = new Uint8Array((elements.length / width) * (width + 1));
    for (let from = 0, to = 0; from < elements.length; from += width, to += width + 1) {
      tagged[to] = tags[width] ?? 0;
      tagged.set(elements.subarray(from, from + width), to + 1);
    }
    yield tagged;
  }
}
