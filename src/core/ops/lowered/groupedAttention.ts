import { say } from '../../../protocol/words';
import { attend, continued, excluding, joined, positionsFrom, split, visible } from './attending';
import type { Sizes } from './attending';
import type { Call, LoweredOperator } from './lowering';
import { rotate } from './rotary';

interface Projection {
  readonly value: string;
  /** [B, heads, S, size] */
  readonly shape: readonly number[];
}

/** Queries, keys and values, from an input each or side by side in the first. */
function projectionsOf({ m, x, has, shape }: Call, N: number, K: number): readonly [Projection, Projection, Projection] {
  const [B = 1, S = 1, width = 1] = shape('query');
  const heads = (value: string, tokens: number, count: number, size: number): Projection => (
    { value: split(m, value, [B, tokens, count * size], count), shape: [B, count, tokens, size] });
  if (!has('key')) {
    const D = width / (N + 2 * K);
    const [q = '', k = '', v = ''] = m.graph.addMany('Split', [x('query'), m.graph.ints([N * D, K * D, K * D])], 3, { axis: -1 });
    return [heads(q, S, N, D), heads(k, S, K, D), heads(v, S, K, D)];
  }
  const tokens = shape('key')[1] ?? 1;
  return [
    heads(x('query'), S, N, width / N), heads(x('key'), tokens, K, (shape('key')[2] ?? 1) / K), heads(x('value'), tokens, K, (shape('value')[2] ?? 1) / K),
  ];
}

/** Rotated by the position of each token: the one given, or the place behind what is kept. */
function rotated({ m, x, has, int, shape }: Call, { value, shape: sizes }: Projection, past: number): string {
  if (int('do_rotary', 0) === 0) return value;
  const positions = has('position_ids') ? x('position_ids') : positionsFrom(m, past, sizes[2] ?? 1);
  const angles = (table: string): string => m.graph.add('Unsqueeze', [m.graph.add('Gather', [x(table), positions]), m.graph.ints([1])]);
  return rotate(m, value, sizes, {
    cosine: angles('cos_cache'), sine: angles('sin_cache'), rotated: 2 * (shape('cos_cache')[1] ?? 1), interleaved: int('rotary_interleaved', 0) === 1,
  });
}

const unknown = ['k_scale', 'v_scale', 'q_norm_weight', 'k_norm_weight', 'query_seqlens'];

/**
 * GroupQueryAttention (ContribOperators.md), in which a query sees the keys up to its own. What is kept of earlier steps is taken to be
 * full, as it is wherever all samples have one length: `seqlens_k` says no more then.
 */
const GroupQueryAttention: LoweredOperator = {
  op: 'GroupQueryAttention', domain: 'com.microsoft',
  inputs: [
    'query', 'key', 'value', 'past_key', 'past_value', 'seqlens_k', 'total_sequence_length', 'cos_cache', 'sin_cache', 'position_ids', 'attention_bias',
    'head_sink', ...unknown,
  ],
  outputs: ['output', 'present_key', 'present_value', 'output_qk'],
  unknown,
  refuses: ({ gives }) => (gives('output_qk') ? say('its scores are asked for') : null),
  lower: (c) => {
    const { m, x, has, int, float, shape } = c;
    const [N, K] = [int('num_heads', 1), int('kv_num_heads', 1)];
    const [q, k, v] = projectionsOf(c, N, K);
    const past = has('past_key') ? shape('past_key')[2] ?? 0 : 0;
    const [B = 1, , S = 1, D = 1] = q.shape;
    const sizes: Sizes = { B, N, K, S, D, T: past + (k.shape[2] ?? 1), V: v.shape[3] ?? 1 };
    const key = continued(m, past === 0 ? null : x('past_key'), rotated(c, k, past));
    const value = continued(m, past === 0 ? null : x('past_value'), v.value);
    const window = int('local_window_size', -1);
    const seen = int('causal', 1) === 0 ? null : visible(m, sizes, { offset: past, left: window < 0 ? null : window - 1, right: 0 });
    const sink = has('head_sink') ? x('head_sink') : int('smooth_softmax', 0) === 1 ? m.constant(0) : undefined;
    const { output } = attend(m, {
      query: rotated(c, q, past), key, value, sizes, scale: float('scale', 0) === 0 ? 1 / Math.sqrt(D) : float('scale', 0), softcap: float('softcap', 0),
      biases: [...(has('attention_bias') ? [x('attention_bias')] : []), ...(seen === null ? [] : [excluding(m, seen)])],
      ...(sink === undefined ? {} : { sink }),
    });
    return { output: joined(m, output, [B, N, S, sizes.V]), present_key: key, present_value: value };
  },
};

export const loweredGroupedAttentions: readonly LoweredOperator[] = [GroupQueryAttention];
