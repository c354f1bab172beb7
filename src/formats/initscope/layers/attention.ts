// Multi-head attention (Vaswani et al. 2017, arXiv 1706.03762, section 3.2): softmax(q kᵀ / √size) v, by four projections.

import type { LayerScope } from '../scope';
import type { Signal } from '../signal';
import { signalOf } from '../signal';
import { mainSize } from './dense';
import type { LayerTable } from './table';

/** x W + b of a part of the layer: "query". */
function project(layer: LayerScope, value: string, part: string, from: number, to: number): string {
  const product = layer.add('MatMul', [value, layer.weight(part === 'output' ? 'output' : 'kernel', [from, to], part)], {}, part);
  const hasBias = layer.written?.flag('bias', true) ?? true;
  return hasBias ? layer.add('Add', [product, layer.weight('bias', [to], part)], {}, part) : product;
}

/** Scores of what comes later are next to nothing: softmax makes zeros of them. */
function causal(layer: LayerScope, scores: string, length: number, memory: number): string {
  const ones = layer.add('Expand', [layer.building.builder.constant('float32', [1, 1], [1]), layer.ints([length, memory])]);
  const isBefore = layer.add('Greater', [layer.add('Trilu', [ones], { upper: 0 }), layer.scalar(0)]);
  return layer.add('Where', [isBefore, scores, layer.scalar(-1e9)]);
}

function attention(layer: LayerScope, signal: Signal): Signal {
  const remedy = 'Give the network an input {"shape": [length, features]}, or put an "embedding" before it.';
  layer.needs(signal, [2], 'a sequence', remedy);
  const named = layer.written?.find('memory');
  const memory = named ? layer.find(named) : signal;
  layer.needs(memory, [2], 'a sequence as its memory', remedy);
  const heads = mainSize(layer);
  const [length = 1, width = 1] = signal.shape;
  const [steps = 1, features = 1] = memory.shape;
  const size = layer.written?.whole('size', 0, 1) ?? 0;
  if (size === 0 && width % heads !== 0) {
    throw layer.refuse(`has ${heads} heads, which do not divide ${width} features`, 'Choose another number of heads, or give each its "size".');
  }
  const own = size === 0 ? width / heads : size;
  const split = (value: string, count: number): string => layer.transpose(layer.reshape(value, [count, heads, own]), [0, 2, 1, 3]);
  const [from, to] = [layer.plain(signal), layer.plain(memory)];
  const query = split(project(layer, from, 'query', width, heads * own), length);
  const key = split(project(layer, to, 'key', features, heads * own), steps);
  const value = split(project(layer, to, 'value', features, heads * own), steps);
  const product = layer.add('MatMul', [query, layer.transpose(key, [0, 1, 3, 2])]);
  const scaled = layer.add('Mul', [product, layer.scalar(1 / Math.sqrt(own))]);
  const isCausal = layer.written?.flag('causal', false) ?? false;
  const weights = layer.add('Softmax', [isCausal ? causal(layer, scaled, length, steps) : scaled], { axis: -1 });
  const mixed = layer.transpose(layer.add('MatMul', [weights, value]), [0, 2, 1, 3]);
  return signalOf(project(layer, layer.reshape(mixed, [length, heads * own]), 'output', heads * own, width), signal.shape);
}

export const attentionLayers: LayerTable = {
  attention: {
    what: 'an attention', example: '4', isComplete: false, options: ['size', 'causal', 'memory', 'bias'], roles: ['kernel', 'output', 'bias'],
    build: attention,
  },
};
