/** The networks of the bench, written node by node; peer_networks.py has the same ones in PyTorch. */
import { GraphBuilder, float } from '../../src/core/graph/builder';
import { elementCount } from '../../src/core/graph/dtype';
import { sampleFloat32 } from '../../src/core/initializers/sampling';
import { encodeModel } from '../../src/formats/onnx/encode';
import { emptyGraph } from '../unit/support/graphs';

/** Appends layers; every weight gets a name and a standard deviation, gammas are 1 and shifts 0. */
class Network {
  readonly builder = new GraphBuilder(emptyGraph);
  readonly #scales = new Map<string, { readonly mean: number; readonly std: number }>();

  weight(shape: readonly number[], std: number, mean = 0): string {
    const name = this.builder.fresh('weight');
    this.#scales.set(name, { mean, std });
    this.builder.initializer(name, { id: '', dtype: 'float32', shape, storage: 'raw', place: null, values: null });
    return name;
  }

  add(op: string, inputs: readonly string[], attributes: Parameters<GraphBuilder['add']>[2] = {}): string {
    return this.builder.add(op, inputs, attributes);
  }

  linear(x: string, inputs: number, outputs: number): string {
    return this.add('Add', [this.add('MatMul', [x, this.weight([inputs, outputs], Math.sqrt(1 / inputs))]), this.weight([outputs], 0)]);
  }

  conv(x: string, inputs: number, outputs: number, kernel: number, stride = 1, groups = 1): string {
    const pad = (kernel - 1) / 2;
    const std = Math.sqrt(2 / ((inputs / groups) * kernel * kernel));
    return this.add('Conv', [x, this.weight([outputs, inputs / groups, kernel, kernel], std)], {
      kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad], group: groups,
    });
  }

  batchNorm(x: string, channels: number): string {
    const [gamma, beta, mean, variance] = [[0, 1], [0, 0], [0, 0], [0, 1]].map(([std = 0, at = 0]) => this.weight([channels], std, at));
    return this.add('BatchNormalization', [x, gamma ?? '', beta ?? '', mean ?? '', variance ?? '']);
  }

  layerNorm(x: string, width: number): string {
    return this.add('LayerNormalization', [x, this.weight([width], 0, 1), this.weight([width], 0)], { axis: -1, epsilon: float(1e-5) });
  }

  encode(output: string): Uint8Array {
    this.builder.output(output, 'float32');
    return encodeModel(this.builder.build(), (tensorId, { shape }) => {
      const { mean, std } = this.#scales.get(tensorId) ?? { mean: 0, std: 0 };
      const sampler = std === 0 ? { kind: 'constant', value: mean } as const : { kind: 'normal', mean, std } as const;
      const data = sampleFloat32({ version: 1, tensorId, seed: 0, blocks: [{ sampler }], origin: { scheme: 'normal', title: '' } }, shape);
      if (data.length !== elementCount(shape)) throw new Error(`${tensorId} has another shape.`);
      return new Uint8Array(data.buffer);
    });
  }
}

/** Post-norm encoder: `layers` of width 512, 8 heads, 2048 hidden, on [batch, 128, 512]. */
export function encodeTransformer(layers = 6, width = 512, heads = 8, hidden = 2048, length = 128): Uint8Array {
  const n = new Network();
  const b = n.builder;
  let x = b.input('x', 'float32', ['batch', length, width]);
  const split = (value: string, perm: readonly number[]): string => (
    n.add('Transpose', [n.add('Reshape', [value, b.ints([0, length, heads, width / heads])])], { perm }));
  for (let i = 0; i < layers; i++) {
    const [q = '', k = '', v = ''] = [0, 1, 2].map(() => n.linear(x, width, width));
    const scores = n.add('Mul', [n.add('MatMul', [split(q, [0, 2, 1, 3]), split(k, [0, 2, 3, 1])]), b.scalar(1 / Math.sqrt(width / heads))]);
    const mixed = n.add('MatMul', [n.add('Softmax', [scores], { axis: -1 }), split(v, [0, 2, 1, 3])]);
    const joined = n.add('Reshape', [n.add('Transpose', [mixed], { perm: [0, 2, 1, 3] }), b.ints([0, length, width])]);
    x = n.layerNorm(n.add('Add', [x, n.linear(joined, width, width)]), width);
    x = n.layerNorm(n.add('Add', [x, n.linear(n.add('Relu', [n.linear(x, width, hidden)]), hidden, width)]), width);
  }
  return n.encode(x);
}

/** ResNet-50 (He et al. 2016, table 1) on [batch, 3, 224, 224]. */
export function encodeResNet50(): Uint8Array {
  const n = new Network();
  const unit = (x: string, inputs: number, outputs: number, kernel: number, stride = 1): string => (
    n.batchNorm(n.conv(x, inputs, outputs, kernel, stride), outputs));
  const relu = (x: string): string => n.add('Relu', [x]);
  let x = relu(unit(n.builder.input('x', 'float32', ['batch', 3, 224, 224]), 3, 64, 7, 2));
  x = n.add('MaxPool', [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  let channels = 64;
  [3, 4, 6, 3].forEach((blocks, stage) => {
    const width = 64 << stage;
    for (let block = 0; block < blocks; block++) {
      const stride = block === 0 && stage > 0 ? 2 : 1;
      const inner = relu(unit(relu(unit(x, channels, width, 1)), width, width, 3, stride));
      const skip = block === 0 ? unit(x, channels, 4 * width, 1, stride) : x;
      x = relu(n.add('Add', [unit(inner, width, 4 * width, 1), skip]));
      channels = 4 * width;
    }
  });
  return n.encode(n.linear(n.add('Flatten', [n.add('GlobalAveragePool', [x])]), channels, 1000));
}

/** Seven 3×3 convolutions from 56×56 down, on [batch, 3, 56, 56]. */
export function encodeVgg(): Uint8Array {
  const n = new Network();
  let x = n.builder.input('x', 'float32', ['batch', 3, 56, 56]);
  let channels = 3;
  for (const width of [64, 64, 128, 128, 256, 256, 256]) {
    if (width !== channels && channels !== 3) x = n.add('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] });
    x = n.add('Relu', [n.conv(x, channels, width, 3)]);
    channels = width;
  }
  return n.encode(n.linear(n.add('Flatten', [n.add('GlobalAveragePool', [x])]), channels, 10));
}

/** MobileNetV2 (Sandler et al. 2018, table 2) on [batch, 3, 224, 224]. */
export function encodeMobileNetV2(): Uint8Array {
  const n = new Network();
  const [zero, six] = [n.builder.scalar(0), n.builder.scalar(6)];
  const unit = (x: string, inputs: number, outputs: number, kernel: number, stride = 1, groups = 1): string => (
    n.add('Clip', [n.batchNorm(n.conv(x, inputs, outputs, kernel, stride, groups), outputs), zero, six]));
  let x = unit(n.builder.input('x', 'float32', ['batch', 3, 224, 224]), 3, 32, 3, 2);
  let channels = 32;
  const stages = [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]] as const;
  for (const [expansion, outputs, blocks, first] of stages) {
    for (let block = 0; block < blocks; block++) {
      const stride = block === 0 ? first : 1;
      const hidden = channels * expansion;
      const wide = expansion === 1 ? x : unit(x, channels, hidden, 1);
      const narrow = n.batchNorm(n.conv(unit(wide, hidden, hidden, 3, stride, hidden), hidden, outputs, 1), outputs);
      x = stride === 1 && channels === outputs ? n.add('Add', [x, narrow]) : narrow;
      channels = outputs;
    }
  }
  const pooled = n.add('Flatten', [n.add('GlobalAveragePool', [unit(x, channels, 1280, 1)])]);
  return n.encode(n.linear(pooled, 1280, 1000));
}

/** `layers` LSTMs of that width on [100, batch, width]. */
export function encodeLstm(layers = 2, width = 512): Uint8Array {
  const n = new Network();
  let x = n.builder.input('x', 'float32', [100, 'batch', width]);
  for (let i = 0; i < layers; i++) {
    const std = Math.sqrt(1 / width);
    const weights = [n.weight([1, 4 * width, width], std), n.weight([1, 4 * width, width], std), n.weight([1, 8 * width], 0)];
    const y = n.add('LSTM', [x, ...weights], { hidden_size: width });
    x = n.add('Squeeze', [y, n.builder.ints([1])]);
  }
  return n.encode(x);
}
