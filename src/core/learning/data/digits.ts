// Handwriting-like digits, drawn from strokes of our own with a shift, a slant, a thickness and noise of each image's own.

import type { Stream } from '../../kernels/random';
import { fillNormals, fillUniforms } from '../../kernels/random';
import type { LabelledImages } from './images';

type Point = readonly [x: number, y: number];
type Stroke = readonly Point[];

/** Points on an ellipse, from one angle to another, in degrees clockwise from the right. */
function arc(x: number, y: number, rx: number, ry: number, from: number, to: number): Stroke {
  const steps = Math.max(2, Math.ceil(Math.abs(to - from) / 30));
  return Array.from({ length: steps + 1 }, (_, i): Point => {
    const angle = ((from + ((to - from) * i) / steps) * Math.PI) / 180;
    return [x + rx * Math.cos(angle), y + ry * Math.sin(angle)];
  });
}

/** The strokes of each digit in a unit square, y downwards. */
const glyphs: readonly (readonly Stroke[])[] = [
  [arc(0.5, 0.5, 0.22, 0.34, 0, 360)],
  [[[0.36, 0.28], [0.53, 0.16], [0.53, 0.84]]],
  [[...arc(0.5, 0.34, 0.2, 0.19, 190, 390), [0.28, 0.84], [0.74, 0.84]]],
  [[...arc(0.48, 0.32, 0.2, 0.17, 200, 450), ...arc(0.48, 0.67, 0.23, 0.18, 270, 520)]],
  [[[0.62, 0.84], [0.62, 0.16], [0.26, 0.62], [0.78, 0.62]]],
  [[[0.7, 0.17], [0.34, 0.17], [0.31, 0.47], ...arc(0.48, 0.63, 0.23, 0.21, 230, 510)]],
  [[[0.62, 0.16], [0.36, 0.42], ...arc(0.5, 0.65, 0.21, 0.19, 180, 540)]],
  [[[0.27, 0.17], [0.73, 0.17], [0.42, 0.84]]],
  [arc(0.5, 0.33, 0.18, 0.17, 90, 450), arc(0.5, 0.67, 0.22, 0.17, 270, 630)],
  [[...arc(0.5, 0.36, 0.2, 0.19, 0, 360), [0.68, 0.5], [0.58, 0.84]]],
];

/** Whatever the number of images, that of one place is the same. */
const variates = 8;

const shapes: Stream['hash'] = [0x64696769, 0x7473];
const specks: Stream['hash'] = [0x64696769, 0x6e6f];

export interface DigitOptions {
  readonly count: number;
  readonly seed: number;
  readonly side?: number;
  /** Standard deviation of what is added to every pixel. */
  readonly noise?: number;
}

/** Images of the digits 0, 1, … 9, 0, … and their labels. Image i depends on the seed, the side, the noise, and i alone. */
export function digits({ count, seed, side = 8, noise = 0.05 }: DigitOptions): LabelledImages {
  const size = side * side;
  const data = new Float32Array(count * size);
  const u = new Float64Array(variates);
  fillNormals(data, { seed, hash: specks }, 0, 0, noise);
  for (let i = 0; i < count; i++) {
    fillUniforms(u, { seed, hash: shapes }, i * variates, -1, 2);
    drawGlyph(data.subarray(i * size, (i + 1) * size), side, glyphs[i % 10] ?? [], u);
  }
  return { data, labels: Int32Array.from({ length: count }, (_, i) => i % 10), count, side };
}

/** Adds a glyph to the noise of an image, and keeps it between 0 and 1. */
function drawGlyph(image: Float32Array, side: number, glyph: readonly Stroke[], drawn: Float64Array): void {
  const [dx = 0, dy = 0, slant = 0, wide = 0, high = 0, thick = 0] = drawn;
  const moved = ([x, y]: Point): Point => [
    0.5 + (x - 0.5) * (1 + 0.12 * wide) - 0.15 * slant * (y - 0.5) + 0.07 * dx, 0.5 + (y - 0.5) * (1 + 0.08 * high) + 0.07 * dy,
  ];
  const strokes = glyph.map((stroke) => stroke.map(moved));
  const half = 0.07 + 0.025 * thick;
  for (let at = 0; at < image.length; at++) {
    const point: Point = [((at % side) + 0.5) / side, (Math.floor(at / side) + 0.5) / side];
    const distance = strokes.reduce((least, stroke) => Math.min(least, distanceTo(stroke, point)), Infinity);
    // A pixel is as dark as the stroke covers it.
    const ink = Math.min(1, Math.max(0, 0.5 + (half - distance) * side));
    image[at] = Math.min(1, Math.max(0, (image[at] ?? 0) + ink));
  }
}

function distanceTo(stroke: Stroke, [x, y]: Point): number {
  let least = Infinity;
  for (let i = 1; i < stroke.length; i++) {
    const [[x0, y0], [x1, y1]] = [stroke[i - 1] ?? [0, 0], stroke[i] ?? [0, 0]];
    const [ax, ay] = [x1 - x0, y1 - y0];
    // Where a stroke goes on from where another ended, a piece of it is a point.
    const length = ax * ax + ay * ay;
    const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * ax + (y - y0) * ay) / length));
    least = Math.min(least, Math.hypot(x - x0 - along * ax, y - y0 - along * ay));
  }
  return least;
}
