// Where nodes of a layer graph are by the names of their authors: "h.3.attn.query" is in h, in 3 of it, and in attn of that.

import type { Traced } from './signalTrace';

/** The parts of the blocks that a node is in, from the outermost. */
export interface Placed {
  readonly kind: Traced['kind'];
  readonly name: string;
  readonly path: readonly string[];
}

/** Deeper names are not taken apart. */
const deepest = 16;

/** Joins, and the many inputs and outputs of caches, are in the block of what is before, or behind, them. */
export function placedIn(nodes: readonly Traced[], edges: readonly (readonly [number, number])[]): readonly Placed[] {
  const before = new Map<number, number[]>();
  for (const [from, to] of edges) {
    const known = before.get(to);
    if (known) known.push(from);
    else before.set(to, [from]);
  }
  const last = nodes.length - 1;
  const placed: Placed[] = [];
  const [firstInner, lastInner] = [nodes.findIndex(({ kind }) => kind !== 'input'), nodes.findLastIndex(({ kind }) => kind !== 'output')];
  for (const [at, { kind, name }] of nodes.entries()) {
    const sources = (before.get(at) ?? []).flatMap((source) => placed[source] ?? []).filter((source) => source.kind !== 'input');
    const latest = sources.at(-1)?.path ?? [];
    const path = kind === 'layer' ? pathOf(name) : kind === 'join' ? longer(shared(sources.map((each) => each.path)), numbered(latest))
      : kind === 'output' && at < lastInner ? numbered(latest) : [];
    placed.push({ kind, name, path });
  }
  // An input between layers is beside the one that reads it.
  for (let at = last; at > firstInner; at--) {
    const [own, next] = [placed[at], placed[at + 1]];
    if (own?.kind === 'input' && next) placed[at] = { ...own, path: numbered(next.path) };
  }
  return placed;
}

/** Without its own last part; underscores part names that nothing else does. */
function pathOf(name: string): readonly string[] {
  const parts = name.split(/[./]/.test(name) ? /[./]+/ : /_+/).filter((part) => part !== '');
  return parts.slice(0, Math.min(deepest, parts.length - 1));
}

/** As far as the last numbered part: of one block among many. */
const numbered = (path: readonly string[]): readonly string[] => path.slice(0, path.findLastIndex((part) => /\d$/.test(part)) + 1);

function shared(paths: readonly (readonly string[])[]): readonly string[] {
  const [first = [], ...others] = paths;
  const length = first.findIndex((part, i) => others.some((path) => path[i] !== part));
  return length < 0 ? first : first.slice(0, length);
}

const longer = <T>(a: readonly T[], b: readonly T[]): readonly T[] => (a.length >= b.length ? a : b);
