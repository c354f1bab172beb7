import { float } from '../../../src/core/graph/builder';
import type { AttributeLiteral } from '../../../src/core/graph/builder';
import { fused, whole } from './lowered';
import { flags, ints, noise, sample, stored } from './sample';
import type { Fill, Sample } from './sample';

/** cos and sin of position · 10⁻ⁱ, as tables [positions, pairs]. */
function angles(positions: number, pairs: number, f: (x: number) => number): Fill {
  const values = Array.from({ length: positions * pairs }, (_, i) => f(Math.floor(i / pairs) / 10 ** (i % pairs)));
  return stored([positions, pairs], values);
}
const cosines = (positions: number, pairs: number): Fill => angles(positions, pairs, Math.cos);
const sines = (positions: number, pairs: number): Fill => angles(positions, pairs, Math.sin);

/** Two samples that begin at different places. */
const places = ints([0, 1, 2, 2, 3, 4], [2, 3]);
const tables = (positions: number, pairs: number): Readonly<Record<string, Fill>> => (
  { cos_cache: cosines(positions, pairs), sin_cache: sines(positions, pairs) });

const rotations: readonly Sample[] = [
  sample('RotaryEmbedding', 'rank 4', { X: noise([2, 2, 3, 4]), ...tables(5, 2), position_ids: places }),
  sample('RotaryEmbedding', 'rank 3, interleaved', { X: noise([2, 3, 8]), ...tables(5, 2), position_ids: places },
    { num_heads: 2, interleaved: 1 }),
  sample('RotaryEmbedding', 'a part, angles per token', { X: noise([1, 2, 3, 6]), cos_cache: noise([1, 3, 2]), sin_cache: noise([1, 3, 2]) },
    { rotary_embedding_dim: 4 }),
  fused('RotaryEmbedding', 'rank 3, first position', { input: noise([2, 3, 8]), position_ids: ints([1], [1]), ...tables(6, 2) }),
  fused('RotaryEmbedding', 'rank 4, positions, interleaved', {
    input: noise([2, 2, 3, 4]), position_ids: places, ...tables(6, 2),
  }, { interleaved: 1 }),
  fused('RotaryEmbedding', 'a part', { input: noise([1, 3, 12]), position_ids: ints([0, 1, 2], [1, 3]), ...tables(6, 2) },
    { num_heads: 2, rotary_embedding_dim: 4 }),
];

type Attributes = Readonly<Record<string, AttributeLiteral>>;

function attention(name: string, inputs: Readonly<Record<string, Fill | null>>, attributes: Attributes = {}, outputs = 1): Sample {
  return sample('Attention', name, inputs, attributes, { outputs });
}

const four = { Q: noise([2, 2, 3, 4]), K: noise([2, 2, 4, 4]), V: noise([2, 2, 4, 3]) };
const standard: readonly Sample[] = [
  attention('rank 4', four),
  attention('rank 3, shared keys', { Q: noise([2, 3, 8]), K: noise([2, 4, 4]), V: noise([2, 4, 4]) }, { q_num_heads: 4, kv_num_heads: 2 }),
  attention('rank 4, shared keys, scale', { Q: noise([1, 4, 3, 2]), K: noise([1, 2, 3, 2]), V: noise([1, 2, 3, 2]) }, { scale: float(0.5), is_causal: 1 }),
  attention('causal', { Q: noise([1, 2, 3, 4]), K: noise([1, 2, 3, 4]), V: noise([1, 2, 3, 4]) }, { is_causal: 1 }),
  attention('a mask of truth values', { ...four, attn_mask: flags([1, 1, 0, 1, 0, 1, 1, 1, 1, 0, 1, 1], [3, 4]) }),
  attention('a mask that is added', { ...four, attn_mask: noise([2, 1, 3, 4]) }),
  attention('soft cap', { ...four }, { softcap: float(0.75) }),
  attention('weights too', { ...four, attn_mask: null, past_key: null, past_value: null }, { qk_matmul_output_mode: 3 }, 4),
  attention('behind a past, causal', {
    Q: noise([2, 2, 2, 4]), K: noise([2, 2, 2, 4]), V: noise([2, 2, 2, 4]), attn_mask: null, past_key: noise([2, 2, 3, 4]), past_value: noise([2, 2, 3, 4]),
  }, { is_causal: 1 }, 3),
  attention('keys of several lengths', { ...four, attn_mask: null, past_key: null, past_value: null, nonpad_kv_seqlen: ints([3, 4]) }),
];

const packed = { input: noise([2, 3, 4]), weights: noise([4, 12], 0.5), bias: noise([12]) };
const contributed: readonly Sample[] = [
  fused('Attention', 'default', packed, { num_heads: 2 }),
  fused('Attention', 'unidirectional, no bias', { input: noise([2, 3, 4]), weights: noise([4, 12], 0.5) }, { num_heads: 2, unidirectional: 1 }),
  fused('Attention', 'widths and scale', { input: noise([2, 3, 4]), weights: noise([4, 14], 0.5), bias: noise([14]) },
    { num_heads: 2, qkv_hidden_sizes: [4, 4, 6], scale: float(0.25) }),
  fused('Attention', 'a mask per key', { ...packed, mask_index: whole([2, 3], [1, 1, 0, 1, 1, 1]) }, { num_heads: 2 }),
  fused('Attention', 'a mask per query', { ...packed, mask_index: whole([2, 3, 3], [1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 0, 1, 1, 1]) }, { num_heads: 1 }),
  fused('Attention', 'lengths', { ...packed, mask_index: whole([2], [2, 3]) }, { num_heads: 2, mask_filter_value: float(-5) }),
  fused('Attention', 'ends and starts', { ...packed, mask_index: whole([4], [3, 2, 1, 0]) }, { num_heads: 2, unidirectional: 1, mask_filter_value: float(-4) }),
  fused('Attention', 'bias of scores', { ...packed, mask_index: null, past: null, attention_bias: noise([2, 2, 3, 3]) }, { num_heads: 2 }),
  fused('Attention', 'behind a past', { ...packed, mask_index: null, past: noise([2, 2, 2, 2, 2]) }, { num_heads: 2, unidirectional: 1 }, { outputs: 2 }),
];

const three = { query: noise([2, 3, 4]), key: noise([2, 4, 4]), value: noise([2, 4, 6]) };
const multiHead: readonly Sample[] = [
  fused('MultiHeadAttention', 'default', three, { num_heads: 2 }),
  fused('MultiHeadAttention', 'bias', { ...three, bias: noise([14]) }, { num_heads: 2, scale: float(0.25) }),
  fused('MultiHeadAttention', 'a mask and a bias of scores', {
    ...three, bias: null, key_padding_mask: whole([2, 4], [1, 1, 1, 0, 1, 1, 1, 1]), attention_bias: noise([2, 2, 3, 4]),
  }, { num_heads: 2 }),
  fused('MultiHeadAttention', 'unidirectional', { query: noise([2, 3, 4]), key: noise([2, 3, 4]), value: noise([2, 3, 4]) },
    { num_heads: 2, unidirectional: 1 }),
  fused('MultiHeadAttention', 'lengths', { ...three, bias: null, key_padding_mask: whole([2], [3, 4]) }, { num_heads: 2 }),
  fused('MultiHeadAttention', 'packed', { query: noise([2, 3, 2, 3, 2]) }, { num_heads: 2 }),
  fused('MultiHeadAttention', 'packed keys and values', { query: noise([2, 3, 4]), key: noise([2, 5, 2, 2, 2]) }, { num_heads: 2 }),
  fused('MultiHeadAttention', 'keys by head', { query: noise([2, 3, 4]), key: noise([2, 2, 5, 2]), value: noise([2, 2, 5, 2]) }, { num_heads: 2 }),
  fused('MultiHeadAttention', 'behind a past', {
    query: noise([2, 2, 4]), key: noise([2, 2, 4]), value: noise([2, 2, 4]), bias: null, key_padding_mask: null, attention_bias: null,
    past_key: noise([2, 2, 3, 2]), past_value: noise([2, 2, 3, 2]),
  }, { num_heads: 2 }, { outputs: 3 }),
];

/** Heads of 8 elements: ONNX Runtime takes no smaller ones. */
const grouped = { query: noise([2, 3, 32]), key: noise([2, 3, 16]), value: noise([2, 3, 16]) };
/** It rotates no smaller ones than those of 16. */
const wider = { query: noise([1, 3, 64]), key: noise([1, 3, 32]), value: noise([1, 3, 32]) };
const single = { past_key: null, past_value: null, seqlens_k: whole([1], [2]), total_sequence_length: whole([1], [3]) };
const prompt = { past_key: null, past_value: null, seqlens_k: whole([2], [2, 2]), total_sequence_length: whole([1], [3]) };
const two = { num_heads: 4, kv_num_heads: 2 };
const groupQuery: readonly Sample[] = [
  fused('GroupQueryAttention', 'default', { ...grouped, ...prompt }, two, { outputs: 3 }),
  fused('GroupQueryAttention', 'packed', { query: noise([2, 3, 64]), key: null, value: null, ...prompt }, two, { outputs: 3, unused: [1, 2] }),
  fused('GroupQueryAttention', 'rotary', { ...wider, ...single, ...tables(8, 8) }, { ...two, do_rotary: 1 }, { outputs: 3 }),
  fused('GroupQueryAttention', 'rotary, interleaved, positions', {
    ...wider, ...single, ...tables(8, 8), position_ids: ints([0, 1, 2], [1, 3]),
  }, { ...two, do_rotary: 1, rotary_interleaved: 1 }, { outputs: 3 }),
  fused('GroupQueryAttention', 'a window, soft cap', { ...grouped, ...prompt }, { ...two, local_window_size: 2, softcap: float(0.75) },
    { outputs: 3, unused: [1, 2] }),
  fused('GroupQueryAttention', 'a sink per head, bias of scores', {
    ...grouped, ...prompt, cos_cache: null, sin_cache: null, position_ids: null, attention_bias: noise([1, 4, 3, 3]), head_sink: noise([4]),
  }, two, { outputs: 3, unused: [1, 2] }),
  fused('GroupQueryAttention', 'a sink, scale', { ...grouped, ...prompt }, { ...two, smooth_softmax: 1, scale: float(0.25) }, { outputs: 3, unused: [1, 2] }),
  fused('GroupQueryAttention', 'behind a past, rotary', {
    query: noise([1, 1, 64]), key: noise([1, 1, 32]), value: noise([1, 1, 32]), past_key: noise([1, 2, 3, 16]), past_value: noise([1, 2, 3, 16]),
    seqlens_k: whole([1], [3]), total_sequence_length: whole([1], [4]), ...tables(8, 8),
  }, { ...two, do_rotary: 1 }, { outputs: 3 }),
];

export const loweredAttention: readonly Sample[] = [...rotations, ...standard, ...contributed, ...multiHead, ...groupQuery];
