import type { Diagnostic } from '../../protocol/report';
import type { Model } from '../graph/graph';
import { graphsIn } from '../graph/graph';
import type { Layer } from '../layers/layer';
import { foldedFindings } from './folded';

/**
 * What an export for inference has left out, as far as the exporter says what the network had: batch norms folded into the kernels before them,
 * and biases that were zero. A network that has just been made looks then as if it never had them.
 */
export function exportFindings({ learned, buffers = new Set(), graph }: Model, layers: readonly Layer[]): readonly Diagnostic[] {
  if (!learned) return foldedFindings(graph, layers);
  const hasNorms = [...graphsIn(graph)].some(({ nodes }) => nodes.some(({ op }) => op === 'BatchNormalization'));
  const folded = hasNorms ? 0 : [...buffers].filter((name) => /(^|[.])running_mean$/.test(name)).length;
  const shifted = new Set(layers.flatMap(({ node, name, weights }) => (
    weights.some(({ role }) => role === 'bias' || role === 'beta') ? [name, ...(node.module === undefined ? [] : [node.module])] : [])));
  const norms = new Set([...buffers].map((name) => moduleOf(name)));
  const dropped = [...learned].filter((name) => /(^|[.])bias$/.test(name) && !norms.has(moduleOf(name)) && !graph.initializers.has(name)
    && !shifted.has(moduleOf(name))).length;
  if (folded + dropped === 0) return [];
  const norm = folded === 1 ? '1 batch norm was' : `${folded} batch norms were`;
  const what = [
    ...(folded > 0 ? [`${norm} folded into kernels, which keep their names and not their values`] : []),
    ...(dropped > 0 ? [`${dropped === 1 ? '1 bias that was zero was' : `${dropped} biases that were zero were`} dropped`] : []),
  ];
  return [{
    severity: 'info', code: 'inference-export', layer: null,
    message: `This was exported for inference: ${what.join(', and ')}. What is not in the file is neither shown nor reset.`,
    remedy: 'To have the network as it trains, export it with dynamo=False, training=torch.onnx.TrainingMode.TRAINING and do_constant_folding=False.',
  }];
}

const moduleOf = (name: string): string => name.slice(0, Math.max(0, name.lastIndexOf('.')));
