/** What differs between two models: their networks as a whole, their layers, and the weights of each. */

import type { ComparisonCounts, Difference, LayerComparison, LayerFact, ModelComparison, NetworkFact } from '../../protocol/comparison';
import type { LayerReport, ModelReport, ValueReport } from '../../protocol/report';
import { differences } from './differences';
import type { LayerPair } from './pairing';
import { operatorFamily, pairLayers } from './pairing';
import type { IsReordered } from './weights';
import { compareWeights, pairWeights } from './weights';

/** A model, and the sentence on it: null where that is not known yet. */
export interface ComparedModel {
  readonly report: ModelReport;
  readonly verdict: string | null;
}

/** `isReordered` is known by who has read the tensors once more. */
export function compareModels(left: ComparedModel, right: ComparedModel, isReordered: IsReordered = () => false): ModelComparison {
  const layers = pairLayers(left.report.layers, right.report.layers).map((pair) => compareLayers(pair, isReordered));
  return { left: left.report.file, right: right.report.file, network: compareNetworks(left, right), counts: count(layers), layers };
}

function compareLayers({ left, right }: LayerPair, isReordered: IsReordered): LayerComparison {
  const names = { left: left?.name ?? null, right: right?.name ?? null };
  const weights = pairWeights(left?.weights ?? [], right?.weights ?? []).map((pair) => compareWeights(pair, isReordered));
  if (!left || !right) return { ...names, change: left ? 'removed' : 'added', differs: [], weights };
  const differs = layerDifferences(left, right);
  const isChanged = differs.length > 0 || weights.some(({ change }) => change !== 'same');
  return { ...names, change: isChanged ? 'changed' : 'same', differs, weights };
}

/** A product is a product: who adds its bias is no difference of the network. */
function layerDifferences(left: LayerReport, right: LayerReport): readonly Difference<LayerFact>[] {
  const operator = operatorFamily(left) === operatorFamily(right) ? [] : differences<LayerFact>(['operator', left.op, right.op]);
  return [...operator, ...differences<LayerFact>(
    ['attributes', left.detail, right.detail], ['normalization', left.normalization, right.normalization], ['activation', left.activation, right.activation],
    ['residual', left.residual ? 'yes' : 'no', right.residual ? 'yes' : 'no'],
  )];
}

/** Names of inputs are the exporter's; what goes in is a type and a shape. A size without a number is any. */
const signature = (values: readonly ValueReport[]): string => values.map(({ dtype, shape }) => (
  `${dtype} ${shape ? `[${shape.map((size) => (typeof size === 'number' ? size : '?')).join(', ')}]` : '?'}`)).join(', ');

function compareNetworks({ report: left, verdict: was }: ComparedModel, { report: right, verdict: is }: ComparedModel): readonly Difference<NetworkFact>[] {
  return differences<NetworkFact>(
    ['format', left.format, right.format], ['producer', left.producer, right.producer], ['opset', left.opset, right.opset],
    ['parameters', left.parameters, right.parameters], ['inputs', signature(left.inputs), signature(right.inputs)],
    ['outputs', signature(left.outputs), signature(right.outputs)],
    // One that is still being measured is no other.
    ...(was === null || is === null ? [] : [['verdict', was, is] as const]),
  );
}

function count(layers: readonly LayerComparison[]): ComparisonCounts {
  const counts = { same: 0, changed: 0, removed: 0, added: 0, renamed: 0, unmeasured: 0 };
  for (const { change, left, right, weights } of layers) {
    counts[change]++;
    if (left !== null && right !== null && left !== right) counts.renamed++;
    counts.unmeasured += weights.filter((weight) => weight.left !== null && weight.right !== null && weight.sameValues === null).length;
  }
  return counts;
}
