// What of a layer graph can be folded: blocks by the names of layers, and where there are none between places that one signal alone passes.

import type { LayerBlock } from '../../protocol/layerGraph';
import type { Placed } from './layerPaths';

/** Nodes and blocks that a block shows when it is unfolded. */
const mostShown = 40;

/** Nodes from `first` to before `end`; one alone has no children. */
interface Part {
  readonly name: string;
  readonly first: number;
  readonly end: number;
  readonly parts: readonly Part[];
}

/** Each is a stretch of the order, so that what is folded is still without a circle. */
export function blocksOf(nodes: readonly Placed[], edges: readonly (readonly [number, number])[]): readonly LayerBlock[] {
  const folding = new Folding(nodes, edges);
  const blocks: LayerBlock[] = [];
  const add = ({ name, first, end, parts }: Part, parent: number | null): void => {
    if (parts.length === 0) return;
    const place = blocks.push({ name, first, end, parent }) - 1;
    for (const part of parts) add(part, place);
  };
  // The ends of the network are always seen.
  const [first, last] = [nodes.findIndex(({ kind }) => kind !== 'input'), nodes.findLastIndex(({ kind }) => kind !== 'output')];
  for (const part of folding.partsOf(Math.max(0, first), last + 1, 0)) add(part, null);
  return blocks;
}

class Folding {
  readonly #nodes: readonly Placed[];
  /** Before which nodes one signal alone passes. */
  readonly #isNarrow: readonly boolean[];

  constructor(nodes: readonly Placed[], edges: readonly (readonly [number, number])[]) {
    this.#nodes = nodes;
    this.#isNarrow = narrowPlaces(nodes, edges);
  }

  /** What a stretch of nodes, whose names agree in so many parts, falls into. */
  partsOf(first: number, end: number, depth: number): readonly Part[] {
    const parts: Part[] = [];
    for (let at = first; at < end;) {
      const step = this.#nodes[at]?.path[depth];
      let next = at + 1;
      while (step !== undefined && next < end && this.#nodes[next]?.path[depth] === step) next++;
      if (at === first && next === end && next - at > 1) return this.partsOf(first, end, depth + 1);
      const inner = next - at > 1 ? this.partsOf(at, next, depth + 1) : [];
      parts.push({ name: this.#nodes[at]?.path.slice(0, depth + 1).join('.') ?? '', first: at, end: next, parts: inner });
      at = next;
    }
    return this.#bounded(parts);
  }

  #bounded(parts: readonly Part[]): readonly Part[] {
    if (parts.length <= mostShown) return parts;
    const segments = this.#segmentsOf(parts);
    const isParted = segments.length > 1 && segments.length < parts.length;
    let bounded = isParted ? segments.map((segment) => this.#together(segment)) : parts;
    while (bounded.length > mostShown) bounded = chunksOf(bounded).map((each) => this.#together(each));
    return bounded;
  }

  /** Residual branches, with what they branch from. */
  #segmentsOf(parts: readonly Part[]): readonly (readonly Part[])[] {
    const segments: Part[][] = [];
    for (const part of parts) {
      const current = segments.at(-1);
      if (!current || this.#isNarrow[part.first]) segments.push([part]);
      else current.push(part);
    }
    return segments;
  }

  #together(parts: readonly Part[]): Part {
    const [part, ...others] = parts;
    const [first, end] = [part?.first ?? 0, parts.at(-1)?.end ?? 0];
    if (part && others.length === 0) return part;
    let inner = parts;
    while (inner.length > mostShown) inner = chunksOf(inner).map((each) => this.#together(each));
    return { name: this.#spanned(first, end), first, end, parts: inner };
  }

  /** "conv1 … conv24" */
  #spanned(first: number, end: number): string {
    const layers = this.#nodes.slice(first, end).filter(({ kind }) => kind === 'layer');
    const [from, to] = [layers[0]?.name, layers.at(-1)?.name];
    return from === undefined || to === undefined ? this.#nodes[first]?.name ?? '' : from === to ? from : `${from} … ${to}`;
  }
}

/** As many chunks as each of them has, if these are not too many to be shown. */
function chunksOf<T>(list: readonly T[]): readonly (readonly T[])[] {
  const chunk = Math.min(mostShown, Math.ceil(Math.sqrt(list.length)));
  return Array.from({ length: Math.ceil(list.length / chunk) }, (_, i) => list.slice(i * chunk, (i + 1) * chunk));
}

/** Masks and the like, which every block reads, pass everywhere. */
function narrowPlaces(nodes: readonly Placed[], edges: readonly (readonly [number, number])[]): readonly boolean[] {
  const farthest = new Map<number, number>();
  for (const [from, to] of edges) if (nodes[from]?.kind !== 'input') farthest.set(from, Math.max(to, farthest.get(from) ?? 0));
  const change = new Array<number>(nodes.length + 2).fill(0);
  for (const [from, to] of farthest) {
    change[from + 1] = (change[from + 1] ?? 0) + 1;
    change[to + 1] = (change[to + 1] ?? 0) - 1;
  }
  let passing = 0;
  return nodes.map((_, at) => {
    passing += change[at] ?? 0;
    return passing <= 1;
  });
}
