import type { Graph, Node } from '../../core/graph/graph';
import { withBodies } from '../../core/graph/graph';
import { elementCount, isFloat } from '../../core/graph/dtype';
import { handedOn } from '../../core/graph/carried';
import { namesOf, shortened } from '../../core/graph/names';
import type { Names } from '../../core/graph/names';
import type { GraphIndex } from '../../core/graph/order';
import { indexGraph, scopeOf } from '../../core/graph/order';
import { findRecurrences } from '../../core/graph/recurrence';
import type { Tensor } from '../../core/graph/tensor';
import { mergedMark } from '../../core/graph/tensor';
import { formalInput, weightOperatorOf } from '../../core/ops/registry';
import type { FilePool } from '../tensors/content';
import { elementChunks } from '../tensors/elements';

/**
 * Exporters make one tensor of equal ones: in a fresh network all norms of one width share one γ and one β, and biases, means and βs are one
 * tensor of zeros. Each use becomes a tensor of its own here, at the same place in the file, so that layers, recipes and gradients are what
 * they were before the export; a save writes them as one where they still agree, and gives those that do not a tensor of their own.
 */
export function separateMerged(graph: Graph, pool: FilePool, before: ReadonlySet<string>): Graph {
  const separation = new Separation(() => namesOf(graph));
  const constancy = new Constancy(pool);
  for (const [tensor, uses] of usesOf(indexGraph(graph))) {
    if (uses.merged.length + uses.others < 2 || uses.merged.length === 0) continue;
    const family = familyOf(tensor, uses);
    if (family.some(({ id }) => id !== tensor.id && before.has(id)) || constancy.of(tensor)) {
      separation.add(tensor, family, uses.name, uses.merged.length + uses.others);
    }
  }
  return separation.isEmpty ? graph : separation.applyTo(graph);
}

/** Larger ones are no biases and no scales. */
const mostElements = 1 << 16;

/** An input of a node. */
interface Reading {
  readonly node: Node;
  readonly position: number;
}

/** A tensor in a role of which exporters merge equal ones; the steps of a recurrent layer read it together. */
interface Use {
  readonly readings: Reading[];
  /** "scale", "B" */
  readonly formal: string;
  /** The value it reads, which is the tensor or an identity of it: exporters keep the names of what they merge there. */
  readonly value: string;
}

interface Uses {
  readonly name: string;
  readonly merged: Use[];
  /** Uses that stay as they are: as a kernel, in a function, as an output. */
  others: number;
}

function usesOf(top: GraphIndex): ReadonlyMap<Tensor, Uses> {
  const uses = new Map<Tensor, Uses>();
  const find = (index: GraphIndex, value: string): Uses | null => {
    const source = sourceOf(index, value);
    if (!source) return null;
    const known = uses.get(source.tensor) ?? { name: source.name, merged: [], others: 0 };
    uses.set(source.tensor, known);
    return known;
  };
  const visit = (index: GraphIndex): void => {
    const together = recurrentUses(index);
    for (const output of index.graph.outputs) {
      const found = find(index, output.name);
      if (found) found.others++;
    }
    for (const node of index.graph.nodes) {
      if (isCopy(node)) continue;
      // What a loop hands on is read inside it.
      const carried = new Set((index.bodies.get(node) ?? []).flatMap(({ graph }) => handedOn(node, graph).map(({ position }) => position)));
      node.inputs.forEach((value, position) => {
        const found = value === '' || carried.has(position) ? null : find(index, value);
        const formal = found && node.source ? separableAs(index, node, position) : null;
        if (found && formal !== null) addUse(found.merged, { readings: [{ node, position }], formal, value }, together.get(node));
        else if (found) found.others++;
      });
      for (const body of index.bodies.get(node) ?? []) visit(body);
    }
  };
  visit(top);
  return uses;
}

/** The nodes that add a bias in the steps of a recurrence, each with the first of them. */
function recurrentUses(index: GraphIndex): ReadonlyMap<Node, Node> {
  return new Map(findRecurrences(index).flatMap((steps) => {
    const nodes = steps.flatMap(({ bias }) => (bias ? [bias.node] : []));
    return nodes.map((node) => [node, nodes[0] ?? node] as const);
  }));
}

function addUse(uses: Use[], use: Use, together: Node | undefined): void {
  const known = together && uses.find(({ readings: [first] }) => first?.node === together);
  if (known) known.readings.push(...use.readings);
  else uses.push(use);
}

const isCopy = ({ op, domain }: Node): boolean => op === 'Identity' && domain === '';
/** Identities on the way to a tensor. */
const farthest = 64;

function sourceOf(index: GraphIndex, value: string): { readonly name: string; readonly tensor: Tensor } | null {
  let [name, scope] = [value, index];
  for (let step = 0; step < farthest; step++) {
    scope = scopeOf(scope, name);
    const tensor = scope.graph.initializers.get(name);
    if (tensor) return isCandidate(tensor) ? { name, tensor } : null;
    const node = scope.producer.get(name);
    if (!node || !isCopy(node)) return null;
    name = node.inputs[0] ?? '';
  }
  return null;
}

/** Stored as it is, so that a field of its own can stand beside it. */
function isCandidate({ dtype, shape, place, problem, overlaps, stored, home, merged }: Tensor): boolean {
  const count = elementCount(shape);
  const isWhole = (place?.encoding === 'contiguous' || place?.encoding === 'base64') && !place.further;
  const isPlain = isWhole && stored === undefined && problem === undefined && overlaps === undefined;
  return isFloat(dtype) && count > 1 && count <= mostElements && isPlain && home !== undefined && merged === undefined;
}

const roles = new Set(['bias', 'beta', 'gamma', 'running mean', 'running variance', 'slope']);
const elementwise: Readonly<Record<string, string>> = { Add: 'shift', Sub: 'shift', Mul: 'scale', Div: 'scale' };
const rearranging = new Set(['Reshape', 'Unsqueeze', 'Squeeze', 'Flatten', 'Cast']);

/** What the tensor is to the node, if that is something exporters merge; through an operator that only rearranges it for a single reader. */
function separableAs(index: GraphIndex, node: Node, position: number, steps = 0): string | null {
  const operator = weightOperatorOf(node);
  const formal = operator ? formalInput(operator, position) : undefined;
  const role = formal === undefined ? undefined : operator?.parameters?.[formal]?.role;
  if (role !== undefined) return roles.has(role) ? formal ?? null : null;
  if (node.domain !== '') return null;
  if (Object.hasOwn(elementwise, node.op)) return elementwise[node.op] ?? null;
  const output = node.outputs[0] ?? '';
  const readers = index.consumers.get(output) ?? [];
  const [reader] = readers;
  const isPassed = rearranging.has(node.op) && position === 0 && readers.length === 1 && !index.outputs.has(output);
  return isPassed && reader && steps < farthest ? separableAs(index, reader, reader.inputs.indexOf(output), steps + 1) : null;
}

/** What is read in all to tell which tensors are constant: many may be said to lie at the same bytes. */
const mostRead = 1 << 26;

/** Tells tensors of one number from others: of what was drawn or learned, equal ones were tied. */
class Constancy {
  readonly #pool: FilePool;
  #left = mostRead;

  constructor(pool: FilePool) {
    this.#pool = pool;
  }

  of({ place, dtype, shape }: Tensor): boolean {
    if (!place || this.#left < place.length) return false;
    let first: number | bigint | undefined;
    for (const chunk of elementChunks(this.#pool.source(place.file), dtype, place, elementCount(shape))) {
      this.#left -= chunk.byteLength;
      for (const value of chunk) {
        first ??= value;
        if (value !== first) return false;
      }
    }
    return first !== undefined;
  }
}

/** A use with the name and id that it has as a tensor of its own; none of the use that keeps the stored one. */
interface Member {
  readonly use: Use | null;
  readonly name: string;
  readonly id: string;
}

/** The first use keeps the tensor, unless something else reads it. */
function familyOf(tensor: Tensor, { name, merged, others }: Uses): readonly Member[] {
  const scope = tensor.id.endsWith(name) ? tensor.id.slice(0, tensor.id.length - name.length) : `${tensor.id}/`;
  const apart = merged.slice(others > 0 ? 0 : 1).map((use): Member => {
    const own = shortened(`${stemOf(use.value)}${mergedMark}${use.readings[0]?.node.name ?? ''}.${use.formal}`);
    return { use, name: own, id: shortened(`${scope}${own}`) };
  });
  return [{ use: null, name, id: tensor.id }, ...apart];
}

/** Names come out the same when a file is read again in which some uses have been separated. */
const stemOf = (name: string): string => name.split(mergedMark)[0] ?? name;

class Separation {
  readonly #createNames: () => Names;
  #names: Names | null = null;
  /** Inputs that read another tensor now, by their node, and the tensors that stand in the place of each. */
  readonly #inputs = new Map<Node, Map<number, string>>();
  readonly #instead = new Map<Tensor, readonly (readonly [string, Tensor])[]>();

  /** Most models have nothing to separate. */
  constructor(createNames: () => Names) {
    this.#createNames = createNames;
  }

  get isEmpty(): boolean { return this.#instead.size === 0; }

  add(tensor: Tensor, family: readonly Member[], name: string, uses: number): void {
    const names = (this.#names ??= this.#createNames());
    this.#instead.set(tensor, family.map(({ use, ...own }) => {
      const readings = use?.readings ?? [];
      const alias = use ? names.fresh(own.name) : own.name;
      for (const { node, position } of readings) {
        this.#inputs.set(node, (this.#inputs.get(node) ?? new Map<number, string>()).set(position, alias));
      }
      const rewired = readings.flatMap(({ node, position }) => (node.source ? [{ node: node.source, position }] : []));
      return [alias, { ...tensor, id: own.id, merged: { id: tensor.id, name, uses, rewired } }] as const;
    }));
  }

  applyTo(graph: Graph): Graph {
    const nodes = graph.nodes.map((node): Node => {
      const instead = this.#inputs.get(node);
      const inside = withBodies(node, (body) => this.applyTo(body));
      return instead ? { ...inside, inputs: node.inputs.map((input, position) => instead.get(position) ?? input) } : inside;
    });
    const initializers = new Map([...graph.initializers].flatMap(([name, tensor]) => this.#instead.get(tensor) ?? [[name, tensor] as const]));
    return { ...graph, nodes, initializers };
  }
}
