// Spirals that wind around each other, a classic that no straight line divides (Lang & Witbrock 1988), in any number of features.

import type { Stream } from '../../kernels/random';
import { fillNormals, fillUniforms } from '../../kernels/random';

export interface LabelledPoints {
  /** [count, width] */
  readonly data: Float32Array;
  readonly labels: Int32Array;
}

export interface SpiralOptions {
  readonly count: number;
  readonly seed: number;
  /** Features: the plane of the spirals is turned into them. */
  readonly width: number;
  readonly arms: number;
}

const places: Stream['hash'] = [0x73706972, 0x616c73];
const plane: Stream['hash'] = [0x73706972, 0x706c61];
/** Turns of an arm, and the deviation of a point from it, where the arms are one long. */
const turns = 1.25;
const noise = 0.04;

/** Points of about unit variance in every feature; the label is the arm. Point i depends on the options and i alone. */
export function spirals({ count, seed, width, arms }: SpiralOptions): LabelledPoints {
  const axes = planeIn(width, seed);
  const labels = Int32Array.from({ length: count }, (_, i) => i % arms);
  const data = new Float32Array(count * width);
  const along = new Float64Array(count);
  fillUniforms(along, { seed, hash: places }, 0, 0, 1);
  const away = new Float64Array(2 * count);
  fillNormals(away, { seed, hash: places }, count, 0, noise);
  for (let i = 0; i < count; i++) {
    // Evenly over the disc: the radius grows with the square root.
    const radius = Math.sqrt(0.03 + 0.97 * (along[i] ?? 0));
    const angle = 2 * Math.PI * (turns * radius + (labels[i] ?? 0) / arms);
    // The mean square of the radius is near 1/2, and that of a coordinate near 1/4.
    const [x, y] = [2 * (radius * Math.cos(angle) + (away[2 * i] ?? 0)), 2 * (radius * Math.sin(angle) + (away[2 * i + 1] ?? 0))];
    for (let k = 0; k < width; k++) data[i * width + k] = x * (axes[k] ?? 0) + y * (axes[width + k] ?? 0);
  }
  return { data, labels };
}

/** Two orthogonal directions of length √(width / 2), so that a feature has unit variance; the axes themselves of a plane. */
function planeIn(width: number, seed: number): Float64Array {
  if (width === 1) return Float64Array.of(1, 0);
  if (width === 2) return Float64Array.of(1, 0, 0, 1);
  const axes = new Float64Array(2 * width);
  fillNormals(axes, { seed, hash: plane }, 0, 0, 1);
  const [first, second] = [axes.subarray(0, width), axes.subarray(width)];
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
  const overlap = dot(first, second) / dot(first, first);
  second.forEach((value, i) => { second[i] = value - overlap * (first[i] ?? 0); });
  for (const axis of [first, second]) {
    const scale = Math.sqrt(width / 2 / dot(axis, axis));
    axis.forEach((value, i) => { axis[i] = value * scale; });
  }
  return axes;
}
