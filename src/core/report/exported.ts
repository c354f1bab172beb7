import type { Diagnostic } from '../../protocol/report';
import { say, sayOf } from '../../protocol/words';
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
  const what = [
    ...(folded > 0 ? [sayOf(folded, '{0} batch norm was folded into kernels, which keep their names and not their values',
      '{0} batch norms were folded into kernels, which keep their names and not their values')] : []),
    ...(dropped > 0 ? [sayOf(dropped, '{0} bias that was zero was dropped', '{0} biases that were zero were dropped')] : []),
  ];
  const [first = '', second] = what;
  const both = second === undefined ? first : say('{0}, and {1}', first, second);
  return [{
    severity: 'info', code: 'inference-export', layer: null,
    message: say('This was exported for inference: {0}. What is not in the file is neither shown nor reset.', both),
    remedy: say('To have the network as it trains, export it with dynamo=False, training=torch.onnx.TrainingMode.TRAINING and do_constant_folding=False.'),
  }];
}

const moduleOf = (name: string): string => name.slice(0, Math.max(0, name.lastIndexOf('.')));
