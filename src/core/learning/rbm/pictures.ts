// What a machine has learned as grey images: the weights of its hidden units, and samples beside what is decoded of them.

import type { Pictures } from '../../../protocol/pretraining';
import type { Machine } from './machine';

/** The first of a machine's visible units as the pixels of an image, row by row. */
export interface ImageSize { readonly width: number; readonly height: number }

const mostFilters = 64;
const mostPairs = 8;
/** A side that is longer is shown by so many of its pixels. */
const longestSide = 28;

/** A square, where that many units make one; null where they do not. */
export function squareOf(units: number): ImageSize | null {
  const side = Math.round(Math.sqrt(units));
  return side > 1 && side * side === units ? { width: side, height: side } : null;
}

/** Which units are shown, as an image of at most 28 × 28. */
function pixelsOf({ width, height }: ImageSize): { readonly size: ImageSize; readonly units: readonly number[] } {
  const along = (length: number): readonly number[] => {
    const shown = Math.min(length, longestSide);
    return Array.from({ length: shown }, (_, i) => Math.floor(((i + 0.5) * length) / shown));
  };
  const [columns, rows] = [along(width), along(height)];
  return { size: { width: columns.length, height: rows.length }, units: rows.flatMap((row) => columns.map((column) => row * width + column)) };
}

const toByte = (share: number): number => Math.round(255 * Math.min(1, Math.max(0, share)));

/** Columns of W, each on a scale of its own: what takes from a unit's input is dark, what adds to it bright. */
export function filtersOf({ hidden, weights }: Machine, image: ImageSize): Pictures {
  const { size, units } = pixelsOf(image);
  const images = Array.from({ length: Math.min(hidden, mostFilters) }, (_, j) => {
    const own = units.map((unit) => weights[unit * hidden + j] ?? 0);
    const largest = own.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
    return Uint8Array.from(own, (weight) => toByte(largest === 0 ? 0.5 : 0.5 + weight / (2 * largest)));
  });
  return { ...size, images };
}

/** Eight samples of [rows, visible], each with its reconstruction behind it, between black and white of the sample's own least and most. */
export function pairsOf(samples: Float32Array, reconstructions: Float32Array, visible: number, image: ImageSize): Pictures {
  const { size, units } = pixelsOf(image);
  const rows = Math.min(mostPairs, samples.length / visible);
  const images = Array.from({ length: rows }, (_, row) => {
    const own = samples.subarray(row * visible, (row + 1) * visible);
    const [least, most] = [Math.min(...own), Math.max(...own)];
    const shown = (values: Float32Array): Uint8Array => (
      Uint8Array.from(units, (unit) => toByte(((values[row * visible + unit] ?? 0) - least) / (most > least ? most - least : 1))));
    return [shown(samples), shown(reconstructions)];
  });
  return { ...size, images: images.flat() };
}
