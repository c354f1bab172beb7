/** The sample networks shipped with the extension, written operator by operator as exporters write them. */
import { GraphBuilder } from '../../src/core/graph/builder';
import type { Graph } from '../../src/core/graph/graph';
import { elementCount } from '../../src/core/graph/dtype';
import { sampleElements } from '../../src/core/initializers/sampling';
import type { Sampler } from '../../src/protocol/recipe';

const empty: Graph = { name: 'main', inputs: [], outputs: [], initializers: new Map(), nodes: [] };
const normal = (std: number): Sampler => ({ kind: 'normal', mean: 0, std });
/** PyTorch's default for linear and convolutional layers: U(−1/√fan_in, 1/√fan_in). */
const torchDefault = (fanIn: number): Sampler => ({ kind: 'uniform', low: -1 / Math.sqrt(fanIn), high: 1 / Math.sqrt(fanIn) });
const constant = (value: number): Sampler => ({ kind: 'constant', value });

class NetworkBuilder {
  readonly g = new GraphBuilder(empty);

  input(name: string, dtype: 'float32' | 'int64', shape: readonly (number | string)[]): string {
    return this.g.input(name, dtype, shape);
  }

  weight(name: string, shape: readonly number[], sampler: Sampler): string {
    const recipe = { version: 1, tensorId: name, seed: 2015, blocks: [{ sampler }], origin: { scheme: 'normal', title: '' } } as const;
    const values = Array.from(sampleElements(recipe, shape, 0, elementCount(shape)), Math.fround);
    this.g.initializer(name, { id: '', dtype: 'float32', shape, storage: 'raw', place: null, values });
    return name;
  }

  /** y = x Wᵀ + b, as torch.nn.Linear is exported for matrices. */
  gemm(x: string, name: string, fanIn: number, fanOut: number, sampler: Sampler, bias: Sampler = constant(0)): string {
    return this.g.add('Gemm', [x, this.weight(`${name}.weight`, [fanOut, fanIn], sampler), this.weight(`${name}.bias`, [fanOut], bias)], { transB: 1 });
  }

  /** y = x W + b, as torch.nn.Linear is exported for sequences. */
  matmul(x: string, name: string, fanIn: number, fanOut: number): string {
    const product = this.g.add('MatMul', [x, this.weight(`${name}.weight`, [fanIn, fanOut], torchDefault(fanIn))]);
    return this.g.add('Add', [product, this.weight(`${name}.bias`, [fanOut], constant(0))]);
  }

  convolution(x: string, name: string, channels: number, filters: number, kernel: number, stride: number): string {
    const pad = (kernel - 1) / 2;
    const w = this.weight(`${name}.weight`, [filters, channels, kernel, kernel], torchDefault(channels * kernel * kernel));
    return this.g.add('Conv', [x, w], { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad] });
  }

  batchNorm(x: string, name: string, channels: number): string {
    const parts: [string, number][] = [['weight', 1], ['bias', 0], ['running_mean', 0], ['running_var', 1]];
    return this.g.add('BatchNormalization', [x, ...parts.map(([part, value]) => this.weight(`${name}.${part}`, [channels], constant(value)))]);
  }

  layerNorm(x: string, name: string, width: number): string {
    const [scale, shift] = [this.weight(`${name}.weight`, [width], constant(1)), this.weight(`${name}.bias`, [width], constant(0))];
    return this.g.add('LayerNormalization', [x, scale, shift], { axis: -1 });
  }

  finish(value: string, name: string, shape: readonly (number | string)[]): Graph {
    this.g.append({ name: 'output', domain: '', op: 'Identity', inputs: [value], outputs: [name], attributes: {} });
    const graph = this.g.build();
    return { ...graph, outputs: [{ name, dtype: 'float32', shape }] };
  }
}

/** 16 tanh layers whose weights are an eighth of what they should be: the gradient vanishes on the way down. */
function deepTanh(): Graph {
  const b = new NetworkBuilder();
  const width = 64;
  let x = b.input('x', 'float32', ['batch', 32]);
  for (let i = 0; i < 16; i++) x = b.g.add('Tanh', [b.gemm(x, `layers.${i}`, i === 0 ? 32 : width, width, normal(0.015))]);
  return b.finish(b.gemm(x, 'head', width, 10, normal(0.015)), 'logits', ['batch', 10]);
}

/** 10 sigmoid layers: each passes on a sixteenth of the gradient's variance at best, whatever the weights. */
function deepSigmoid(): Graph {
  const b = new NetworkBuilder();
  const width = 64;
  let x = b.input('x', 'float32', ['batch', 32]);
  for (let i = 0; i < 10; i++) {
    const fanIn = i === 0 ? 32 : width;
    x = b.g.add('Sigmoid', [b.gemm(x, `layers.${i}`, fanIn, width, torchDefault(fanIn), torchDefault(fanIn))]);
  }
  return b.finish(b.g.add('Softmax', [b.gemm(x, 'head', width, 10, torchDefault(width))], { axis: -1 }), 'probabilities', ['batch', 10]);
}

/** A small residual network for 32×32 images: stem, six basic blocks in three stages, pooling, head. */
function residualCnn(): Graph {
  const b = new NetworkBuilder();
  let x = b.input('images', 'float32', ['batch', 3, 32, 32]);
  x = b.g.add('Relu', [b.batchNorm(b.convolution(x, 'stem.conv', 3, 12, 3, 1), 'stem.bn', 12)]);
  let channels = 12;
  [12, 24, 48].forEach((filters, stage) => {
    for (let block = 0; block < 2; block++) {
      const name = `stage${stage + 1}.${block}`;
      const stride = stage > 0 && block === 0 ? 2 : 1;
      let branch = b.g.add('Relu', [b.batchNorm(b.convolution(x, `${name}.conv1`, channels, filters, 3, stride), `${name}.bn1`, filters)]);
      branch = b.batchNorm(b.convolution(branch, `${name}.conv2`, filters, filters, 3, 1), `${name}.bn2`, filters);
      const skip = stride === 1 ? x : b.batchNorm(b.convolution(x, `${name}.downsample.0`, channels, filters, 1, stride), `${name}.downsample.1`, filters);
      x = b.g.add('Relu', [b.g.add('Add', [branch, skip])]);
      channels = filters;
    }
  });
  const pooled = b.g.add('Flatten', [b.g.add('GlobalAveragePool', [x])], { axis: 1 });
  return b.finish(b.gemm(pooled, 'fc', 48, 10, torchDefault(48)), 'logits', ['batch', 10]);
}

/** One pre-norm transformer block over 32 tokens of a vocabulary of 96, GELU spelled with Erf as exporters do. */
function transformerBlock(): Graph {
  const b = new NetworkBuilder();
  const { g } = b;
  const [width, heads, tokens, vocabulary] = [64, 4, 32, 96];
  const ids = b.input('tokens', 'int64', ['batch', tokens]);
  let x = g.add('Gather', [b.weight('embedding.weight', [vocabulary, width], normal(0.02)), ids]);
  x = g.add('Add', [x, b.weight('position.table', [1, tokens, width], normal(0.02))]);
  const split = (value: string): string => g.add('Transpose', [g.add('Reshape', [value, g.ints([0, tokens, heads, width / heads])])], { perm: [0, 2, 1, 3] });
  const normed = b.layerNorm(x, 'norm1', width);
  const [q, k, v] = ['query', 'key', 'value'].map((name) => split(b.matmul(normed, `attention.${name}`, width, width)));
  const scores = g.add('Div', [g.add('MatMul', [q ?? '', g.add('Transpose', [k ?? ''], { perm: [0, 1, 3, 2] })]), g.scalar(Math.sqrt(width / heads))]);
  const mixed = g.add('MatMul', [g.add('Softmax', [scores], { axis: -1 }), v ?? '']);
  const joined = g.add('Reshape', [g.add('Transpose', [mixed], { perm: [0, 2, 1, 3] }), g.ints([0, tokens, width])]);
  x = g.add('Add', [x, b.matmul(joined, 'attention.output', width, width)]);
  const up = b.matmul(b.layerNorm(x, 'norm2', width), 'mlp.up', width, 4 * width);
  const gate = g.add('Add', [g.add('Erf', [g.add('Div', [up, g.scalar(Math.SQRT2)])]), g.scalar(1)]);
  const activated = g.add('Mul', [g.add('Mul', [up, gate]), g.scalar(0.5)]);
  x = g.add('Add', [x, b.matmul(activated, 'mlp.down', 4 * width, width)]);
  return b.finish(b.matmul(b.layerNorm(x, 'norm', width), 'head', width, vocabulary), 'logits', ['batch', tokens, vocabulary]);
}

export const networks: Readonly<Record<string, () => Graph>> = {
  'deep-tanh-mlp.onnx': deepTanh,
  'deep-sigmoid-mlp.onnx': deepSigmoid,
  'residual-cnn.onnx': residualCnn,
  'transformer-block.onnx': transformerBlock,
};
