// Where a function of one number changes its sign.

/** Halvings after which two ends of a step are neighbours in float64, whatever the step. */
const halvings = 60;

/** Between two points at which signs differ, by halving; the last point on the side of the first. */
export function bisect(g: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  const before = Math.sign(g(low));
  for (let i = 0; i < halvings; i++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (Math.sign(g(middle)) === before) low = middle;
    else high = middle;
  }
  return low;
}

/** An end of a step, with what the function is there. */
interface End {
  readonly x: number;
  readonly g: number;
}

/** Within each of so many equal steps in which the sign changes, one place; `counts` says which of these changes are worth it. */
export function* signChanges(
  g: (x: number) => number, from: number, to: number, steps: number, counts: (before: End, behind: End) => boolean = () => true,
): Generator<number> {
  let before = { x: from, g: g(from) };
  for (let i = 1; i <= steps; i++) {
    const x = from + (to - from) * i / steps;
    const behind = { x, g: g(x) };
    if ((before.g === 0 || before.g * behind.g < 0) && counts(before, behind)) yield before.g === 0 ? before.x : bisect(g, before.x, behind.x);
    before = behind;
  }
}
