// Objects whose order means something: JavaScript has keys in an order of its own, whatever wrote them.

import type { JsonView } from '../json/view';

const isIndex = (key: string): boolean => /^(0|[1-9]\d{0,9})$/.test(key);

/** Keys as JavaScript has them, whatever order they are written in: indices first, from the smallest on. */
function keysOf(view: JsonView): readonly string[] {
  const keys = view.entries().map(([key]) => key);
  return [...keys.filter(isIndex).sort((a, b) => Number(a) - Number(b)), ...keys.filter((key) => !isIndex(key))];
}

/** Its values in that order. */
export const ordered = (view: JsonView): readonly JsonView[] => keysOf(view).map((key) => view.get(key));

/** Whether they are written in it; so are those of a list. */
function isOrdered(view: JsonView): boolean {
  if (view.value.kind !== 'object') return true;
  const keys = keysOf(view);
  return view.entries().every(([key], i) => key === keys[i]);
}

/** The numbers of a list, or of a typed array as JSON.stringify writes it, in as many parts as it takes to have them in order. */
export const numberParts = (view: JsonView): readonly JsonView[] => (isOrdered(view) ? [view] : ordered(view));
