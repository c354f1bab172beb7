/** Networks of as many layers as one asks for, and what would be measured of their weights: for what has to grow with depth and no faster. */
import { GraphBuilder } from '../../src/core/graph/builder';
import { elementCount } from '../../src/core/graph/dtype';
import type { Graph } from '../../src/core/graph/graph';
import type { WeightStatistics } from '../../src/protocol/report';
import { emptyGraph } from '../unit/support/graphs';

export interface DeepNetwork {
  readonly graph: Graph;
  readonly statistics: ReadonlyMap<string, WeightStatistics>;
}

class Deep {
  readonly builder = new GraphBuilder(emptyGraph);
  readonly #statistics = new Map<string, WeightStatistics>();

  /** No two tensors of a stored network have the same moments, and none has a mean of zero. */
  weight(shape: readonly number[], std: number, mean = 0): string {
    const name = this.builder.fresh('weight');
    const [own, at] = [std * (1 + 0.01 * Math.sin(this.#statistics.size)), mean + 0.02 * std * Math.cos(this.#statistics.size)];
    this.builder.initializer(name, { id: name, dtype: 'float32', shape, storage: 'raw', place: null, values: null });
    this.#statistics.set(name, { count: elementCount(shape), mean: at, std: own, min: at - 3 * own, max: at + 3 * own, zeros: 0, nonFinite: 0 });
    return name;
  }

  add(op: string, inputs: readonly string[], attributes: Parameters<GraphBuilder['add']>[2] = {}): string {
    return this.builder.add(op, inputs, attributes);
  }

  linear(x: string, inputs: number, outputs: number, gain = 1): string {
    return this.add('Gemm', [x, this.weight([outputs, inputs], gain / Math.sqrt(inputs)), this.weight([outputs], 0.01)], { transB: 1 });
  }

  project(x: string, inputs: number, outputs: number): string {
    return this.add('Add', [this.add('MatMul', [x, this.weight([inputs, outputs], 1 / Math.sqrt(inputs))]), this.weight([outputs], 0.01)]);
  }

  convNorm(x: string, channels: number): string {
    const kernel = this.weight([channels, channels, 3, 3], Math.sqrt(2 / (9 * channels)));
    const norm = [[0, 1], [0, 0], [0, 0], [0, 1]].map(([std = 0, mean = 0]) => this.weight([channels], std, mean));
    return this.add('BatchNormalization', [this.add('Conv', [x, kernel], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }), ...norm]);
  }

  layerNorm(x: string, width: number): string {
    return this.add('LayerNormalization', [x, this.weight([width], 0, 1), this.weight([width], 0)], { axis: -1 });
  }

  heads(x: string, width: number, order: readonly number[]): string {
    const shape = this.builder.constant('int64', [4], [0, 0, 4, width / 4]);
    return this.add('Transpose', [this.add('Reshape', [this.project(x, width, width), shape])], { perm: order });
  }

  attention(x: string, width: number): string {
    const scale = this.builder.constant('float32', [], [Math.sqrt(width / 4)]);
    const joined = this.builder.constant('int64', [3], [0, 0, width]);
    const scores = this.add('Div', [this.add('MatMul', [this.heads(x, width, [0, 2, 1, 3]), this.heads(x, width, [0, 2, 3, 1])]), scale]);
    const mixed = this.add('MatMul', [this.add('Softmax', [scores], { axis: -1 }), this.heads(x, width, [0, 2, 1, 3])]);
    return this.project(this.add('Reshape', [this.add('Transpose', [mixed], { perm: [0, 2, 1, 3] }), joined]), width, width);
  }

  finish(value: string): DeepNetwork {
    this.builder.append({ name: 'end', domain: '', op: 'Identity', inputs: [value], outputs: ['y'], attributes: {} });
    this.builder.output('y', 'float32');
    return { graph: this.builder.build(), statistics: this.#statistics };
  }
}

/** `layers` ones, each made by `next` of the last. */
function deep(shape: readonly number[], layers: number, next: (net: Deep, x: string) => string): DeepNetwork {
  const net = new Deep();
  let x = net.builder.input('x', 'float32', ['batch', ...shape]);
  for (let layer = 0; layer < layers; layer++) x = next(net, x);
  return net.finish(x);
}

const width = 64;

export const deepNetworks: Readonly<Record<string, (layers: number) => DeepNetwork>> = {
  'dense and ReLU': (layers) => deep([width], layers, (net, x) => net.add('Relu', [net.linear(x, width, width, Math.SQRT2)])),
  'dense and GELU': (layers) => deep([width], layers, (net, x) => net.add('Gelu', [net.linear(x, width, width, 1.4)])),
  'dense and tanh': (layers) => deep([width], layers, (net, x) => net.add('Tanh', [net.linear(x, width, width, 1.2)])),
  'residual': (layers) => deep([width], layers / 2, (net, x) => (
    net.add('Add', [x, net.linear(net.add('Relu', [net.linear(x, width, width, Math.SQRT2)]), width, width, 0.1)]))),
  'convolutions and batch norms': (layers) => deep([width, 16, 16], layers, (net, x) => net.add('Relu', [net.convNorm(x, width)])),
  'transformer': (layers) => deep([32, width], layers / 6, (net, x) => {
    const attended = net.add('Add', [x, net.attention(net.layerNorm(x, width), width)]);
    const between = net.add('Gelu', [net.project(net.layerNorm(attended, width), width, 4 * width)]);
    return net.add('Add', [attended, net.project(between, 4 * width, width)]);
  }),
  'GELU as exporters write it': (layers) => deep([width], layers, (net, x) => {
    const z = net.linear(x, width, width, 1.4);
    const [root, one, half] = [Math.SQRT2, 1, 0.5].map((value) => net.builder.constant('float32', [], [value]));
    const share = net.add('Add', [net.add('Erf', [net.add('Div', [z, root ?? ''])]), one ?? '']);
    return net.add('Mul', [net.add('Mul', [z, share]), half ?? '']);
  }),
};
