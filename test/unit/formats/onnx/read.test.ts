import { describe, expect, it } from 'vitest';

import type { Model } from '../../../../src/core/graph/graph';
import { openBytes } from '../../../../src/formats/files/byteSource';
import { readOnnx } from '../../../../src/formats/onnx/read';
import { Failure } from '../../../../src/protocol/failure';
import { NetworkBuilder, encode, present } from '../../support/graphs';
import {
  attribute, concat, floatBytes, graph, int, loneFloats, message, metadata, model, node, packedFloats, packedInts, raw, tensor, text, types, valueInfo,
} from '../../support/protobuf';

const read = (bytes: Uint8Array): Model => readOnnx(openBytes('folder/net.onnx', bytes));

function failureOf(bytes: Uint8Array): Failure {
  try {
    read(bytes);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('It was read.');
}

const weight = tensor('w', types.float32, [2, 2], raw(floatBytes([1, 2, 3, 4])));
const product = node('MatMul', ['x', 'w'], ['y'], [], 'product');
const simple = { nodes: [product], initializers: [weight], inputs: [valueInfo('x', ['batch', 2])], outputs: [valueInfo('y', ['batch', 2])] };

describe('a model our own encoder wrote', () => {
  it('is read as it was built, with every kind of attribute', () => {
    const b = new NetworkBuilder();
    const x = b.input('x', 'float32', ['n', 3, 8, 8]);
    const convolved = b.add('Conv', [x, b.weight('w', [4, 3, 3, 3])], { kernel_shape: [3, 3], group: 1, auto_pad: 'SAME_UPPER' });
    const y = b.add('LeakyRelu', [convolved], { alpha: { kind: 'float', value: 0.25 } });
    const body = new NetworkBuilder();
    body.append({ name: 'inner', domain: '', op: 'Identity', inputs: [y], outputs: ['z'], attributes: {} });
    body.output('z', 'float32');
    b.append({
      name: 'odd', domain: 'com.example', op: 'Odd', inputs: [y, ''], outputs: ['o'],
      attributes: {
        names: { kind: 'strings', value: ['a', 'b'] }, scales: { kind: 'floats', value: [0.5, -1] }, body: { kind: 'graph', value: body.build() },
        table: { kind: 'tensor', value: { id: '', dtype: 'int64', shape: [2], storage: 'raw', place: null, values: [7, -8] } },
      },
    });
    const built = b.finish(y);
    const model = read(encode(built));
    expect(model.opsets).toEqual(new Map([['', 21], ['com.example', 1]]));
    expect(model.graph.inputs).toEqual(built.inputs);
    expect(model.graph.nodes.map(({ op, domain, inputs, outputs }) => ({ op, domain, inputs, outputs })))
      .toEqual(built.nodes.map(({ op, domain, inputs, outputs }) => ({ op, domain, inputs, outputs })));
    expect(model.graph.nodes[0]?.attributes).toEqual(built.nodes[0]?.attributes);
    expect(model.graph.nodes[1]?.attributes).toEqual({ alpha: { kind: 'float', value: 0.25 } });
    const odd = present(model.graph.nodes[2]).attributes;
    expect(odd.names).toEqual({ kind: 'strings', value: ['a', 'b'] });
    expect(odd.scales).toEqual({ kind: 'floats', value: [0.5, -1] });
    expect(odd.table).toMatchObject({ kind: 'tensor', value: { id: 'odd.table', dtype: 'int64', shape: [2], values: [7, -8] } });
    expect(odd.body).toMatchObject({ kind: 'graph', value: { nodes: [{ name: 'inner', inputs: [y] }] } });
    expect(model.graph.initializers.get('w')).toMatchObject({ dtype: 'float32', shape: [4, 3, 3, 3], storage: 'raw', values: null });
  });
});

describe('a model by hand', () => {
  it('says who made it and what it imports', () => {
    const bytes = concat(model(simple, 13, metadata('author', 'somebody')), text(3, '2.0'), message(8, text(1, 'com.microsoft'), int(2, 1)));
    const { producer, irVersion, opsets, metadata: read_, graph: { inputs, outputs } } = read(bytes);
    expect({ producer, irVersion }).toEqual({ producer: 'by hand 2.0', irVersion: 8 });
    expect(opsets).toEqual(new Map([['', 13], ['com.microsoft', 1]]));
    expect(read_.get('author')).toBe('somebody');
    expect(inputs).toEqual([{ name: 'x', dtype: 'float32', shape: ['batch', 2] }]);
    expect(outputs[0]?.shape).toEqual(['batch', 2]);
  });
  it('may import no operator set, or name the default one "ai.onnx"', () => {
    expect(read(model(simple, null)).opsets.size).toBe(0);
    expect(read(concat(model(simple, null), message(8, text(1, 'ai.onnx'), int(2, 9)))).opsets.get('')).toBe(9);
  });
  it('may list its initializers as inputs, which are then none', () => {
    const listed = { ...simple, inputs: [valueInfo('x', [1, 2]), valueInfo('w', [2, 2])] };
    expect(read(model(listed)).graph.inputs.map((input) => input.name)).toEqual(['x']);
  });
  it('keeps an unknown rank apart from a scalar', () => {
    const unknown = concat(text(1, 'u'), message(2, message(1, int(1, 1))));
    const { inputs } = read(model({ ...simple, inputs: [unknown, valueInfo('s', [])] })).graph;
    expect(inputs.map((input) => input.shape)).toEqual([null, []]);
  });
  it('skips fields it does not know, wherever they stand', () => {
    const strange = concat(int(99, 5), message(100, [1, 2, 3]), concat([0xa5, 0x06], floatBytes([1])));
    const bytes = concat(strange, model({ ...simple, nodes: [concat(product, strange)], initializers: [concat(strange, weight)] }), strange);
    expect(read(bytes).graph.initializers.get('w')?.place?.length).toBe(16);
  });
  it('has its nodes put in order', () => {
    const nodes = [node('Relu', ['h'], ['y'], [], 'last'), node('MatMul', ['x', 'w'], ['h'], [], 'first')];
    expect(read(model({ ...simple, nodes })).graph.nodes.map((each) => each.name)).toEqual(['first', 'last']);
  });
  it('gives nodes without a name, and with the same name, one of their own', () => {
    const nodes = [node('Relu', ['x'], ['a']), node('Relu', ['a'], ['b'], [], 'same'), node('Relu', ['b'], ['c'], [], 'same')];
    const names = read(model({ ...simple, nodes })).graph.nodes.map((each) => each.name);
    expect(names).toEqual(['Relu_0', 'same', 'same#2']);
  });
  it('reads attributes without a type, as IR version 1 wrote them', () => {
    const untyped = (name: string, value: Uint8Array): Uint8Array => message(5, text(1, name), value);
    const attributes = [untyped('i', int(3, 4)), untyped('is', packedInts(8, [1, -2])), untyped('f', packedFloats(7, [0.5])), untyped('s', text(4, 'SAME'))];
    expect(read(model({ ...simple, nodes: [node('Odd', ['x'], ['y'], attributes)] })).graph.nodes[0]?.attributes).toEqual({
      i: { kind: 'int', value: 4 }, is: { kind: 'ints', value: [1, -2] }, f: { kind: 'floats', value: [0.5] }, s: { kind: 'string', value: 'SAME' },
    });
  });
  it('reads lists packed and not packed alike', () => {
    const lists = [attribute('packed', 7, packedInts(8, [3, -4, 5])), attribute('lone', 7, concat(int(8, 3), int(8, -4), int(8, 5)))];
    const read_ = present(read(model({ ...simple, nodes: [node('Odd', ['x'], ['y'], lists)] })).graph.nodes[0]).attributes;
    expect(read_.packed).toEqual({ kind: 'ints', value: [3, -4, 5] });
    expect(read_.lone).toEqual(read_.packed);
  });
  it('reads subgraphs, their own constants and initializers included', () => {
    const c = tensor('c', types.float32, [2], packedFloats(4, [5, 6]));
    const inner = graph({ nodes: [node('Add', ['w', 'c'], ['z'])], initializers: [c], outputs: [valueInfo('z', [2])] });
    const branch = attribute('then_branch', 5, message(6, inner));
    const condition = node('If', ['x'], ['y'], [branch], 'choice');
    const { nodes } = read(model({ ...simple, nodes: [condition] })).graph;
    const body = present(nodes[0]).attributes.then_branch;
    expect(body).toMatchObject({ kind: 'graph', value: { nodes: [{ op: 'Add', inputs: ['w', 'c'] }] } });
    expect(body?.kind === 'graph' && body.value.initializers.get('c')?.place?.length).toBe(8);
  });
  it('takes the last of initializers with the same name, as ONNX Runtime does', () => {
    const again = tensor('w', types.float32, [1, 2], raw(floatBytes([8, 9])));
    expect(read(model({ ...simple, initializers: [weight, again] })).graph.initializers.get('w')?.shape).toEqual([1, 2]);
  });
});

describe('Constant nodes become initializers', () => {
  const constant = (name: string, type: number, value: Uint8Array): Model => (
    read(model({ ...simple, nodes: [node('Constant', [], ['c'], [attribute(name, type, value)]), product] })));
  it.each([
    ['value', 4, message(5, tensor('', types.float32, [3], raw(floatBytes([1, 2, 3])))), 'float32', [3], null],
    ['value', 4, message(5, tensor('', types.int64, [2], packedInts(7, [5, -6]))), 'int64', [2], [5, -6]],
    ['value_float', 1, loneFloats(2, [0.5]), 'float32', [], [0.5]],
    ['value_floats', 6, packedFloats(7, [0.5, 2]), 'float32', [2], [0.5, 2]],
    ['value_int', 2, int(3, -3), 'int64', [], [-3]],
    ['value_ints', 7, packedInts(8, [-1, 4]), 'int64', [2], [-1, 4]],
  ])('from %s (type %d)', (name, type, value, dtype, shape, values) => {
    const { graph: { initializers, nodes } } = constant(name, type, value);
    expect(initializers.get('c')).toMatchObject({ dtype, shape, storage: 'constant', values });
    expect(nodes.map((each) => each.op)).toEqual(['MatMul']);
  });
  it('but for strings, which stay nodes', () => {
    expect(constant('value_string', 3, text(4, 'word')).graph.nodes.map((each) => each.op)).toContain('Constant');
  });
});

describe('what is wrong with a file is said in one sentence that names it', () => {
  const cycle = { ...simple, nodes: [node('Relu', ['b'], ['a'], [], 'one'), node('Relu', ['a'], ['b'], [], 'two')] };
  const twice = { ...simple, nodes: [product, node('Relu', ['x'], ['y'], [], 'again')] };
  const whole = model(simple);
  it.each([
    ['empty', new Uint8Array(0), 'empty-file', /is empty \(0 bytes\)/],
    ['a Git LFS pointer', new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'), 'foreign-file', /git lfs pull/],
    ['a zip archive', concat([0x50, 0x4b, 3, 4], new Uint8Array(80)), 'foreign-file', /zip archive/],
    ['JSON', new TextEncoder().encode('{"modelTopology": {"class_name": "Model", "config": {"layers": []}}}'), 'foreign-file', /text/],
    ['in the text of ONNX', new TextEncoder().encode('<\n  ir_version: 10,\n  opset_import: ["" : 21]\n>\nagraph'), 'foreign-file', /onnx\.parser\.parse_model/],
    ['in the text of protobuf', new TextEncoder().encode('ir_version: 10\ngraph {\n  node {\n'), 'foreign-file', /format="textproto"/],
    ['a text of TensorFlow', new TextEncoder().encode('node {\n  name: "x"\n'), 'foreign-file', /a graph of TensorFlow as text/],
    ['JSON behind a comment', new TextEncoder().encode('// mine\n{}'), 'foreign-file', /take the comments out/],
    ['a number', new TextEncoder().encode('42'), 'foreign-file', /text: name a file exported to ONNX/],
    ['an HDF5 file', concat([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a], new Uint8Array(80)), 'foreign-file', /HDF5/],
    ['a TensorFlow Lite model', concat([0x1c, 0, 0, 0, 0x54, 0x46, 0x4c, 0x33], new Uint8Array(80)), 'foreign-file', /TensorFlow Lite/],
    ['without graph', int(1, 8), 'foreign-file', /no graph/],
    ['without IR version', message(7, graph(simple)), 'foreign-file', /no IR version/],
    ['cut off', whole.subarray(0, whole.length - 7), 'broken-file', /at byte \d+ of \d+/],
    ['a circle', model(cycle), 'broken-file', /one, two depend on each other in a circle/],
    ['a value made twice', model(twice), 'broken-file', /"y" is made twice, the second time by again/],
    ['a length beyond its message', concat(int(1, 8), [0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f]), 'broken-file', /runs past the end/],
    ['an endless varint', concat([0x08], new Uint8Array(12).fill(0xff)), 'broken-file', /varint is longer/],
    ['a group', [0x0b, 0x0c], 'broken-file', /wire type 3/],
    ['a number for a name', model({ ...simple, nodes: [int(4, 3)] }), 'broken-file', /NodeProto.opType has wire type 0/],
  ])('%s', (_, bytes, code, sentence) => {
    const failure = failureOf(bytes instanceof Uint8Array ? bytes : Uint8Array.from(bytes));
    expect(failure.code).toBe(code);
    expect(failure.message).toContain('folder/net.onnx');
    expect(failure.message).toMatch(sentence);
    expect(failure.message).not.toContain('\n');
  });
  it('nested deeper than anything an exporter writes', () => {
    let body = graph({});
    for (let depth = 0; depth < 40; depth++) body = graph({ nodes: [node('If', [], [], [attribute('then_branch', 5, message(6, body))])] });
    expect(failureOf(concat(int(1, 8), message(7, body))).message).toMatch(/nested more than 64 deep/);
  });
});
