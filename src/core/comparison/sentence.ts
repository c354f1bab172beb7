/** A comparison in a sentence: how much differs, where, and in what. */

import type { Aspect, LayerComparison, LayerFact, ModelComparison, WeightFact } from '../../protocol/comparison';
import { aspectWord } from '../../protocol/comparisonWords';
import { plainText } from '../../protocol/plainText';
import { grouped, say, sayOf } from '../../protocol/words';

const ofLayers: Readonly<Record<LayerFact, Aspect>> = {
  operator: 'operator', attributes: 'attributes', normalization: 'then', activation: 'then', residual: 'then',
};
/** What a weight should be is told beside it, and is no difference. */
const ofWeights: Readonly<Record<WeightFact, Aspect | null>> = {
  'shape': 'shape', 'type': 'type', 'fan in': 'fans', 'fan out': 'fans', 'left alone': 'frozen', 'mean': 'values', 'std': 'values', 'min': 'values',
  'max': 'values', 'zeros': 'values', 'non-finite': 'values', 'order': 'values', 'looks like': 'values', 'should be': null, 'drawn by': 'recipe',
};

/** In the order in which they are found; none of a layer that one side has alone. */
export function aspectsOf({ differs, weights, left, right }: LayerComparison): readonly Aspect[] {
  if (left === null || right === null) return [];
  const found: Aspect[] = differs.map(({ fact }) => ofLayers[fact]);
  for (const weight of weights) {
    if (weight.left === null || weight.right === null) found.push('weights');
    found.push(...weight.differs.flatMap(({ fact }) => ofWeights[fact] ?? []));
  }
  return [...new Set(found)];
}

const mostNamed = 3;
const longestName = 60;

/** "2 of 7 layers differ: fc1 (values), fc2 (shape, fans)." */
export function comparisonSentence(comparison: ModelComparison): string {
  const { layers, counts, network } = comparison;
  const different = layers.filter(({ change }) => change !== 'same');
  const named = different.slice(0, mostNamed).map((layer) => inWords(layer, comparison));
  const list = different.length > mostNamed ? say('{0} and {1} more', named.join(', '), grouped(different.length - mostNamed)) : named.join(', ');
  const has = (fact: string): boolean => network.some((difference) => difference.fact === fact);
  const said = [
    different.length === 0 ? say('No layer differs.')
      : sayOf(different.length, '{0} of {1} layers differs: {2}.', '{0} of {1} layers differ: {2}.', grouped(layers.length), list),
    has('inputs') ? say('The inputs differ.') : '', has('outputs') ? say('The outputs differ.') : '',
    counts.renamed > 0 ? sayOf(counts.renamed, '{0} layer has another name.', '{0} layers have other names.') : '',
    counts.unmeasured > 0 ? sayOf(counts.unmeasured, '{0} weight is not compared yet.', '{0} weights are not compared yet.') : '',
  ];
  return said.filter((part) => part !== '').join(' ');
}

function inWords(layer: LayerComparison, { left, right }: ModelComparison): string {
  const name = plainText(layer.right ?? layer.left ?? '', longestName);
  if (layer.left === null) return say('{0} (only in {1})', name, plainText(right, longestName));
  if (layer.right === null) return say('{0} (only in {1})', name, plainText(left, longestName));
  return `${name} (${aspectsOf(layer).map(aspectWord).join(', ')})`;
}
