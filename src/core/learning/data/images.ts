// Square grey images with a label each, and how they fill an input of any width.

export interface LabelledImages {
  /** [count, side²], values in [0, 1]. */
  readonly data: Float32Array;
  readonly labels: Int32Array;
  readonly count: number;
  readonly side: number;
}

/** The side of the largest square that an input of so many features holds. */
export const sideFor = (width: number): number => Math.max(1, Math.floor(Math.sqrt(width)));

/** [count, width]: each image as the largest square that fits, by its nearest pixels; the features behind it are 0. */
export function fitTo({ data, count, side }: LabelledImages, width: number): Float32Array {
  const fitted = sideFor(width);
  const nearest = Array.from({ length: fitted }, (_, i) => Math.floor(((i + 0.5) * side) / fitted));
  const out = new Float32Array(count * width);
  for (let image = 0; image < count; image++) {
    nearest.forEach((row, y) => nearest.forEach((column, x) => {
      out[image * width + y * fitted + x] = data[(image * side + row) * side + column] ?? 0;
    }));
  }
  return out;
}
