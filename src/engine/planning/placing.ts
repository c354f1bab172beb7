import type { Graph } from '../../core/graph/graph';
import { withoutSteps } from '../../core/graph/inline';
import type { Layer, LayerWeight } from '../../core/layers/layer';
import { activationValue } from '../../core/layers/layer';

/** Where layers and weights are in the graph that is run, in which branches and steps have been put in the place of their nodes. */
export interface Placing {
  /** Name of the value of each weight by its id; weights of branches that are not taken have none. */
  readonly weights: ReadonlyMap<string, string>;
  readonly layers: readonly Layer[];
  /** The values of each step, by the name that they have without it: of loops that are unrolled. */
  readonly copies: ReadonlyMap<string, readonly string[]>;
}

/** `others` are fed and in no layer. */
export function placeLayers(graph: Graph, layers: readonly Layer[], others: readonly LayerWeight[] = []): Placing {
  const present = new Set([...graph.initializers.keys(), ...graph.inputs.map((input) => input.name), ...graph.nodes.flatMap((node) => node.outputs)]);
  const copies = new Map([...copiesOf(present), ...stepsOf(layers)]);
  const values = new Set([...present, ...copies.keys()]);
  const byId = new Map([...graph.initializers].map(([name, tensor]) => [tensor.id, name]));
  const weights = new Map(others.flatMap(({ id }) => {
    const name = byId.get(id);
    return name === undefined ? [] : [[id, name] as const];
  }));
  for (const layer of layers) {
    for (const weight of layer.weights) {
      const name = byId.get(weight.id) ?? computedName(weight, layer.scope, values);
      if (name !== undefined) weights.set(weight.id, name);
    }
  }
  return { weights, layers: layers.map((layer) => placeLayer(layer, values)), copies };
}

/** Steps that are written out in the graph itself. */
function stepsOf(layers: readonly Layer[]): readonly (readonly [string, readonly string[]])[] {
  return layers.flatMap((layer) => (layer.steps && layer.scope === '' ? [
    [layer.preactivation, [layer.preactivation, ...layer.steps.map(({ preactivation }) => preactivation)]] as const,
    [activationValue(layer), [activationValue(layer), ...layer.steps.map(({ activation }) => activation)]] as const,
  ] : []));
}

function copiesOf(values: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const copies = new Map<string, string[]>();
  for (const value of values) {
    const name = withoutSteps(value);
    if (name === value) continue;
    const known = copies.get(name);
    if (known) known.push(value);
    else copies.set(name, [value]);
  }
  return copies;
}

/** A tensor that a node computes from its shape is no initializer: it is known by its value. */
function computedName({ name, tensor }: LayerWeight, scope: string, values: ReadonlySet<string>): string | undefined {
  return tensor.fill === undefined ? undefined : placeValue(name, scope, values);
}

/** A branch that is not taken has no values: its names are not to be mistaken for those of the scopes around it. */
function placeLayer(layer: Layer, values: ReadonlySet<string>): Layer {
  const { scope, activation } = layer;
  if (scope === '') return layer;
  const preactivation = `${scope}/${layer.preactivation}`;
  const isTaken = values.has(preactivation);
  const outside = (value: string): string => (isTaken ? placeValue(value, scope, values) : undefined) ?? `${scope}/${value}`;
  return { ...layer, preactivation, activation: activation && { ...activation, value: outside(activation.value) } };
}

/** A value of a scope, or of one around it: what follows a layer may lie outside of the branch that the layer is in. */
function placeValue(value: string, scope: string, values: ReadonlySet<string>): string | undefined {
  for (let path = scope; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('/')))) {
    if (values.has(`${path}/${value}`)) return `${path}/${value}`;
  }
  return values.has(value) ? value : undefined;
}
