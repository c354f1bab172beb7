// Depth makes samples alike: angles between them shrink from layer to layer, until a network says the same of all (Poole et al. 2016, section 3).

import type { Course } from './course';

/** Of two samples whose cosine is this, a linear layer sees one part in a hundred of what it saw of two that have nothing in common. */
const limit = 0.99;
/** Inputs that are that much alike to begin with were not made so by the network. */
const alikeAtFirst = 0.9;

/** From where on samples are alike up to the last hidden layer; null where they are not. */
export function alikeFrom({ stops }: Course): { readonly from: string; readonly last: string; readonly cosine: number; readonly limit: number } | null {
  // Answers of a last layer have few numbers, and may well be alike.
  const known = stops.slice(0, -1).flatMap(({ name, cosine, activation }) => (cosine !== null && activation?.state === 'finite' ? [{ name, cosine }] : []));
  const [first, last] = [known[0], known.at(-1)];
  if (!first || !last || first.cosine >= alikeAtFirst || last.cosine < limit) return null;
  const from = known[known.findLastIndex(({ cosine }) => cosine < limit) + 1];
  return { from: (from ?? last).name, last: last.name, cosine: last.cosine, limit };
}
