import { describe, expect, it } from 'vitest';

import { GraphBuilder } from '../../../../src/core/graph/builder';
import type { Graph } from '../../../../src/core/graph/graph';
import type { Value } from '../../../../src/engine/runtime';
import { createSession } from '../../../../src/engine/runtime';
import { encodeModel } from '../../../../src/formats/onnx/encode';
import { liftBatchFirst } from '../../../../src/formats/onnx/recurrentLayout';
import { unreadable } from '../../../ops/differentiate';
import { present } from '../../support/graphs';

const [B, T, I, H] = [2, 3, 2, 1];

const value = (shape: readonly number[], at: (i: number) => number): Value => (
  { dtype: 'float32', shape, data: Float32Array.from({ length: shape.reduce((all, size) => all * size, 1) }, (_, i) => at(i)) });

/** y, y_h and y_c of an LSTM that is lifted if its batch comes first. */
async function run(layout: 0 | 1, feeds: ReadonlyMap<string, Value>): Promise<readonly Value[]> {
  const inputs = [...feeds].map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  const empty: Graph = { name: 'lstm', inputs, outputs: [], initializers: new Map(), nodes: [] };
  const builder = new GraphBuilder(empty);
  const node = {
    name: 'lstm', domain: '', op: 'LSTM', inputs: ['x', 'w', 'r', '', '', 'h', 'c'], outputs: ['y', 'yh', 'yc'],
    attributes: { hidden_size: { kind: 'int', value: H }, layout: { kind: 'int', value: layout } },
  } as const;
  expect(liftBatchFirst(node, builder)).toBe(layout === 1);
  if (layout === 0) builder.append(node);
  for (const name of node.outputs) builder.output(name, 'float32');
  const session = await createSession(encodeModel(builder.build(), unreadable), { threads: 1, nodes: null });
  const results = await session.run(feeds, node.outputs);
  await session.release();
  return node.outputs.map((name) => present(results.get(name)));
}

describe('a recurrent layer with the batch first', () => {
  it('computes what the same layer with the steps first computes', async () => {
    const x = (b: number, t: number, i: number): number => Math.sin(7 * b + 3 * t + i);
    const weights = [['w', value([1, 4 * H, I], (i) => i / 8 - 0.5)], ['r', value([1, 4 * H, H], (i) => 0.5 - i / 4)]] as const;
    const states = (shape: readonly number[]): readonly (readonly [string, Value])[] => (
      [['h', value(shape, (i) => i - 0.25)], ['c', value(shape, (i) => 0.5 - i)]]);
    const byStep = value([T, B, I], (i) => x(Math.floor(i / I) % B, Math.floor(i / I / B), i % I));
    const byBatch = value([B, T, I], (i) => x(Math.floor(i / I / T), Math.floor(i / I) % T, i % I));
    const [y, yh, yc] = await run(0, new Map([['x', byStep], ...weights, ...states([1, B, H])]));
    const [lifted, liftedH, liftedC] = await run(1, new Map([['x', byBatch], ...weights, ...states([B, 1, H])]));
    expect(lifted?.shape).toEqual([B, T, 1, H]);
    const expected = Array.from({ length: B * T }, (_, i) => Number(present(y).data[(i % T) * B + Math.floor(i / T)]));
    expect(Array.from(present(lifted).data, Number)).toEqual(expected);
    for (const [found, like] of [[liftedH, yh], [liftedC, yc]]) {
      expect(found?.shape).toEqual([B, 1, H]);
      expect(found?.data).toEqual(like?.data);
    }
  });
});
