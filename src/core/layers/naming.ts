import type { Node } from '../graph/graph';
import type { LayerWeight } from './layer';
import { mainWeight } from './layer';

/** Endings by which frameworks name the tensors of a layer (PyTorch, Keras, TensorFlow, MATLAB, Caffe2). */
const endings = /[._/](weight|bias)_[ih]h(_l0)?$|(\/(MatMul|Conv2D|BiasAdd))?\/ReadVariableOp(:0)?$|[._/](weight|bias|kernel|gamma|beta|W|B|w|b)(:0|_\d+)?$|(_MatMul|_Add)?_[WwBb](_\d+)?$/;
/** Names exporters make up: `onnx::MatMul_224`, `123`, `const_fold_opt__7`. */
const madeUp = /^(onnx::|const_fold|_v_|constant|\d+$)/i;

/** A name for a layer that its author would recognise: its module's, else the node's; unique by a number where it has to be. */
export function layerName(node: Node, weights: readonly LayerWeight[], taken: Set<string>): string {
  const main = mainWeight(weights);
  const candidates = [main, ...weights.filter((weight) => weight.role === 'bias')].flatMap((weight) => (weight ? [weight.name] : []));
  const told = candidates.find((name) => !madeUp.test(name));
  const base = told === undefined ? node.name.replace(/^\/|\/(MatMul|Gemm|Conv)$/g, '').replaceAll('/', '.') : told.replace(endings, '');
  let name = base;
  for (let copy = 2; taken.has(name); copy++) name = `${base} #${copy}`;
  taken.add(name);
  return name;
}
