// Depth makes samples alike: angles between them shrink from layer to layer, until a network says the same of all (Poole et al. 2016, section 3). So it makes
// tokens, which attention mixes: without skips they become one within a few layers (Dong, Cordonnier & Loukas 2021).

import type { Course, Stop } from './course';

/** Of two samples whose cosine is this, a linear layer sees one part in a hundred of what it saw of two that have nothing in common. */
const limit = 0.99;
/** Inputs that are that much alike to begin with were not made so by the network. */
const alikeAtFirst = 0.9;

export interface Alike {
  readonly what: 'samples' | 'tokens';
  readonly from: string;
  readonly last: string;
  readonly cosine: number;
  readonly limit: number;
}

/** From where on samples, or tokens, are alike up to the last hidden layer; null where they are not. */
export function alikeFrom({ stops }: Course): Alike | null {
  return whereAlike(stops, 'samples', ({ cosine }) => cosine) ?? whereAlike(stops, 'tokens', ({ tokenCosine }) => tokenCosine);
}

function whereAlike(stops: readonly Stop[], what: Alike['what'], pick: (stop: Stop) => number | null): Alike | null {
  // Answers of a last layer have few numbers, and may well be alike.
  const known = stops.slice(0, -1).flatMap((stop) => {
    const cosine = pick(stop);
    return cosine !== null && stop.activation?.state === 'finite' ? [{ name: stop.name, cosine }] : [];
  });
  const [first, last] = [known[0], known.at(-1)];
  if (!first || !last || first.cosine >= alikeAtFirst || last.cosine < limit) return null;
  const from = known[known.findLastIndex(({ cosine }) => cosine < limit) + 1];
  return { what, from: (from ?? last).name, last: last.name, cosine: last.cosine, limit };
}
