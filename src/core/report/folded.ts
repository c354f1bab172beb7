import type { Diagnostic } from '../../protocol/report';
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
  readonly remedy: string;
}

const nameOf = (layer: Layer, role: 'kernel' | 'bias'): string => layer.weights.find((weight) => weight.role === role)?.name ?? '';

const exporters: readonly Exporter[] = [
  {
    isFolded: (layer) => madeByTorch.test(nameOf(layer, 'kernel')) && madeByTorch.test(nameOf(layer, 'bias')),
    remedy: 'To have the network as it trains, export it with dynamo=False, training=torch.onnx.TrainingMode.TRAINING and do_constant_folding=False.',
  },
  {
    isFolded: (layer) => nameOf(layer, 'kernel') !== ''
      && (madeByTensorFlow.test(nameOf(layer, 'kernel')) || [layer.node.name, layer.preactivation].some((name) => stepOfNorm.test(name))),
    remedy: 'To have the network as it trains, initialise it where it was made, and export it again.',
  },
];

/** Batch norms that are folded into kernels, as names tell that exporters give: those of files that say nothing else of what the network had. */
export function foldedFindings(layers: readonly Layer[]): readonly Diagnostic[] {
  return exporters.flatMap(({ isFolded, remedy }): readonly Diagnostic[] => {
    const folded = layers.filter(isFolded);
    const [first] = folded;
    if (!first) return [];
    const count = folded.length === 1 ? 'a batch norm was folded into a kernel' : `batch norms were folded into ${folded.length} kernels`;
    const evidence = `as the names that its exporter gives tell: ${shortened(nameOf(first, 'kernel'))}, ${shortened(first.node.name)}`;
    return [{
      severity: 'info', code: 'inference-export', layer: null, remedy,
      message: `This was exported for inference: ${count} (${evidence}). What is not in the file is neither shown nor reset.`,
    }];
  });
}
