// Networks that say again what they are shown: what they learn is their input.

import { indexGraph } from '../../core/graph/order';
import { denseChain, mirrored } from '../../core/learning/rbm/denseChain';
import type { OpenedModel } from '../../formats/openModel';

/** Dense layers of mirrored widths from the input to the output, with a code between them that is narrower (Hinton & Salakhutdinov 2006). */
export function isAutoencoder({ graph, layers }: Pick<OpenedModel, 'graph' | 'layers'>): boolean {
  if (graph.inputs.length !== 1 || graph.outputs.length !== 1) return false;
  const chain = denseChain(indexGraph(graph), layers);
  if (typeof chain === 'string' || chain.end !== null || mirrored(chain.layers).size === 0) return false;
  const width = chain.layers[0]?.visible ?? 0;
  return chain.layers.some(({ hidden }) => hidden < width);
}
