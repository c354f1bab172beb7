// The dense layers that follow on one another from the input of a network: each is a machine whose visible units are what the one before it makes.

import { elementCount } from '../../graph/dtype';
import type { Node } from '../../graph/graph';
import { floatAttribute, intAttribute } from '../../graph/graph';
import type { GraphIndex } from '../../graph/order';
import type { Layer, LayerWeight } from '../../layers/layer';
import { activationValue } from '../../layers/layer';
import { storedSource } from '../../layers/source';
import { say } from '../../../protocol/words';

export interface DenseLayer {
  readonly layer: Layer;
  readonly kernel: LayerWeight;
  /** Null where the layer has none. */
  readonly bias: LayerWeight | null;
  readonly visible: number;
  readonly hidden: number;
  /** Whether the kernel is stored as [hidden, visible]. */
  readonly isTransposed: boolean;
}

export interface DenseChain {
  /** Name of the input of the network that it begins with. */
  readonly input: string;
  readonly layers: readonly DenseLayer[];
  /** The layer that it ends before, and why, as a clause; null where it ends with the network. */
  readonly end: { readonly layer: string; readonly reason: string } | null;
}

/** Operators that hand on features in their order. */
const passing = new Set(['Identity', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Cast', 'Dropout']);
/** A signal is followed back through at most this many. */
const farthest = 16;

/** The chain, or why there is none, as a clause that names a layer. */
export function denseChain(index: GraphIndex, layers: readonly Layer[]): DenseChain | string {
  const kernels = layers.filter(({ weights }) => weights.some(({ role }) => role === 'kernel'));
  if (kernels.length === 0) return say('it has no layer with a kernel');
  const byValue = new Map(kernels.map((layer) => [activationValue(layer), layer]));
  const behind = kernels.map((layer) => ({ layer, source: sourceOf(index, layer, byValue) }));
  const front = behind.find(({ source }) => source.kind === 'input');
  if (front?.source.kind !== 'input') {
    const [first] = behind;
    const maker = first?.source.kind === 'operator' ? first.source.op : say('another layer');
    return say('no layer reads its input directly: {0} reads what {1} makes', first?.layer.name ?? '', maker);
  }
  const uses = usesOf(layers);
  const found: DenseLayer[] = [];
  let next: Layer = front.layer;
  for (;;) {
    const dense = denseLayer(index, next, uses);
    if (typeof dense === 'string') {
      if (found.length === 0) return say('the first layer, {0}, {1}', next.name, dense);
      return { input: front.source.name, layers: found, end: { layer: next.name, reason: say('it {0}', dense) } };
    }
    found.push(dense);
    const current = next;
    const readers = behind.filter(({ source }) => source.kind === 'layer' && source.layer === current);
    const [reader, other] = readers;
    if (!reader) break;
    if (other) {
      const reason = say('{0} reads what {1} makes, too', other.layer.name, current.name);
      return { input: front.source.name, layers: found, end: { layer: reader.layer.name, reason } };
    }
    next = reader.layer;
  }
  const last = behind.find(({ layer }) => !found.some((each) => each.layer === layer));
  const reason = last?.source.kind === 'operator' ? say('it reads what {0} makes', last.source.op) : say('it is beside the way from the input');
  return { input: front.source.name, layers: found, end: last ? { layer: last.layer.name, reason } : null };
}

type Source =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'layer'; readonly layer: Layer }
  | { readonly kind: 'operator'; readonly op: string };

/** Where a layer's features come from. */
function sourceOf(index: GraphIndex, { node, scope }: Layer, byValue: ReadonlyMap<string, Layer>): Source {
  const computed = node.inputs.filter((input) => input !== '' && !storedSource(index, input));
  if (scope !== index.scope || computed.length !== 1) return { kind: 'operator', op: node.op };
  let value = computed[0] ?? '';
  for (let step = 0; step < farthest; step++) {
    const layer = byValue.get(value);
    if (layer) return { kind: 'layer', layer };
    const made = index.producer.get(value);
    if (!made) return { kind: 'input', name: value };
    if (made.domain !== '' || !passing.has(made.op)) return { kind: 'operator', op: made.op };
    value = made.inputs[0] ?? '';
  }
  return { kind: 'operator', op: index.producer.get(value)?.op ?? node.op };
}

/** By how many layers each tensor is read. */
function usesOf(layers: readonly Layer[]): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const { id } of layers.flatMap(({ weights }) => weights)) uses.set(id, (uses.get(id) ?? 0) + 1);
  return uses;
}

/** A layer as a machine, or why it is none, as a clause behind its name. */
function denseLayer(index: GraphIndex, layer: Layer, uses: ReadonlyMap<string, number>): DenseLayer | string {
  const { node, weights, normalization } = layer;
  const kernel = weights.find(({ role }) => role === 'kernel');
  if (!kernel || (node.op !== 'Gemm' && node.op !== 'MatMul')) return say('is no dense layer ({0})', node.op);
  const source = storedSource(index, node.inputs[1] ?? '');
  if (kernel.quantization) return say('has a kernel that is quantised');
  if (source?.tensor.id !== kernel.id || kernel.computed || kernel.parts.length > 0) return say('has no kernel of its own that stands behind its input');
  if (kernel.tensor.shape.length !== 2 || source.way.some((step) => !keeping.has(step.op))) return say('has a kernel that is no matrix');
  if (kernel.frozen !== null) return say('has a kernel that is kept: {0}', kernel.frozen);
  if (kernel.kernelUse || (uses.get(kernel.id) ?? 0) > 1 || kernel.tensor.merged) return say('has a kernel that is tied to another layer');
  if (node.op === 'Gemm' && !isPlain(node)) return say('scales its product (alpha, beta or transA)');
  if (normalization !== null) return say('has {0} before its activation, which no machine has', normalization);
  const turns = source.way.filter(({ op }) => op === 'Transpose').length + intAttribute(node, 'transB', 0);
  const isTransposed = turns % 2 === 1;
  const [rows = 1, columns = 1] = kernel.tensor.shape;
  const [visible, hidden] = isTransposed ? [columns, rows] : [rows, columns];
  const bias = weights.find(({ role, tensor, quantization, id, frozen }) => (
    role === 'bias' && elementCount(tensor.shape) === hidden && !quantization && frozen === null && uses.get(id) === 1)) ?? null;
  return { layer, kernel, bias, visible, hidden, isTransposed };
}

const keeping = new Set(['Identity', 'Cast', 'Transpose']);

const isPlain = (node: Node): boolean => (
  floatAttribute(node, 'alpha', 1) === 1 && floatAttribute(node, 'beta', 1) === 1 && intAttribute(node, 'transA', 0) === 0);

/**
 * The decoder's layer for each of the encoder's, where the layers are an encoder and a decoder of mirrored widths (Hinton & Salakhutdinov 2006). A stack of
 * layers of one width is none.
 */
export function mirrored(layers: readonly DenseLayer[]): ReadonlyMap<DenseLayer, DenseLayer> {
  const widths = [layers[0]?.visible ?? 0, ...layers.map(({ hidden }) => hidden)];
  const isEven = layers.length > 0 && layers.length % 2 === 0;
  const isMirrored = isEven && new Set(widths).size > 1 && widths.every((width, i) => width === widths.at(-1 - i));
  return new Map(isMirrored ? layers.slice(0, layers.length / 2).flatMap((layer, i) => {
    const opposite = layers.at(-1 - i);
    return opposite ? [[layer, opposite] as const] : [];
  }) : []);
}

/** A machine's weights [visible, hidden] as a kernel of such a layer stores them; `turned` where the layer decodes. */
export function storedKernel(
  { isTransposed }: Pick<DenseLayer, 'isTransposed'>, weights: Float32Array, rows: number, columns: number, turned = false,
): Float32Array {
  if (isTransposed === turned) return weights;
  const out = new Float32Array(weights.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = weights[i * columns + j] ?? 0;
  return out;
}
