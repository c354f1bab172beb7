// Follows each value of a graph back to what made it last: a layer, a join of several, or an input of the network.

import type { LayerGraphNode } from '../../protocol/layerGraph';
import type { Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import type { Layer } from './layer';
import { ListsSeen } from './listsSeen';

export interface Traced extends Pick<LayerGraphNode, 'kind' | 'name' | 'op'> {
  /** Nodes before it. */
  readonly sources: Set<number>;
  /** What it says, of inputs and of joins outside of all bodies. */
  readonly value?: string;
}

/** Sources of the values of a graph; null is a constant. */
interface Scope {
  readonly values: Map<string, number | null>;
  readonly around: Scope | null;
}

/** What these make knows of their input its shape alone. */
const shapes = new Set(['Shape', 'Size', 'ConstantOfShape', 'EyeLike', 'RandomNormalLike', 'RandomUniformLike']);
/** A list of these with one more at an end is the shorter one with one more. */
const lists = new Set(['Concat', 'Sum']);

const keyOf = (scope: string, name: string): string => `${scope}\0${name}`;

export class SignalTrace {
  readonly nodes: Traced[] = [];
  readonly #places = new Map<Layer, number>();
  readonly #byNode: ReadonlyMap<string, Layer>;
  readonly #byValue: ReadonlyMap<string, Layer>;
  /** Values of further steps of a layer, which stand for its own. */
  readonly #steps: ReadonlyMap<string, Layer>;
  readonly #scopes = new Map<string, Scope>();
  readonly #seen = new Map<string, ListsSeen>();

  constructor(layers: readonly Layer[]) {
    this.#byNode = new Map(layers.map((layer) => [keyOf(layer.scope, layer.node.name), layer]));
    this.#byValue = new Map(layers.map((layer) => [keyOf(layer.scope, layer.preactivation), layer]));
    this.#steps = new Map(layers.flatMap((layer) => (layer.steps ?? []).flatMap(({ preactivation, activation }) => (
      [preactivation, activation].map((value) => [keyOf(layer.scope, value), layer] as const)))));
  }

  /** The whole network. */
  walk(index: GraphIndex): void {
    const { graph } = index;
    const scope: Scope = { values: new Map(), around: null };
    for (const { name } of graph.inputs) scope.values.set(name, this.#add({ kind: 'input', name, op: '', sources: new Set(), value: name }));
    this.#walk(index, scope);
    for (const { name } of graph.outputs) {
      const source = lookUp(scope, name);
      if (source !== null) this.#add({ kind: 'output', name, op: '', sources: new Set([source]) });
    }
  }

  /** The node that a value comes from. */
  sourceOf(scope: string, value: string): number | null {
    const within = this.#scopes.get(scope);
    return within ? lookUp(within, value) : null;
  }

  #walk(index: GraphIndex, scope: Scope): void {
    this.#scopes.set(index.scope, scope);
    for (const node of index.graph.nodes) {
      const bodies = index.bodies.get(node);
      if (bodies && !this.#byNode.has(keyOf(index.scope, node.name))) this.#walkBodies(index, node, bodies, scope);
      else this.#follow(index, node, scope);
    }
  }

  #follow(index: GraphIndex, node: Node, scope: Scope): void {
    const found = shapes.has(node.op) ? [] : node.inputs.flatMap((input) => lookUp(scope, input) ?? []);
    const layer = this.#byNode.get(keyOf(index.scope, node.name));
    const own = layer ? this.#layer(layer, found) : null;
    const shared = own ?? (layer || found.length === 0 ? null : this.#joined(index, node, found));
    for (const output of node.outputs) {
      if (output !== '') scope.values.set(output, this.#ownerOf(keyOf(index.scope, output), found) ?? shared);
    }
  }

  /** A layer may have its output a few nodes behind its own, as where a bias is added. */
  #ownerOf(key: string, found: readonly number[]): number | null {
    const stepped = this.#steps.get(key);
    if (stepped) return this.#places.get(stepped) ?? null;
    const owner = this.#byValue.get(key);
    const place = owner && this.#places.get(owner);
    return place !== undefined && found.every((source) => source <= place) ? place : null;
  }

  #layer(layer: Layer, found: readonly number[]): number {
    const known = this.#places.get(layer) ?? this.#add({ kind: 'layer', name: layer.name, op: layer.op, sources: new Set() });
    this.#places.set(layer, known);
    for (const source of found) if (source < known) this.nodes[known]?.sources.add(source);
    return known;
  }

  #joined(index: GraphIndex, node: Node, found: readonly number[], output = node.outputs.find((each) => each !== '')): number | null {
    const [only, ...others] = new Set(found);
    if (only === undefined) return null;
    if (others.length === 0) return only;
    const isOwned = node.outputs.some((output) => this.#ownerOf(keyOf(index.scope, output), found) !== null);
    if (isOwned) return null;
    const add = (sources: readonly number[]): number => this.#add({
      kind: 'join', name: index.scope === '' ? node.name : `${index.scope}/${node.name}`, op: node.op, sources: new Set(sources),
      ...(index.scope === '' && output !== undefined ? { value: output } : {}),
    });
    const distinct = [only, ...others];
    return lists.has(node.op) ? this.#listsOf(node.op).place(distinct, add) : add(distinct);
  }

  #listsOf(op: string): ListsSeen {
    const known = this.#seen.get(op) ?? new ListsSeen();
    this.#seen.set(op, known);
    return known;
  }

  /** What a loop carries comes from what it starts with; what goes round is not followed back. */
  #walkBodies(index: GraphIndex, node: Node, bodies: readonly GraphIndex[], scope: Scope): void {
    const outcomes = bodies.map((body) => {
      const inner: Scope = { values: new Map(), around: scope };
      body.graph.inputs.forEach(({ name }, i) => inner.values.set(name, lookUp(scope, node.inputs[i] ?? '')));
      for (const name of body.graph.initializers.keys()) inner.values.set(name, null);
      this.#walk(body, inner);
      // The first thing that the body of a loop says is whether it goes on.
      return body.graph.outputs.slice(node.op === 'Loop' ? 1 : 0).map(({ name }) => lookUp(inner, name));
    });
    node.outputs.forEach((output, i) => {
      if (output !== '') scope.values.set(output, this.#joined(index, node, outcomes.flatMap((values) => values[i] ?? []), output));
    });
  }

  #add(node: Traced): number {
    this.nodes.push(node);
    return this.nodes.length - 1;
  }
}

function lookUp(scope: Scope, value: string): number | null {
  for (let at: Scope | null = scope; at; at = at.around) {
    const known = at.values.get(value);
    if (known !== undefined) return known;
  }
  return null;
}
