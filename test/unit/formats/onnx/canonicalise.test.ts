import { describe, expect, it } from 'vitest';

import { elementCount } from '../../../../src/core/graph/dtype';
import type { Model } from '../../../../src/core/graph/graph';
import type { Value } from '../../../../src/engine/runtime';
import { createSession } from '../../../../src/engine/runtime';
import { openBytes } from '../../../../src/formats/files/byteSource';
import { storedBytes } from '../../../../src/formats/tensors/elements';
import { canonicalise, refuseOpset } from '../../../../src/formats/onnx/canonicalise';
import { encodeModel } from '../../../../src/formats/onnx/encode';
import { readOnnx } from '../../../../src/formats/onnx/read';
import { NetworkBuilder, modelOf, present } from '../../support/graphs';
import { createRandom } from '../../support/random';
import {
  attribute, concat, floatBytes, int, loneFloats, message, model, node, packedFloats, packedInts, raw, tensor, text, types, valueInfo,
} from '../../support/protobuf';

const ints = (name: string, values: readonly number[]): Uint8Array => attribute(name, 7, packedInts(8, values));
const whole = (name: string, value: number): Uint8Array => attribute(name, 2, int(3, value));
const float = (name: string, value: number): Uint8Array => attribute(name, 1, loneFloats(2, [value]));
const word = (name: string, value: string): Uint8Array => attribute(name, 3, text(4, value));
const floats = (name: string, values: readonly number[]): Uint8Array => attribute(name, 6, packedFloats(7, values));
const stored = (name: string, values: readonly number[]): Uint8Array => tensor(name, types.float32, [values.length], raw(floatBytes(values)));
const indices = (name: string, values: readonly number[]): Uint8Array => tensor(name, types.int64, [values.length], packedInts(7, values));

interface Case {
  readonly op: string;
  readonly opset: number;
  readonly shape: readonly number[];
  readonly attributes?: readonly Uint8Array[];
  readonly more?: readonly string[];
  readonly stored?: readonly Uint8Array[];
  readonly outputs?: readonly string[];
}

/** One node that reads `x`, as a model of that opset. */
function oneNode({ op, opset, shape, attributes = [], more = [], stored: initializers = [], outputs = ['y'] }: Case): Uint8Array {
  return model({
    nodes: [node(op, ['x', ...more], outputs, attributes, 'node')], initializers, inputs: [valueInfo('x', shape)],
    outputs: outputs.map((name) => text(1, name)),
  }, opset);
}

async function run(bytes: Uint8Array, shape: readonly number[], outputs: readonly string[]): Promise<readonly Value[]> {
  const random = createRandom(elementCount(shape));
  const session = await createSession(bytes, { threads: 1, nodes: null });
  const data = Float32Array.from({ length: elementCount(shape) }, () => random() * 4 - 2);
  const results = await session.run(new Map([['x', { dtype: 'float32', shape, data }]]), outputs);
  await session.release();
  return outputs.map((output) => present(results.get(output)));
}

function lift(bytes: Uint8Array): Uint8Array {
  const source = openBytes('old.onnx', bytes);
  const graph = canonicalise(readOnnx(source));
  return encodeModel(graph, (_, tensor) => present(storedBytes(source, tensor)));
}

describe('a network computes the same after it was lifted', () => {
  const reductions = ['ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceLogSumExp', 'ReduceSumSquare'];
  it.each<readonly [string, Case]>([
    ...reductions.map((op) => [`${op} with axes`, { op, opset: 11, shape: [2, 3, 4], attributes: [ints('axes', [1, -1]), whole('keepdims', 0)] }] as const),
    ['ReduceMean over all', { op: 'ReduceMean', opset: 7, shape: [2, 3] }],
    ['ReduceMean of opset 17', { op: 'ReduceMean', opset: 17, shape: [2, 3], attributes: [ints('axes', [1])] }],
    ['ReduceSum of opset 11', { op: 'ReduceSum', opset: 11, shape: [2, 3], attributes: [ints('axes', [0])] }],
    ['ReduceSum of opset 13', { op: 'ReduceSum', opset: 13, shape: [2, 3], more: ['a'], stored: [indices('a', [0])] }],
    ['Squeeze', { op: 'Squeeze', opset: 7, shape: [2, 1, 3, 1], attributes: [ints('axes', [1])] }],
    ['Squeeze of everything', { op: 'Squeeze', opset: 11, shape: [2, 1, 3, 1] }],
    ['Unsqueeze', { op: 'Unsqueeze', opset: 7, shape: [2, 3], attributes: [ints('axes', [0, 3])] }],
    ['Split with sizes', { op: 'Split', opset: 11, shape: [6, 2], attributes: [ints('split', [1, 3, 2]), whole('axis', 0)], outputs: ['a', 'b', 'c'] }],
    ['Split into equal parts', { op: 'Split', opset: 7, shape: [6, 2], attributes: [whole('axis', 0)], outputs: ['a', 'b', 'c'] }],
    ['Split into equal parts of opset 13', { op: 'Split', opset: 13, shape: [2, 6], attributes: [whole('axis', 1)], outputs: ['a', 'b'] }],
    ['Slice', { op: 'Slice', opset: 7, shape: [4, 5], attributes: [ints('starts', [1, -3]), ints('ends', [4, 1000])] }],
    ['Slice along an axis', { op: 'Slice', opset: 9, shape: [4, 5], attributes: [ints('starts', [1]), ints('ends', [-1]), ints('axes', [1])] }],
    ['Clip between bounds', { op: 'Clip', opset: 6 + 1, shape: [3, 4], attributes: [float('min', -0.5), float('max', 1)] }],
    ['Clip from below', { op: 'Clip', opset: 10, shape: [3, 4], attributes: [float('min', 0)] }],
    ['Clip from above', { op: 'Clip', opset: 10, shape: [3, 4], attributes: [float('max', 0)] }],
    ['Pad', { op: 'Pad', opset: 7, shape: [2, 3], attributes: [ints('pads', [0, 1, 1, 0])] }],
    ['Pad with a value', { op: 'Pad', opset: 10, shape: [2, 3], attributes: [ints('pads', [0, 1, 1, 0]), float('value', 2.5)] }],
    ['Pad by reflection', { op: 'Pad', opset: 10, shape: [3, 4], attributes: [ints('pads', [0, 2, 0, 1]), word('mode', 'reflect')] }],
    ['Softmax of the rest', { op: 'Softmax', opset: 7, shape: [2, 3, 4] }],
    ['Softmax over everything', { op: 'Softmax', opset: 11, shape: [2, 3, 4], attributes: [whole('axis', 0)] }],
    ['Softmax from a negative axis', { op: 'Softmax', opset: 11, shape: [2, 3, 4], attributes: [whole('axis', -2)] }],
    ['Softmax of the last axis', { op: 'Softmax', opset: 11, shape: [2, 3, 4], attributes: [whole('axis', -1)] }],
    ['LogSoftmax', { op: 'LogSoftmax', opset: 11, shape: [2, 3, 4], attributes: [whole('axis', 1)] }],
    ['Hardmax', { op: 'Hardmax', opset: 11, shape: [2, 3, 4], attributes: [whole('axis', 1)] }],
    ['Upsample of opset 7', { op: 'Upsample', opset: 7, shape: [1, 2, 3, 3], attributes: [floats('scales', [1, 1, 2, 2]), word('mode', 'nearest')] }],
    ['Upsample of opset 9', { op: 'Upsample', opset: 9, shape: [1, 2, 3, 3], more: ['s'], stored: [stored('s', [1, 1, 3, 2])] }],
    ['Upsample, linear', {
      op: 'Upsample', opset: 9, shape: [1, 2, 3, 3], attributes: [word('mode', 'linear')], more: ['s'], stored: [stored('s', [1, 1, 2, 2])],
    }],
    ['Resize of opset 10', { op: 'Resize', opset: 10, shape: [1, 2, 3, 3], more: ['s'], stored: [stored('s', [1, 1, 2, 2])] }],
    ['Resize of opset 10, downward', { op: 'Resize', opset: 10, shape: [1, 1, 4, 6], more: ['s'], stored: [stored('s', [1, 1, 0.5, 0.5])] }],
    ['Resize of opset 10, linear', {
      op: 'Resize', opset: 10, shape: [1, 1, 4, 6], attributes: [word('mode', 'linear')], more: ['s'], stored: [stored('s', [1, 1, 1.5, 0.5])],
    }],
    ['TopK', { op: 'TopK', opset: 7, shape: [3, 5], attributes: [whole('k', 2)], outputs: ['values', 'indices'] }],
    ['TopK of opset 10', { op: 'TopK', opset: 10, shape: [3, 5], more: ['k'], stored: [indices('k', [3])], outputs: ['values', 'indices'] }],
    ['Dropout of opset 7', { op: 'Dropout', opset: 7, shape: [3, 4], attributes: [float('ratio', 0.5)] }],
    ['Dropout of opset 12', { op: 'Dropout', opset: 12, shape: [3, 4], more: ['r'], stored: [tensor('r', types.float32, [], raw(floatBytes([0.3])))] }],
    ['BatchNormalization of opset 7', {
      op: 'BatchNormalization', opset: 7, shape: [2, 2, 3], attributes: [float('epsilon', 1e-3)], more: ['g', 'b', 'm', 'v'],
      stored: [stored('g', [1, 2]), stored('b', [0.5, -1]), stored('m', [0.1, 0.2]), stored('v', [1, 4])],
    }],
    ['GroupNormalization of opset 18', {
      op: 'GroupNormalization', opset: 18, shape: [2, 4, 3], attributes: [whole('num_groups', 2)], more: ['g', 'b'],
      stored: [stored('g', [1, 2]), stored('b', [0.5, -1])],
    }],
    ['AveragePool', { op: 'AveragePool', opset: 7, shape: [1, 2, 5, 5], attributes: [ints('kernel_shape', [2, 2]), ints('strides', [2, 2])] }],
    ['MaxPool', { op: 'MaxPool', opset: 8, shape: [1, 2, 5, 5], attributes: [ints('kernel_shape', [3, 3]), ints('pads', [1, 1, 1, 1])] }],
    ['Flatten', { op: 'Flatten', opset: 7, shape: [2, 3, 4], attributes: [whole('axis', 2)] }],
    ['nothing to lift', { op: 'Tanh', opset: 7, shape: [2, 3] }],
  ])('%s', async (_, given) => {
    const outputs = given.outputs ?? ['y'];
    const original = oneNode(given);
    const [before, after] = [await run(original, given.shape, outputs), await run(lift(original), given.shape, outputs)];
    expect(after.map(({ dtype, shape }) => ({ dtype, shape }))).toEqual(before.map(({ dtype, shape }) => ({ dtype, shape })));
    after.forEach(({ data }, i) => {
      const expected = Array.from(present(before[i]).data, Number);
      // Kernels of different operator sets may add in a different order.
      Array.from(data, Number).forEach((value, j) => expect(Math.abs(value - (expected[j] ?? NaN))).toBeLessThanOrEqual(1e-6));
    });
  });
  it('batch normalisation in training mode, which was told by its outputs before opset 14', async () => {
    const parameters = [stored('g', [1, 2]), stored('b', [0.5, -1]), stored('m', [0.1, 0.2]), stored('v', [1, 4])];
    const outputs = ['y', 'mean', 'variance', 'saved_mean', 'saved_variance'];
    const normalise = node('BatchNormalization', ['x', 'g', 'b', 'm', 'v'], outputs);
    const bytes = model({ nodes: [normalise], initializers: parameters, inputs: [valueInfo('x', [4, 2, 3])], outputs: [text(1, 'y')] }, 9);
    const [before] = await run(bytes, [4, 2, 3], ['y']);
    const [after] = await run(lift(bytes), [4, 2, 3], ['y']);
    expect(after).toEqual(before);
    const channel = Array.from(present(after).data, Number).filter((_, i) => i % 6 < 3);
    expect(channel.reduce((sum, x) => sum + x, 0) / channel.length, 'the mean of a batch is its bias').toBeCloseTo(0.5, 5);
  });
  it('where names that lifting would give are taken already', async () => {
    const names = ['constant', 'Shape_out', 'Flatten_out', 'Softmax_flat', 'Shape', 'Reshape'];
    const chain = names.map((name, i) => node('Tanh', [names[i - 1] ?? 'clipped'], [name], [], name));
    const nodes = [node('Clip', ['x'], ['clipped'], [float('min', -1), float('max', 1)]), ...chain, node('Softmax', [names.at(-1) ?? ''], ['y'])];
    const bytes = model({ nodes, inputs: [valueInfo('x', [2, 3])], outputs: [text(1, 'y')] }, 9);
    const [before] = await run(bytes, [2, 3], ['y']);
    const [after] = await run(lift(bytes), [2, 3], ['y']);
    expect(after).toEqual(before);
  });
  it('inside the branches of an If', async () => {
    const branch = (op: string, attributes: readonly Uint8Array[]): Uint8Array => concat(
      message(1, node(op, ['x'], [`${op}_y`], attributes)), text(2, op), message(12, valueInfo(`${op}_y`, [2, 3])));
    const choice = node('If', ['yes'], ['y'], [
      attribute('then_branch', 5, message(6, branch('Clip', [float('min', -0.25)]))), attribute('else_branch', 5, message(6, branch('Softmax', []))),
    ]);
    const yes = tensor('yes', types.bool, [], raw([1]));
    const bytes = model({ nodes: [choice], initializers: [yes], inputs: [valueInfo('x', [2, 3])], outputs: [text(1, 'y')] }, 10);
    const [before] = await run(bytes, [2, 3], ['y']);
    const [after] = await run(lift(bytes), [2, 3], ['y']);
    expect(after).toEqual(before);
  });
});

describe('Dropout', () => {
  const graph = (readMask: boolean): ReturnType<NetworkBuilder['build']> => {
    const b = new NetworkBuilder();
    const [y = '', mask = ''] = b.addMany('Dropout', [b.input('x', 'float32', [2, 2])], 2);
    if (readMask) b.output(mask, 'bool');
    return b.finish(y);
  };
  it('is off, whatever the model says, and keeps its ratio', () => {
    const b = new NetworkBuilder();
    const y = b.add('Dropout', [b.input('x', 'float32', [2, 2]), b.constant('float32', [], [0.25]), b.constant('bool', [], [1])]);
    const [dropout] = canonicalise(modelOf(b.finish(y), 17)).nodes;
    expect([dropout?.op, dropout?.inputs.length, dropout?.outputs.length]).toEqual(['Dropout', 2, 1]);
  });
  it('stays where its mask is an output of the network', () => {
    expect(canonicalise(modelOf(graph(true), 17)).nodes.map((each) => each.op)).toEqual(['Dropout', 'Identity']);
  });
});

describe('operator sets that are not known', () => {
  const modelIn = (opset: number): Model => {
    const b = new NetworkBuilder();
    return modelOf(b.finish(b.add('Relu', [b.input('x', 'float32', [1])])), opset);
  };
  it.each([6, 29, 999])('%d is named, and what is known of the graph stays', (opset) => {
    expect(refuseOpset(modelIn(opset))).toBe(`memory.onnx uses ONNX opset ${opset}; Initscope knows opsets 7 to 28`);
    expect(canonicalise(modelIn(opset)).nodes[0]?.op).toBe('Relu');
  });
  it.each([7, 21, 26])('%d is known', (opset) => expect(refuseOpset(modelIn(opset))).toBeNull());
});
