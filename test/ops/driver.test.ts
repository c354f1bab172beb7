import { describe, expect, it } from 'vitest';

import { appendBackward } from '../../src/core/autodiff/backward';
import type { BackwardResult } from '../../src/core/autodiff/backward';
import { GraphBuilder } from '../../src/core/graph/builder';
import { elementCount } from '../../src/core/graph/dtype';
import type { Graph } from '../../src/core/graph/graph';
import { operators } from '../../src/core/ops/registry';
import { prepareForward } from '../../src/engine/planning/forward';
import { probe } from '../../src/engine/planning/probe';
import type { Value } from '../../src/engine/runtime';
import { createSession } from '../../src/engine/runtime';
import { encodeModel } from '../../src/formats/onnx/encode';
import { unreadable } from './differentiate';

const float32 = (shape: readonly number[], values: readonly number[]): Value => ({ dtype: 'float32', shape, data: Float32Array.from(values) });

interface Run {
  readonly backward: BackwardResult;
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

/** Builds a graph with `write`, feeds it, and differentiates the sum of its output, as if there were no rule for the operator `without`. */
async function run(feeds: Readonly<Record<string, Value>>, write: (builder: GraphBuilder) => string, without?: string): Promise<Run> {
  const inputs = Object.entries(feeds).map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  const empty: Graph = { name: 'driver', inputs, outputs: [], initializers: new Map(), nodes: [] };
  const written = new GraphBuilder(empty);
  written.output(write(written), 'float32');
  const { graph, hidden } = prepareForward(written.build(), 'training');
  const output = graph.outputs[0]?.name;
  const given = new Map(Object.entries(feeds));
  const facts = await probe(graph, given, unreadable, 1);
  const builder = new GraphBuilder(graph);
  builder.clearOutputs();
  const shape = facts.shapes.get(output ?? '') ?? [];
  const cotangents = new Map(output === undefined ? [] : [[output, builder.input('cotangent', 'float32', shape)]]);
  if (output !== undefined) given.set('cotangent', float32(shape, Array.from({ length: elementCount(shape) }, () => 1)));
  const targets = new Set(Object.keys(feeds));
  const known = new Map([...operators].filter(([op]) => op !== without));
  const backward = appendBackward({ builder, nodes: graph.nodes, facts, cotangents, targets, hidden, operators: known });
  for (const gradient of backward.gradients.values()) builder.output(gradient, 'float32');
  const differentiated = builder.build();
  const session = await createSession(encodeModel(differentiated, unreadable), { threads: 1, nodes: 0 });
  try {
    const results = await session.run(given, differentiated.outputs.map(({ name }) => name));
    const gradients = [...targets].flatMap((name) => {
      const value = results.get(backward.gradients.get(name) ?? '');
      return value ? [[name, Array.from(value.data as ArrayLike<number>)] as const] : [];
    });
    return { backward, gradients: Object.fromEntries(gradients) };
  } finally {
    await session.release();
  }
}

describe('the driver', () => {
  it('adds up what comes from several uses, of one node too', async () => {
    // Σ (x · x + 3x + x): 2x + 4
    const { gradients } = await run({ x: float32([3], [1, -2, 0.5]) }, (b) => (
      b.add('Sum', [b.add('Mul', ['x', 'x']), b.add('Mul', ['x', b.scalar(3)]), 'x'])));
    expect(gradients).toEqual({ x: [6, 0, 5] });
  });

  it('gives no gradient to what leads nowhere, and calls it neither blocked nor unsupported', async () => {
    const { backward, gradients } = await run({ x: float32([2], [1, 2]), lonely: float32([2], [3, 4]) }, (b) => {
      b.add('Exp', ['lonely']);
      return b.add('Neg', ['x']);
    });
    expect(gradients).toEqual({ x: [-1, -1] });
    expect(backward.blocked.size + backward.unsupported.length).toBe(0);
  });

  it('names the operator without a rule, and hides only what lies behind it', async () => {
    const { backward, gradients } = await run({ x: float32([2], [0.25, 0.5]), y: float32([2], [1, 2]) }, (b) => (
      b.add('Add', [b.add('Atan', [b.add('Exp', ['x'])]), b.add('Mul', ['y', b.scalar(2)])])), 'Atan');
    expect(backward.unsupported.map(({ node, reason }) => [node.op, reason])).toEqual([['Atan', 'there is no gradient rule for Atan']]);
    expect(backward.blocked.has('x')).toBe(true);
    expect(backward.blocked.has('y')).toBe(false);
    expect(gradients).toEqual({ y: [2, 2] });
  });

  it('does not take the visible part of a gradient for the whole', async () => {
    // One use of x has a rule, the other has none.
    const { backward, gradients } = await run({ x: float32([2], [0.25, 0.5]) }, (b) => b.add('Add', [b.add('Atan', ['x']), b.add('Exp', ['x'])]), 'Atan');
    expect([...(backward.blocked.get('x') ?? [])]).toEqual(['Atan']);
    expect(gradients).toEqual({});
  });

  it('differentiates a product with a one-hot matrix made from indices', async () => {
    // OneHot has the type of its values, though its first input is an integer: behind it everything is differentiable.
    const feeds = { indices: { dtype: 'int64', shape: [3], data: BigInt64Array.of(1n, 1n, 0n) }, table: float32([2, 2], [1, 2, 3, 4]) } as const;
    const { gradients } = await run(feeds, (b) => (
      b.add('MatMul', [b.add('OneHot', ['indices', b.constant('int64', [], [2]), b.constant('float32', [2], [0, 1])]), 'table'])));
    expect(gradients).toEqual({ table: [1, 1, 2, 2] });
  });

  it('asks no gradient of an absent input behind an absent output', async () => {
    const feeds = { x: float32([1, 1, 1], [0.5]), w: float32([1, 1, 1], [2]), r: float32([1, 1, 1], [3]) };
    const { gradients } = await run(feeds, (b) => {
      const attributes = { hidden_size: { kind: 'int', value: 1 }, activations: { kind: 'strings', value: ['Relu'] } } as const;
      b.append({ name: 'rnn', domain: '', op: 'RNN', inputs: ['x', 'w', 'r'], outputs: ['', 'h'], attributes });
      return b.add('Clip', ['h', '', b.scalar(4)]);
    });
    expect(gradients).toEqual({ x: [2], w: [0.5], r: [0] });
  });

  it('carries a gradient past integers that decide shapes', async () => {
    const { gradients, backward } = await run({ x: float32([2, 3], [1, 2, 3, 4, 5, 6]) }, (b) => {
      const rows = b.add('Gather', [b.add('Shape', ['x']), b.constant('int64', [1], [0])]);
      return b.add('Mul', [b.add('Reshape', ['x', b.add('Concat', [rows, b.ints([-1])], { axis: 0 })]), b.scalar(0.5)]);
    });
    expect(gradients).toEqual({ x: [0.5, 0.5, 0.5, 0.5, 0.5, 0.5] });
    expect(backward.unsupported).toEqual([]);
  });
});
