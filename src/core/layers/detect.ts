import { elementCount, isFloat } from '../graph/dtype';
import type { Graph, Node } from '../graph/graph';
import { intAttribute, intsAttribute } from '../graph/graph';
import { indexGraph } from '../graph/order';
import type { GraphIndex } from '../graph/order';
import { formalInput, specOf } from '../ops/registry';
import type { OperatorSpec } from '../ops/spec';
import { follow } from './follow';
import type { Layer, LayerWeight } from './layer';
import { layerName } from './naming';
import type { StoredSource } from './source';
import { storedSource } from './source';

/** The layers of a graph in the order they run. */
export function detectLayers(graph: Graph): readonly Layer[] {
  const index = indexGraph(graph);
  const names = new Set<string>();
  const claimed = new Set<string>();
  return graph.nodes.flatMap((node) => {
    if (claimed.has(node.name)) return [];
    const weights = weightsOf(index, node);
    if (weights.length === 0) return [];
    const bias = weights.some((weight) => weight.role === 'kernel') ? separateBias(index, node) : null;
    if (bias) claimed.add(bias.node.name);
    const preactivation = bias?.node.outputs[0] ?? node.outputs[0] ?? '';
    const following = follow(index, preactivation);
    const all = bias ? [...weights, bias.weight] : weights;
    const name = layerName(node, all, names);
    return [{ name, node, op: node.op, detail: detailOf(node, weights), weights: all, preactivation, ...following }];
  });
}

function weightsOf(index: GraphIndex, node: Node): readonly LayerWeight[] {
  const spec = specOf(node);
  return node.inputs.flatMap((input, position) => {
    const source = input === '' ? null : storedSource(index, input);
    if (!source || !isFloat(source.tensor.dtype)) return [];
    const weight = asWeight(node, spec, position, source);
    return weight ? [weight] : [];
  });
}

function asWeight(node: Node, spec: OperatorSpec | undefined, position: number, source: StoredSource): LayerWeight | null {
  const formal = spec ? formalInput(spec, position) : undefined;
  const use = formal === undefined ? undefined : spec?.parameters?.[formal];
  const count = elementCount(source.tensor.shape);
  if (use) {
    const fans = use.fans?.(source.shape, node) ?? null;
    return { id: source.tensor.id, name: source.name, tensor: source.tensor, role: use.role, fans, frozen: frozenReason(source) };
  }
  const rearranges = spec !== undefined && specRearranges(node.op);
  if (count <= 1 || rearranges) return null;
  const reason = spec ? constantReason(node.op, source.shape) : `Initscope has no initialisation rule for ${node.op}`;
  return { id: source.tensor.id, name: source.name, tensor: source.tensor, role: 'frozen', fans: null, frozen: reason };
}

/** Operators behind which the tensor is looked at by whoever reads their output. */
function specRearranges(op: string): boolean {
  return ['Identity', 'Cast', 'Transpose', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Shape', 'Concat', 'Slice', 'Expand', 'Tile', 'Pad'].includes(op);
}

function constantReason(op: string, shape: readonly number[]): string {
  const isTable = op === 'Add' && shape.filter((size) => size > 1).length > 1;
  return isTable ? 'it is added to the signal like a position table' : `it is a constant operand of ${op}, not a weight`;
}

function frozenReason(source: StoredSource): string | null {
  if (source.tensor.problem !== undefined) return `it cannot be read: ${source.tensor.problem}`;
  const isTransform = /(^|[._/])(forward_basis|inverse_basis|stft|window_fn|mel_basis|melscale)/i.test(source.name);
  return isTransform ? 'its name says that it is a fixed transform (STFT or mel basis)' : null;
}

/** MatMul has no bias of its own: the Add behind it, with a stored vector of as many elements as there are outputs. */
function separateBias(index: GraphIndex, node: Node): { readonly node: Node; readonly weight: LayerWeight } | null {
  if (node.op !== 'MatMul' && node.op !== 'Conv') return null;
  const users = index.consumers.get(node.outputs[0] ?? '') ?? [];
  const add = users[0];
  if (users.length !== 1 || add?.op !== 'Add') return null;
  const operand = add.inputs.find((input) => input !== node.outputs[0]) ?? '';
  const source = storedSource(index, operand);
  if (!source || !isFloat(source.tensor.dtype)) return null;
  const isVector = source.shape.filter((size) => size > 1).length <= 1;
  const outputs = outputWidth(index, node);
  if (!isVector || (outputs !== null && elementCount(source.shape) !== outputs)) return null;
  return { node: add, weight: { id: source.tensor.id, name: source.name, tensor: source.tensor, role: 'bias', fans: null, frozen: frozenReason(source) } };
}

function outputWidth(index: GraphIndex, node: Node): number | null {
  const right = storedSource(index, node.inputs[1] ?? '');
  if (!right) return null;
  return node.op === 'Conv' ? right.shape[0] ?? null : right.shape.at(-1) ?? null;
}

function detailOf(node: Node, weights: readonly LayerWeight[]): string {
  if (node.op !== 'Conv') return '';
  const shape = weights.find((weight) => weight.role === 'kernel')?.tensor.shape ?? [];
  const strides = intsAttribute(node, 'strides') ?? [];
  const dilations = intsAttribute(node, 'dilations') ?? [];
  const group = intAttribute(node, 'group', 1);
  const said = [
    shape.slice(2).join('×'),
    strides.some((stride) => stride > 1) ? `stride ${[...new Set(strides)].join('×')}` : '',
    dilations.some((dilation) => dilation > 1) ? `dilation ${[...new Set(dilations)].join('×')}` : '',
    group === 1 ? '' : shape[1] === 1 && group > 1 ? 'depthwise' : `${group} groups`,
  ];
  return said.filter((part) => part !== '').join(', ');
}
