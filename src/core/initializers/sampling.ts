import type { ElementSampler, Recipe, RecipeBlock, Sampler } from '../../protocol/recipe';
import { assertNever } from '../../protocol/failure';
import type { FloatDType } from '../graph/dtype';
import { bytesPerElement, elementCount } from '../graph/dtype';
import { toBfloat16, toFloat16 } from '../graph/halfFloat';
import type { Stream } from '../kernels/random';
import { fillNormals, fillTruncated, fillUniforms } from '../kernels/random';
import { hashText } from './hash';
import { learnedBlock } from './learnedValues';
import { orthogonalMatrix } from './orthogonal';
import { bilinearBlock, checkCount, replicatedBlock, sparseBlock, sumsBlock } from './patterns';
import type { Region } from './region';
import { createRegion } from './region';

type Floats = Float64Array | Float32Array;

/** Writes elements [start, start + out.length) of a tensor. */
export type TensorSampler = (out: Floats, start: number) => void;

/**
 * Draws the tensor a recipe describes. Element i depends on the recipe and i alone, so pieces may be drawn in any order; only orthogonal
 * blocks are computed whole, once. The stream's key is the seed, its counter the element and a hash of the tensor's id.
 */
export function createSampler(recipe: Pick<Recipe, 'tensorId' | 'seed' | 'blocks' | 'twin'>, shape: readonly number[]): TensorSampler {
  const { twin, ...own } = recipe;
  if (twin?.transposed) return transposedSampler(createSampler({ ...own, tensorId: twin.tensorId }, shape.toReversed()), shape);
  const stream: Stream = { seed: recipe.seed, hash: hashText(twin?.tensorId ?? recipe.tensorId) };
  const blocks = recipe.blocks.map((block) => {
    const region = createRegion(block.slices ?? [], shape);
    return { region, draw: drawBlock(block, region, stream, elementCount(shape)) };
  });
  return (out, start) => {
    // The first block an element belongs to draws it, so it comes last; elements of no block are 0.
    for (const { region, draw } of blocks.toReversed()) {
      for (const { at, local, length } of region.runs(start, out.length)) draw(out.subarray(at - start, at - start + length), at, local);
    }
  };
}

/** Elements that are kept at a time of a matrix that is drawn column by column: 8 MB. */
const mostKept = 1 << 20;

/** Draws the transpose of what another sampler draws, some of its rows at a time. */
function transposedSampler(sample: TensorSampler, shape: readonly number[]): TensorSampler {
  const [rows = 1, columns = 1] = shape;
  const together = Math.max(1, Math.min(rows, Math.floor(mostKept / columns)));
  let kept: { readonly first: number; readonly values: Float64Array } | null = null;
  const draw = (first: number): Float64Array => {
    const count = Math.min(together, rows - first);
    const values = new Float64Array(count * columns);
    const piece = new Float64Array(count);
    for (let column = 0; column < columns; column++) {
      piece.fill(0);
      sample(piece, column * rows + first);
      for (let i = 0; i < count; i++) values[i * columns + column] = piece[i] ?? 0;
    }
    return values;
  };
  return (out, start) => {
    for (let at = 0; at < out.length;) {
      const row = Math.floor((start + at) / columns);
      const first = row - (row % together);
      if (kept?.first !== first) kept = { first, values: draw(first) };
      const from = start + at - first * columns;
      const count = Math.min(out.length - at, kept.values.length - from);
      out.set(kept.values.subarray(from, from + count), at);
      at += count;
    }
  };
}

/** Elements [start, start + count) of a tensor, as doubles. */
export function sampleElements(recipe: Recipe, shape: readonly number[], start: number, count: number): Float64Array {
  const out = new Float64Array(count);
  createSampler(recipe, shape)(out, start);
  return out;
}

/** The same, in the tensor's own little-endian encoding, rounded to nearest even. */
export function sampleBytes(recipe: Recipe, dtype: FloatDType, shape: readonly number[], start: number, count: number): Uint8Array {
  const values = dtype === 'float32' ? new Float32Array(count) : new Float64Array(count);
  createSampler(recipe, shape)(values, start);
  return encodeFloats(values, dtype);
}

/** All elements as float32, the precision a simulation runs in. */
export function sampleFloat32(recipe: Recipe, shape: readonly number[]): Float32Array<ArrayBuffer> {
  const out = new Float32Array(elementCount(shape));
  createSampler(recipe, shape)(out, 0);
  return out;
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Little-endian bytes, in `room` where they are not those of the values themselves and it is large enough. */
export function encodeFloats(values: Floats, dtype: FloatDType, room?: ArrayBuffer): Uint8Array {
  if (isLittleEndian && dtype === 'float32') return bytesOf(values instanceof Float32Array ? values : Float32Array.from(values));
  if (isLittleEndian && dtype === 'float64') return bytesOf(values instanceof Float64Array ? values : Float64Array.from(values));
  const length = values.length * bytesPerElement(dtype);
  const view = new DataView(room && room.byteLength >= length ? room : new ArrayBuffer(length), 0, length);
  values.forEach((value, i) => {
    switch (dtype) {
      case 'float32': { view.setFloat32(i * 4, value, true); return; }
      case 'float64': { view.setFloat64(i * 8, value, true); return; }
      case 'float16': { view.setUint16(i * 2, toFloat16(value), true); return; }
      case 'bfloat16': { view.setUint16(i * 2, toBfloat16(value), true); return; }
    }
  });
  return new Uint8Array(view.buffer, 0, length);
}

function bytesOf({ buffer, byteOffset, byteLength }: Floats): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Writes elements that follow each other both in the tensor, from `at` on, and in the block, from `local` on. */
export type DrawRun = (out: Floats, at: number, local: number) => void;

function drawBlock({ sampler }: RecipeBlock, region: Region, stream: Stream, size: number): DrawRun {
  switch (sampler.kind) {
    case 'constant': case 'normal': case 'uniform': case 'truncated-normal': return drawElements(sampler, stream);
    case 'orthogonal': return orthogonalBlock(sampler, region, stream, size);
    case 'identity': return identityBlock(sampler, region);
    case 'sparse': return sparseBlock(sampler, region, stream);
    case 'bilinear': return bilinearBlock(sampler, region);
    case 'replicated': return replicatedBlock(sampler, region, drawElements(sampler.of, stream));
    case 'unit-sums': return sumsBlock(sampler, region, createSampler({ ...sampler.of, seed: stream.seed }, sampler.of.shape));
    case 'learned': return learnedBlock(sampler, region);
    default: return assertNever(sampler);
  }
}

function drawElements(sampler: ElementSampler, stream: Stream): DrawRun {
  switch (sampler.kind) {
    case 'constant': return (out) => out.fill(sampler.value);
    case 'normal': return (out, at) => fillNormals(out, stream, at, sampler.mean, sampler.std);
    case 'uniform': return (out, at) => fillUniforms(out, stream, at, sampler.low, sampler.high - sampler.low);
    case 'truncated-normal': return (out, at) => fillTruncated(out, stream, at, sampler.mean, sampler.std, sampler.tail);
  }
}

type Matrices = Extract<Sampler, { readonly kind: 'orthogonal' | 'identity' }>;

function checkMatrices({ rows, columns, count = 1 }: Matrices, region: Region): void {
  checkCount(region, rows * columns * count, `${count === 1 ? '' : `${count} times `}${rows} × ${columns}`);
}

function orthogonalBlock(sampler: Matrices, region: Region, stream: Stream, size: number): DrawRun {
  checkMatrices(sampler, region);
  const { gain, rows, columns, count = 1 } = sampler;
  let matrices: Float64Array | null = null;
  const decompose = (): Float64Array => {
    const normals = new Float64Array(region.count);
    for (const { at, local, length } of region.runs(0, size)) fillNormals(normals.subarray(local, local + length), stream, at, 0, 1);
    for (let i = 0; i < count; i++) {
      const own = normals.subarray(i * rows * columns, (i + 1) * rows * columns);
      own.set(orthogonalMatrix(rows, columns, gain, (k) => own[k] ?? 0));
    }
    return normals;
  };
  return (out, _at, local) => {
    matrices ??= decompose();
    out.set(matrices.subarray(local, local + out.length));
  };
}

/** Matrices with the gain on their diagonals. */
function identityBlock(sampler: Matrices, region: Region): DrawRun {
  checkMatrices(sampler, region);
  const { gain, rows, columns } = sampler;
  return (out, _at, local) => {
    for (let i = 0; i < out.length; i++) {
      const within = (local + i) % (rows * columns);
      out[i] = Math.floor(within / columns) === within % columns ? gain : 0;
    }
  };
}
