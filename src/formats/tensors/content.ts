import type { RestoredPayload } from '../../protocol/engine';
import type { Recipe } from '../../protocol/recipe';
import type { FloatDType } from '../../core/graph/dtype';
import { elementCount, isFloat } from '../../core/graph/dtype';
import type { Tensor, TensorPlace } from '../../core/graph/tensor';
import { declaredRecipe } from '../../core/initializers/law';
import type { TensorSampler } from '../../core/initializers/sampling';
import { createSampler, encodeFloats, sampleFloat32 } from '../../core/initializers/sampling';
import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { ByteSource } from '../files/byteSource';
import { openFile } from '../files/byteSource';
import { elementChunks } from './elements';
import { denseElements } from './sparse';

/** Elements drawn or read at a time. */
const chunkElements = 1 << 17;

/** What a tensor of a document holds now: drawn from a recipe, kept outside the file, or as in the file. */
export interface TensorContent {
  readonly recipe?: Recipe;
  readonly restored?: RestoredPayload;
  /** Of a tensor that is only declared: which of its draws. */
  readonly seed?: number;
}

/** Files that several tensors are read from, opened once. */
export class FilePool {
  readonly #open = new Map<string, ByteSource>();
  readonly #given: ByteSource | undefined;

  /** `given` is open already, and stays so. */
  constructor(given?: ByteSource) {
    this.#given = given;
  }

  source(path: string): ByteSource {
    const known = this.#given?.name === path ? this.#given : this.#open.get(path);
    if (known) return known;
    const source = openFile(path);
    this.#open.set(path, source);
    return source;
  }

  close(): void {
    for (const source of this.#open.values()) source.close();
    this.#open.clear();
  }
}

/** The elements a tensor holds now, a bounded number at a time; none for tensors that cannot be read. */
export function* contentChunks(pool: FilePool, tensor: Tensor, content: TensorContent): Generator<ArrayLike<number>> {
  if (content.recipe) {
    yield* drawnChunks(content.recipe, tensor.shape);
  } else if (tensor.declared && !content.restored) {
    const recipe = declaredRecipe(tensor, content.seed ?? 0);
    if (recipe) yield* drawnChunks(recipe, tensor.shape);
  } else if (tensor.fill !== undefined && !content.restored) {
    const count = elementCount(tensor.shape);
    const chunk = new Float64Array(Math.min(chunkElements, count)).fill(tensor.fill);
    for (let at = 0; at < count; at += chunkElements) yield chunk.subarray(0, count - at);
  } else if (tensor.values && !content.restored) {
    yield tensor.values;
  } else if ((tensor.place || content.restored) && isFloat(tensor.dtype)) {
    const place = content.restored ? restoredPlace(tensor, content.restored) : tensor.place;
    if (!place) return;
    // A sparse tensor is measured by what it stores.
    const expected = tensor.stored ?? elementCount(tensor.shape);
    let count = 0;
    for (const chunk of elementChunks(pool.source(place.file), tensor.dtype, place, expected)) {
      if (chunk instanceof BigInt64Array || chunk instanceof BigUint64Array) throw new Error('A float tensor is read as integers.');
      count += chunk.length;
      if (count > expected) break;
      yield chunk;
    }
    // Of varints, only reading tells how many there are; of a file, whether it was cut off since.
    if (count !== expected) {
      throw new Failure('broken-file', say('{0} does not hold the {1} values of a tensor at byte {2}. Export it again.', place.file, expected, place.offset));
    }
  }
}

/** What is kept of several pieces is in one, unless it is text. */
function restoredPlace({ place }: Tensor, { file, offset, length, pieces }: RestoredPayload): TensorPlace {
  const encoding = place?.encoding ?? 'contiguous';
  const starts = (pieces ?? []).map((_, i, lengths) => lengths.slice(0, i).reduce((sum, each) => sum + each, offset));
  const [first, ...further] = (pieces ?? []).map((each, i): TensorPlace => ({ file, offset: starts[i] ?? 0, length: each, encoding }));
  return first ? { ...first, further } : { file, offset, length, encoding };
}

function* drawnChunks(recipe: Recipe, shape: readonly number[]): Generator<Float64Array> {
  const count = elementCount(shape);
  const sample = createSampler(recipe, shape);
  for (let at = 0; at < count; at += chunkElements) {
    const chunk = new Float64Array(Math.min(chunkElements, count - at));
    sample(chunk, at);
    yield chunk;
  }
}

/** Room for what is drawn or read one chunk after the other: fresh memory for each would pile up until it is collected. */
export class ChunkRoom {
  readonly #doubles = new Float64Array(chunkElements);
  readonly bytes = new Uint8Array(this.#doubles.buffer);
  readonly #floats = new Float32Array(this.#doubles.buffer, 0, chunkElements);
  readonly #codes = new ArrayBuffer(2 * chunkElements);

  /** Elements from `start` on as bytes, valid until the next call. */
  draw(sample: TensorSampler, dtype: FloatDType, start: number, count: number): Uint8Array {
    const values = (dtype === 'float32' ? this.#floats : this.#doubles).subarray(0, count);
    // Elements of no block are left as they are.
    values.fill(0);
    sample(values, start);
    return encodeFloats(values, dtype, this.#codes);
  }
}

/** The drawn elements as bytes in the tensor's own element type, as a file stores them; each chunk is valid until the next. */
export function* drawnBytes(recipe: Recipe, tensor: Tensor, room = new ChunkRoom()): Generator<Uint8Array> {
  const { dtype, shape } = tensor;
  if (!isFloat(dtype)) throw new Error(`Tensors of type ${dtype} are not drawn.`);
  const count = elementCount(shape);
  const sample = createSampler(recipe, shape);
  for (let at = 0; at < count; at += chunkElements) yield room.draw(sample, dtype, at, Math.min(chunkElements, count - at));
}

/** All elements a tensor holds now in float32, the precision a simulation runs in. */
export function readFloat32(pool: FilePool, tensor: Tensor, content: TensorContent): Float32Array<ArrayBuffer> {
  if (tensor.indices && !content.recipe && !tensor.values) return Float32Array.from(denseElements(tensor, (file) => pool.source(file)), Number);
  if (content.recipe) return sampleFloat32(content.recipe, tensor.shape);
  const data = new Float32Array(elementCount(tensor.shape));
  let at = 0;
  for (const chunk of contentChunks(pool, tensor, content)) {
    data.set(chunk, at);
    at += chunk.length;
  }
  return data;
}
