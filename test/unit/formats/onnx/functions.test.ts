import { describe, expect, it } from 'vitest';

import type { Graph } from '../../../../src/core/graph/graph';
import { storedFloats } from '../../../../src/core/report/stored';
import { createSession } from '../../../../src/engine/runtime';
import { openBytes } from '../../../../src/formats/files/byteSource';
import { encodeModel } from '../../../../src/formats/onnx/encode';
import type { OpenedModel } from '../../../../src/formats/openModel';
import { openModel } from '../../../../src/formats/openModel';
import { storedBytes } from '../../../../src/formats/tensors/elements';
import { Failure } from '../../../../src/protocol/failure';
import { present } from '../../support/graphs';
import type { FunctionParts } from '../../support/protobuf';
import {
  attribute, bareAttribute, call, concat, floatBytes, graph, int, localFunction, loneFloats, message, model, node, packedInts, raw, reference, tensor, text,
  types, valueInfo,
} from '../../support/protobuf';

const open = (bytes: Uint8Array): OpenedModel => openModel(openBytes('net.onnx', bytes), { size: 0, mtimeMs: 0 });

const floats = (shape: readonly number[], values: readonly number[]): Uint8Array => tensor('', types.float32, shape, raw(floatBytes(values)));
const constant = (output: string, shape: readonly number[], values: readonly number[]): Uint8Array => (
  node('Constant', [], [output], [attribute('value', 4, message(5, floats(shape, values)))]));
const float = (name: string, value: number): Uint8Array => attribute(name, 1, loneFloats(2, [value]));
const weights = [0.5, -1, 2, 0.25, 1, -0.5, 0.75, 1.5, -2];

/** `x` of [2, 3] goes through the nodes to `y`. */
function network(nodes: readonly Uint8Array[], functions: readonly FunctionParts[], opset = 17): Uint8Array {
  const parts = { nodes, inputs: [valueInfo('x', [2, 3])], outputs: [text(1, 'y')] };
  return model(parts, opset, message(8, text(1, 'local'), int(2, 1)), ...functions.map(localFunction));
}

async function run(bytes: Uint8Array): Promise<readonly number[]> {
  const session = await createSession(bytes, { threads: 1, nodes: null });
  const x = { dtype: 'float32', shape: [2, 3], data: Float32Array.of(-2, -1, -0.5, 0.5, 1, 3) } as const;
  const y = present((await session.run(new Map([['x', x]]), ['y'])).get('y'));
  await session.release();
  return Array.from(y.data, Number);
}

function lifted(bytes: Uint8Array): { readonly graph: Graph; readonly bytes: Uint8Array } {
  const source = openBytes('net.onnx', bytes);
  const { graph: canonical } = openModel(source, { size: 0, mtimeMs: 0 });
  return { graph: canonical, bytes: encodeModel(canonical, (_, stored) => present(storedBytes(source, stored))) };
}

const linear: FunctionParts = {
  name: 'Linear', inputs: ['x', 'b'], outputs: ['y'],
  nodes: [constant('w', [3, 3], weights), node('MatMul', ['x', 'w'], ['h'], [], 'product'), node('Add', ['h', 'b'], ['y'], [], 'sum')],
};
const leaky: FunctionParts = {
  name: 'Leaky', inputs: ['x'], outputs: ['y'], defaults: [bareAttribute('slope', 1, loneFloats(2, [0.25]))],
  nodes: [node('LeakyRelu', ['x'], ['y'], [reference('alpha', 1, 'slope')])],
};
const bias = constant('b', [3], [1, 2, 3]);
const older = [
  node('Softmax', ['x'], ['s'], [attribute('axis', 2, int(3, 0))]), node('ReduceMean', ['s'], ['m'], [attribute('axes', 7, packedInts(8, [1]))]),
  node('Add', ['s', 'm'], ['y']),
];
const calledTwice = network([bias, call('Linear', ['x', 'b'], ['h'], [], 'one'), call('Linear', ['h', 'b'], ['y'], [], 'two')], [linear]);
const scaled: FunctionParts = {
  name: 'Scaled', inputs: ['a'], outputs: ['c'], nodes: [node('Constant', [], ['k'], [reference('value', 4, 'by')]), node('Mul', ['a', 'k'], ['c'])],
};

describe('a model computes the same with its functions in place', () => {
  it.each<readonly [string, Uint8Array]>([
    ['called once', network([bias, call('Linear', ['x', 'b'], ['y'])], [linear])],
    ['called twice', calledTwice],
    ['with an attribute of the call', network([call('Leaky', ['x'], ['y'], [float('slope', 0.5)])], [leaky])],
    ['with an attribute by default', network([call('Leaky', ['x'], ['y'])], [leaky])],
    ['with an attribute that neither gives, so that the operator has its own',
      network([call('Plain', ['x'], ['y'])], [{ ...leaky, name: 'Plain', defaults: [] }])],
    ['that call functions', network([bias, call('Block', ['x', 'b'], ['y'], [float('negative', 0.125)])], [
      { name: 'Block', inputs: ['x', 'b'], outputs: ['y'], nodes: [
        call('Linear', ['x', 'b'], ['h']), call('Leaky', ['h'], ['g'], [reference('slope', 1, 'negative')]), call('Linear', ['g', 'b'], ['y'], [], 'again'),
      ] }, linear, leaky,
    ])],
    ['whose output is a constant', network([call('Ones', [], ['h']), node('Mul', ['h', 'x'], ['y'])], [
      { name: 'Ones', inputs: [], outputs: ['c'], nodes: [constant('c', [3], [1, 2, 3])] }])],
    ['an output of which nobody reads', network([call('Both', ['x'], ['', 'y'])], [
      { name: 'Both', inputs: ['a'], outputs: ['r', 't'], nodes: [node('Relu', ['a'], ['r']), node('Tanh', ['r'], ['t'])] }])],
    ['an optional input of which is absent', network([call('Bounded', ['x', '', 'top'], ['y']), constant('top', [], [0.75])], [
      { name: 'Bounded', inputs: ['a', 'low', 'high'], outputs: ['c'], nodes: [node('Clip', ['a', 'low', 'high'], ['c'])] }])],
    ['whose values have the names of the caller\'s', network([call('Twist', ['x'], ['h']), node('Sub', ['h', 'x'], ['y'])], [
      { name: 'Twist', inputs: ['y'], outputs: ['x'], nodes: [node('Relu', ['y'], ['h']), node('Neg', ['h'], ['x'])] }])],
    ['of one name and different overloads', network([call('F', ['x'], ['h'], [], 'one', 'relu'), call('F', ['h'], ['y'], [], 'two', 'neg')], [
      { name: 'F', overload: 'relu', inputs: ['a'], outputs: ['c'], nodes: [node('Relu', ['a'], ['c'])] },
      { name: 'F', overload: 'neg', inputs: ['a'], outputs: ['c'], nodes: [node('Neg', ['a'], ['c'])] }])],
  ])('%s', async (_, bytes) => {
    const after = lifted(bytes);
    expect(after.graph.nodes.filter((each) => each.domain !== '')).toEqual([]);
    expect(await run(after.bytes)).toEqual(await run(bytes));
  });
  /** ONNX Runtime refuses some functions that the specification allows, and reads all in the model's own operator set. */
  it.each<readonly [string, Uint8Array, Uint8Array]>([
    ['in an older operator set of their own', network([call('Old', ['x'], ['y'])], [{ name: 'Old', inputs: ['x'], outputs: ['y'], opset: 11, nodes: older }]),
      network(older, [], 11)],
    ['whose output is their input', network([call('Same', ['x'], ['h']), node('Relu', ['h'], ['y'])], [
      { name: 'Same', inputs: ['a'], outputs: ['a'], nodes: [] }]), network([node('Relu', ['x'], ['y'])], [])],
    ['that give one value twice', network([call('Both', ['x'], ['p', 'q']), node('Add', ['p', 'q'], ['y'])], [
      { name: 'Both', inputs: ['a'], outputs: ['r', 'r'], nodes: [node('Relu', ['a'], ['r'])] }]),
    network([node('Relu', ['x'], ['r']), node('Add', ['r', 'r'], ['y'])], [])],
    ['with a constant that the call gives', network([call('Scaled', ['x'], ['y'], [attribute('by', 4, message(5, floats([3], [1, -1, 2])))])], [scaled]),
      network([constant('k', [3], [1, -1, 2]), node('Mul', ['x', 'k'], ['y'])], [])],
  ])('%s, as one that is written without', async (_, bytes, plain) => {
    const after = lifted(bytes);
    expect(after.graph.nodes.filter((each) => each.domain !== '')).toEqual([]);
    expect(await run(after.bytes)).toEqual(await run(plain));
  });
  it('that hold branches, whose values are not taken for the caller\'s', async () => {
    const branch = (op: string): Uint8Array => message(6, graph({
      nodes: [node(op, ['a'], ['h']), node('Add', ['h', 'a'], ['r'])], outputs: [text(1, 'r')],
    }));
    const choose: FunctionParts = { name: 'Choose', inputs: ['c', 'a'], outputs: ['r'], nodes: [
      node('If', ['c'], ['r'], [attribute('then_branch', 5, branch('Neg')), attribute('else_branch', 5, branch('Relu'))], 'if'),
    ] };
    const yes = node('Constant', [], ['yes'], [attribute('value', 4, message(5, tensor('', types.bool, [], raw([1]))))]);
    const bytes = network([yes, node('Exp', ['x'], ['h']), call('Choose', ['yes', 'h'], ['y'])], [choose]);
    expect(await run(lifted(bytes).bytes)).toEqual(await run(bytes));
  });
});

describe('a constant inside a function', () => {
  it('is one stored tensor, however often the function is called', () => {
    const { graph: { initializers, nodes } } = open(calledTwice);
    expect([...initializers].map(([name, { id, storage }]) => [name, id, storage])).toEqual([['b', 'b', 'constant'], ['Linear/w', 'Linear/w', 'constant']]);
    expect(nodes.filter((each) => each.op === 'MatMul').map((each) => each.inputs[1])).toEqual(['Linear/w', 'Linear/w']);
  });
  it('is counted once among what the file stores', () => expect(storedFloats(open(calledTwice).model)).toEqual({ elements: 12, bytes: 48 }));
  it('makes layers of every call', () => {
    expect(open(calledTwice).layers.map((layer) => [layer.op, ...layer.weights.map((weight) => weight.id)])).toEqual([
      ['MatMul', 'Linear/w', 'b'], ['MatMul', 'Linear/w', 'b'],
    ]);
  });
  it('keeps its place where the call gives it', () => {
    const bytes = network([call('Scaled', ['x'], ['y'], [attribute('by', 4, message(5, floats([3], [1, -1, 2])))], 'here')], [scaled]);
    expect([...open(bytes).graph.initializers]).toMatchObject([['here/k', { id: 'here.by', place: { length: 12 } }]]);
  });
});

describe('functions without an end', () => {
  const callTwice = (name: string, other: string): FunctionParts => (
    { name, inputs: ['a'], outputs: ['c'], nodes: [call(other, ['a'], ['b'], [], 'first'), call(other, ['b'], ['c'], [], 'second')] });
  it('that call themselves are named', () => {
    const circle = network([call('A', ['x'], ['y'])], [callTwice('A', 'B'), callTwice('B', 'A')]);
    expect(() => open(circle)).toThrow('net.onnx is not a valid model: a function calls itself (A → B → A).');
  });
  it('are no matter where nobody calls them', () => {
    expect(open(network([node('Relu', ['x'], ['y'])], [callTwice('A', 'A')])).graph.nodes).toHaveLength(1);
  });
  it('that stand for 2^40 nodes are refused', () => {
    const doubling = Array.from({ length: 40 }, (_, i) => callTwice(`F${i}`, `F${i + 1}`));
    const last: FunctionParts = { name: 'F40', inputs: ['a'], outputs: ['c'], nodes: [node('Relu', ['a'], ['c'])] };
    expect(() => open(network([call('F0', ['x'], ['y'])], [...doubling, last]))).toThrow(Failure);
  });
  it('that are nested deeper than the stack are refused', () => {
    const chain = Array.from({ length: 5000 }, (_, i): FunctionParts => (
      { name: `F${i}`, inputs: ['a'], outputs: ['c'], nodes: i === 4999 ? [] : [call(`F${i + 1}`, ['a'], ['c'])] }));
    expect(() => open(network([call('F0', ['x'], ['y'])], chain))).toThrow(/more than 64 deep/);
  });
  it('that pass on a name of a megabyte are refused', () => {
    const name = 'v'.repeat(1 << 20);
    const long: FunctionParts = { name: 'Long', inputs: ['a'], outputs: ['c'], nodes: [node('Relu', ['a'], [name]), node('Neg', [name], ['c'])] };
    const calls = Array.from({ length: 100 }, (_, i) => call('Long', ['x'], [i === 0 ? 'y' : `y${i}`], [], `call${i}`));
    expect(() => open(network(calls, [long]))).toThrow(Failure);
  });
});

describe('words of a function that mean something in JavaScript', () => {
  it('are attributes nobody gave', () => {
    const nodes = [node('LeakyRelu', ['x'], ['y'], [reference('alpha', 1, 'toString')])];
    const odd = network([call('Odd', ['x'], ['y'])], [{ ...leaky, name: 'Odd', defaults: [], nodes }]);
    expect(open(concat(odd)).graph.nodes[0]?.attributes).toEqual({});
  });
});
