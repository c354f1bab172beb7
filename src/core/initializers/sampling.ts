import type { Recipe, RecipeBlock, Sampler } from '../../protocol/recipe';
import { assertNever } from '../../protocol/failure';
import type { FloatDType } from '../graph/dtype';
import { bytesPerElement, elementCount } from '../graph/dtype';
import { toBfloat16, toFloat16 } from '../graph/halfFloat';
import { normalQuantile } from './normalQuantile';
import { orthogonalMatrix } from './orthogonal';
import { hashText, philox } from './philox';
import type { Region } from './region';
import { createRegion } from './region';

/** 2^-52: uniforms are (k + ½) · 2^-52, all exact doubles, never 0 or 1. */
const quantum = 2 ** -52;

/** Elements [start, start + count) of a tensor, as doubles. */
export type ElementSampler = (start: number, count: number) => Float64Array;

/**
 * Draws the tensor a recipe describes. Element i depends on the recipe and i alone, so pieces may be drawn in any order; only orthogonal
 * blocks are computed whole, once. Two elements share a Philox block: key = seed, counter = (block number, hash of the tensor id).
 */
export function createSampler(recipe: Recipe, shape: readonly number[]): ElementSampler {
  const uniform = createUniforms(recipe);
  const elementAt = selectElement(recipe.blocks, shape, uniform);
  return (start, count) => {
    const out = new Float64Array(count);
    for (let i = 0; i < count; i++) out[i] = elementAt(start + i);
    return out;
  };
}

export function sampleElements(recipe: Recipe, shape: readonly number[], start: number, count: number): Float64Array {
  return createSampler(recipe, shape)(start, count);
}

/** The same, in the tensor's own little-endian encoding, rounded to nearest even. */
export function sampleBytes(recipe: Recipe, dtype: FloatDType, shape: readonly number[], start: number, count: number): Uint8Array {
  return encodeFloats(sampleElements(recipe, shape, start, count), dtype);
}

/** All elements as float32, the precision a simulation runs in. */
export function sampleFloat32(recipe: Recipe, shape: readonly number[]): Float32Array {
  return Float32Array.from(sampleElements(recipe, shape, 0, elementCount(shape)));
}

export function encodeFloats(values: Float64Array, dtype: FloatDType): Uint8Array {
  const width = bytesPerElement(dtype);
  const view = new DataView(new ArrayBuffer(values.length * width));
  values.forEach((value, i) => {
    switch (dtype) {
      case 'float32': { view.setFloat32(i * 4, value, true); return; }
      case 'float64': { view.setFloat64(i * 8, value, true); return; }
      case 'float16': { view.setUint16(i * 2, toFloat16(value), true); return; }
      case 'bfloat16': { view.setUint16(i * 2, toBfloat16(value), true); return; }
    }
  });
  return new Uint8Array(view.buffer);
}

type ElementAt = (i: number) => number;

/** How a block's elements are drawn, by their position in the tensor. */
function drawBlock({ sampler }: RecipeBlock, region: Region, uniform: ElementAt): ElementAt {
  switch (sampler.kind) {
    case 'constant': return () => sampler.value;
    case 'normal': return (i) => sampler.mean + sampler.std * normalQuantile(uniform(i));
    case 'uniform': return (i) => sampler.low + (sampler.high - sampler.low) * uniform(i);
    case 'orthogonal': return orthogonalBlock(sampler, region, uniform);
    default: return assertNever(sampler);
  }
}

function orthogonalBlock({ gain, rows, columns }: Extract<Sampler, { kind: 'orthogonal' }>, region: Region, uniform: ElementAt): ElementAt {
  if (rows * columns !== region.count) throw new Error(`A block of ${region.count} elements is not ${rows} × ${columns}.`);
  let matrix: Float64Array | null = null;
  return (i) => {
    matrix ??= orthogonalMatrix(rows, columns, gain, (k) => normalQuantile(uniform(region.globalIndex(k))));
    return matrix[region.localIndex(i)] ?? 0;
  };
}

/** The i-th uniform number in (0, 1) of a recipe's stream; neighbours cost one block together. */
function createUniforms(recipe: Recipe): (i: number) => number {
  const words = new Uint32Array(4);
  const [hashLow, hashHigh] = hashText(recipe.tensorId);
  const seedLow = recipe.seed >>> 0;
  const seedHigh = Math.floor(recipe.seed / 2 ** 32) >>> 0;
  let current = -1;
  return (i) => {
    const block = Math.floor(i / 2);
    if (block !== current) {
      philox(words, block >>> 0, Math.floor(block / 2 ** 32) >>> 0, hashLow, hashHigh, seedLow, seedHigh);
      current = block;
    }
    const at = (i % 2) * 2;
    return (((words[at] ?? 0) >>> 6) * 2 ** 26 + ((words[at + 1] ?? 0) >>> 6) + 0.5) * quantum;
  };
}

/** The first block an element belongs to draws it; elements of no block are 0. */
function selectElement(blocks: readonly RecipeBlock[], shape: readonly number[], uniform: ElementAt): ElementAt {
  const located = blocks.map((block) => {
    const region = createRegion(block.slices ?? [], shape);
    return { region, draw: drawBlock(block, region, uniform) };
  });
  const [only] = located;
  if (only && blocks[0]?.slices === undefined) return only.draw;
  return (i) => located.find(({ region }) => region.contains(i))?.draw(i) ?? 0;
}
