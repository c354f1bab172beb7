import { randomModule } from './randomModule';

/** Names a stream of random numbers: element i of it depends on nothing else. */
export interface Stream {
  /** A whole number below 2^64. */
  readonly seed: number;
  /** 64 bits, low word first. */
  readonly hash: readonly [number, number];
}

type Fill = (
  count: number, block: number, blockHigh: number, stream0: number, stream1: number, key0: number, key1: number, offset: number, scale: number, tail: number,
) => void;

/** What `assembly/random.ts` exports. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly capacity: { readonly value: number };
  readonly buffer: () => number;
  readonly fillWords: (low: number, high: number, stream0: number, stream1: number, key0: number, key1: number) => void;
  readonly fillUniforms: Fill;
  readonly fillNormals: Fill;
  readonly fillTruncated: Fill;
  readonly roundToFloat32: (count: number) => void;
  readonly quantile: (p: number) => number;
  readonly naturalLogarithm: (x: number) => number;
}

/** Every Node.js, and every VS Code, has it; the language's own library does not declare it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
};

let loaded: Exports | null = null;

function load(): Exports {
  loaded ??= new WebAssembly.Instance(new WebAssembly.Module(randomModule())).exports as Exports;
  return loaded;
}

/** Fills `out` with low + width · u, u uniform in (0, 1), from element `start` of the stream on. */
export function fillUniforms(out: Float64Array | Float32Array, stream: Stream, start: number, low: number, width: number): void {
  fill(load().fillUniforms, out, stream, start, low, width);
}

/** Fills `out` with mean + std · z, z standard normal, from element `start` of the stream on. */
export function fillNormals(out: Float64Array | Float32Array, stream: Stream, start: number, mean: number, std: number): void {
  fill(load().fillNormals, out, stream, start, mean, std);
}

/** The same with the probability `tail` of a standard normal cut off at either side. */
export function fillTruncated(out: Float64Array | Float32Array, stream: Stream, start: number, mean: number, std: number, tail: number): void {
  fill(load().fillTruncated, out, stream, start, mean, std, tail);
}

/** Two elements share a Philox block: key = seed, counter = (block number, hash). */
function fill(kernel: Fill, out: Float64Array | Float32Array, { seed, hash }: Stream, start: number, offset: number, scale: number, tail = 0): void {
  const { memory, buffer, capacity, roundToFloat32 } = load();
  const numbers = out instanceof Float32Array
    ? new Float32Array(memory.buffer, buffer(), capacity.value)
    : new Float64Array(memory.buffer, buffer(), capacity.value);
  for (let at = 0; at < out.length;) {
    const block = Math.floor((start + at) / 2);
    const skipped = start + at - 2 * block;
    const count = Math.min(out.length - at, capacity.value - skipped);
    const [key0, key1] = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
    kernel(skipped + count, block >>> 0, Math.floor(block / 2 ** 32), hash[0], hash[1], key0, key1, offset, scale, tail);
    if (out instanceof Float32Array) roundToFloat32(skipped + count);
    out.set(numbers.subarray(skipped, skipped + count), at);
    at += count;
  }
}

/** The four words of a Philox 4x32-10 block. */
export function philox(counter: readonly [number, number, number, number], key: readonly [number, number]): readonly number[] {
  const { memory, buffer, fillWords } = load();
  fillWords(...counter, ...key);
  const words = new Uint32Array(memory.buffer, buffer(), 16);
  return [0, 4, 8, 12].map((at) => words[at] ?? 0);
}

/** Inverse of the standard normal distribution function, relative error below 1e-15 (AS 241). */
export function normalQuantile(p: number): number {
  return load().quantile(p);
}

/** ln x for positive normal x. */
export function naturalLogarithm(x: number): number {
  return load().naturalLogarithm(x);
}
