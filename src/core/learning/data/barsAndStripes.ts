// Bars and stripes: all patterns of a square whose columns, or whose rows, are each wholly on or off (MacKay 2003, section 43.3).

import type { LabelledImages } from './images';

/** Twice 2^side patterns, but for two: more than that no machine needs to tell apart. */
export const largestBarsSide = 8;

/** Every distinct pattern once, in a fixed order; labels 0 of bars and 1 of stripes. The empty and the full square are both, and count as bars. */
export function barsAndStripes(side: number): LabelledImages {
  const masks = Array.from({ length: 2 ** side }, (_, mask) => mask);
  const isWhole = (mask: number): boolean => mask === 0 || mask === masks.length - 1;
  const patterns = [
    ...masks.map((mask) => ({ mask, label: 0 })),
    ...masks.flatMap((mask) => (isWhole(mask) ? [] : [{ mask, label: 1 }])),
  ];
  const size = side * side;
  const data = new Float32Array(patterns.length * size);
  patterns.forEach(({ mask, label }, i) => {
    for (let at = 0; at < size; at++) {
      const line = label === 0 ? at % side : Math.floor(at / side);
      data[i * size + at] = (mask >> line) & 1;
    }
  });
  return { data, labels: Int32Array.from(patterns, ({ label }) => label), count: patterns.length, side };
}
