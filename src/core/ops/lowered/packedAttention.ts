import type { Fans } from '../spec';
import { say } from '../../../protocol/words';
import { attend, continued, excluding, joined, lowest, positionsFrom, split, visible } from './attending';
import type { Sizes } from './attending';
import type { Call, LoweredOperator } from './lowering';

/** Attention as ONNX Runtime's tools fuse it: Attention and MultiHeadAttention of its ContribOperators.md. */

const microsoft = 'com.microsoft';

/** Which keys count, by a mask of zeros and ones, or by where each sample ends and perhaps begins; against [B, N, S, T]. */
function counted({ m, x, shape }: Call, formal: string, { B, T }: Sizes): string {
  const given = shape(formal);
  const mask = m.cast(x(formal), 'int64');
  const zero = m.graph.constant('int64', [], [0]);
  if (given.length === 3) return m.greater(m.reshape(mask, [given[0] ?? 1, 1, given[1] ?? 1, given[2] ?? 1]), zero);
  if (given.length === 2) return m.greater(m.reshape(mask, [given[0] ?? 1, 1, 1, given[1] ?? 1]), zero);
  const bound = (sample: number): string => m.reshape(m.slice(mask, [0], [sample], [sample + B], [1]), [B, 1, 1, 1]);
  const keys = positionsFrom(m, 0, T);
  const ends = m.less(keys, bound(0));
  return given[0] === 2 * B ? m.and(ends, m.graph.add('GreaterOrEqual', [keys, bound(B)])) : ends;
}

/** A mask adds a value of the node's, what comes later can never be seen. */
function biasesOf(c: Call, mask: string, sizes: Sizes, past: number): readonly string[] {
  const { m, x, has, int, float } = c;
  const padding = has(mask) ? excluding(m, counted(c, mask, sizes), float('mask_filter_value', -10000)) : null;
  const seen = int('unidirectional', 0) === 1 ? visible(m, sizes, { offset: past, left: null, right: 0 }) : null;
  const both = seen === null ? padding : m.where(seen, padding ?? m.constant(0), m.constant(lowest));
  return [...(both === null ? [] : [both]), ...(has('attention_bias') ? [x('attention_bias')] : [])];
}

const refusesMask = ({ has, shape, node }: Call, formal: string): string | null => {
  if (!has(formal)) return null;
  const sizes = shape(formal);
  const [B = 1] = shape(node.op === 'Attention' ? 'input' : 'query');
  const isKnown = sizes.length === 1 ? sizes[0] === B || sizes[0] === 2 * B : sizes.length === 2 || sizes.length === 3;
  return isKnown ? null : say('its mask has a form, [{0}], that is for graphics cards', sizes.join(', '));
};

/** Q, K and V from one product, weights [input, q + k + v]: three projections side by side. */
const Attention: LoweredOperator = {
  op: 'Attention', domain: microsoft, inputs: ['input', 'weights', 'bias', 'mask_index', 'past', 'attention_bias', 'past_sequence_length'],
  outputs: ['output', 'present'],
  unknown: ['past_sequence_length'],
  // Without a bias its kernel reads where nothing is, and takes the process along.
  kernel: (node) => (node.inputs[2] ?? '') !== '',
  parameters: {
    weights: { role: 'kernel', fans: (shape): Fans => ({ fanIn: shape.at(-2) ?? 1, fanOut: (shape.at(-1) ?? 3) / 3 }) }, bias: { role: 'bias' },
  },
  refuses: (c) => {
    if (c.int('past_present_share_buffer', 0) === 1) return say('it writes into a buffer of earlier keys');
    return c.int('do_rotary', 0) === 1 ? say('its rotation has no table of angles') : refusesMask(c, 'mask_index');
  },
  lower: (c) => {
    const { m, x, has, int, shape } = c;
    const [B = 1, S = 1] = shape('input');
    const N = int('num_heads', 1);
    const third = (shape('weights').at(-1) ?? 3) / 3;
    const widths = c.ints('qkv_hidden_sizes') ?? [third, third, third];
    const product = m.matmul(x('input'), x('weights'));
    const projections = m.graph.addMany('Split', [has('bias') ? m.add(product, x('bias')) : product, m.graph.ints(widths)], 3, { axis: -1 });
    const [query = '', k = '', v = ''] = projections.map((each, i) => split(m, each, [B, S, widths[i] ?? 1], N));
    const past = has('past') ? shape('past')[3] ?? 0 : 0;
    const kept = (i: number): string | null => (has('past') ? m.graph.add('Gather', [x('past'), m.graph.constant('int64', [], [i])]) : null);
    const [key, value] = [continued(m, kept(0), k), continued(m, kept(1), v)];
    const [D, V] = [(widths[0] ?? 1) / N, (widths[2] ?? 1) / N];
    const sizes: Sizes = { B, N, K: N, S, T: past + S, D, V };
    const { output } = attend(m, {
      query, key, value, sizes, scale: c.float('scale', 0) === 0 ? 1 / Math.sqrt(D) : c.float('scale', 0), softcap: 0,
      biases: biasesOf(c, 'mask_index', sizes, past),
    });
    const present = (): string => m.concat([key, value].map((each) => m.graph.add('Unsqueeze', [each, m.graph.ints([0])])), 0);
    return { output: joined(m, output, [B, N, S, V]), ...(c.gives('present') ? { present: present() } : {}) };
  },
};

/** One of several projections that lie side by side along axis 3 of [B, S, N, count, size], as [B, N, S, size]. */
function unpacked({ m, x }: Call, formal: string, index: number): string {
  return m.transpose(m.graph.add('Gather', [x(formal), m.graph.constant('int64', [], [index])], { axis: 3 }), [0, 2, 1, 3]);
}

interface Projections {
  readonly query: string;
  readonly key: string;
  readonly value: string;
  /** Tokens of the keys, elements of a head of queries and of values. */
  readonly T: number;
  readonly D: number;
  readonly V: number;
}

function projectionsOf(c: Call, N: number): Projections {
  const { m, x, has, shape } = c;
  const query = shape('query');
  if (!has('key')) {
    const [, S = 1, , , D = 1] = query;
    return { query: unpacked(c, 'query', 0), key: unpacked(c, 'query', 1), value: unpacked(c, 'query', 2), T: S, D, V: D };
  }
  const width = query[2] ?? 1;
  const D = width / N;
  const valueWidth = has('value') && shape('value').length === 3 ? shape('value')[2] ?? 1 : width;
  const bias = has('bias') ? m.graph.addMany('Split', [x('bias'), m.graph.ints([width, width, valueWidth])], 3, { axis: 0 }) : [];
  const heads = (formal: string, i: number): string => {
    const part = bias[i];
    return split(m, part === undefined ? x(formal) : m.add(x(formal), part), shape(formal), N);
  };
  const key = shape('key');
  if (!has('value')) return { query: heads('query', 0), key: unpacked(c, 'key', 0), value: unpacked(c, 'key', 1), T: key[1] ?? 1, D, V: D };
  if (key.length === 4) return { query: heads('query', 0), key: x('key'), value: x('value'), T: key[2] ?? 1, D, V: shape('value')[3] ?? 1 };
  return { query: heads('query', 0), key: heads('key', 1), value: heads('value', 2), T: key[1] ?? 1, D, V: valueWidth / N };
}

const MultiHeadAttention: LoweredOperator = {
  op: 'MultiHeadAttention', domain: microsoft,
  inputs: ['query', 'key', 'value', 'bias', 'key_padding_mask', 'attention_bias', 'past_key', 'past_value', 'past_sequence_length', 'cache_indirection'],
  outputs: ['output', 'present_key', 'present_value', 'qk'],
  unknown: ['past_sequence_length', 'cache_indirection'],
  // Packed projections are for graphics cards.
  kernel: (node) => (node.inputs[1] ?? '') !== '' && (node.inputs[2] ?? '') !== '',
  parameters: { bias: { role: 'bias' } },
  refuses: (c) => {
    const isPacked = !c.has('key') || !c.has('value') || c.shape('key').length === 4;
    return c.has('bias') && isPacked ? say('a bias of packed projections is not known') : refusesMask(c, 'key_padding_mask');
  },
  lower: (c) => {
    const { m, x, has, shape } = c;
    const N = c.int('num_heads', 1);
    const { query, D, V, ...now } = projectionsOf(c, N);
    const [B = 1, S = 1] = shape('query');
    const past = has('past_key') ? shape('past_key')[2] ?? 0 : 0;
    const key = continued(m, has('past_key') ? x('past_key') : null, now.key);
    const value = continued(m, has('past_value') ? x('past_value') : null, now.value);
    const sizes: Sizes = { B, N, K: N, S, T: past + now.T, D, V };
    const scale = c.float('scale', 0) === 0 ? 1 / Math.sqrt(D) : c.float('scale', 0);
    const { output, scores } = attend(m, { query, key, value, sizes, scale, softcap: 0, biases: biasesOf(c, 'key_padding_mask', sizes, past) });
    return { output: joined(m, output, [B, N, S, V]), present_key: key, present_value: value, qk: scores };
  },
};

export const loweredPackedAttentions: readonly LoweredOperator[] = [Attention, MultiHeadAttention];
