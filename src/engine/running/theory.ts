// What theory says of the runs of a scheme, from the moments of its weights and the shapes that the network was run with.

import { indexGraph } from '../../core/graph/order';
import type { Join } from '../../core/layers/joins';
import { kernelFactors, momentsTimes, unchanged } from '../../core/theory/whatIf';
import { schemeTheory } from '../../core/theory/schemeTheory';
import type { SimulationRequest } from '../../protocol/engine';
import type { SimulatedScheme } from '../../protocol/schemes';
import type { SchemeTheory } from '../../protocol/simulation';
import type { OpenedModel } from '../../formats/openModel';
import type { WeightStore } from '../feeding/weights';

export function predictSchemes(
  { graph, layers }: OpenedModel, store: WeightStore, schemes: readonly SimulatedScheme[], shapes: ReadonlyMap<string, readonly number[]>,
    request: SimulationRequest, joins: readonly Join[],
): readonly SchemeTheory[] {
  const { input } = request.options;
  const squared = input ? input.mean ** 2 : 0;
  const inputs = input ? { mean: input.mean, second: squared + input.variance, common: squared, local: squared, apart: squared } : undefined;
  const recommendedOf = store.momentsUnder('recommended');
  // Of LSUV nothing is known before it has been run.
  const { whatIf } = request.options;
  return schemes.filter((scheme) => scheme !== 'lsuv').map((scheme) => schemeTheory({
    index: indexGraph(graph), layers, scheme, recommendedOf,
    momentsOf: momentsTimes(
      scheme === 'recommended' ? recommendedOf : store.momentsUnder(scheme), whatIf?.scheme === scheme ? kernelFactors(layers, whatIf) : unchanged),
    shapeOf: (value) => shapes.get(value) ?? null, isPredictable: isPredictable(request),
    withResponses: () => true, withWeights: true, joins, loss: request.options.loss,
    mode: { drops: request.options.dropout, storedStatistics: request.options.batchNorm === 'inference' }, ...(inputs ? { inputs } : {}),
  }));
}

/** Theory is of inputs, gradients and targets whose law is known. */
function isPredictable({ files: { input, cotangent, target }, options: { data } }: SimulationRequest): boolean {
  return data === null && input === undefined && cotangent === undefined && target === undefined;
}
