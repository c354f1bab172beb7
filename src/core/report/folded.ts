import type { Diagnostic } from '../../protocol/report';
import { say } from '../../protocol/words';
import type { Graph } from '../graph/graph';
import { graphsIn } from '../graph/graph';
import { shortened } from '../graph/names';
import type { Layer } from '../layers/layer';

/** PyTorch's TorchScript exporter names so what it makes anew: kernel and bias of a convolution, by the batch norm behind it. */
const madeByTorch = /^onnx::Conv(Transpose)?_\d+/;
/** TensorFlow's optimiser names so a kernel that it has multiplied with the factor behind it (grappler, MulConvPushDown). */
const madeByTensorFlow = /\/merged_input(:0)?$/;
/** What Keras calls the steps of a batch norm, which a product bears whose output is that of the norm. */
const stepOfNorm = /(^|\/)(batchnorm\/(mul|add)(_\d+)?|FusedBatchNorm(V\d)?)(:0)?$/;

interface Exporter {
  readonly isFolded: (layer: Layer) => boolean;
  readonly remedy: keyof typeof remedies;
}

const nameOf = (layer: Layer, role: 'kernel' | 'bias'): string => layer.weights.find((weight) => weight.role === role)?.name ?? '';

const exporters: readonly Exporter[] = [
  {
    isFolded: (layer) => madeByTorch.test(nameOf(layer, 'kernel')) && madeByTorch.test(nameOf(layer, 'bias')),
    remedy: 'torch',
  },
  {
    isFolded: (layer) => nameOf(layer, 'kernel') !== ''
      && (madeByTensorFlow.test(nameOf(layer, 'kernel')) || [layer.node.name, layer.preactivation].some((name) => stepOfNorm.test(name))),
    remedy: 'tensorflow',
  },
];

/** The factor γ / √(Var + ε) as TensorFlow folds it, where no kernel was before the norm to take it in. */
const factorOfNorm = /(^|\/)batchnorm\/mul(_\d+)?(:0)?$/;

/** Batch norms of Keras that are products with constants now. */
function leftFindings(graph: Graph): readonly Diagnostic[] {
  const factors = [...graphsIn(graph)].flatMap(({ nodes, initializers }) => nodes.flatMap(({ op, inputs }) => (
    op === 'Mul' ? inputs.filter((input) => factorOfNorm.test(input) && initializers.has(input)) : [])));
  const [first] = factors;
  if (first === undefined) return [];
  return [{
    severity: 'info', code: 'inference-export', layer: null, remedy: remedies.tensorflow,
    message: factors.length === 1
      ? say('This was exported for inference: a batch norm is a product with a constant (as the names that its exporter gives tell: {0}). '
      + 'Such constants are not reset.', shortened(first))
      : say('This was exported for inference: {1} batch norms are products with constants (as the names that its exporter gives tell: {0}). '
        + 'Such constants are not reset.', shortened(first), factors.length),
  }];
}

const remedies = {
  torch: say('To have the network as it trains, export it with dynamo=False, training=torch.onnx.TrainingMode.TRAINING and do_constant_folding=False.'),
  tensorflow: say('To have the network as it trains, initialise it where it was made, and export it again.'),
};

/** Batch norms that are folded into kernels, as names tell that exporters give: those of files that say nothing else of what the network had. */
export function foldedFindings(graph: Graph, layers: readonly Layer[]): readonly Diagnostic[] {
  const taken = exporters.flatMap(({ isFolded, remedy }): readonly Diagnostic[] => {
    const folded = layers.filter(isFolded);
    const [first] = folded;
    if (!first) return [];
    const evidence = `${shortened(nameOf(first, 'kernel'))}, ${shortened(first.node.name)}`;
    return [{
      severity: 'info', code: 'inference-export', layer: null, remedy: remedies[remedy],
      message: folded.length === 1
        ? say('This was exported for inference: a batch norm was folded into a kernel (as the names that its exporter gives tell: {0}). '
        + 'What is not in the file is neither shown nor reset.', evidence)
        : say('This was exported for inference: batch norms were folded into {1} kernels (as the names that its exporter gives tell: {0}). '
          + 'What is not in the file is neither shown nor reset.', evidence, folded.length),
    }];
  });
  return [...taken, ...leftFindings(graph)];
}
