// Lists that grow at an end, as each layer of a dense block reads all before it (Huang et al. 2017, arXiv 1608.06993): one is the one before, and more.

/** A list, or the beginning of one. */
interface Beginning {
  readonly next: Map<number, Beginning>;
  /** Of the list that ends here. */
  place: number | null;
}

const begin = (): Beginning => ({ next: new Map(), place: null });

export class ListsSeen {
  readonly #forwards = begin();
  readonly #backwards = begin();

  /** Where a list is; one that is not known is made of the longest known one at its beginning or end, and what is left. */
  place(list: readonly number[], make: (parts: readonly number[]) => number): number {
    const fromStart = follow(this.#forwards, list);
    const fromEnd = follow(this.#backwards, list.toReversed());
    if (fromStart.length === list.length && fromStart.place !== null) return fromStart.place;
    const isStart = fromStart.length >= fromEnd.length;
    const { length, place } = isStart ? fromStart : fromEnd;
    const rest = isStart ? list.slice(length) : list.slice(0, list.length - length);
    const made = make(place === null ? list : isStart ? [place, ...rest] : [...rest, place]);
    [fromStart.end.place, fromEnd.end.place] = [made, made];
    return made;
  }
}

/** Follows a list as far as it goes, and adds the way; tells the longest list that is known on it. */
function follow(root: Beginning, list: readonly number[]): { readonly length: number; readonly place: number | null; readonly end: Beginning } {
  let [at, length] = [root, 0];
  let place: number | null = null;
  list.forEach((each, i) => {
    const next = at.next.get(each) ?? begin();
    at.next.set(each, next);
    at = next;
    if (at.place !== null) [length, place] = [i + 1, at.place];
  });
  return { length, place, end: at };
}
