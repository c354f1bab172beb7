// What of a layer graph is drawn while some of its blocks are folded.

import type { LayerGraph, LayerGraphNode } from '../../../src/protocol/layerGraph';

/** A node, or a folded block of them. */
export interface Item {
  /** The same as long as the graph is: "n3", "b0". */
  readonly id: string;
  readonly kind: LayerGraphNode['kind'] | 'block';
  readonly name: string;
  /** What the blocks that are open around it leave of the name. */
  readonly label: string;
  readonly op: string;
  /** Places of its nodes: from `first` to before `end`. */
  readonly first: number;
  readonly end: number;
  /** The folded block, or the one around a node; null where there is none. */
  readonly block: number | null;
  readonly layers: number;
}

export interface DrawnEdge {
  /** Places of items. */
  readonly from: number;
  readonly to: number;
  /** The nodes whose signals pass. */
  readonly sources: readonly number[];
}

/** A block that is open: its items are from `first` to before `end`. */
export interface OpenBlock {
  readonly block: number;
  readonly name: string;
  readonly first: number;
  readonly end: number;
  /** How many levels of open blocks are in it. */
  readonly levels: number;
}

export interface Drawn {
  readonly items: readonly Item[];
  readonly edges: readonly DrawnEdge[];
  readonly open: readonly OpenBlock[];
  /** By node, the item that it is, or is in. */
  readonly itemOf: readonly number[];
}

/** More than so many are folded at first. */
const mostAtFirst = 60;

/** The blocks that are open at first: level by level, as long as there is room for a whole one. */
export function openAtFirst(graph: LayerGraph): ReadonlySet<number> {
  const open = new Set<number>();
  const inner = (parent: number | null): readonly number[] => graph.blocks.flatMap((block, place) => (block.parent === parent ? [place] : []));
  for (let level = inner(null); level.length > 0; level = level.flatMap(inner)) {
    const tried = new Set([...open, ...level]);
    if (fold(graph, tried).items.length > mostAtFirst) break;
    for (const block of level) open.add(block);
  }
  return open;
}

export function fold(graph: LayerGraph, open: ReadonlySet<number>): Drawn {
  const items: Item[] = [];
  const itemOf: number[] = [];
  const opened: OpenBlock[] = [];
  const children = childrenOf(graph);
  const add = (item: Item): void => {
    items.push(item);
    for (let node = item.first; node < item.end; node++) itemOf[node] = items.length - 1;
  };
  const walk = (parent: number | null, first: number, end: number): number => {
    let at = first;
    let levels = 0;
    for (const place of children.get(parent) ?? []) {
      const block = graph.blocks[place];
      if (!block) continue;
      for (; at < block.first; at++) add(itemOfNode(graph, at, parent));
      if (open.has(place)) {
        const from = items.length;
        const inner = walk(place, block.first, block.end);
        opened.push({ block: place, name: block.name, first: from, end: items.length, levels: inner });
        levels = Math.max(levels, inner + 1);
      } else {
        const layers = graph.nodes.slice(block.first, block.end).filter(({ kind }) => kind === 'layer').length;
        add({ id: `b${place}`, kind: 'block', name: block.name, label: block.name, op: '', first: block.first, end: block.end, block: place, layers });
      }
      at = block.end;
    }
    for (; at < end; at++) add(itemOfNode(graph, at, parent));
    return levels;
  };
  walk(null, 0, graph.nodes.length);
  return { items, edges: edgesBetween(graph, itemOf), open: opened, itemOf };
}

function childrenOf({ blocks }: LayerGraph): ReadonlyMap<number | null, readonly number[]> {
  const children = new Map<number | null, number[]>();
  for (const [place, { parent }] of blocks.entries()) {
    const known = children.get(parent);
    if (known) known.push(place);
    else children.set(parent, [place]);
  }
  return children;
}

function itemOfNode(graph: LayerGraph, at: number, block: number | null): Item {
  const { kind, name, op } = graph.nodes[at] ?? { kind: 'join' as const, name: '', op: '' };
  return { id: `n${at}`, kind, name, label: labelOf(graph, name, block), op, first: at, end: at + 1, block, layers: kind === 'layer' ? 1 : 0 };
}

/** "conv1" of "layer1.0.conv1" in the block layer1.0; a number alone would say little. */
function labelOf({ blocks }: LayerGraph, name: string, block: number | null): string {
  for (let around = block; around !== null;) {
    const { name: path, parent } = blocks[around] ?? { name: '', parent: null };
    const rest = name.slice(path.length + 1);
    if (path !== '' && /\D/.test(rest) && name.replace(/[/_]/g, '.').startsWith(`${path.replace(/_/g, '.')}.`)) return rest;
    around = parent;
  }
  return name;
}

function edgesBetween({ edges }: LayerGraph, itemOf: readonly number[]): readonly DrawnEdge[] {
  const sources = new Map<string, { readonly from: number; readonly to: number; readonly sources: number[] }>();
  for (const [source, target] of edges) {
    const [from, to] = [itemOf[source] ?? 0, itemOf[target] ?? 0];
    if (from === to) continue;
    const key = `${from} ${to}`;
    const known = sources.get(key);
    if (!known) sources.set(key, { from, to, sources: [source] });
    else if (!known.sources.includes(source)) known.sources.push(source);
  }
  return [...sources.values()];
}
