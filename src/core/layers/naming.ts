import type { Node } from '../graph/graph';
import type { Names } from '../graph/names';
import { shortened } from '../graph/names';
import { mergedMark } from '../graph/tensor';
import type { LayerWeight } from './layer';
import { mainWeight } from './layer';

/** Endings by which frameworks name the tensors of a layer (PyTorch, Keras, TensorFlow, MATLAB, Caffe2). */
const endings = /(\.parametrizations)?[._](weight|bias)(\.original\d?|_orig|_[gv])$|[._/](weight|bias)_[ih]h(_l0)?$|(\/(MatMul|Conv2D|BiasAdd))?\/ReadVariableOp(:0)?$|[._/](weight|bias|kernel|gamma|beta|W|B|w|b)(:0|_\d+)?$|(_MatMul|_Add)?_[WwBb](_\d+)?$/;
/** What ONNX Runtime's quantisers put behind the name of a tensor and of a node. */
const quantized = /(_Transposed)?_(quantized|Q\d+(G\d+)?)$/;
const quantizedNode = /(_(MatMul|Gemm|Conv))?_(quant|Q\d+(G\d+)?)$/;
/** Names exporters make up: `onnx::MatMul_224`, `val_56`, `123`, `const_fold_opt__7`, `reorder_token_1`. */
const madeUp = /^(onnx::|const_fold|_v_|constant|reorder(_token_\d+)?$|(val_)?\d+$)/i;

/**
 * A name for a layer that its author would recognise: that of its weight, unless an exporter has made it up or given it to several layers, else
 * of the module that the exporter notes, else of the node. Unique by a number where it has to be.
 */
export function layerName(node: Node, weights: readonly LayerWeight[], taken: Names): string {
  const main = mainWeight(weights);
  const names = [main, ...weights.filter((weight) => weight.role === 'bias')].flatMap((weight) => (weight ? [shortened(weight.name)] : []));
  const ofNode = shortened(node.name).replace(quantizedNode, '').replace(/^\/|\/(MatMul|Gemm|Conv)$/g, '').replaceAll('/', '.');
  // Uses of a merged tensor bear its name, or the author's for what was merged into it.
  const own = names.flatMap((name) => (name.includes(mergedMark) ? [] : authorsName(name) ?? []));
  const shared = names.flatMap((name) => (name.includes(mergedMark) ? authorsName(name.split(mergedMark)[0] ?? '') ?? [] : []));
  const candidates = [...own, ...(node.module === undefined ? [] : [shortened(node.module)]), ...shared, ...(own.length > 0 ? [] : [ofNode])];
  const base = candidates.find((name) => !taken.has(name)) ?? candidates[0] ?? ofNode;
  return taken.fresh(base);
}

/** Whether an exporter has given the name. */
export const isMadeUp = (name: string): boolean => madeUp.test(name);

const authorsName = (name: string): string | null => (isMadeUp(name) ? null : name.replace(quantized, '').replace(endings, ''));
