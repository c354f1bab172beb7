// Blocks whose elements hang together, drawn element by element.

import type { Sampler } from '../../protocol/recipe';
import { elementCount } from '../graph/dtype';
import type { Stream } from '../kernels/random';
import { fillNormals } from '../kernels/random';
import type { Region } from './region';
import type { DrawRun, TensorSampler } from './sampling';
import { subsetsOf } from './subsets';

type Of<K extends Sampler['kind']> = Extract<Sampler, { readonly kind: K }>;

export function checkCount(region: Region, wanted: number, what: string): void {
  if (region.count !== wanted) throw new Error(`A block of ${region.count} elements is not ${what}.`);
}

/** Which elements are zero is drawn apart from how large the others are, by a stream of its own. */
export function sparseBlock({ std, rows, columns, zeros, within }: Of<'sparse'>, region: Region, stream: Stream): DrawRun {
  checkCount(region, rows * columns, `${rows} × ${columns}`);
  const choice: Stream = { seed: stream.seed, hash: [(stream.hash[0] ^ choiceKey) >>> 0, stream.hash[1]] };
  const isZero = within === 'column' ? subsetsOf(choice, columns, rows, zeros) : subsetsOf(choice, rows, columns, zeros);
  return (out, at, local) => {
    fillNormals(out, stream, at, 0, std);
    for (let i = 0; i < out.length; i++) {
      const [row, column] = [Math.floor((local + i) / columns), (local + i) % columns];
      if (within === 'column' ? isZero(column, row) : isZero(row, column)) out[i] = 0;
    }
  };
}

/** Any number but 0: it makes another stream of the tensor's own. */
const choiceKey = 0x5a;

/** A triangle over each axis, as wide as to reach from one pixel to the next (Long et al. 2015, section 3.3; the authors' surgery.py). */
function triangle(size: number): readonly number[] {
  const reach = Math.ceil(size / 2);
  return Array.from({ length: size }, (_, i) => 1 - Math.abs(i - (size % 2 === 1 ? reach - 1 : reach - 0.5)) / reach);
}

/** The product of the triangles. */
const pyramid = (taps: readonly number[]): readonly number[] => (
  taps.reduce<readonly number[]>((product, size) => product.flatMap((value) => triangle(size).map((weight) => value * weight)), [1]));

/** Its values, and their shares of all. */
export function bilinearValues({ rows, columns, taps }: Of<'bilinear'>): readonly (readonly [value: number, share: number])[] {
  const share = Math.min(rows, columns) / (rows * columns);
  return [[0, 1 - share], ...pyramid(taps).map((value) => [value, share / elementCount(taps)] as const)];
}

export function bilinearBlock({ rows, columns, taps, count = 1 }: Of<'bilinear'>, region: Region): DrawRun {
  const every = elementCount(taps);
  checkCount(region, rows * columns * count * every, `${count} × ${rows} × ${columns} × ${taps.join(' × ')}`);
  const kernel = pyramid(taps);
  return (out, _at, local) => {
    for (let i = 0; i < out.length; i++) {
      const pair = Math.floor((local + i) / every) % (rows * columns);
      out[i] = Math.floor(pair / columns) === pair % columns ? kernel[(local + i) % every] ?? 0 : 0;
    }
  };
}

/** Like a tensor with a fraction of the channels, each of which is drawn where its copies are. */
export function replicatedBlock({ inner, channels, times, neighbours }: Of<'replicated'>, region: Region, draw: DrawRun): DrawRun {
  if (channels % times !== 0 || region.count % (inner * channels) !== 0) checkCount(region, NaN, `${channels} channels of ${inner}, ${times} of them alike`);
  const own = channels / times;
  return (out, _at, local) => {
    for (let i = 0; i < out.length;) {
      const at = local + i;
      const channel = Math.floor(at / inner) % channels;
      const source = (Math.floor(at / (inner * channels)) * own + (neighbours ? Math.floor(channel / times) : channel % own)) * inner + (at % inner);
      const length = Math.min(out.length - i, inner - (at % inner));
      draw(out.subarray(i, i + length), source, source);
      i += length;
    }
  };
}

/** Elements that are summed at a time. */
const together = 1 << 16;

/** The other tensor is drawn as a whole, once, a piece at a time. */
export function sumsBlock({ factor, of, inner, count }: Of<'unit-sums'>, region: Region, sample: TensorSampler): DrawRun {
  checkCount(region, count, `one for each of ${count} units`);
  let sums: Float64Array | null = null;
  const add = (): Float64Array => {
    const found = new Float64Array(count);
    const size = elementCount(of.shape);
    const piece = new Float64Array(Math.min(together, size));
    for (let start = 0; start < size; start += piece.length) {
      const part = piece.subarray(0, size - start).fill(0);
      sample(part, start);
      for (let i = 0; i < part.length; i++) {
        const unit = Math.floor((start + i) / inner) % count;
        found[unit] = (found[unit] ?? 0) + (part[i] ?? 0);
      }
    }
    return found.map((sum) => factor * sum);
  };
  return (out, _at, local) => {
    sums ??= add();
    out.set(sums.subarray(local, local + out.length));
  };
}
