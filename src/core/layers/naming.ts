import type { Node } from '../graph/graph';
import type { Names } from '../graph/names';
import { shortened } from '../graph/names';
import { mergedMark } from '../graph/tensor';
import { operators } from '../ops/registry';
import type { LayerWeight } from './layer';
import { mainWeight } from './layer';

/** Endings by which frameworks name the tensors of a layer (PyTorch, Keras, TensorFlow, MATLAB, Caffe2). */
const endings = /(\.parametrizations)?[._](weight|bias)(\.original\d?|_orig|_[gv])$|[._/](weight|bias)_[ih]h(_l0)?$|[._/](weight|bias|kernel|gamma|beta|W|B|w|b)(:0|_\d+)?$|(_MatMul|_Add)?_[WwBb](_\d+)?$/;
/** What TensorFlow puts behind and around the names of its layers: the operations inside them, and the calls that they are in. */
const plumbing = /^((ReadVariableOp|Cast|MatMul|Conv[123]D|Tensordot|BiasAdd|Reshape|ExpandDims|GatherV2|Split|split|einsum|convolution|conv_transpose|separable_conv2d|batchnorm|mul|add|sub)(_\d+)?|resource|merged_input|(Stateful)?PartitionedCall(_\d+)?)$/;
/** What Keras calls separable convolutions as TensorFlow does the operation in them, and what then is behind that name. */
const separable = /^separable_conv2d(_\d+)?$/;
const atLayer = /^(separable_conv2d|Reshape|BiasAdd|Squeeze)(_\d+)?$/;
/** What ONNX Runtime's quantisers and its optimiser put behind the name of a tensor and of a node. */
const quantized = /(_Transposed)?_(quantized|Q\d+(G\d+)?)$/;
const quantizedNode = /(_(MatMul|Gemm|Conv))?_(quant|Q\d+(G\d+)?)$|(_output_\d+)?_nchwc$/;
/** Names exporters make up: `onnx::MatMul_224`, `val_56`, `123`, `const_fold_opt__7`, `reorder_token_1`, `W0__132`. */
const madeUp = /^(onnx::|const_fold_opt__|_v_\d|constants?([_.]?(output|node|value|\d+))*$|reorder(_token_\d+)?$|[WRB]\d*__\d+$|(val_)?\d+$)/i;

/**
 * A name for a layer that its author would recognise: that of its weight, unless an exporter has made it up or given it to several layers, else
 * of the module that the exporter notes, else of the node. Unique by a number where it has to be.
 */
export function layerName(node: Node, weights: readonly LayerWeight[], taken: Names): string {
  const main = mainWeight(weights);
  const named = [main, ...weights.filter((weight) => weight.role === 'bias')].flatMap((weight) => weight ?? []);
  const ofNode = nodeName(node);
  // Uses of a merged tensor bear its name, or the author's for what was merged into it; where nodes have paths, these tell more.
  // Beside a module nothing has to be guessed: its path is in the names, with whatever words it has.
  const called = (name: string): string | null => (node.module !== undefined && name.startsWith(`${node.module}/`) ? name.replace(endings, '')
    : authorsName(name));
  const own = named.flatMap((weight) => (isShared(weight) ? [] : called(shortened(weight.name)) ?? []));
  const shared = node.name.includes('/') ? [] : named.flatMap((weight) => (isShared(weight) ? authorsName(originalName(weight)) ?? [] : []));
  // Of the two kernels of a separable convolution, TensorFlow puts the first in a path of its own.
  const half = own.filter((name) => ofNode === `${name}/depthwise`).map(() => ofNode);
  const candidates = [...half, ...own, ...(node.module === undefined ? [] : [shortened(node.module)]), ...shared, ...(own.length > 0 ? [] : [ofNode])];
  return taken.fresh(candidates.find((name) => !taken.has(name)) ?? candidates[0] ?? ofNode);
}

const isShared = ({ name, tensor }: LayerWeight): boolean => name.includes(mergedMark) || tensor.merged !== undefined;
const originalName = ({ name }: LayerWeight): string => shortened(name).split(mergedMark)[0] ?? '';

/** Whether an exporter has given the name. */
export const isMadeUp = (name: string): boolean => madeUp.test(name);

const authorsName = (name: string): string | null => (
  isMadeUp(name) ? null : withoutPlumbing(name.replace(quantized, '').replace(endings, '')));

/** The path of a layer alone, of a name that TensorFlow has given to something inside it. */
function withoutPlumbing(name: string): string {
  if (!name.includes('/')) return name;
  const parts = name.replace(/:\d+$/, '').split('/');
  const own = parts.filter((part, i) => !plumbing.test(part) || (separable.test(part) && atLayer.test(parts[i + 1] ?? '')));
  return own.length === 0 ? name : own.join('/');
}

/** A node is called by its path and its operator: "/encoder/fc1/MatMul" in PyTorch, "encoder/fc1/MatMul" in TensorFlow. */
function nodeName({ name, op, written = op }: Node): string {
  const path = shortened(name).replace(quantizedNode, '');
  const parts = path.split('/').filter((part) => part !== '');
  const last = parts.at(-1)?.replace(/_\d+$/, '') ?? '';
  const within = parts.length > 1 && (last === written || operators.has(last)) ? parts.slice(0, -1) : parts;
  return path.startsWith('/') ? within.join('.') : withoutPlumbing(within.join('/'));
}
