// Why weights cannot start as they are to: copies and kernels that the text writes once, and laws that no scheme has.

import type { Wish } from './declaring';

/** Clauses by weight. `alike`: all that one word of the text declares; `isSayable`: whether some of them alone could start as they are to. */
export function whyLeft(alike: readonly Wish[], isSayable: (few: readonly Wish[]) => boolean): ReadonlyMap<string, string> {
  const layers = new Map<string, Wish[]>();
  for (const wish of alike) {
    const { path } = wish.weight.layer;
    layers.set(path, [...layers.get(path) ?? [], wish]);
  }
  const hasOthers = alike.some(({ isGiven }) => !isGiven);
  const different = hasOthers ? 'and others of them are to stay' : 'which are to start differently';
  return new Map([...layers.values()].flatMap((own) => {
    const isOfCopies = layers.size > 1 && isSayable(own);
    const what = isOfCopies ? `one of ${layers.size} copies that the text writes once` : `one of ${own.length} weights that the text has one scheme for`;
    return own.flatMap((wish) => {
      const reason = isSayable([wish]) ? `it is ${what}, ${different}` : `no scheme that a layer can name for its ${wish.role} draws it so`;
      return wish.isGiven ? [[wish.weight.value, reason] as const] : [];
    });
  }));
}
