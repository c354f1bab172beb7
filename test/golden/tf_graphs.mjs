/**
 * node tf_graphs.mjs <a folder with @tensorflow/tfjs> <a folder with operators.json and networks.json> <tf_graphs.json>: what TF.js 4.22 computes by
 * the graphs that `tf_operators.py` and `tf_networks.py` wrote, or TensorFlow where TF.js does not have an operator. The tests do not need it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const [libraries = '', folder = '', written = ''] = process.argv.slice(2);
const tf = createRequire(path.join(path.resolve(libraries), 'package.json'))('@tensorflow/tfjs');
await tf.setBackend('cpu');

const read = (name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
const count = (shape) => shape.reduce((all, size) => all * size, 1);
const digits = (value) => Number(value.toPrecision(7));
/** Longer weights are the sine of their position, as the tests have them, too. */
const longest = 8;
const numbers = (length, phase, scale) => Float32Array.from({ length }, (_, i) => Math.sin(1.7 * i + phase) * scale);

/** Of a kernel the spread is about that by which a signal keeps its size. */
const scaleOf = (shape) => (shape.length < 2 ? 0.5 : Math.SQRT2 / Math.sqrt(count(shape.slice(0, -1))));
const typed = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

function weightsOf(weights) {
  return Object.entries(weights).map(([name, { shape, dtype, values }], i) => {
    const isDrawn = dtype === 'float32' && values.length > longest;
    const data = isDrawn ? numbers(count(shape), i, scaleOf(shape)) : typed[dtype].from(values);
    return { name, shape, dtype, data, kept: isDrawn ? null : values };
  });
}

/** TensorFlow writes shapes and outputs that nobody asks for. */
function slim(topology) {
  const clean = (node) => {
    const attr = Object.fromEntries(Object.entries(node.attr ?? {}).filter(([key]) => !key.startsWith('_')));
    return { ...node, attr };
  };
  const functions = (topology.library?.function ?? []).map((each) => ({ ...each, nodeDef: each.nodeDef.map(clean) }));
  return { node: topology.node.map(clean), versions: topology.versions, ...(functions.length > 0 ? { library: { function: functions } } : {}) };
}

const operators = read('operators.json');
/** Operators that the converter makes, and such as TF.js has under names that TensorFlow does not have. */
const text = (value) => Buffer.from(value).toString('base64');
const texts = (...values) => ({ list: { s: values.map(text) } });
const sine = (shape) => ({ shape, dtype: 'float32', values: Array.from({ length: count(shape) }, (_, i) => Math.fround(digits(Math.sin(1.7 * i)))) });

function single(op, attr, shape, weights) {
  const type = { dtype: { type: 'DT_FLOAT' } };
  const dim = shape.map((size, i) => ({ size: i === 0 ? '-1' : String(size) }));
  const constants = weights.map((_, i) => ({ name: `w${i}`, op: 'Const', attr: type }));
  const node = { name: 'y', op, input: ['x', ...constants.map(({ name }) => name)], attr };
  return {
    model: {
      modelTopology: { node: [{ name: 'x', op: 'Placeholder', attr: { ...type, shape: { shape: { dim } } } }, ...constants, node], versions: {} },
      signature: { outputs: { y: { name: 'y:0' } } },
    },
    weights: Object.fromEntries(weights.map((each, i) => [`w${i}`, sine(each)])), inputs: { x: sine(shape) },
  };
}

const window = { strides: { list: { i: ['1', '2', '2', '1'] } }, padding: { s: text('SAME') }, data_format: { s: text('NHWC') } };
const image = [2, 7, 6, 3];
const fusedWith = (...names) => ({ fused_ops: texts(...names), num_args: { i: String(names.filter((name) => /Bias|Prelu/.test(name)).length) } });
const own = {
  DepthwiseConv2d: JSON.parse(JSON.stringify({ ...operators.DepthwiseConv2dNative, tensorflow: undefined }).replaceAll('"DepthwiseConv2dNative"', '"DepthwiseConv2d"')),
  Conv1D: single('Conv1D', { stride: { i: '2' }, padding: { s: text('SAME') }, data_format: { s: text('NWC') }, dilation: { i: '1' } }, [2, 9, 3], [[4, 3, 5]]),
  Prelu: single('Prelu', {}, image, [[1, 1, 3]]),
  'FusedDepthwiseConv2dNative by Relu6': single('FusedDepthwiseConv2dNative', { ...window, ...fusedWith('BiasAdd', 'Relu6') }, image, [[3, 3, 3, 2], [6]]),
  'FusedDepthwiseConv2dNative by Elu': single('FusedDepthwiseConv2dNative', { ...window, ...fusedWith('BiasAdd', 'Elu') }, image, [[3, 3, 3, 1], [3]]),
  ...Object.fromEntries(['Relu', 'Sigmoid', 'LeakyRelu'].map((name) => [`_FusedConv2D by ${name}`,
    single('_FusedConv2D', { ...window, ...fusedWith('BiasAdd', name), leakyrelu_alpha: { f: 0.3 } }, image, [[3, 2, 3, 4], [4]])])),
  'FusedDepthwiseConv2dNative without a bias': single('FusedDepthwiseConv2dNative', { ...window, ...fusedWith('NoOp', 'Relu') }, image, [[3, 3, 3, 1]]),
  '_FusedConv2D by Prelu': single('_FusedConv2D', { ...window, ...fusedWith('BiasAdd', 'Prelu') }, image, [[3, 2, 3, 4], [4], [1, 1, 4]]),
  '_FusedMatMul by Sigmoid': single('_FusedMatMul', { transpose_b: { b: true }, ...fusedWith('BiasAdd', 'Sigmoid') }, [3, 4], [[5, 4], [5]]),
};

const found = {};
const apart = [];
for (const [name, { model, weights, inputs, tensorflow }] of Object.entries({ ...operators, ...own, ...read('networks.json') })) {
  const made = weightsOf(weights);
  const specs = made.map(({ name: weight, shape, dtype }) => ({ name: weight, shape, dtype }));
  const bytes = Buffer.concat(made.map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)));
  const topology = slim(model.modelTopology);
  const kept = Object.fromEntries(made.map((each) => [each.name, { shape: each.shape, dtype: each.dtype, values: each.kept }]));
  const entry = { topology, signature: model.signature, weights: kept, inputs };
  const isDrawn = made.some((each) => each.kept === null);
  let outputs = null;
  let reason = '';
  try {
    const loaded = await tf.loadGraphModel(tf.io.fromMemory({
      modelTopology: structuredClone(topology), weightSpecs: specs, weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
      format: 'graph-model', signature: model.signature,
    }));
    const feeds = Object.fromEntries(Object.entries(inputs).map(([key, { shape, dtype, values }]) => [key, tf.tensor(values, shape, dtype)]));
    const results = [await loaded.executeAsync(feeds, Object.values(model.signature.outputs).map((output) => output.name))].flat();
    outputs = results.map((each) => ({ shape: each.shape, values: Array.from(each.dataSync(), digits) }));
  } catch (error) {
    reason = String(error.message).split('\n')[0];
  }
  const expected = tensorflow?.map(({ shape, values }) => ({ shape, values: values.map(digits) }));
  if (outputs && expected && !isDrawn) {
    const off = Math.max(...outputs.flatMap(({ values }, k) => values.map((each, i) => Math.abs(each - (expected[k]?.values[i] ?? NaN)))));
    if (!(off < 1e-5)) apart.push(`${name}: TF.js and TensorFlow differ by ${off}`);
  }
  if (!outputs) {
    apart.push(`${name}: ${reason}`);
    if (!expected) throw new Error(`${name}: ${reason}`);
    // What TensorFlow computed is of the weights that it has.
    for (const [key, each] of Object.entries(weights)) kept[key].values = each.values;
  }
  found[name] = { ...entry, by: outputs ? 'TF.js' : 'TensorFlow', outputs: outputs ?? expected };
}
writeFileSync(written, `{\n${Object.entries(found).map(([name, each]) => `${JSON.stringify(name)}: ${JSON.stringify(each)}`).join(',\n')}\n}\n`);
console.log(apart.join('\n'));
