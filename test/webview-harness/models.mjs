/** Made-up reports that look like real ones. */

export function createRandom(seed) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function bellCounts(random, bins = 32) {
  return Array.from({ length: bins }, (_, bin) => {
    const z = ((bin + 0.5) / bins - 0.5) * 7;
    return Math.round(10000 * Math.exp(-z * z / 2) * (0.9 + 0.2 * random()));
  });
}

export function statistics(random, count, std, { zero = false, nonFinite = 0 } = {}) {
  if (zero) return { count, mean: 0, std: 0, min: 0, max: 0, zeros: count, nonFinite: 0, histogram: { min: 0, max: 0, counts: [count] } };
  const edge = 3.5 * std;
  const histogram = { min: -edge, max: edge, counts: bellCounts(random) };
  if (nonFinite > 0) return { count, mean: null, std: null, min: null, max: null, zeros: 0, nonFinite, histogram };
  return { count, mean: std * (random() - 0.5) * 0.01, std, min: -edge, max: edge, zeros: 0, nonFinite: 0, histogram };
}

let offset = 0x1000;
function weight(name, role, shape, extra) {
  const parameters = shape.reduce((product, size) => product * size, 1);
  const length = parameters * 4;
  offset += length;
  return {
    id: `/${name}`, name, role, dtype: 'float32', shape, storage: 'raw', place: { file: '/models/resnet50.onnx', offset, length }, parameters,
    fanIn: null, fanOut: null, conventions: [], parts: [], tied: [], statistics: null, looksLike: null, recommendation: null, ...extra,
  };
}

export function he(fanIn) {
  return {
    scheme: 'he-normal', mode: 'fan_in', distribution: 'normal', gain: Math.SQRT2, std: Math.sqrt(2 / fanIn), bound: null, title: 'He normal',
    reason: 'Relu follows: it passes half of the variance on.', source: 'He et al. 2015, eq. 10',
  };
}

export function xavier(fanIn, fanOut) {
  return {
    scheme: 'xavier-normal', mode: 'fan_avg', distribution: 'normal', gain: 1, std: Math.sqrt(2 / (fanIn + fanOut)), bound: null, title: 'Xavier normal',
    reason: 'Tanh follows: it is nearly linear around 0.', source: 'Glorot & Bengio 2010, eq. 12',
  };
}

const constant = (title, value) => ({
  scheme: value === 0 ? 'zeros' : 'ones', mode: null, distribution: 'constant', gain: null, std: 0, bound: value, title,
  reason: 'The layer starts as the identity.', source: 'Ioffe & Szegedy 2015',
});

export function resnet() {
  offset = 0x1000;
  const random = createRandom(7);
  const layers = [];
  const conv = (name, input, output, size, stride, options = {}) => {
    const fanIn = input * size * size;
    const fanOut = output * size * size;
    const std = options.std ?? Math.sqrt(2 / fanIn) * (0.9 + 0.2 * random());
    const kernel = weight(`${name}.weight`, 'kernel', [output, input, size, size], {
      fanIn, fanOut, recommendation: he(fanIn), looksLike: options.zero ? 'all zero' : 'He normal, fan_in (a PyTorch script of 2015 or later)',
      statistics: statistics(random, output * fanIn, std, options), ...options.weight,
    });
    const bias = weight(`${name}.bias`, 'bias', [output], { recommendation: constant('Zeros', 0), statistics: statistics(random, output, 0, { zero: true }) });
    layers.push({ name, op: 'Conv', detail: `${size}×${size}${stride > 1 ? `, stride ${stride}` : ''}`, scope: '', activation: 'Relu', normalization: 'BatchNormalization', residual: name.endsWith('conv3') ? { addedBy: name.replace('conv3', 'Add'), normalization: 'BatchNormalization', branches: 16 } : null, weights: [kernel, bias] });
  };
  conv('conv1', 3, 64, 7, 2);
  const stages = [[64, 64, 256, 3], [256, 128, 512, 4], [512, 256, 1024, 6], [1024, 512, 2048, 3]];
  stages.forEach(([input, middle, output, blocks], stage) => {
    for (let block = 0; block < blocks; block += 1) {
      const name = `layer${stage + 1}.${block}`;
      conv(`${name}.conv1`, block === 0 ? input : output, middle, 1, 1);
      conv(`${name}.conv2`, middle, middle, 3, block === 0 && stage > 0 ? 2 : 1, stage === 2 && block === 1 ? { zero: true } : {});
      conv(`${name}.conv3`, middle, output, 1, 1, stage === 3 && block === 2 ? { weight: { applied: { scheme: 'he-normal', seed: 7, title: 'He normal, fan_in, seed 7', saved: false } } } : {});
      if (block === 0) conv(`${name}.downsample.0`, input, output, 1, stage > 0 ? 2 : 1, stage === 1 ? { nonFinite: 12, std: 0.1 } : {});
    }
  });
  layers.push({
    name: 'fc', op: 'Gemm', detail: '', scope: '', residual: null, isHead: false, activation: 'Tanh', normalization: null,
    weights: [weight('fc.weight', 'kernel', [1000, 2048], {
      fanIn: 2048, fanOut: 1000, recommendation: xavier(2048, 1000), looksLike: 'normal(0, 0.8), not any library’s default', statistics: statistics(random, 2048000, 0.8),
    }), weight('fc.bias', 'bias', [1000], { recommendation: constant('Zeros', 0), statistics: statistics(random, 1000, 0.01) })],
  });
  layers.push({
    name: 'stft', op: 'Conv', detail: '1×1024, stride 256', scope: '', residual: null, isHead: false, activation: 'linear', normalization: null,
    weights: [weight('stft.basis', 'frozen', [514, 1, 1024], { frozen: 'A Fourier basis: its rows are sines and cosines', statistics: statistics(random, 526336, 0.7), fanIn: 1024, fanOut: 514, storage: 'constant' })],
  });
  return {
    file: '/home/user/models/resnet50.onnx', format: 'onnx', producer: 'pytorch 2.13.0', opset: 17, parameters: 25557032, storedFloats: 25583592, storedBytes: 102334368,
    inputs: [{ name: 'x', dtype: 'float32', shape: ['N', 3, 224, 224] }], outputs: [{ name: 'y', dtype: 'float32', shape: ['N', 1000] }],
    layers,
    diagnostics: [
      { severity: 'error', code: 'all-zero-kernel', layer: 'layer3.1.conv2', message: 'The kernel of layer3.1.conv2 is all zero: no signal passes and every filter learns the same.', remedy: 'Reinitialize it with He normal.' },
      { severity: 'error', code: 'non-finite', layer: 'layer2.0.downsample.0', message: '12 elements of layer2.0.downsample.0.weight are NaN or infinite.', remedy: 'Reinitialize it.' },
      { severity: 'warning', code: 'too-wide', layer: 'fc', message: 'fc is 31.2× too wide for the tanh that follows: it saturates.', remedy: 'Reinitialize it with Xavier normal.' },
    ],
  };
}

export function deepModel(count) {
  const random = createRandom(3);
  const base = resnet();
  const layers = Array.from({ length: count }, (_, index) => {
    const width = 64 << (index % 4);
    const name = `/model/layers.${Math.floor(index / 8)}/block${index % 8}/MatMul`;
    return {
      name, op: 'MatMul', detail: '', scope: '', residual: null, isHead: false, activation: index % 3 === 0 ? 'Gelu' : 'linear', normalization: null,
      weights: [weight(`${name}.weight`, 'kernel', [width, width * 2], {
        fanIn: width, fanOut: width * 2, recommendation: index % 3 === 0 ? he(width) : xavier(width, width * 2),
        statistics: index > 4000 ? null : statistics(random, width * width * 2, Math.sqrt(1 / width) * (index % 97 === 0 ? 9 : 1)),
      })],
    };
  });
  return { ...base, file: '/models/deep.onnx', layers, diagnostics: [] };
}

const orthogonal = (rows) => ({
  scheme: 'orthogonal', mode: null, distribution: 'orthogonal', gain: 1, std: 1 / Math.sqrt(rows), bound: null, title: 'Orthogonal',
  reason: 'A recurrent kernel is applied once per step: what keeps lengths neither explodes nor fades.', source: 'Saxe et al. 2014, section 3',
});

/** One layer for each fact that is not in every model. */
export function curious() {
  const random = createRandom(11);
  const layer = (name, op, weights, extra) => ({ name, op, detail: '', scope: '', activation: 'linear', normalization: null, residual: null, isHead: false, weights, ...extra });
  const gates = ['input gate', 'output gate', 'forget gate', 'cell gate'];
  const parts = (recommendation) => gates.map((name) => ({ name, recommendation }));
  const measured = (count, std) => ({ statistics: statistics(random, count, std) });
  const layers = [
    layer('token_embedding', 'Gather', [weight('embed.weight', 'embedding', [50257, 768], {
      fanIn: 1, fanOut: 768, tied: [{ layer: 'lm_head', weight: 'lm_head.weight', how: 'transposed' }, { layer: 'decoder', weight: 'embed.weight', how: 'same' }],
      recommendation: { ...xavier(1, 1), scheme: 'normal', title: 'Normal' }, looksLike: 'normal(0, 0.02), the default of GPT-2 exports', ...measured(38597376, 0.02),
    })]),
    layer('encoder.lstm', 'LSTM', [
      weight('encoder.lstm.W', 'kernel', [2, 1024, 128], { fanIn: 128, fanOut: 256, parts: parts('Xavier uniform'), recommendation: xavier(128, 256), ...measured(262144, 0.07),
        conventions: [{ library: 'PyTorch', fanIn: 128, fanOut: 1024, reason: 'it takes the four stacked gates for one matrix' }, { library: 'Keras', fanIn: 128, fanOut: 1024, reason: 'its kernel is [input, 4 × units]' }] }),
      weight('encoder.lstm.R', 'recurrent', [2, 1024, 256], { fanIn: 256, fanOut: 256, parts: parts('Orthogonal'), recommendation: orthogonal(256), ...measured(524288, 0.04) }),
      weight('encoder.lstm.B', 'bias', [2, 2048], { parts: [...parts('Zeros').filter(({ name }) => name !== 'forget gate'), { name: 'forget gate', recommendation: 'Ones' }], recommendation: constant('Zeros', 0), ...measured(4096, 0.01) }),
      weight('encoder.lstm.P', 'peephole', [2, 768], { parts: [{ name: 'input gate', recommendation: null }], recommendation: null, frozen: 'Peepholes are left as they are', ...measured(1536, 0.01) }),
    ], { detail: '256 units, both directions', activation: 'Tanh' }),
    layer('quantised_conv', 'Conv', [weight('conv_q', 'frozen', [64, 64, 3, 3], {
      dtype: 'int8', fanIn: 576, fanOut: 576, frozen: 'A quantised tensor: its scale would no longer fit', quantization: { scales: { count: 64, min: 0.00121, max: 0.0443 }, axis: 0 }, ...measured(36864, 0.05),
    })], { detail: '3×3' }),
    layer('pruned', 'MatMul', [weight('pruned.weight', 'kernel', [512, 512], { storage: 'sparse', place: null, fanIn: 512, fanOut: 512, recommendation: xavier(512, 512), ...measured(262144, 0.01) })],
      { scope: 'If_25.then_branch', activation: 'Gelu' }),
    layer('filled', 'Gemm', [weight('filled.weight', 'kernel', [16, 16], { storage: 'computed', place: null, fanIn: 16, fanOut: 16, recommendation: xavier(16, 16), ...measured(256, 0) })],
      { scope: 'Loop_3.body', residual: { addedBy: 'Add_12', normalization: null, branches: 1 } }),
    layer('deconv', 'ConvTranspose', [weight('deconv.weight', 'kernel', [64, 32, 4, 4], {
      fanIn: 256, fanOut: 512, recommendation: he(256), ...measured(32768, 0.08),
      conventions: [{ library: 'PyTorch', fanIn: 512, fanOut: 1024, reason: 'it reads [in, out, …] as [out, in, …] and does not count the stride' }],
    })], { detail: '4×4, stride 2', activation: 'Relu', normalization: 'BatchNormalization' }),
  ];
  const inputs = ['input_ids', 'attention_mask', 'token_type_ids', ...Array.from({ length: 24 }, (_, i) => `past_key_values.${i}.key`)]
    .map((name) => ({ name, dtype: 'int64', shape: ['batch', 'sequence'] }));
  return { ...resnet(), file: 'curious.onnx', layers, diagnostics: [], inputs, outputs: [{ name: 'logits', dtype: 'float32', shape: ['batch', 'sequence', 50257] }] };
}

/** Names that a stranger might choose. */
export function hostile() {
  const names = ['<img src=x onerror=alert(1)>', '</script><script>window.attacked = true</script>', '\u202egnp.exe', 'מודל.שכבה', '层/卷积'.repeat(40), 'x'.repeat(2 ** 20), ''];
  const base = curious();
  const layers = names.map((name) => ({ ...base.layers[0], name, scope: name, activation: name, weights: base.layers[0].weights.map((entry) => ({ ...entry, id: name, name, looksLike: name })) }));
  return { ...base, file: names[0], producer: names[2], layers, inputs: names.map((name) => ({ name, dtype: 'float32', shape: [name] })),
    diagnostics: names.map((name) => ({ severity: 'warning', code: name, layer: name, message: `${name} is odd`, remedy: name })) };
}
