import { say } from '../../../protocol/words';
import { attend, continued, excluding, joined, lowest, positionsFrom, split, visible } from './attending';
import type { Sizes } from './attending';
import type { Call, LoweredOperator } from './lowering';

/** ONNX Attention, opset 23 to 25. */

/** A mask [.., S, T] as what is added to scores; keys it does not reach take no part. */
function masked({ m, x, shape, isBoolean }: Call, T: number): string {
  const mask = isBoolean('attn_mask') ? excluding(m, x('attn_mask')) : x('attn_mask');
  const sizes = shape('attn_mask');
  const missing = T - (sizes.at(-1) ?? T);
  // A last axis of one element broadcasts.
  if (missing === 0 || sizes.at(-1) === 1) return mask;
  const none = sizes.map(() => 0);
  return m.graph.add('Pad', [mask, m.graph.ints([...none, ...none.slice(1), missing]), m.constant(lowest)]);
}

function biasesOf(c: Call, sizes: Sizes, past: number): readonly string[] {
  const { m, x, has, int } = c;
  const isCausal = int('is_causal', 0) === 1;
  const [left, right] = ['left_window_size', 'right_window_size'].map((name) => (int(name, -1) < 0 ? null : int(name, -1)));
  const seen = visible(m, sizes, { offset: past, left: left ?? null, right: isCausal ? 0 : right ?? null });
  const counted = (): string => m.less(positionsFrom(m, 0, sizes.T), m.reshape(x('nonpad_kv_seqlen'), [sizes.B, 1, 1, 1]));
  return [
    ...(has('attn_mask') ? [masked(c, sizes.T)] : []), ...(seen === null ? [] : [excluding(m, seen)]),
    ...(has('nonpad_kv_seqlen') ? [excluding(m, counted())] : []),
  ];
}

const Attention: LoweredOperator = {
  op: 'Attention', inputs: ['Q', 'K', 'V', 'attn_mask', 'past_key', 'past_value', 'nonpad_kv_seqlen'],
  outputs: ['Y', 'present_key', 'present_value', 'qk_matmul_output'],
  refuses: ({ int, has, gives }) => {
    const mode = int('qk_matmul_output_mode', 0);
    if (gives('qk_matmul_output') && mode !== 0 && mode !== 3) {
      return say('its scores are asked for with their bias, which versions of the operator add at different places');
    }
    const isCausal = int('is_causal', 0) === 1;
    return has('nonpad_kv_seqlen') && isCausal ? say('versions of the operator place queries differently among keys of several lengths') : null;
  },
  lower: (c) => {
    const { m, x, has, int, shape } = c;
    const isFlat = shape('Q').length === 3;
    const heads = (formal: string, count: string): { readonly value: string; readonly shape: readonly number[] } => {
      const given = shape(formal);
      if (!isFlat) return { value: x(formal), shape: given };
      const [B = 1, S = 1, width = 1] = given;
      const N = int(count, 1);
      return { value: split(m, x(formal), given, N), shape: [B, N, S, width / N] };
    };
    const [Q, K, V] = [heads('Q', 'q_num_heads'), heads('K', 'kv_num_heads'), heads('V', 'kv_num_heads')];
    const past = has('past_key') ? shape('past_key')[2] ?? 0 : 0;
    const [B = 1, N = 1, S = 1, D = 1] = Q.shape;
    const sizes: Sizes = { B, N, S, D, K: K.shape[1] ?? 1, T: past + (K.shape[2] ?? 1), V: V.shape[3] ?? 1 };
    const key = continued(m, has('past_key') ? x('past_key') : null, K.value);
    const value = continued(m, has('past_value') ? x('past_value') : null, V.value);
    const { output, scores, weights } = attend(m, {
      query: Q.value, key, value, sizes, scale: c.float('scale', 1 / Math.sqrt(D)), softcap: c.float('softcap', 0), biases: biasesOf(c, sizes, past),
    });
    return {
      Y: isFlat ? joined(m, output, [B, N, S, sizes.V]) : output, present_key: key, present_value: value,
      qk_matmul_output: int('qk_matmul_output_mode', 0) === 3 ? weights : scores,
    };
  },
};

export const loweredAttentions: readonly LoweredOperator[] = [Attention];
