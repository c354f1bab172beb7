/** Which layer of one model is which of another. */

import type { LayerReport } from '../../protocol/report';
import { align } from './alignment';

/** One layer, or none, of each side. */
export interface LayerPair {
  readonly left: LayerReport | null;
  readonly right: LayerReport | null;
}

/** What both models call a product with a matrix, with or without a bias of its own. */
const products = new Set(['Gemm', 'MatMul']);
export const operatorFamily = ({ op }: Pick<LayerReport, 'op'>): string => (products.has(op) ? 'product' : op);

const sizes = (shape: readonly number[]): string => shape.toSorted((a, b) => a - b).join('×');

/** Operator and sizes of what it computes with, in whatever order they are stored. */
function structureOf(layer: LayerReport): string {
  const [first] = layer.weights;
  return `${operatorFamily(layer)} ${first ? `${first.role} ${sizes(first.shape)} ${first.fanIn ?? ''} ${first.fanOut ?? ''}` : ''}`;
}

/**
 * First those of the same name and structure, then, between them, the same structure in order, then the same name, then the same operator in order: where
 * names are numbers, a layer that was put in takes the name of the next, and structure knows better.
 */
export function pairLayers(left: readonly LayerReport[], right: readonly LayerReport[]): readonly LayerPair[] {
  const pairing = new Pairing(left, right);
  pairing.byName((a, b) => structureOf(a) === structureOf(b));
  pairing.inOrder(structureOf);
  pairing.byName(() => true);
  pairing.inOrder(operatorFamily);
  return pairing.merged();
}

class Pairing {
  readonly #left: readonly LayerReport[];
  readonly #right: readonly LayerReport[];
  /** Places of the right layers by those of the left. */
  readonly #partners = new Map<number, number>();
  readonly #taken = new Set<number>();

  constructor(left: readonly LayerReport[], right: readonly LayerReport[]) {
    this.#left = left;
    this.#right = right;
  }

  #pair(left: number, right: number): void {
    this.#partners.set(left, right);
    this.#taken.add(right);
  }

  byName(fits: (left: LayerReport, right: LayerReport) => boolean): void {
    const places = new Map(this.#right.map(({ name }, at) => [name, at]));
    for (const [at, layer] of this.#left.entries()) {
      const place = places.get(layer.name);
      const other = place === undefined || this.#taken.has(place) ? undefined : this.#right[place];
      if (place !== undefined && other && !this.#partners.has(at) && fits(layer, other)) this.#pair(at, place);
    }
  }

  /** Of what lies between pairs that do not cross others, those with equal keys. */
  inOrder(keyOf: (layer: LayerReport) => string): void {
    const anchors = [...rising([...this.#partners].sort(([a], [b]) => a - b)), [this.#left.length, this.#right.length] as const];
    let [startL, startR] = [0, 0];
    for (const [endL, endR] of anchors) {
      const freeL = places(startL, endL).filter((at) => !this.#partners.has(at));
      const freeR = places(startR, endR).filter((at) => !this.#taken.has(at));
      const keys = (free: readonly number[], layers: readonly LayerReport[]): readonly string[] => free.flatMap((at) => layers[at] ?? []).map(keyOf);
      for (const [l, r] of align(keys(freeL, this.#left), keys(freeR, this.#right))) this.#pair(freeL[l] ?? 0, freeR[r] ?? 0);
      [startL, startR] = [endL + 1, endR + 1];
    }
  }

  /** In the order of the right model; what only the left one has comes where it was, before what took its place. */
  merged(): readonly LayerPair[] {
    const lefts = new Map([...this.#partners].map(([l, r]) => [r, l]));
    const pairs: LayerPair[] = [];
    let next = 0;
    const leave = (end: number): void => {
      for (; next < end; next++) if (!this.#partners.has(next)) pairs.push({ left: this.#left[next] ?? null, right: null });
    };
    const following = this.#right.map((_, at) => lefts.get(at));
    for (let at = following.length - 1; at >= 0; at--) following[at] ??= at + 1 < following.length ? following[at + 1] : this.#left.length;
    for (const [at, layer] of this.#right.entries()) {
      const partner = lefts.get(at);
      leave(following[at] ?? 0);
      pairs.push({ left: partner === undefined ? null : this.#left[partner] ?? null, right: layer });
    }
    leave(this.#left.length);
    return pairs;
  }
}

const places = (start: number, end: number): readonly number[] => Array.from({ length: Math.max(0, end - start) }, (_, i) => start + i);

/** Of pairs in the order of their first numbers, as many as there can be whose second numbers rise, too (Schensted 1961). */
function rising(pairs: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  /** Of each length, the pair that ends such a run lowest. */
  const ends: number[] = [];
  const before = new Map<number, number | undefined>();
  for (const [at, [, second]] of pairs.entries()) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[ends[middle] ?? 0]?.[1] ?? 0) < second) low = middle + 1;
      else high = middle;
    }
    before.set(at, ends[low - 1]);
    ends[low] = at;
  }
  const run: (readonly [number, number])[] = [];
  for (let at = ends.at(-1); at !== undefined; at = before.get(at)) {
    const pair = pairs[at];
    if (pair) run.push(pair);
  }
  return run.reverse();
}
