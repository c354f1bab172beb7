import type { Recipe, RecipeBlock, Sampler } from '../../protocol/recipe';
import { assertNever } from '../../protocol/failure';
import type { FloatDType } from '../graph/dtype';
import { bytesPerElement, elementCount } from '../graph/dtype';
import { toBfloat16, toFloat16 } from '../graph/halfFloat';
import { normalQuantile } from './normalQuantile';
import { hashText, philox } from './philox';

/** 2^-52: uniforms are (k + ½) · 2^-52, all exact doubles, never 0 or 1. */
const quantum = 2 ** -52;

/**
 * Elements [start, start + count) of the tensor a recipe describes, as doubles. Element i depends on the recipe and i alone, so pieces
 * may be drawn in any order. Two elements share a Philox block: key = seed, counter = (block number, hash of the tensor id).
 */
export function sampleElements(recipe: Recipe, shape: readonly number[], start: number, count: number): Float64Array {
  const out = new Float64Array(count);
  const uniform = createUniforms(recipe);
  const samplerAt = selectSampler(recipe.blocks, shape);
  for (let i = 0; i < count; i++) out[i] = draw(samplerAt(start + i), uniform, start + i);
  return out;
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

function draw(sampler: Sampler, uniform: (i: number) => number, i: number): number {
  switch (sampler.kind) {
    case 'constant': return sampler.value;
    case 'normal': return sampler.mean + sampler.std * normalQuantile(uniform(i));
    case 'uniform': return sampler.low + (sampler.high - sampler.low) * uniform(i);
    default: return assertNever(sampler);
  }
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

/** Which block an element belongs to; elements of no block are 0. */
function selectSampler(blocks: readonly RecipeBlock[], shape: readonly number[]): (i: number) => Sampler {
  const nothing: Sampler = { kind: 'constant', value: 0 };
  const [only] = blocks;
  if (blocks.length === 1 && only && !only.slice) return () => only.sampler;
  const located = blocks.map((block) => {
    const axis = block.slice?.axis ?? 0;
    return { block, size: shape[axis] ?? 1, inner: elementCount(shape.slice(axis + 1)) };
  });
  return (i) => {
    const found = located.find(({ block, size, inner }) => {
      const at = Math.floor(i / inner) % size;
      return !block.slice || (at >= block.slice.start && at < block.slice.end);
    });
    return found?.block.sampler ?? nothing;
  };
}
