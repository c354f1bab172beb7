import { isFloat } from '../../core/graph/dtype';
import type { ExternalReference, Graph } from '../../core/graph/graph';
import { withBodies } from '../../core/graph/graph';
import { renameNode } from '../../core/graph/inline';
import { definedBy } from '../../core/graph/order';
import type { Tensor } from '../../core/graph/tensor';
import { say } from '../../protocol/words';

/**
 * Tensors whose values are the same bytes of a file of external data. Those of one element type and shape become one tensor, as if they had
 * been stored under one name. Any others are marked: who writes one changes another, which is not the same.
 */
export function joinSharedBytes(graph: Graph, external: readonly ExternalReference[]): Graph {
  const sharing = sharingOf(external);
  return sharing.size === 0 ? graph : new Joining(sharing).whole(graph);
}

/** By where each tensor that shares bytes stands in the model file: those it may share them with, itself included. */
type Sharing = ReadonlyMap<number, readonly ExternalReference[]>;

function sharingOf(external: readonly ExternalReference[]): Sharing {
  const files = new Map<string, Map<string, ExternalReference[]>>();
  for (const each of external.filter(({ length }) => length > 0)) {
    const ranges = files.get(each.file) ?? new Map<string, ExternalReference[]>();
    files.set(each.file, ranges);
    const key = `${each.offset} ${each.length}`;
    const equal = ranges.get(key);
    if (equal) equal.push(each);
    else ranges.set(key, [each]);
  }
  const sharing = new Map<number, readonly ExternalReference[]>();
  for (const ranges of files.values()) {
    const sorted = [...ranges.values()].sort(([a], [b]) => (a?.offset ?? 0) - (b?.offset ?? 0));
    // If any range overlaps, the one before that reaches farthest does, or the one behind.
    let farthest: ExternalReference | undefined;
    for (const [i, equal] of sorted.entries()) {
      const [first] = equal;
      const over = [farthest, sorted[i + 1]?.[0]].flatMap((other) => (first && other && overlap(first, other) ? [other] : []));
      const all = [...equal, ...over];
      if (all.length > 1) for (const { tensor } of equal) sharing.set(tensor.start, all);
      if (first && (!farthest || endOf(first) > endOf(farthest))) farthest = first;
    }
  }
  return sharing;
}

const endOf = ({ offset, length }: ExternalReference): number => offset + length;
const overlap = (a: ExternalReference, b: ExternalReference): boolean => a.offset < endOf(b) && b.offset < endOf(a);

/** What a tensor holds and how it is read, if another may stand for it. Values that are loaded are looked up by name. */
function contentOf({ storage, dtype, shape, place, values }: Tensor): string | null {
  return storage === 'external' && place && !values && isFloat(dtype) ? JSON.stringify([place.file, place.offset, dtype, shape]) : null;
}

interface Known { readonly name: string; readonly start: number }

class Joining {
  readonly #sharing: Sharing;
  /** By where a tensor stands: where those stand that have taken its place, and itself if it was left somewhere. */
  readonly #standing = new Map<number, Set<number>>();

  constructor(sharing: Sharing) {
    this.#sharing = sharing;
  }

  whole(graph: Graph): Graph {
    return this.#mark(this.#join(graph, new Map()));
  }

  /** `around`: names, by what they hold, that the graphs around know. */
  #join(graph: Graph, around: ReadonlyMap<string, Known>): Graph {
    const own = definedBy(graph);
    const outputs = new Set(graph.outputs.map(({ name }) => name));
    const known = new Map([...around].filter(([, { name }]) => !own.has(name)));
    const instead = new Map<string, string>();
    for (const [name, tensor] of graph.initializers) {
      const start = tensor.home?.start;
      if (start === undefined || !this.#sharing.has(start)) continue;
      const content = outputs.has(name) ? null : contentOf(tensor);
      const first = content === null ? undefined : known.get(content);
      if (first) instead.set(name, first.name);
      else if (content !== null) known.set(content, { name, start });
      const standing = this.#standing.get(start) ?? new Set();
      this.#standing.set(start, standing.add(first?.start ?? start));
    }
    const nodes = graph.nodes.map((node) => (
      renameNode(withBodies(node, (body) => this.#join(body, known)), (value) => instead.get(value) ?? value)));
    return { ...graph, nodes, initializers: new Map([...graph.initializers].filter(([name]) => !instead.has(name))) };
  }

  #mark(graph: Graph): Graph {
    const initializers = new Map([...graph.initializers].map(([name, tensor]) => {
      const start = tensor.home?.start ?? NaN;
      const other = this.#sharing.get(start)?.find(({ tensor: each }) => !this.#isOne(each.start, start));
      return [name, other ? { ...tensor, overlaps: other.tensor.name === '' ? say('a tensor without a name') : other.tensor.name } : tensor] as const;
    }));
    return { ...graph, initializers, nodes: graph.nodes.map((node) => withBodies(node, (body) => this.#mark(body))) };
  }

  /** Whether nothing but the tensor at `start` stands for another wherever that is read. */
  #isOne(other: number, start: number): boolean {
    const standing = this.#standing.get(other);
    return other === start || (standing?.size === 1 && standing.has(start));
  }
}
