import { describe, expect, it } from 'vitest';

import { appendBackward } from '../../src/core/autodiff/backward';
import { GraphBuilder } from '../../src/core/graph/builder';
import type { Graph } from '../../src/core/graph/graph';
import { operators } from '../../src/core/ops/registry';
import type { Value } from '../../src/engine/runtime';
import { createSession } from '../../src/engine/runtime';
import { encodeModel } from '../../src/formats/onnx/encode';
import { unreadable } from './differentiate';

/** A table of 4 rows that 20,000 tokens read: several threads have to add to the same rows. */
const [rows, width, tokens] = [4, 64, 20_000];

describe('what several threads add up', () => {
  it('an embedding loses no token', async () => {
    const empty: Graph = {
      name: 'embedding', outputs: [], initializers: new Map(), nodes: [],
      inputs: [{ name: 'table', dtype: 'float32', shape: [rows, width] }, { name: 'tokens', dtype: 'int64', shape: [tokens] }],
    };
    const builder = new GraphBuilder(empty);
    builder.append({ name: 'gather', domain: '', op: 'Gather', inputs: ['table', 'tokens'], outputs: ['embedded'], attributes: {} });
    const facts = {
      shapes: new Map([['table', [rows, width]], ['tokens', [tokens]], ['embedded', [tokens, width]]]),
      types: new Map([['table', 'float32'], ['tokens', 'int64'], ['embedded', 'float32']] as const), constants: new Map<string, readonly number[]>(),
    };
    const nodes = builder.build().nodes.slice();
    const cotangents = new Map([['embedded', builder.input('cotangent', 'float32', [tokens, width])]]);
    const backward = appendBackward({ builder, nodes, facts, cotangents, targets: new Set(['table']), hidden: new Map(), operators });
    const gradient = backward.gradients.get('table') ?? '';
    builder.output(gradient, 'float32');
    const session = await createSession(encodeModel(builder.build(), unreadable), { threads: 4, nodes: 0 });
    const feeds = new Map<string, Value>([
      ['table', { dtype: 'float32', shape: [rows, width], data: new Float32Array(rows * width) }],
      ['tokens', { dtype: 'int64', shape: [tokens], data: BigInt64Array.from({ length: tokens }, (_, i) => BigInt(i % rows)) }],
      ['cotangent', { dtype: 'float32', shape: [tokens, width], data: new Float32Array(tokens * width).fill(1) }],
    ]);
    try {
      for (let run = 0; run < 12; run++) {
        const elements = (await session.run(feeds, [gradient])).get(gradient)?.data;
        expect(elements).toHaveLength(rows * width);
        expect(Array.from(elements ?? [], Number).filter((count) => count !== tokens / rows)).toEqual([]);
      }
    } finally {
      await session.release();
    }
  });
});
