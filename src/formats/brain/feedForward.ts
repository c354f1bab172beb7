// Networks of brain.js: dense layers, each with the same activation, in the two ways in which its versions write them.

import { float } from '../../core/graph/builder';
import type { JsonView } from '../json/view';
import { numberParts, ordered } from '../lowering/keys';
import type { TextNetwork } from '../lowering/textNetwork';

/** Of leaky-relu, where nothing else is said (brain.js, neural-network.ts). */
const usualSlope = 0.01;

/** Input [batch, first size]; returns the output. */
export function lowerFeedForward(network: TextNetwork, root: JsonView): string {
  const sizes = root.get('sizes').list();
  const layers = root.get('layers').items();
  if (sizes.length < 2 || layers.length !== sizes.length) throw root.get('layers').wrong(`a list of ${sizes.length} layers, one for each size,`);
  let value = network.input('input', ['batch', sizes[0] ?? 1]);
  for (const [i, layer] of layers.slice(1).entries()) {
    const [from, to] = [sizes[i] ?? 1, sizes[i + 1] ?? 1];
    const before = value;
    value = network.within(`layers.${i + 1}`, () => {
      const isFirst = isOfFirstVersion(layer);
      const [kernel, bias] = isFirst ? byNodes(network, layer, from, to) : byLists(network, layer, from, to);
      return activate(network, root, network.add('Gemm', [before, kernel, bias], { transB: 1 }), isFirst);
    });
  }
  return value;
}

/** A node of the first version may be called "weights". */
const isOfFirstVersion = (layer: JsonView): boolean => layer.find('biases') === null && layer.find('weights')?.value.kind !== 'numbers';

const byLists = (network: TextNetwork, layer: JsonView, from: number, to: number): readonly [string, string] => (
  [network.list('weight', [to, from], layer.get('weights')), network.list('bias', [to], layer.get('biases'))]);

/** Version 1: an object of nodes, each with its bias and an object of weights, which are read in the order of their keys. */
function byNodes(network: TextNetwork, layer: JsonView, from: number, to: number): readonly [string, string] {
  const nodes = ordered(layer);
  if (nodes.length !== to) throw layer.wrong(`an object of ${to} nodes`, `an object of ${nodes.length}`);
  const weights = nodes.map((node) => node.get('weights'));
  for (const each of weights) {
    const { count } = each.numbers();
    if (count !== from) throw each.wrong(`an object of ${from} weights`, `an object of ${count}`);
  }
  const parts = weights.flatMap(numberParts);
  return [network.pieces('weight', [to, from], parts), network.pieces('bias', [to], nodes.map((node) => node.get('bias')))];
}

function activate(network: TextNetwork, root: JsonView, value: string, isFirst: boolean): string {
  const training = root.find('trainOpts');
  const named = root.find('activation') ?? training?.find('activation') ?? root.find('options')?.find('activation') ?? null;
  const name = named?.text() ?? 'sigmoid';
  switch (name) {
    case 'sigmoid': return network.add('Sigmoid', [value]);
    case 'relu': return network.add('Relu', [value]);
    case 'tanh': return network.add('Tanh', [value]);
    case 'leaky-relu': {
      const slope = (training?.find('leakyReluAlpha') ?? root.find('leakyReluAlpha'))?.number() ?? usualSlope;
      if (!isFirst) return network.add('LeakyRelu', [value], { alpha: float(slope) });
      network.note(`brain.js 1 computes leaky-relu as ${slope} · max(0, x), which makes each layer so much smaller: version 2 does not.`);
      return network.add('Mul', [network.add('Relu', [value]), network.scalar(slope)]);
    }
    default: throw (named ?? root).wrong('"sigmoid", "relu", "leaky-relu" or "tanh"');
  }
}
