/** Networks as quantisers leave them: read as the networks of floats that they were made from, with weights as the numbers they stand for. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { elementCount } from '../../../../src/core/graph/dtype';
import type { DType } from '../../../../src/core/graph/dtype';
import type { Graph, Node } from '../../../../src/core/graph/graph';
import { createTensor } from '../../../../src/core/graph/tensor';
import { encodeModel } from '../../../../src/formats/onnx/encode';
import { openModelFile } from '../../../../src/formats/openModel';
import type { OpenedModel } from '../../../../src/formats/openModel';
import { at, initscope } from '../../support/command';
import { NetworkBuilder, present } from '../../support/graphs';
import { createFolder, createWriter } from '../../support/temporary';

const folder = createFolder();
const write = createWriter(folder);

function open(name: string, graph: Graph): OpenedModel {
  write(name, encodeModel(graph, (tensor) => { throw new Error(`${tensor} has no values.`); }));
  return openModelFile(path.join(folder, name));
}

/** A stored tensor of integers, −6 … 6. */
function integers(b: NetworkBuilder, name: string, shape: readonly number[], dtype: DType = 'int8'): string {
  b.initializer(name, { ...createTensor(dtype, shape, Array.from({ length: elementCount(shape) }, (_, i) => ((i * 5) % 13) - 6)), id: name });
  return name;
}

const microsoft = (b: NetworkBuilder, op: string, inputs: readonly string[], attributes: Node['attributes'] = {}): string => {
  const output = b.fresh(`${op}_out`);
  b.append({ name: b.fresh(op), domain: 'com.microsoft', op, inputs, outputs: [output], attributes });
  return output;
};

const seen = ({ layers }: OpenedModel): unknown => layers.map(({ op, activation, isHead, residual, weights }) => ({
  op: op.replace(/^QLinear|Integer$/g, ''), activation: activation?.name ?? null, isHead, residual: residual !== null,
  weights: weights.map(({ role, fans, parts }) => [role, fans, parts.map((part) => part.name)]),
}));

type Way = (b: NetworkBuilder, value: string, zero?: number) => string;
const asItIs: Way = (_, value) => value;
/** To int8 and back; from −128 on, which is the least there is, or about zero. */
const quantised: Way = (b, value, zero = 0) => {
  const by = [b.scalar(0.05), b.scalar(zero, 'int8')];
  return b.add('DequantizeLinear', [b.add('QuantizeLinear', [value, ...by]), ...by]);
};
const stored = (b: NetworkBuilder, name: string, shape: readonly number[], isQuantised: boolean, axis = 0): string => (
  isQuantised ? b.add('DequantizeLinear', [integers(b, name, shape), b.scalar(0.01), b.scalar(0, 'int8')], { axis }) : b.weight(name, shape));

describe('quantisers between the operators', () => {
  /** A ReLU, which the quantiser takes away; a SiLU; attention by one product; a residual branch; a head. */
  const network = (way: Way): Graph => {
    const isQuantised = way !== asItIs;
    const b = new NetworkBuilder();
    const w = (name: string, shape: readonly number[]): string => stored(b, name, shape, isQuantised, 1);
    const x = way(b, b.input('x', 'float32', [2, 5, 12]));
    const first = b.add('Add', [b.add('MatMul', [x, w('w1', [12, 12])]), w('b1', [12])]);
    const rectified = isQuantised ? way(b, first, -128) : b.add('Relu', [first]);
    const second = way(b, b.add('MatMul', [rectified, w('w2', [12, 12])]));
    const silu = way(b, b.add('Mul', [second, way(b, b.add('Sigmoid', [second]), -128)]));
    const added = way(b, b.add('Add', [x, way(b, b.add('MatMul', [silu, w('w3', [12, 12])]))]));
    const packed = way(b, b.add('MatMul', [added, w('qkv', [12, 36])]));
    const [q = '', k = '', v = ''] = b.addMany('Split', [packed, b.ints([12, 12, 12])], 3, { axis: -1 });
    const scores = way(b, b.add('MatMul', [way(b, q), b.add('Transpose', [way(b, k)], { perm: [0, 2, 1] })]));
    const mixed = way(b, b.add('MatMul', [way(b, b.add('Softmax', [scores], { axis: -1 }), -128), way(b, v)]));
    return b.finish(way(b, b.add('MatMul', [mixed, w('head', [12, 3])])));
  };

  it('are looked through: the layers are those of the floats', () => {
    const [floats, integers] = [open('floats.onnx', network(asItIs)), open('qdq.onnx', network(quantised))];
    expect(seen(integers)).toEqual(seen(floats));
    expect(integers.layers.map(({ activation }) => activation?.name ?? null).slice(0, 2)).toEqual(['Relu', 'Silu']);
    expect(integers.layers[0]?.detail).toBe('quantised from 0 on');
  });

  it('clamp nothing where zero is in the middle, nor behind what has no negative numbers', () => {
    const b = new NetworkBuilder();
    const h = quantised(b, b.add('MatMul', [b.input('x', 'float32', [2, 4]), stored(b, 'w', [4, 4], true)]));
    const squared = quantised(b, b.add('Sigmoid', [h]), -128);
    const { layers } = open('middle.onnx', b.finish(b.add('MatMul', [squared, stored(b, 'v', [4, 4], true)])));
    expect(layers.map(({ activation }) => activation?.name ?? null)).toEqual(['Sigmoid', null]);
  });
});

describe('operators on integers', () => {
  /** A convolution whose ReLU is in its zero point, a residual sum, LeakyReLU, pooling, and a Gemm: x of [2, 4, 6, 6]. */
  const network = (): Graph => {
    const b = new NetworkBuilder();
    const [scale, zero, low] = [b.scalar(0.05), b.scalar(0, 'int8'), b.scalar(-128, 'int8')];
    const ofWeight = [b.constant('float32', [4], [0.01, 0.02, 0.01, 0.02]), b.constant('int8', [4], [0, 0, 0, 0])];
    const x = b.add('QuantizeLinear', [b.input('x', 'float32', [2, 4, 6, 6]), scale, zero]);
    const pads = { pads: [1, 1, 1, 1], kernel_shape: [3, 3] };
    const conv = (input: string, z: string, name: string, out: string): string => b.add('QLinearConv', [
      input, scale, z, integers(b, name, [4, 4, 3, 3]), ...ofWeight, scale, out, integers(b, `${name}.bias`, [4], 'int32')], pads);
    const h = conv(conv(x, zero, 'c1', low), low, 'c2', zero);
    const sum = microsoft(b, 'QLinearAdd', [x, scale, zero, h, scale, zero, scale, zero]);
    const bent = microsoft(b, 'QLinearLeakyRelu', [sum, scale, zero, scale, zero], { alpha: { kind: 'float', value: 0.25 } });
    const pooled = microsoft(b, 'QLinearGlobalAveragePool', [bent, scale, zero, scale, zero]);
    const flat = b.add('Flatten', [pooled]);
    const kernel = [integers(b, 'fc', [3, 4]), b.scalar(0.01), zero, integers(b, 'fc.bias', [3], 'int32')];
    const logits = microsoft(b, 'QGemm', [flat, scale, zero, ...kernel, scale, zero], { transB: { kind: 'int', value: 1 } });
    return b.finish(b.add('DequantizeLinear', [logits, scale, zero]));
  };

  it('are read by what they stand for', () => {
    const opened = open('integers.onnx', network());
    expect(opened.findings).toEqual([]);
    expect(opened.layers.map(({ name, op }) => `${name} ${op}`)).toEqual(['c1 QLinearConv', 'c2 QLinearConv', 'fc QGemm']);
    expect(seen(opened)).toEqual([
      { op: 'Conv', activation: 'Relu', isHead: false, residual: false, weights: [['kernel', { fanIn: 36, fanOut: 36 }, []], ['bias', null, []]] },
      { op: 'Conv', activation: 'LeakyRelu', isHead: false, residual: true, weights: [['kernel', { fanIn: 36, fanOut: 36 }, []], ['bias', null, []]] },
      { op: 'QGemm', activation: null, isHead: true, residual: false, weights: [['kernel', { fanIn: 4, fanOut: 3 }, []], ['bias', null, []]] },
    ]);
  });

  it('are run, and their biases measured by the scales of input and kernel', async () => {
    open('run.onnx', network());
    const run = await initscope('simulate', path.join(folder, 'run.onnx'), '--json');
    expect(run.err).toBe('');
    expect(at(run.out, 'unsupported')).toEqual([]);
    expect(at(run.out, 'runs', 0, 'layers', 0, 'preactivation', 'variance')).toBeGreaterThan(0);
    expect(at(run.out, 'runs', 0, 'layers', 0, 'activation', 'min')).toBe(0);
    expect(at(run.out, 'runs', 0, 'layers', 0, 'cutBy')).toEqual(['QuantizeLinear']);
    const { out } = await initscope('inspect', path.join(folder, 'run.onnx'), '--json');
    // −6, −1, 4 and −4 times 0.05 times 0.01, 0.02, 0.01 and 0.02
    expect(at(out, 'layers', 0, 'weights', 1, 'statistics', 'max')).toBeCloseTo(4 * 0.05 * 0.01, 9);
    expect(at(out, 'layers', 0, 'weights', 1, 'statistics', 'min')).toBeCloseTo(-4 * 0.05 * 0.02, 9);
  });
});

describe('signals that are quantised as they come', () => {
  const network = (): Graph => {
    const b = new NetworkBuilder();
    const product = (x: string, name: string, shape: readonly number[]): string => {
      const [q = '', s = '', z = ''] = b.addMany('DynamicQuantizeLinear', [x], 3);
      const integer = b.add('MatMulInteger', [q, integers(b, name, shape), z, b.scalar(0, 'int8')]);
      return b.add('Mul', [b.add('Cast', [integer], { to: 1 }), b.add('Mul', [s, b.scalar(0.01)])]);
    };
    const h = b.add('Add', [product(b.input('x', 'float32', ['n', 8]), 'fc1', [8, 8]), b.weight('fc1.bias', [8])]);
    const second = product(b.add('Gelu', [h]), 'fc2', [8, 8]);
    return b.finish(b.add('MatMul', [b.add('Add', ['x', second]), b.weight('head', [8, 8])]));
  };

  it('are followed, kernels have their real scale, and a bias goes with its kernel', async () => {
    const opened = open('dynamic.onnx', network());
    expect(opened.layers.map(({ name, op, activation, residual }) => [name, op, activation?.name ?? null, residual !== null])).toEqual([
      ['fc1', 'MatMulInteger', 'Gelu', false], ['fc2', 'MatMulInteger', null, true], ['head', 'MatMul', null, false],
    ]);
    expect(opened.layers[0]?.weights[1]).toMatchObject({ role: 'bias', frozen: 'it goes with fc1, which keeps its values' });
    const { out } = await initscope('inspect', path.join(folder, 'dynamic.onnx'), '--json');
    expect(at(out, 'layers', 0, 'weights', 0, 'statistics', 'max')).toBeCloseTo(0.06, 7);
    expect(at(out, 'parameters')).toBe(64 + 8 + 64 + 64);
    const table = await initscope('inspect', path.join(folder, 'dynamic.onnx'));
    expect(table.out).toContain('1 kernel of 3 is judged, and within 3× of the scale its layer needs. The others keep their values.');
  });
});

describe('products of a signal with a kernel of integers that are one operator', () => {
  const zero = (b: NetworkBuilder): string => b.scalar(0, 'int8');
  it.each<readonly [string, (b: NetworkBuilder, x: string) => string]>([
    ['DynamicQuantizeMatMul', (b, x) => (
      microsoft(b, 'DynamicQuantizeMatMul', [x, integers(b, 'fc', [8, 4]), b.scalar(0.01), zero(b), b.weight('fc.bias', [4])]))],
    ['MatMulIntegerToFloat', (b, x) => {
      const [q = '', s = '', z = ''] = b.addMany('DynamicQuantizeLinear', [x], 3);
      return microsoft(b, 'MatMulIntegerToFloat', [q, integers(b, 'fc', [8, 4]), s, b.scalar(0.01), z, zero(b), b.weight('fc.bias', [4])]);
    }],
  ])('%s', async (op, product) => {
    const b = new NetworkBuilder();
    const file = `${op}.onnx`;
    const opened = open(file, b.finish(b.add('Relu', [product(b, b.input('x', 'float32', ['n', 8]))])));
    expect(opened.findings).toEqual([]);
    expect(opened.layers.map(({ name, op: written, activation, weights }) => [name, written, activation?.name, weights.map(({ role, fans }) => [role, fans])]))
      .toEqual([['fc', op, 'Relu', [['kernel', { fanIn: 8, fanOut: 4 }], ['bias', null]]]]);
    const { out } = await initscope('inspect', path.join(folder, file), '--json');
    expect(at(out, 'layers', 0, 'weights', 0, 'statistics', 'max')).toBeCloseTo(0.06, 7);
    expect(at((await initscope('simulate', path.join(folder, file), '--json')).out, 'unsupported')).toEqual([]);
  });
});

it('quantisers of ONNX Runtime’s own are those of the standard', async () => {
  const b = new NetworkBuilder();
  const by = [b.scalar(0.001), b.scalar(0, 'int16')];
  const x = microsoft(b, 'DequantizeLinear', [microsoft(b, 'QuantizeLinear', [b.input('x', 'float32', ['n', 8]), ...by]), ...by]);
  const kernel = microsoft(b, 'DequantizeLinear', [integers(b, 'fc', [8, 4], 'int16'), ...by]);
  const opened = open('own.onnx', b.finish(b.add('MatMul', [x, kernel])));
  expect(opened.findings).toEqual([]);
  expect(opened.layers[0]).toMatchObject({ name: 'fc', isHead: true });
  const { out } = await initscope('simulate', path.join(folder, 'own.onnx'), '--json');
  expect([at(out, 'unsupported'), at(out, 'runs', 0, 'layers', 0, 'preactivation', 'nonFinite')]).toEqual([[], 0]);
});

it('a table of integers is one of the numbers it stands for, also where they are moved first', async () => {
  const b = new NetworkBuilder();
  const rows = b.add('Gather', [integers(b, 'table', [6, 4]), b.input('x', 'int64', [5])]);
  const real = b.add('DequantizeLinear', [b.add('Reshape', [rows, b.ints([-1, 4])]), b.scalar(0.5), b.scalar(0, 'int8')]);
  const { layers } = open('table.onnx', b.finish(b.add('MatMul', [real, b.weight('w', [4, 2])])));
  expect(present(layers[0]).weights[0]).toMatchObject({ name: 'table', role: 'embedding', fans: { fanIn: 1, fanOut: 4 } });
  const { out } = await initscope('inspect', path.join(folder, 'table.onnx'), '--json');
  expect(at(out, 'layers', 0, 'weights', 0, 'statistics', 'max')).toBeCloseTo(3, 9);
});

it('kernels of a few bits in blocks are measured as the numbers they stand for, and have the bias behind them', async () => {
  const b = new NetworkBuilder();
  // Two numbers to a byte, the lower one first: 0 and 15, which are −8 and 7 times the scale.
  b.initializer('w_Q4', { ...createTensor('uint8', [3, 2, 8], Array.from({ length: 48 }, () => 0xf0)), id: 'w_Q4' });
  b.initializer('scales', { ...createTensor('float32', [3, 2], [1, 2, 1, 2, 1, 2]), id: 'scales' });
  const size = (value: number): Node['attributes'][string] => ({ kind: 'int', value });
  const product = microsoft(b, 'MatMulNBits', [b.input('x', 'float32', ['n', 24]), 'w_Q4', 'scales'],
    { K: size(24), N: size(3), bits: size(4), block_size: size(16) });
  const { layers } = open('bits.onnx', b.finish(b.add('Relu', [b.add('Add', [product, b.weight('w.bias', [3])])])));
  expect(layers.map(({ activation, weights }) => [activation?.name, weights.map(({ role }) => role)])).toEqual([['Relu', ['kernel', 'frozen', 'bias']]]);
  const { out } = await initscope('inspect', path.join(folder, 'bits.onnx'), '--json');
  expect(at(out, 'layers', 0, 'weights', 0, 'statistics', 'min')).toBe(-16);
  expect(at(out, 'layers', 0, 'weights', 0, 'statistics', 'max')).toBe(14);
  // The last block of each row is filled up.
  expect(at(out, 'layers', 0, 'weights', 0, 'parameters')).toBe(3 * 24);
  expect(at(out, 'layers', 0, 'weights', 0, 'statistics', 'count')).toBe(3 * 24);
});

it('zero points of such kernels are packed as they are, each row filled up to a byte', async () => {
  const b = new NetworkBuilder();
  // Three blocks of 16: 0 and 15, less 1, 2 and 3; the fourth half byte belongs to none.
  b.initializer('w_Q4', { ...createTensor('uint8', [2, 3, 8], Array.from({ length: 48 }, () => 0xf0)), id: 'w_Q4' });
  b.initializer('scales', { ...createTensor('float32', [2, 3], [1, 1, 1, 1, 1, 1]), id: 'scales' });
  b.initializer('zeros', { ...createTensor('uint8', [2, 2], [0x21, 0xf3, 0x21, 0xf3]), id: 'zeros' });
  const size = (value: number): Node['attributes'][string] => ({ kind: 'int', value });
  const attributes = { K: size(48), N: size(2), bits: size(4), block_size: size(16) };
  open('zeros.onnx', b.finish(microsoft(b, 'MatMulNBits', [b.input('x', 'float32', ['n', 48]), 'w_Q4', 'scales', 'zeros'], attributes)));
  const { out } = await initscope('inspect', path.join(folder, 'zeros.onnx'), '--json');
  const statistics = at(out, 'layers', 0, 'weights', 0, 'statistics');
  expect(statistics).toMatchObject({ count: 96, min: -3, max: 14 });
  expect(at(out, 'layers', 0, 'weights', 0, 'statistics', 'mean')).toBeCloseTo(7.5 - 2, 9);
});

describe('real numbers that the graph quantises', () => {
  const network = (way: Way): Graph => {
    const b = new NetworkBuilder();
    const table = b.add('Gather', [way(b, b.weight('table', [9, 4])), b.input('ids', 'int64', [5])]);
    const h = b.add('Add', [b.add('MatMul', [table, b.weight('w1', [4, 6])]), way(b, b.weight('b1', [6]))]);
    const erf = b.add('Erf', [b.add('Div', [h, way(b, b.scalar(Math.SQRT2))])]);
    const gelu = b.add('Mul', [b.add('Mul', [h, b.add('Add', [erf, way(b, b.scalar(1))])]), way(b, b.scalar(0.5))]);
    const [gamma, beta] = ['gamma', 'beta'].map((name) => way(b, b.weight(name, [6])));
    const normed = b.add('LayerNormalization', [b.add('MatMul', [gelu, b.weight('w2', [6, 6])]), gamma ?? '', beta ?? '']);
    return b.finish(b.add('MatMul', [normed, b.weight('w3', [6, 3])]));
  };
  it('are the weights, and the constants of functions, that they were', () => {
    const [real, rounded] = [open('numbers.onnx', network(asItIs)), open('rounded.onnx', network(quantised))];
    expect(seen(rounded)).toEqual(seen(real));
    expect(real.layers.map(({ activation, weights }) => [activation?.name ?? null, weights.map(({ role }) => role)])).toEqual([
      [null, ['embedding']], ['Gelu', ['kernel', 'bias']], [null, ['kernel']], [null, ['gamma', 'beta']], [null, ['kernel']],
    ]);
    expect(rounded.constants).toEqual([]);
  });
});
