import type { Algebra } from '../algebra';
import { say } from '../../../protocol/words';
import { positionsFrom } from './attending';
import type { Call, LoweredOperator } from './lowering';

export interface Rotation {
  /** [1 or B, S, R / 2], or with an axis of heads before or behind S */
  readonly cosine: string;
  readonly sine: string;
  /** How many of the elements of a head are rotated. */
  readonly rotated: number;
  /** Whether pairs are neighbours, not an element of each half. */
  readonly interleaved: boolean;
}

/** (x₁, x₂) ↦ (x₁ cos θ − x₂ sin θ, x₁ sin θ + x₂ cos θ) for each pair of the last axis (Su et al. 2021, arXiv 2104.09864, eq. 34). */
export function rotate(m: Algebra, value: string, shape: readonly number[], { cosine, sine, rotated, interleaved }: Rotation): string {
  const size = shape.at(-1) ?? 1;
  const turning = rotated === size ? value : m.slice(value, [-1], [0], [rotated], [1]);
  const resting = rotated === size ? [] : [m.slice(value, [-1], [rotated], [size], [1])];
  const every = (from: number): string => m.slice(turning, [-1], [from], [rotated], [2]);
  const half = (from: number): string => m.slice(turning, [-1], [from], [from + rotated / 2], [1]);
  const [first, second] = interleaved ? [every(0), every(1)] : [half(0), half(rotated / 2)];
  const turned = [m.sub(m.mul(first, cosine), m.mul(second, sine)), m.add(m.mul(first, sine), m.mul(second, cosine))];
  if (!interleaved) return m.concat([...turned, ...resting], -1);
  const pairs = m.concat(turned.map((each) => m.graph.add('Unsqueeze', [each, m.graph.ints([-1])])), -1);
  return m.concat([m.reshape(pairs, [...shape.slice(0, -1), rotated]), ...resting], -1);
}

/** Rows of a table by position, or the table itself where it has one per token: [1 or B, S, R / 2]. */
const rows = (m: Algebra, table: string, positions: string | null): string => (positions === null ? table : m.graph.add('Gather', [table, positions]));

interface Layout {
  /** [B, heads, S, size], or [B, S, heads, size] where the heads come last */
  readonly shape: readonly number[];
  readonly headsAxis: 1 | 2;
}

function embed(c: Call, formal: string, output: string, { shape, headsAxis }: Layout, positions: string | null): Readonly<Record<string, string>> {
  const { m, x } = c;
  const size = shape[3] ?? 1;
  const rotated = c.int('rotary_embedding_dim', 0) === 0 ? size : c.int('rotary_embedding_dim', 0);
  const angles = (table: string): string => m.graph.add('Unsqueeze', [rows(m, x(table), positions), m.graph.ints([headsAxis])]);
  const rotation = { cosine: angles('cos_cache'), sine: angles('sin_cache'), rotated, interleaved: c.int('interleaved', 0) === 1 };
  return { [output]: m.reshape(rotate(m, m.reshape(x(formal), shape), shape, rotation), c.shape(formal)) };
}

/** A tensor of rank 4 has its heads before the tokens, one of rank 3 has them in its last axis. */
function layoutOf(shape: readonly number[], heads: number): Layout {
  const [B = 1, S = 1, width = 1] = shape;
  return shape.length === 4 ? { shape, headsAxis: 1 } : { shape: [B, S, heads, width / heads], headsAxis: 2 };
}

const standard: LoweredOperator = {
  op: 'RotaryEmbedding', inputs: ['X', 'cos_cache', 'sin_cache', 'position_ids'], outputs: ['Y'],
  lower: (c) => embed(c, 'X', 'Y', layoutOf(c.shape('X'), c.int('num_heads', 1)), c.has('position_ids') ? c.x('position_ids') : null),
};

/** Elements of a head, which this operator leaves to be found from its tables unless it rotates a part of them. */
function headsOf({ shape, int }: Call): number {
  return int('num_heads', 0) > 0 ? int('num_heads', 0) : (shape('input').at(-1) ?? 1) / (2 * (shape('cos_cache').at(-1) ?? 1));
}

const contributed: LoweredOperator = {
  op: 'RotaryEmbedding', domain: 'com.microsoft', inputs: ['input', 'position_ids', 'cos_cache', 'sin_cache'], outputs: ['output'],
  refuses: ({ int, float }) => (int('is_packed_batching', 0) === 1 ? say('samples of several lengths are packed into one')
    : float('scale', 1) === 1 ? null : say('it has a scale, of which its documentation does not say what it does')),
  lower: (c) => {
    const layout = layoutOf(c.shape('input'), headsOf(c));
    const tokens = layout.shape[layout.headsAxis === 1 ? 2 : 1] ?? 1;
    // One position is that of the first token.
    const isFirst = c.shape('position_ids').length === 1;
    return embed(c, 'input', 'output', layout, isFirst ? c.m.add(positionsFrom(c.m, 0, tokens), c.x('position_ids')) : c.x('position_ids'));
  },
};

export const loweredRotations: readonly LoweredOperator[] = [standard, contributed];
