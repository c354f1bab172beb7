// Where items of a graph are drawn: from top to bottom, as dagre lays them out.

import { Graph, layout, type EdgeLabel, type GraphLabel, type NodeLabel } from '@dagrejs/dagre';
import type { Drawn, Item } from './folding';

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Middle and size. */
export interface Box extends Place {
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  /** By item. */
  readonly boxes: readonly Box[];
  /** By edge, from one end to the other. */
  readonly ways: readonly (readonly Place[])[];
  readonly width: number;
  readonly height: number;
}

const sizes: Readonly<Record<Item['kind'], { readonly width: number; readonly height: number }>> = {
  layer: { width: 140, height: 24 }, block: { width: 140, height: 36 }, input: { width: 116, height: 22 }, output: { width: 116, height: 22 },
  join: { width: 22, height: 22 },
};
/** Signs of joins that say themselves what they do. */
const signs: Readonly<Record<string, string>> = { Add: '+', Sum: '+', Sub: '−', Mul: '×', Div: '÷', MatMul: '@', Concat: '‖' };

/** What a join is drawn as: a sign, or the name of its operator. */
export const signOf = (op: string): string => signs[op] ?? op;

const margin = 8;
/** Beside items, for each level of blocks that are open. */
export const gutter = 16;

export function layOut({ items, edges, open }: Drawn): Layout {
  const levels = open.reduce((most, block) => Math.max(most, block.levels + 1), 0);
  const graph = new Graph<GraphLabel, NodeLabel, EdgeLabel>();
  graph.setGraph({
    rankdir: 'TB', nodesep: 12 + gutter * Math.min(1, levels), edgesep: 10, ranksep: 22, marginx: margin, marginy: margin, ranker: 'longest-path',
  });
  for (const [at, item] of items.entries()) graph.setNode(String(at), { ...sizeOf(item) });
  for (const { from, to } of edges) graph.setEdge(String(from), String(to), {});
  layout(graph);
  // Brackets are on the left.
  const shift = levels === 0 ? 0 : gutter * (levels + 0.5);
  const boxes = items.map((item, at): Box => {
    const { x = 0, y = 0 } = graph.node(String(at));
    return { ...sizeOf(item), x: x + shift, y };
  });
  const ways = edges.map(({ from, to }) => (graph.edge(String(from), String(to)).points ?? []).map(({ x, y }) => ({ x: x + shift, y })));
  const { width = 0, height = 0 } = graph.graph();
  return { boxes, ways, width: width + shift, height };
}

function sizeOf({ kind, op }: Item): { readonly width: number; readonly height: number } {
  const size = sizes[kind];
  const sign = signOf(op);
  return kind === 'join' && sign.length > 1 ? { ...size, width: Math.min(140, 14 + 7 * sign.length) } : size;
}

/** A smooth way from point to point that goes down all the time. */
export function curve(points: readonly Place[]): string {
  const [first, ...others] = points;
  if (!first) return '';
  let [path, before] = [`M${round(first.x)} ${round(first.y)}`, first];
  for (const point of others) {
    const middle = round((before.y + point.y) / 2);
    path += point.x === before.x ? `V${round(point.y)}` : `C${round(before.x)} ${middle} ${round(point.x)} ${middle} ${round(point.x)} ${round(point.y)}`;
    before = point;
  }
  return path;
}

const round = (value: number): number => Math.round(value * 10) / 10;
