import { describe, expect, it } from 'vitest';

import { float } from '../../../../src/core/graph/builder';
import type { AttributeLiteral } from '../../../../src/core/graph/builder';
import { Names } from '../../../../src/core/graph/names';
import type { Layer } from '../../../../src/core/layers/layer';
import { layerName } from '../../../../src/core/layers/naming';
import type { NetworkBuilder} from '../../support/graphs';
import { kernelOf, layersOf, only, present } from '../../support/graphs';

type Attributes = Readonly<Record<string, AttributeLiteral>>;
const layerOf = (build: (b: NetworkBuilder) => string): Layer => only(layersOf(build));

describe('fans come from the operator', () => {
  const gemm = (shape: readonly number[], attributes: Attributes = {}) => (b: NetworkBuilder): string => (
    b.add('Gemm', [b.input('x', 'float32', [5, 5]), b.weight('w', shape)], attributes));
  const right = (shape: readonly number[]) => (b: NetworkBuilder): string => b.add('MatMul', [b.input('x', 'float32', [5, 5]), b.weight('w', shape)]);
  const left = (shape: readonly number[]) => (b: NetworkBuilder): string => b.add('MatMul', [b.weight('w', shape), b.input('x', 'float32', [5, 5])]);
  const conv = (shape: readonly number[], attributes: Attributes = {}) => (b: NetworkBuilder): string => (
    b.add('Conv', [b.input('x', 'float32', ['n', 8, 32, 32]), b.weight('w', shape)], attributes));
  it.each<readonly [string, (b: NetworkBuilder) => string, number, number]>([
    ['Gemm, [in, out]', gemm([20, 30]), 20, 30],
    ['Gemm with transB, [out, in]', gemm([30, 20], { transB: 1 }), 20, 30],
    ['Gemm with transA, which is about the other operand', gemm([20, 30], { transA: 1 }), 20, 30],
    ['Gemm with alpha, which counts squared', gemm([20, 30], { alpha: float(0.5) }), 5, 30],
    ['MatMul on the right, [in, out]', right([20, 30]), 20, 30],
    ['MatMul on the right, in batches', right([7, 20, 30]), 20, 30],
    ['MatMul with a vector', right([20]), 20, 1],
    ['MatMul on the left, [out, in]', left([30, 20]), 20, 30],
    ['Conv', conv([16, 8, 3, 3]), 72, 144],
    ['Conv with strides, which reach an input less often', conv([16, 8, 3, 3], { strides: [2, 2] }), 72, 36],
    ['Conv in groups', conv([16, 2, 3, 3], { group: 4 }), 18, 36],
    ['Conv, depthwise', conv([8, 1, 3, 3], { group: 8 }), 9, 9],
    ['Conv, depthwise with a multiplier and strides', conv([16, 1, 3, 3], { group: 8, strides: [2, 1] }), 9, 9],
    ['Conv with dilations, which change nothing', conv([16, 8, 3, 3], { dilations: [2, 2] }), 72, 144],
    ['Conv of one dimension', conv([16, 8, 5]), 40, 80],
  ])('%s', (_, build, fanIn, fanOut) => expect(kernelOf(layerOf(build)).fans).toEqual({ fanIn, fanOut }));
  it('Gather looks up an embedding, whose fan_in is 1 wherever it says so', () => {
    const layer = layerOf((b) => b.add('Gather', [b.weight('table', [96, 64]), b.input('ids', 'int64', ['n', 8])]));
    expect(only(layer.weights)).toMatchObject({ role: 'embedding', frozen: null });
  });
  it.each<readonly [string, (b: NetworkBuilder) => string, number, number]>([
    ['Transpose', (b) => b.add('Transpose', [b.weight('w', [30, 20])], { perm: [1, 0] }), 20, 30],
    ['Transpose without perm', (b) => b.add('Transpose', [b.weight('w', [30, 20])]), 20, 30],
    ['Reshape', (b) => b.add('Reshape', [b.weight('w', [5, 4, 30]), b.ints([-1, 30])]), 20, 30],
    ['Reshape that copies a size', (b) => b.add('Reshape', [b.weight('w', [20, 5, 6]), b.ints([0, -1])]), 20, 30],
    ['Flatten', (b) => b.add('Flatten', [b.weight('w', [20, 5, 6])], { axis: 1 }), 20, 30],
    ['Squeeze', (b) => b.add('Squeeze', [b.weight('w', [1, 20, 30]), b.ints([0])]), 20, 30],
    ['Squeeze of everything', (b) => b.add('Squeeze', [b.weight('w', [1, 20, 1, 30])]), 20, 30],
    ['Unsqueeze', (b) => b.add('Unsqueeze', [b.weight('w', [20, 30]), b.ints([0, -3])]), 20, 30],
    ['Cast and Identity', (b) => b.add('Cast', [b.add('Identity', [b.weight('w', [20, 30])])], { to: 1 }), 20, 30],
    ['several of them', (b) => b.add('Transpose', [b.add('Reshape', [b.weight('w', [600]), b.ints([30, 20])])]), 20, 30],
  ])('a weight is followed through %s', (_, rearranged, fanIn, fanOut) => {
    const layer = layerOf((b) => b.add('MatMul', [b.input('x', 'float32', [5, 20]), rearranged(b)]));
    expect(kernelOf(layer)).toMatchObject({ name: 'w', id: 'w', fans: { fanIn, fanOut } });
  });
});

describe('what belongs to a layer', () => {
  const dense = (b: NetworkBuilder, x: string, name: string): string => b.add('MatMul', [x, b.weight(name, [4, 6])]);
  it('the Add of a vector behind a MatMul is its bias, in either order', () => {
    for (const swap of [false, true]) {
      const layer = layerOf((b) => {
        const operands = [dense(b, b.input('x', 'float32', ['n', 4]), 'fc.weight'), b.weight('fc.bias', [6])];
        return b.add('Relu', [b.add('Add', swap ? operands.toReversed() : operands)]);
      });
      expect(layer.weights.map(({ name, role }) => [name, role])).toEqual([['fc.weight', 'kernel'], ['fc.bias', 'bias']]);
      expect(layer).toMatchObject({ name: 'fc', preactivation: 'Add_out', activation: { name: 'Relu', value: 'Relu_out' } });
    }
  });
  it('the Add of a vector behind a convolution whose channels are put last is its bias, along them', () => {
    const roles = (perm: readonly number[], shape: readonly number[]) => layersOf((b) => {
      const given = b.add('Conv', [b.input('x', 'float32', ['n', 3, 6, 6]), b.weight('conv.weight', [6, 3, 1, 1])]);
      return b.add('Relu', [b.add('Add', [b.add('Transpose', [given], { perm: [...perm] }), b.weight('conv.bias', shape)])]);
    }).map(({ weights }) => weights.map(({ role }) => role));
    expect(roles([0, 2, 3, 1], [6])).toEqual([['kernel', 'bias']]);
    expect(roles([0, 2, 3, 1], [1, 1, 1, 6])).toEqual([['kernel', 'bias']]);
    expect(roles([0, 2, 3, 1], [1, 6, 1, 1])).toEqual([['kernel'], ['frozen']]);
    expect(roles([0, 2, 1, 3], [6])).toEqual([['kernel'], ['frozen']]);
  });
  it('the Add of a value for every output of an Einsum is its bias, of heads and sizes too', () => {
    const roles = (equation: string, shape: readonly number[]) => layersOf((b) => {
      const given = b.add('Einsum', [b.input('x', 'float32', ['n', 4, 16]), b.weight('query.weight', [16, 4, 8])], { equation });
      return b.add('Relu', [b.add('Add', [given, b.weight('query.bias', shape)])]);
    }).map(({ weights }) => weights.map(({ role }) => role));
    expect(roles('abc,cde->abde', [4, 8])).toEqual([['kernel', 'bias']]);
    expect(roles('abc,cde->abde', [1, 1, 4, 8])).toEqual([['kernel', 'bias']]);
    expect(roles('abc,cde->abde', [4, 4, 8])).toEqual([['kernel'], ['frozen']]);
    expect(roles('abc,cde->adbe', [4, 8])).toEqual([['kernel'], ['frozen']]);
    expect(roles('abc,cbe->abe', [4, 8])).toEqual([['kernel'], ['frozen']]);
  });
  it('but not the Add of a vector of another length, a matrix, or another layer', () => {
    const add = (operand: (b: NetworkBuilder) => string) => layersOf((b) => {
      const x = b.input('x', 'float32', ['n', 4]);
      return b.add('Add', [dense(b, x, 'a.weight'), operand(b)]);
    });
    const roles = (layers: readonly Layer[]): readonly string[] => layers.flatMap((layer) => layer.weights.map((weight) => weight.role));
    expect(roles(add((b) => b.weight('table', [2, 6])))).toEqual(['kernel', 'frozen']);
    expect(roles(add((b) => b.weight('other', [12])))).toEqual(['kernel', 'frozen']);
    expect(roles(add((b) => dense(b, 'x', 'b.weight')))).toEqual(['kernel', 'kernel']);
  });
  it('nor an Add behind a product that is read elsewhere too', () => {
    const layers = layersOf((b) => {
      const product = dense(b, b.input('x', 'float32', ['n', 4]), 'fc.weight');
      return b.add('Mul', [b.add('Add', [product, b.weight('v', [6])]), product]);
    });
    expect(layers[0]?.weights.map((weight) => weight.role)).toEqual(['kernel']);
  });
  it('a tied tensor has one identity in all its layers', () => {
    const layers = layersOf((b) => {
      const table = b.weight('embedding.weight', [96, 64]);
      const x = b.add('Gather', [table, b.input('ids', 'int64', ['n', 8])]);
      return b.add('MatMul', [x, b.add('Transpose', [table])]);
    });
    expect(layers.map((layer) => layer.weights.map(({ id, role }) => [id, role]))).toEqual([
      [['embedding.weight', 'embedding']], [['embedding.weight', 'kernel']],
    ]);
    expect(kernelOf(present(layers[1])).fans).toEqual({ fanIn: 64, fanOut: 96 });
    expect(new Set(layers.map((layer) => layer.name)).size).toBe(2);
  });
  it('a batch normalisation has its four tensors, and nothing is drawn for constants', () => {
    const [norm, table] = layersOf((b) => {
      const parts = ['weight', 'bias', 'running_mean', 'running_var'].map((part) => b.weight(`bn.${part}`, [8]));
      return b.add('Add', [b.add('BatchNormalization', [b.input('x', 'float32', ['n', 8]), ...parts]), b.weight('positions', [16, 8])]);
    });
    expect(norm?.weights.map((weight) => weight.role)).toEqual(['gamma', 'beta', 'running mean', 'running variance']);
    expect(only(present(table).weights)).toMatchObject({ role: 'frozen', frozen: 'it is added to the signal like a position table' });
  });
  it('integers and scalars are no weights', () => {
    const layers = layersOf((b) => b.add('Mul', [b.add('Add', [b.input('x', 'float32', [2, 2]), b.scalar(2)]), b.weight('one', [1, 1])]));
    expect(layers).toEqual([]);
  });
  it.each(['model.stft.forward_basis_buffer', 'inverse_basis', 'time2freq/stft-real/kernel:0', 'mel_basis', 'frontend.window_fn'])(
    '%s is a fixed transform, and says so', (name) => {
      const layer = layerOf((b) => b.add('Conv', [b.input('x', 'float32', [1, 1, 400]), b.weight(name, [8, 1, 16])]));
      expect(kernelOf(layer).frozen).toContain('fixed transform');
    });
  it.each(['swift.weight', 'windows.weight', 'camel_basis.weight'])('%s is not', (name) => {
    expect(kernelOf(layerOf((b) => b.add('Conv', [b.input('x', 'float32', [1, 1, 40]), b.weight(name, [8, 1, 16])]))).frozen).toBeNull();
  });
  it('an operator of another domain keeps its tensors as they are', () => {
    const layer = layerOf((b) => {
      const inputs = [b.input('x', 'float32', [1, 2]), b.weight('w', [2, 2])];
      b.append({ name: 'odd', domain: 'com.example', op: 'MatMul', inputs, outputs: ['o'], attributes: {} });
      return 'o';
    });
    expect(only(layer.weights).frozen).toContain('no initialisation rule for MatMul');
  });
  it.each<readonly [string, readonly number[], Attributes]>([
    ['3×3', [4, 8, 3, 3], {}], ['1×1, stride 2', [4, 8, 1, 1], { strides: [2, 2] }], ['3×1, stride 2×1', [4, 8, 3, 1], { strides: [2, 1] }],
    ['3×3, dilation 2', [4, 8, 3, 3], { dilations: [2, 2] }], ['3×3, 2 groups', [4, 4, 3, 3], { group: 2 }], ['3×3, depthwise', [8, 1, 3, 3], { group: 8 }],
  ])('a convolution is described: %s', (detail, shape, attributes) => {
    expect(layerOf((b) => b.add('Conv', [b.input('x', 'float32', [1, 8, 9, 9]), b.weight('w', shape)], attributes)).detail).toBe(detail);
  });
});

describe('names', () => {
  it.each([
    ['encoder.layers.0.fc1.weight', 'encoder.layers.0.fc1'], ['dense_2/kernel:0', 'dense_2'], ['model/fc_1/MatMul/ReadVariableOp:0', 'model/fc_1'],
    ['fc_W', 'fc'], ['linear_7_MatMul_W', 'linear_7'], ['conv1_w_0', 'conv1'], ['Parameter5', 'Parameter5'],
    ['functional_1/fc1_1/Cast/ReadVariableOp:0', 'functional_1/fc1_1'], ['sequential/dense/MatMul/ReadVariableOp:0', 'sequential/dense'],
    ['StatefulPartitionedCall/sequential/dense/MatMul/ReadVariableOp:0', 'sequential/dense'], ['rnn/cell/Cast_1/ReadVariableOp/resource:0', 'rnn/cell'],
    ['net/c1/convolution/merged_input:0', 'net/c1'], ['net/sep/separable_conv2d/depthwise:0', 'net/sep/depthwise'], ['at/query/Reshape:0', 'at/query'],
    ['f/separable_conv2d_1/separable_conv2d/ReadVariableOp/resource', 'f/separable_conv2d_1'],
    ['f/separable_conv2d/Reshape/ReadVariableOp/resource', 'f/separable_conv2d'],
    ['fc1.weight_quantized', 'fc1'], ['fc1.weight_Transposed_quantized', 'fc1'],
  ])('%s makes the layer %s', (weight, name) => {
    expect(layerOf((b) => b.add('MatMul', [b.input('x', 'float32', [1, 4]), b.weight(weight, [4, 4])])).name).toBe(name);
  });
  it.each([
    ['/gru/GRU', 'GRU', 'gru'], ['/ln2/LayerNormalization_1', 'LayerNormalization', 'ln2'], ['/c1/Conv_quant', 'Conv', 'c1'], ['/Conv', 'Conv', 'Conv'],
    ['net/dense/MatMul', 'MatMul', 'net/dense'], ['/at/MatMul_Q4', 'MatMulNBits', 'at'], ['/dw/Conv_output_0_nchwc', 'Conv', 'dw'],
  ])('a node %s is the layer %s', (name, op, layer) => {
    expect(layerName({ name, domain: '', op, inputs: [], outputs: [], attributes: {} }, [], new Names())).toBe(layer);
  });
  it('the first kernel of a separable convolution is told from the second by its path', () => {
    const layers = layersOf((b) => {
      const convolve = (name: string, signal: string, weight: string, shape: readonly number[], group: number): string => {
        b.append({ name, domain: '', op: 'Conv', inputs: [signal, b.weight(weight, shape)], outputs: [`${name}_out`],
          attributes: { group: { kind: 'int', value: group } } });
        return `${name}_out`;
      };
      const x = b.input('x', 'float32', ['n', 3, 6, 6]);
      const depthwise = convolve('f/s/separable_conv2d/depthwise/Conv', x, 'f/s/separable_conv2d/ReadVariableOp', [3, 1, 3, 3], 3);
      return convolve('f/s/separable_conv2d/Conv', depthwise, 'f/s/separable_conv2d/ReadVariableOp_1', [6, 3, 1, 1], 1);
    });
    expect(layers.map(({ name }) => name)).toEqual(['f/s/depthwise', 'f/s']);
  });
  it('a name an exporter made up gives way to the bias’s, then to the node’s', () => {
    const named = (bias: string): string => layerOf((b) => {
      const product = b.fresh('product');
      b.append({ name: '/encoder/fc1/MatMul', domain: '', op: 'MatMul', inputs: [b.input('x', 'float32', [1, 4]), b.weight('onnx::MatMul_224', [4, 4])],
        outputs: [product], attributes: {} });
      return b.add('Add', [product, b.weight(bias, [4])]);
    }).name;
    expect([named('encoder.fc1.bias'), named('225')]).toEqual(['encoder.fc1', 'encoder.fc1']);
  });
  it('are unique', () => {
    const layers = layersOf((b) => {
      const w = b.weight('w.weight', [4, 4]);
      return b.add('MatMul', [b.add('MatMul', [b.input('x', 'float32', [1, 4]), w]), w]);
    });
    expect(layers.map((layer) => layer.name)).toEqual(['w', 'w #2']);
    expect(layers.map((layer) => layer.detail)).toEqual(['', 'shares its kernel with w']);
  });
});

describe('a tensor with several uses', () => {
  it('keeps its values where one of them is no weight', () => {
    const layers = layersOf((b) => {
      for (const [name, shape] of [['w', [4, 4]], ['shared', [4]]] as const) b.weight(name, shape);
      const shifted = b.add('Add', [b.input('x', 'float32', ['n', 4]), 'shared']);
      return b.add('Add', [b.add('MatMul', [b.add('Relu', [shifted]), 'w']), 'shared']);
    });
    const bias = layers.flatMap(({ weights }) => weights).find(({ role }) => role === 'bias');
    expect(bias).toMatchObject({ name: 'shared', frozen: 'it is a constant operand of Add, too' });
  });
  it('gives a name to the layers that are left, the first without a number', () => {
    const layers = layersOf((b) => {
      b.weight('scale', [4]);
      const scaled = b.add('Mul', [b.input('x', 'float32', ['n', 4]), 'scale']);
      return b.add('MatMul', [scaled, b.weight('scale.weight', [4, 4])]);
    });
    expect(layers.map(({ name }) => name)).toEqual(['scale']);
  });
});

describe('the halves of a gated unit', () => {
  it('are a matrix each, and no key and value', () => {
    const [layer] = layersOf((b) => {
      b.weight('w12', [6, 8]);
      const [a = '', gate = ''] = b.addMany('Split', [b.add('MatMul', [b.input('x', 'float32', ['n', 6]), 'w12'])], 2, { axis: -1 });
      return b.add('MatMul', [b.add('Mul', [b.add('Mul', [a, b.add('Sigmoid', [a])]), gate]), b.weight('w3', [4, 6])]);
    });
    expect(layer?.weights[0]?.parts.map(({ name, fans }) => [name, fans])).toEqual(['part 1', 'part 2'].map((name) => [name, { fanIn: 6, fanOut: 4 }]));
  });
});
