// Where a label beside a horizontal line hides least of the curves, which may run along that line.

export interface Spot {
  readonly x: number;
  readonly y: number;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Pixels between the line and its label, in the order in which they are tried. */
const distances = [2, 9, 16];

/**
 * In `area`, above the horizontal at `y` or below it: at the right, the left, or in the middle. The first place that no curve crosses, or that which the
 * fewest do.
 */
export function labelPlace(y: number, { width, height }: Pick<Box, 'width' | 'height'>, area: Box, curves: readonly (readonly Spot[])[]): Box {
  const rights = [area.left + area.width - width - 4, area.left + 4, area.left + (area.width - width) / 2];
  const places = distances.flatMap((distance) => [y - distance - height, y + distance].flatMap((top) => (
    rights.map((left): Box => ({ left: Math.max(area.left, left), top, width, height })))));
  const inside = places.filter(({ top }) => top >= area.top && top + height <= area.top + area.height);
  let best = { left: Math.max(area.left, rights[0] ?? 0), top: Math.max(area.top, y - height - 2), width, height };
  let fewest = Infinity;
  for (const place of inside) {
    const crossing = curves.filter((curve) => crosses(curve, place)).length;
    if (crossing < fewest) [best, fewest] = [place, crossing];
  }
  return best;
}

/** Whether a piece of it is in the box: what it has between the box's sides lies neither all above nor all below. */
function crosses(curve: readonly Spot[], { left, top, width, height }: Box): boolean {
  const right = left + width;
  return curve.some((to, i) => {
    const from = curve[i - 1] ?? to;
    if (Math.max(from.x, to.x) < left || Math.min(from.x, to.x) > right) return false;
    const at = (x: number): number => from.y + ((to.y - from.y) * (x - from.x)) / (to.x - from.x);
    const ends = to.x === from.x ? [from.y, to.y] : [Math.max(left, Math.min(from.x, to.x)), Math.min(right, Math.max(from.x, to.x))].map(at);
    return Math.max(...ends) >= top && Math.min(...ends) <= top + height;
  });
}
