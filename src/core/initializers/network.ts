import { elementCount } from '../graph/dtype';
import type { Node } from '../graph/graph';
import { intAttribute } from '../graph/graph';
import type { Layer, LayerWeight } from '../layers/layer';
import { activationValue } from '../layers/layer';

/** What schemes for deep networks need to know of the whole. */
export interface Network {
  readonly layers: readonly Layer[];
  /** The layer that makes a value, behind its activation. */
  readonly makers: ReadonlyMap<string, Layer>;
  /** Residual branches. */
  readonly branches: number;
  /** Of those, branches that end with the output projection of attention. */
  readonly attentions: number;
  /** Residual branches that end without a normalisation. */
  readonly open: number;
  /** Layers that normalise. */
  readonly norms: number;
  /** Scales and shifts of one number, as Fixup puts them beside its layers. */
  readonly scalars: number;
  /** Branches that hand one signal on, by the name layers have for them. */
  readonly stacks: ReadonlyMap<string, Stack>;
  /** Convolutions that are the two halves of a separable one. */
  readonly separable: ReadonlySet<Node>;
}

/** Residual branches that hand one signal on: an encoder, or a decoder. */
export interface Stack {
  readonly branches: number;
  /** Of those, branches that end with attention to the signal itself. */
  readonly attentions: number;
  /** And with attention to another sequence, which makes it a decoder. */
  readonly crosses: number;
  /** What the residual connections multiply the signal with; null for those where that is not known. */
  readonly skipScales: ReadonlySet<number | null>;
}

const isScalar = ({ role, tensor }: LayerWeight): boolean => (role === 'gamma' || role === 'beta') && elementCount(tensor.shape) === 1;

export function describeNetwork(layers: readonly Layer[]): Network {
  const has = (layer: Layer, role: string): boolean => layer.weights.some((weight) => weight.role === role);
  const ends = layers.filter((layer) => layer.residual !== null && has(layer, 'kernel'));
  return {
    layers,
    makers: new Map(layers.map((layer) => [activationValue(layer), layer])),
    branches: ends.length,
    attentions: ends.filter((layer) => layer.readsProduct).length,
    open: ends.filter((layer) => layer.residual?.normalization === null).length,
    norms: layers.filter((layer) => has(layer, 'gamma')).length,
    scalars: layers.flatMap(({ weights }) => weights.filter(isScalar)).length,
    stacks: stacksIn(ends),
    separable: separableIn(layers),
  };
}

function stacksIn(ends: readonly Layer[]): ReadonlyMap<string, Stack> {
  const names = new Set(ends.flatMap(({ branch }) => branch?.stack ?? []));
  return new Map([...names].map((name) => {
    const own = ends.filter(({ branch }) => branch?.stack === name);
    const crosses = own.filter(({ branch }) => branch?.crosses).length;
    const attentions = own.filter((layer) => layer.readsProduct).length - crosses;
    return [name, { branches: own.length, attentions, crosses, skipScales: new Set(own.flatMap(({ branch }) => (branch ? [branch.skipScale] : []))) }];
  }));
}

/** A depthwise convolution whose output a pointwise one reads as it is, without so much as a bias between. */
function separableIn(layers: readonly Layer[]): ReadonlySet<Node> {
  const depthwise = new Map(layers.flatMap((layer) => {
    const isDepthwise = layer.op === 'Conv' && intAttribute(layer.node, 'group', 1) > 1 && kernelShape(layer)[1] === 1;
    return isDepthwise && layer.weights.length === 1 ? [[layer.preactivation, layer.node] as const] : [];
  }));
  return new Set(layers.flatMap((layer) => {
    const first = depthwise.get(layer.node.inputs[0] ?? '');
    const isPointwise = layer.op === 'Conv' && intAttribute(layer.node, 'group', 1) === 1 && kernelShape(layer).slice(2).every((size) => size === 1);
    return first && isPointwise ? [first, layer.node] : [];
  }));
}

function kernelShape({ weights }: Layer): readonly number[] {
  return weights.find(({ role }) => role === 'kernel')?.seenShape ?? [];
}

const described = new WeakMap<readonly Layer[], Network>();

/** The same, remembered with the list of layers. */
export function networkOf(layers: readonly Layer[]): Network {
  const known = described.get(layers) ?? describeNetwork(layers);
  described.set(layers, known);
  return known;
}
