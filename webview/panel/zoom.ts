// How much of an axis is seen: zoomed about a place and moved, never beyond its ends.

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What is seen of both axes; null where that is all. */
export interface Zoom {
  readonly x: Span | null;
  readonly y: Span | null;
}

export const unzoomed: Zoom = { x: null, y: null };

/** `factor` below 1 shows less, about what is at `at`. Null where all is seen. */
export function zoomed(span: Span | null, whole: Span, factor: number, at: number, least: number): Span | null {
  const { from, to } = span ?? whole;
  const wanted = Math.max(Math.min(least, size(whole)), (to - from) * factor);
  const share = to > from ? (at - from) / (to - from) : 0.5;
  return within({ from: at - wanted * share, to: at + wanted * (1 - share) }, whole);
}

export function moved(span: Span | null, whole: Span, by: number): Span | null {
  return span && within({ from: span.from + by, to: span.to + by }, whole);
}

/** The part between two places, at least so large. */
export function between(a: number, b: number, whole: Span, least: number): Span | null {
  const [middle, half] = [(a + b) / 2, Math.max(Math.abs(a - b), Math.min(least, size(whole))) / 2];
  return within({ from: middle - half, to: middle + half }, whole);
}

/** So that a place is seen: as it is, or moved by what is missing. */
export function showing(span: Span | null, whole: Span, at: number): Span | null {
  if (!span || (at >= span.from && at <= span.to)) return span;
  const margin = size(span) * 0.05;
  return moved(span, whole, at < span.from ? at - span.from - margin : at - span.to + margin);
}

const size = ({ from, to }: Span): number => to - from;

function within(span: Span, whole: Span): Span | null {
  if (size(span) >= size(whole) * (1 - 1e-9)) return null;
  const by = Math.max(0, whole.from - span.from) - Math.max(0, span.to - whole.to);
  return { from: span.from + by, to: span.to + by };
}
