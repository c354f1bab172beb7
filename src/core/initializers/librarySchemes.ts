import type { FanConvention } from '../../protocol/report';
import { say } from '../../protocol/words';
import { fanConventions } from '../layers/conventions';
import type { Layer, LayerWeight } from '../layers/layer';
import { isRecurrent, isStepped } from '../layers/layer';
import type { Fans } from '../ops/spec';
import { gateBiasAdvice } from './recurrentAdvice';
import type { Resolved } from './resolved';
import { distribute, truncated, uniformBetween } from './resolved';
import type { Drawn, Place, Scheme } from './scheme';
import { drawConstant, drawWhole } from './scheme';
import { isFeasible } from './structuredSchemes';

/**
 * The fans as that library counts them; of a plain matrix what its module knows, whichever way the file stores it. Keras tells its initialisers
 * the axes of an EinsumDense since 3.15 (keras-team/keras#22789), whose layers attention is made of.
 */
function countedFans({ node }: Layer, weight: LayerWeight, library: FanConvention['library']): Fans {
  const { fans, parts, tensor } = weight;
  if (!fans) return { fanIn: 1, fanOut: 1 };
  if (library === 'Keras' && node.op === 'Einsum') return fans;
  const isPlain = !node.op.includes('Conv') && parts.length < 2 && !/^(LSTM|GRU|RNN)$/.test(node.op) && tensor.shape.length === 2;
  if (!isPlain) return fanConventions(node, weight).find((convention) => convention.library === library) ?? fans;
  const [rows = 1, columns = 1] = tensor.shape;
  return fans.fanOut === columns ? { fanIn: rows, fanOut: columns } : { fanIn: columns, fanOut: rows };
}

const named = (drawn: Pick<Resolved, 'sampler' | 'std' | 'bound'>, title: string): Drawn => drawWhole({ ...drawn, mode: null, gain: null, title });

function mainKernel({ weights }: Layer): LayerWeight | undefined {
  return weights.find(({ role, fans }) => role === 'kernel' && fans !== null);
}

/** What all three libraries start norms, and what is like them, from. */
function neutral({ role }: LayerWeight, slope: number): Drawn | null {
  if (role === 'gamma' || role === 'running variance') return drawConstant(1);
  if (role === 'beta' || role === 'running mean') return drawConstant(0);
  return role === 'slope' ? drawConstant(slope) : null;
}

/** torch.nn.MultiheadAttention keeps its projections in one tensor. Exporters turn the kernel, which costs it its name; the bias keeps it. */
const isPackedAttention = ({ weights }: Layer): boolean => weights.some(({ name }) => name.includes('in_proj'));

/**
 * kaiming_uniform_(a = √5), whose bound √6 / √((1 + 5) fan_in) is 1/√fan_in: torch.nn.Linear and _ConvNd.reset_parameters, and of recurrent layers
 * RNNBase.reset_parameters; Embedding, MultiheadAttention and PReLU have their own.
 */
function torchDefault({ layer, weight }: Place): Drawn | null {
  const kernel = mainKernel(layer);
  const { role, fans } = weight;
  if (isStepped(layer) && (role === 'kernel' || role === 'recurrent' || role === 'bias')) {
    const hidden = (role === 'bias' ? (kernel ?? layer.weights[0])?.fans : fans)?.fanOut ?? 1;
    return named(uniformBetween(1 / Math.sqrt(hidden)), 'U(±1/√hidden)');
  }
  if (role === 'kernel' && isPackedAttention(layer)) {
    const { fanIn, fanOut } = countedFans(layer, weight, 'PyTorch');
    return named(uniformBetween(Math.sqrt(6 / (fanIn + fanOut))), 'Xavier uniform over all projections');
  }
  if (role === 'kernel') return named(uniformBetween(1 / Math.sqrt(countedFans(layer, weight, 'PyTorch').fanIn)), 'U(±1/√fan_in)');
  if (role === 'bias' && kernel) {
    const isOfAttention = isPackedAttention(layer) || weight.name.includes('out_proj');
    return isOfAttention ? drawConstant(0) : named(uniformBetween(1 / Math.sqrt(countedFans(layer, kernel, 'PyTorch').fanIn)), 'U(±1/√fan_in)');
  }
  if (role === 'embedding') return named(distribute('normal', 1), 'Normal');
  return neutral(weight, 0.25);
}

const glorotUniform = ({ fanIn, fanOut }: Fans): Drawn => named(uniformBetween(Math.sqrt(6 / (fanIn + fanOut))), 'Glorot uniform');

/** Keras' defaults: glorot_uniform, orthogonal over all gates at once, uniform embeddings, forget gate open, PReLU flat. */
function kerasDefault({ layer, weight }: Place): Drawn | null {
  if (weight.role === 'kernel') return glorotUniform(countedFans(layer, weight, 'Keras'));
  if (weight.role !== 'bias' || !isRecurrent(layer)) return likeKeras(weight);
  const { blocks, recommendation } = gateBiasAdvice(weight);
  return { blocks, title: recommendation.title };
}

/**
 * TF.js' glorotNormal is truncated and, unlike Keras', not corrected for it (VarianceScaling.apply); separableConv2d alone has glorotUniform
 * (SeparableConv.DEFAULT_DEPTHWISE_INITIALIZER). An LSTM's forget gate is not open: its unitForgetBias is off unless it is set (LSTMCell).
 */
function tfjsDefault({ layer, weight, network }: Place): Drawn | null {
  if (weight.role === 'bias') return drawConstant(0);
  if (weight.role !== 'kernel') return likeKeras(weight);
  const fans = countedFans(layer, weight, 'Keras');
  if (network.separable.has(layer.node)) return glorotUniform(fans);
  return named(truncated(Math.sqrt(2 / (fans.fanIn + fans.fanOut))), 'Glorot normal, 12 % too narrow');
}

/** What Keras and TF.js have in common. */
function likeKeras(weight: LayerWeight): Drawn | null {
  switch (weight.role) {
    case 'recurrent': return fusedOrthogonal(weight);
    case 'embedding': return named(uniformBetween(0.05), 'U(±0.05)');
    case 'bias': return drawConstant(0);
    default: return neutral(weight, 0);
  }
}

/** Keras decomposes [hidden, gates · hidden] as one matrix: of R [directions, gates · hidden, hidden], one for each direction. */
function fusedOrthogonal({ tensor }: LayerWeight): Drawn | null {
  const [count = 1, rows = 1, columns = 1] = tensor.shape;
  if (tensor.shape.length !== 3 || !isFeasible({ count, rows, columns })) return null;
  return named({
    sampler: { kind: 'orthogonal', gain: 1, rows, columns, ...(count === 1 ? {} : { count }) }, std: 1 / Math.sqrt(Math.max(rows, columns)), bound: null,
  }, 'Orthogonal over all gates');
}

const group = 'Library defaults';
const when = (what: string): string => say('To have again what {0} starts a layer from, biases included; fans are counted as there.', what);

export const librarySchemes: readonly Scheme[] = [
  {
    id: 'pytorch', title: 'PyTorch’s defaults', group, formula: '|w|, |b| ≤ 1 / √fan_in', when: when('PyTorch'), options: [],
    source: 'torch.nn.modules, reset_parameters (PyTorch 2, 2023); after LeCun et al. 1998', draw: torchDefault,
  },
  {
    id: 'keras', title: 'Keras’ defaults', group, formula: '|w| ≤ √(6 / (fan_in + fan_out))', when: when('Keras'), options: [],
    source: 'keras.layers (Keras 3.15, 2026); after Glorot & Bengio 2010, eq. 16', draw: kerasDefault,
  },
  {
    id: 'tfjs', title: 'TF.js’ defaults', group, formula: say('σ² = 0.774 · 2 / (fan_in + fan_out), cut at 2 of the uncut σ'), when: when('TF.js'), options: [],
    source: '@tensorflow/tfjs-layers, layers and initializers (TF.js 4.22, 2024); after Glorot & Bengio 2010, eq. 12', draw: tfjsDefault,
  },
];
