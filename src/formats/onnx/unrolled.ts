import { isFloat } from '../../core/graph/dtype';
import type { Graph } from '../../core/graph/graph';
import { renameNode } from '../../core/graph/inline';
import { indexGraph } from '../../core/graph/order';
import { findRecurrences } from '../../core/graph/recurrence';
import type { Tensor } from '../../core/graph/tensor';
import type { FilePool } from '../tensors/content';

/**
 * A recurrent layer that an exporter has written out step by step may have a copy of its kernel for each, since only small tensors are merged
 * (up to 1,024 elements, PyTorch 2.15). They become one tensor again; a save writes all of its places.
 */
export function joinUnrolled(graph: Graph, pool: FilePool): Graph {
  const instead = new Map<string, string>();
  const copies = new Map<string, readonly Tensor[]>();
  const join = (names: readonly string[]): void => {
    const [first = '', ...others] = [...new Set(names)];
    const leader = graph.initializers.get(first);
    const equal = others.flatMap((name) => graph.initializers.get(name) ?? []);
    if (!leader || equal.length === 0 || equal.length < others.length || !equal.every((tensor) => isSame(pool, leader, tensor))) return;
    for (const name of others) instead.set(name, first);
    copies.set(first, [...copies.get(first) ?? [], ...equal]);
  };
  for (const steps of findRecurrences(indexGraph(graph))) {
    join(steps.map(({ kernel }) => kernel));
    join(steps.flatMap(({ bias }) => (bias ? [bias.name] : [])));
  }
  if (instead.size === 0) return graph;
  const read = new Set(graph.outputs.map(({ name }) => name));
  return {
    ...graph,
    nodes: graph.nodes.map((node) => renameNode(node, (value) => instead.get(value) ?? value)),
    initializers: new Map([...graph.initializers].flatMap(([name, tensor]) => {
      if (instead.has(name) && !read.has(name)) return [];
      const own = copies.get(name);
      return [[name, own ? { ...tensor, copies: own } : tensor] as const];
    })),
  };
}

/** Bytes that are compared, in so many places: drawn or learned numbers that agree there agree throughout. */
const compared = 1 << 12;
const places = 4;

function isSame(pool: FilePool, a: Tensor, b: Tensor): boolean {
  const [from, to] = [a.place, b.place];
  const isPlain = [a, b].every(({ place, overlaps }) => (
    (place?.encoding === 'contiguous' || place?.encoding === 'base64') && !place.further && overlaps === undefined));
  if (!isPlain || !isFloat(a.dtype) || !from || !to || a.dtype !== b.dtype || a.shape.join() !== b.shape.join()) return false;
  // In base64, too, the same bytes are the same text.
  const length = Math.min(from.length, to.length);
  if (from.length !== to.length) return false;
  const step = Math.max(compared, Math.ceil(length / places));
  for (let at = 0; at < length; at += step) {
    const count = Math.min(compared, length - at);
    const [left, right] = [from, to].map((place) => pool.source(place.file).read(place.offset + at, count));
    if (!left || !right || !Buffer.from(left).equals(right)) return false;
  }
  return true;
}
