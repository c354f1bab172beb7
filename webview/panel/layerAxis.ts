import { shortened } from '../format';
import type { Span } from './zoom';

const pixelsPerCharacter = 6.4;
const gap = 18;
const longest = 16;

/** The part of the names that tells layers apart: a prefix all share says nothing. */
export function distinctNames(names: readonly string[]): readonly string[] {
  const first = names[0];
  if (first === undefined || names.length < 3) return names;
  let shared = 0;
  for (let at = 0; at < first.length; at += 1) {
    if (!names.every((name) => name[at] === first[at])) break;
    if (/[./:]/.test(first[at] ?? '')) shared = at + 1;
  }
  const rest = names.map((name) => name.slice(shared));
  // Bare numbers would read as positions.
  return rest.every((name) => /[a-z]/i.test(name)) ? rest : names;
}

/** Indices whose labels fit side by side into `width` pixels, evenly spaced and never turned; of a part of the axis, those between its ends. */
export function labelledIndices(labels: readonly string[], width: number, part?: Span | null): readonly number[] {
  const [first, last] = part ? [Math.max(0, Math.ceil(part.from)), Math.min(labels.length - 1, Math.floor(part.to))] : [0, labels.length - 1];
  if (last < first) return [];
  const characters = labels.slice(first, last + 1).reduce((most, label) => Math.max(most, Math.min(label.length, longest)), 1);
  const room = Math.max(1, Math.floor(width / (characters * pixelsPerCharacter + gap)));
  const step = niceStep(Math.ceil((last - first + 1) / room));
  const from = Math.ceil(first / step);
  return Array.from({ length: Math.max(0, Math.floor(last / step) - from + 1) }, (_, at) => (from + at) * step);
}

export function axisLabel(name: string): string {
  return shortened(name, longest);
}

function niceStep(least: number): number {
  for (let decade = 1; ; decade *= 10) {
    const found = [1, 2, 5].map((digit) => digit * decade).find((step) => step >= least);
    if (found !== undefined) return found;
  }
}
