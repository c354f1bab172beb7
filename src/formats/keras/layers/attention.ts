// Attention layers of Keras (Vaswani et al. 2017, arXiv 1706.03762, section 3.2; Bahdanau et al. 2015, arXiv 1409.0473).

import { say } from '../../../protocol/words';
import { activateBy } from '../activations';
import { Fields } from '../fields';
import { perFeature } from '../masks';
import type { LayerScope } from '../scope';
import type { Signal } from '../signal';
import { signalOf } from '../signal';
import type { CallContext, DescribeLayer, LayerTable } from './table';

/** Query, value and key, by position or by name; the key is the value where it is not given. */
function queryValueKey(layer: LayerScope, inputs: readonly Signal[], { kwargs }: CallContext): readonly [Signal, Signal, Signal] {
  const by = (name: string, position: number): Signal | undefined => kwargs.get(name)?.[0] ?? inputs[position];
  const [query, value] = [by('query', 0), by('value', 1)];
  if (!query || !value) throw layer.refuse(say('needs a query and a value'));
  return [query, value, by('key', 2) ?? value];
}

interface Heads { readonly query: number; readonly shared: number; readonly key: number; readonly value: number }

/** [batch, length, width] → [batch, heads, length, size], by a kernel [width, heads, size] and a bias [heads, size]. */
function project(layer: LayerScope, signal: Signal, attribute: string, called: string, heads: number, size: number): string {
  const own = layer.inner(attribute, layer.fields, called);
  const kernel = own.weight('kernel', [layer.size(signal, -1), heads, size], 'glorot_uniform', { axes: { input: [0], output: [1, 2] } });
  const product = own.add('MatMul', [layer.plain(signal), own.reshape(kernel, [layer.size(signal, -1), heads * size])]);
  const bias = layer.fields.boolean('use_bias', true) ? own.weight('bias', [heads, size], 'zeros') : null;
  const value = bias === null ? product : own.add('Add', [product, own.reshape(bias, [heads * size])]);
  return layer.transpose(layer.add('Reshape', [value, layer.ints([0, -1, heads, size])]), [0, 2, 1, 3]);
}

/** Scores where a mask is true, and next to nothing where it is not. */
function masked(layer: LayerScope, scores: string, mask: string): string {
  return layer.add('Where', [mask, scores, layer.scalar(-1e9)]);
}

/** True on and below the diagonal of the last two axes. */
function causalMask(layer: LayerScope, scores: string): string {
  return layer.add('Greater', [layer.add('Trilu', [ones(layer, scores)], { upper: 0 }), layer.scalar(0)]);
}

/** True where query and key are less than `width` steps apart. */
function bandMask(layer: LayerScope, scores: string, width: number): string {
  const below = layer.add('Trilu', [ones(layer, scores), layer.scalar(width - 1, 'int64')], { upper: 0 });
  return layer.add('Greater', [layer.add('Trilu', [below, layer.scalar(1 - width, 'int64')], { upper: 1 }), layer.scalar(0)]);
}

/** For the last two axes. */
function ones(layer: LayerScope, scores: string): string {
  const sizes = layer.add('Slice', [layer.add('Shape', [scores]), layer.ints([-2]), layer.ints([2 ** 31 - 1]), layer.ints([0])]);
  return layer.add('Expand', [layer.building.builder.constant('float32', [1, 1], [1]), sizes]);
}

/** softmax(q kᵀ · scale) v for [batch, heads, length, size] each. */
function attend(layer: LayerScope, [query, key, value]: readonly [string, string, string], scale: number, context: CallContext,
  dropout: number, implicit: readonly string[]): readonly [string, string] {
  const product = layer.add('MatMul', [query, layer.transpose(key, [0, 1, 3, 2])]);
  const scaled = layer.add('Mul', [product, layer.scalar(scale)]);
  const given = context.kwargs.get('attention_mask')?.[0];
  const isCausal = context.constants.get('use_causal_mask') === true;
  const width = layer.fields.has('sliding_window') ? layer.fields.integer('sliding_window', undefined, 1) : null;
  const all = [...implicit, ...(isCausal ? [causalMask(layer, scaled)] : []), ...(width === null ? [] : [bandMask(layer, scaled, width)]),
     ...(given ? [layer.add('Unsqueeze', [layer.add('Cast', [layer.plain(given)], { to: 9 }), layer.ints([1])])] : [])];
  const mask = all.length === 0 ? null : all.reduce((both, each) => layer.add('And', [both, each]));
  const shares = layer.add('Softmax', [mask === null ? scaled : masked(layer, scaled, mask)], { axis: -1 });
  // A row of which nothing counts is zeros where its softmax is a layer, and equal shares where scores are not asked for.
  const isLayer = dropout > 0 || context.constants.get('return_attention_scores') === true;
  const weights = mask === null || !isLayer ? shares : layer.add('Where', [mask, shares, layer.scalar(0)]);
  const dropped = dropout > 0 ? layer.add('Dropout', [weights, layer.scalar(dropout)]) : weights;
  return [layer.add('MatMul', [dropped, value]), weights];
}

const multiHead: DescribeLayer = (layer, inputs, context) => {
  const { fields } = layer;
  const [heads, key] = [fields.integer('num_heads', undefined, 1), fields.integer('key_dim', undefined, 1)];
  return attention(layer, inputs, context, { query: heads, shared: heads, key, value: fields.integer('value_dim', key, 1) });
};

const grouped: DescribeLayer = (layer, inputs, context) => {
  const { fields } = layer;
  const [query, shared, size] = [fields.integer('num_query_heads', undefined, 1), fields.integer('num_key_value_heads', undefined, 1),
    fields.integer('head_dim', undefined, 1)];
  if (query % shared !== 0) throw layer.refuse(say('has {0} query heads for {1} heads of keys and values, which do not divide them', query, shared));
  return attention(layer, inputs, context, { query, shared, key: size, value: size });
};

/** Keys and values of fewer heads are those of several queries (Ainslie et al. 2023, arXiv 2305.13245). */
function attention(layer: LayerScope, inputs: readonly Signal[], context: CallContext, heads: Heads): readonly Signal[] {
  const { fields } = layer;
  const [query, value, key] = queryValueKey(layer, inputs, context);
  if ([query, value, key].some(({ shape }) => shape.length !== 3)) {
    throw layer.refuse(say('attends over several axes'), say('Initscope reads attention over sequences [batch, length, width].'));
  }
  const q = project(layer, query, 'query_dense', 'query', heads.query, heads.key);
  const k = project(layer, key, 'key_dense', 'key', heads.shared, heads.key);
  const isGated = fields.boolean('use_gate', false);
  const gate = isGated ? sigmoid(layer, project(layer, query, 'gate_dense', 'gate', heads.query, heads.value)) : null;
  const v = project(layer, value, 'value_dense', 'value', heads.shared, heads.value);
  const spread = (each: string): string => (heads.query === heads.shared ? each : repeated(layer, each, heads.query / heads.shared));
  const [mixed, weights] = attend(layer, [q, spread(k), spread(v)], 1 / Math.sqrt(heads.key), context,
    fields.number('dropout', 0), implicitMasks(layer, query, [value, key]));
  const open = gate === null ? mixed : layer.add('Mul', [mixed, gate]);
  const joined = layer.add('Reshape', [layer.transpose(open, [0, 2, 1, 3]), layer.ints([0, -1, heads.query * heads.value])]);
  const given = fields.has('output_shape') ? fields.list('output_shape', [fields.raw('output_shape')]).map(Number) : [];
  const width = given.at(-1) ?? layer.size(query, -1);
  const own = layer.inner('output_dense', fields, 'attention_output');
  const kernel = own.weight('kernel', [heads.query, heads.value, width], 'glorot_uniform', { axes: { input: [0, 1], output: [2] } });
  const product = own.add('MatMul', [joined, own.reshape(kernel, [heads.query * heads.value, width])]);
  const output = fields.boolean('use_bias', true) ? own.add('Add', [product, own.weight('bias', [width], 'zeros')]) : product;
  const result = signalOf(output, [...query.shape.slice(0, -1), width]);
  if (context.constants.get('return_attention_scores') !== true) return [result];
  return [result, signalOf(weights, [query.shape[0] ?? null, heads.query, query.shape[1] ?? null, value.shape[1] ?? null])];
}

/** Which steps attend, and to which, as masks of [batch, heads, queries, keys]. */
function implicitMasks(layer: LayerScope, query: Signal, read: readonly Signal[]): readonly string[] {
  const keys = [...new Set(read.flatMap(({ mask }) => mask ?? []))].map((mask) => layer.add('Unsqueeze', [mask, layer.ints([1, 2])]));
  return [...(query.mask === undefined ? [] : [layer.add('Unsqueeze', [query.mask, layer.ints([1, 3])])]), ...keys];
}

const sigmoid = (layer: LayerScope, value: string): string => (
  layer.plain(activateBy(layer, signalOf(value, []), 'sigmoid', new Fields(layer.fields.file, layer.fields.path, {}))));

/** Every head `times` in a row. */
function repeated(layer: LayerScope, value: string, times: number): string {
  const wide = layer.add('Unsqueeze', [value, layer.ints([2])]);
  const tiled = layer.add('Tile', [wide, layer.ints([1, 1, times, 1, 1])]);
  const sizes = layer.add('Shape', [value]);
  const [batch, heads, rest] = [[0, 1], [1, 2], [2, 4]].map(([start = 0, end = 0]) => layer.add('Slice', [sizes, layer.ints([start]), layer.ints([end]),
    layer.ints([0])]));
  const more = layer.add('Mul', [heads ?? '', layer.ints([times])]);
  return layer.add('Reshape', [tiled, layer.add('Concat', [batch ?? '', more, rest ?? ''], { axis: 0 })]);
}

/** Scores between vectors that no kernel projects: their product, or Σ s · tanh(q + k). */
const plainAttention = (isAdditive: boolean): DescribeLayer => (layer, inputs, context) => {
  const { fields } = layer;
  const [query, value, key] = queryValueKey(layer, inputs, context);
  const usesScale = fields.boolean('use_scale', isAdditive);
  const [q, k, v] = [query, key, value].map((signal) => layer.plain(signal));
  const isConcat = !isAdditive && fields.string('score_mode', 'dot') === 'concat';
  const scale = !usesScale ? null : isAdditive ? layer.weight('scale', [layer.size(query, -1)], 'glorot_uniform', { field: null }) : layer.weight('scale', [],
    'ones', { field: null });
  const weight = isConcat ? layer.weight('concat_score_weight', [], 'ones', { field: null }) : null;
  const scaled = (each: string): string => (scale === null ? each : layer.add('Mul', [each, scale]));
  const sum = (): string => layer.add('Add', [layer.add('Unsqueeze', [q ?? '', layer.ints([-2])]), layer.add('Unsqueeze', [k ?? '', layer.ints([-3])])]);
  const total = (each: string): string => layer.add('ReduceSum', [each, layer.ints([-1])], { keepdims: 0 });
  const scores = isAdditive ? total(scaled(layer.add('Tanh', [sum()])))
    : weight !== null ? layer.add('Mul', [total(layer.add('Tanh', [scaled(sum())])), weight])
      : scaled(layer.add('MatMul', [q ?? '', layer.transpose(k ?? '', [0, 2, 1])]));
  const isCausal = context.constants.get('use_causal_mask') === true || fields.boolean('causal', false);
  const causal = isCausal ? masked(layer, scores, causalMask(layer, scores)) : scores;
  const known = value.mask === undefined ? causal : masked(layer, causal, layer.add('Unsqueeze', [value.mask, layer.ints([1])]));
  const weights = layer.add('Softmax', [known], { axis: -1 });
  const mixed = layer.add('MatMul', [weights, v ?? '']);
  const counted = query.mask === undefined ? mixed : layer.add('Where', [perFeature(layer, query.mask), mixed, layer.scalar(0)]);
  const result = signalOf(counted, [...query.shape.slice(0, -1), value.shape.at(-1) ?? null]);
  const isAsked = context.constants.get('return_attention_scores') === true;
  return isAsked ? [result, signalOf(weights, [...query.shape.slice(0, -1), value.shape[1] ?? null])] : [result];
};

export const attentionLayers: LayerTable = {
  MultiHeadAttention: multiHead, GroupQueryAttention: grouped,
  Attention: plainAttention(false), AdditiveAttention: plainAttention(true),
};
