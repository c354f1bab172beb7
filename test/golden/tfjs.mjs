/**
 * node tfjs.mjs <a folder with @tensorflow/tfjs in its node_modules> <this folder>: writes down how TF.js starts the weights of its layers when
 * nothing is said, as defaults.py does for PyTorch and Keras. The tests need no TF.js.
 */
import { createRequire } from 'node:module';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

const [libraries = '', here = ''] = process.argv.slice(2);
const tf = createRequire(path.join(path.resolve(libraries), 'package.json'))('@tensorflow/tfjs');

/** TF.js seeds what has no seed from here: a multiplicative generator modulo 2^31 − 1 (Park & Miller 1988) makes the file the same every time. */
let state = 1;
Math.random = () => {
  state = (state * 16_807) % 2_147_483_647;
  return state / 2_147_483_647;
};

const draws = 12;
const digits = (value) => Number(value.toPrecision(6));
const product = (sizes) => sizes.reduce((all, size) => all * size, 1);

function statistics(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const moment = (power) => values.reduce((sum, value) => sum + (value - mean) ** power, 0) / values.length;
  const variance = moment(2);
  return {
    mean: digits(mean), std: digits(Math.sqrt(variance)), largest: digits(Math.max(...values.map(Math.abs))),
    kurtosis: variance === 0 ? null : digits(moment(4) / variance ** 2),
  };
}

/** Largest deviation of the products of its columns from the identity. */
function gram(values, rows, columns) {
  let worst = 0;
  for (let a = 0; a < columns; a++) {
    for (let b = 0; b < columns; b++) {
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += values[i * columns + a] * values[i * columns + b];
      worst = Math.max(worst, Math.abs(sum - (a === b ? 1 : 0)));
    }
  }
  return worst;
}

/** `make` gives the weights of one new layer, in the order and layout of the operator's inputs: name, shape, values, and the initialiser. */
function row(what, op, make, attributes = {}) {
  const drawn = Array.from({ length: draws }, () => tf.tidy(make));
  const weights = drawn[0].map(({ name, shape, initializer, gates = 0, orthogonal = false }, i) => {
    const each = drawn.map((draw) => Array.from(draw[i].values));
    const every = each.flat();
    const size = product(shape.slice(1));
    const matrices = each.flatMap((values) => Array.from({ length: shape[0] }, (_, d) => values.slice(d * size, (d + 1) * size)));
    const gate = size / gates;
    const ofGates = Array.from({ length: gates }, (_, g) => statistics(matrices.flatMap((values) => values.slice(g * gate, (g + 1) * gate))));
    return {
      name, shape, count: every.length, ...statistics(every), initializer,
      ...(gates > 0 ? { gates: ofGates } : {}),
      ...(orthogonal ? { gram: digits(Math.max(...matrices.map((values) => gram(values, shape[1], shape[2])))) } : {}),
    };
  });
  return { library: 'tfjs', what, op, attributes, weights };
}

const same = (tensor) => ({ shape: tensor.shape, values: tensor.dataSync() });
/** [k…, a, b] to [b, a, k…], of plain and of transposed kernels. */
const kernel = (tensor) => same(tf.transpose(tensor, [tensor.rank - 1, tensor.rank - 2, ...Array.from({ length: tensor.rank - 2 }, (_, i) => i)]));
/** [k, k, channels, multiplier] to [channels · multiplier, 1, k, k] */
const depthwise = (tensor) => same(tf.reshape(tf.transpose(tensor, [2, 3, 0, 1]), [-1, 1, ...tensor.shape.slice(0, 2)]));

const said = (initializer) => (initializer ? [initializer.getClassName(), initializer.getConfig()] : null);

/** Each layout turns a weight of the layer into one of the operator, under its name; `of` is what the layer calls it. */
function layer(create, inputShape, layouts) {
  return () => {
    const built = create();
    built.build(inputShape);
    const tensors = built.getWeights();
    return layouts.map(([name, layout, of], i) => ({ name, ...layout(tensors[i]), initializer: said(built[`${of}Initializer`]) }));
  };
}

/** Rows of gates in the order of ONNX: iofc of ifco, and the same for GRU's zrh. */
const orders = { 1: [0], 3: [0, 1, 2], 4: [0, 3, 1, 2] };

/** W [directions, gates · hidden, in], R, and B, which has biases of W and of R: TF.js has one, and the others are 0. */
function recurrent(create, gates, inputs, hidden, directions = 1) {
  const order = orders[gates];
  const rows = (tensor) => {
    const parts = tf.split(tensor, gates, tensor.rank - 1);
    return tf.concat(order.map((gate) => (tensor.rank === 1 ? parts[gate] : tf.transpose(parts[gate]))), 0);
  };
  const stacked = (tensors) => same(tf.stack(tensors));
  return () => {
    const built = create();
    built.build([null, 5, inputs]);
    const tensors = built.getWeights();
    const { cell } = built.forwardLayer ?? built;
    const every = Array.from({ length: directions }, (_, d) => tensors.slice(3 * d, 3 * d + 3));
    const bias = (tensor) => tf.concat([rows(tensor), tf.zeros([gates * hidden])]);
    return [
      { name: 'W', ...stacked(every.map(([W]) => rows(W))), initializer: said(cell.kernelInitializer), gates },
      { name: 'R', ...stacked(every.map(([, R]) => rows(R))), initializer: said(cell.recurrentInitializer), gates, orthogonal: true },
      { name: 'B', ...stacked(every.map(([, , b]) => bias(b))), initializer: said(cell.biasInitializer), gates: 2 * gates },
    ];
  };
}

const withBias = (layout) => [['kernel', layout, 'kernel'], ['bias', same, 'bias']];
const norms = [['gamma', same, 'gamma'], ['beta', same, 'beta'], ['mean', same, 'movingMean'], ['variance', same, 'movingVariance']];

function rows() {
  const { layers: l } = tf;
  const strided = { strides: [2, 2] };
  const twoWays = () => l.bidirectional({ layer: l.lstm({ units: 12 }), mergeMode: 'concat' });
  return [
    row('dense', 'MatMul', layer(() => l.dense({ units: 64 }), [null, 96], withBias(same))),
    row('conv1d', 'Conv', layer(() => l.conv1d({ filters: 32, kernelSize: 5 }), [null, 20, 16], withBias(kernel))),
    row('conv2d', 'Conv', layer(() => l.conv2d({ filters: 32, kernelSize: 3 }), [null, 8, 8, 16], withBias(kernel))),
    row('conv2d, stride', 'Conv', layer(() => l.conv2d({ filters: 32, kernelSize: 3, strides: 2 }), [null, 8, 8, 16], withBias(kernel)), strided),
    row('conv3d', 'Conv', layer(() => l.conv3d({ filters: 16, kernelSize: 3 }), [null, 5, 5, 5, 8], withBias(kernel))),
    row('conv2dTranspose', 'ConvTranspose', layer(() => l.conv2dTranspose({ filters: 16, kernelSize: 4, strides: 2 }), [null, 8, 8, 40], withBias(kernel)), strided),
    row('conv3dTranspose', 'ConvTranspose', layer(() => l.conv3dTranspose({ filters: 8, kernelSize: 3 }), [null, 5, 5, 5, 16], withBias(kernel))),
    row('depthwiseConv2d', 'Conv', layer(() => l.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 }), [null, 8, 8, 24], [
      ['kernel', depthwise, 'depthwise'], ['bias', same, 'bias'],
    ]), { group: 24 }),
    row('separableConv2d', 'separable', layer(() => l.separableConv2d({ filters: 40, kernelSize: 3, depthMultiplier: 2 }), [null, 8, 8, 24], [
      ['depthwise', depthwise, 'depthwise'], ['pointwise', kernel, 'pointwise'], ['bias', same, 'bias'],
    ]), { group: 24 }),
    row('embedding', 'Gather', layer(() => l.embedding({ inputDim: 200, outputDim: 32 }), [null, 5], [['embeddings', same, 'embeddings']])),
    row('lstm', 'LSTM', recurrent(() => l.lstm({ units: 16 }), 4, 24, 16), { hidden_size: 16 }),
    row('bidirectional lstm', 'LSTM', recurrent(twoWays, 4, 24, 12, 2), { hidden_size: 12, direction: 'bidirectional' }),
    row('gru', 'GRU', recurrent(() => l.gru({ units: 16 }), 3, 24, 16), { hidden_size: 16 }),
    row('simpleRNN', 'RNN', recurrent(() => l.simpleRNN({ units: 24 }), 1, 24, 24), { hidden_size: 24 }),
    row('batchNormalization', 'BatchNormalization', layer(() => l.batchNormalization(), [null, 8, 8, 20], norms)),
    row('layerNormalization', 'LayerNormalization', layer(() => l.layerNormalization(), [null, 20], norms.slice(0, 2))),
    row('prelu', 'PRelu', layer(() => l.prelu(), [null, 20], [['alpha', same, 'alpha']])),
  ];
}

await tf.setBackend('cpu');
const lines = rows().map((each) => ` ${JSON.stringify(each)}`).join(',\n');
await writeFile(path.join(here, 'tfjs.json'), `{"version": "${tf.version.tfjs}", "rows": [\n${lines}\n]}\n`);
