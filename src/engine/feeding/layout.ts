// How an image lies in an input: which axes are its rows, columns and channels.

import { elementCount } from '../../core/graph/dtype';
import { sideFor } from '../../core/learning/data/images';
import type { ImageSize } from '../../formats/samples/images';

export interface ImageLayout extends ImageSize {
  /** Channels first, as in ONNX; last, as Keras has it; or one row of features, the largest square of which is the image. */
  readonly order: 'first' | 'last' | 'flat';
}

/** More channels than opacity adds to colours are no image. */
const mostChannels = 4;

/** Of an input whose samples have that shape; null where it takes no images. */
export function imageLayout(shape: readonly number[]): ImageLayout | null {
  const [a = 0, b = 0, c = 0] = shape;
  if (shape.length === 3 && a <= mostChannels && a !== 2) return { order: 'first', channels: a, height: b, width: c };
  if (shape.length === 3 && c <= mostChannels && c !== 2) return { order: 'last', channels: c, height: a, width: b };
  if (shape.length === 2) return { order: 'first', channels: 1, height: a, width: b };
  if (shape.length !== 1) return null;
  const side = sideFor(a);
  return { order: 'flat', channels: 1, height: side, width: side };
}

/** Images [count, channels, height, width] as an input has them. */
export function laidOut(data: Float32Array, count: number, layout: ImageLayout, shape: readonly number[]): Float32Array {
  const { order, channels, height, width } = layout;
  const size = elementCount(shape);
  const plane = height * width;
  if (order === 'first' || (order === 'flat' && size === plane)) return data;
  const out = new Float32Array(count * size);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < channels; k++) {
      for (let at = 0; at < plane; at++) out[i * size + (order === 'last' ? at * channels + k : at)] = data[(i * channels + k) * plane + at] ?? 0;
    }
  }
  return out;
}
