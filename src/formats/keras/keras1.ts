// Configurations of Keras 1 in the words of Keras 2 (Keras 2.0 release notes, "API changes").

import type { Dialect } from './dialect';
import type { Fields } from './fields';
import type { LayerConfig } from './topology';

/** What a field was called, by the class of the layer; `*` for all. */
const renamed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '*': { init: 'kernel_initializer', bias: 'use_bias', inner_init: 'recurrent_initializer', inner_activation: 'recurrent_activation', border_mode: 'padding',
    p: 'rate' },
  Dense: { output_dim: 'units' }, LSTM: { output_dim: 'units' }, GRU: { output_dim: 'units' }, SimpleRNN: { output_dim: 'units' },
  Embedding: { init: 'embeddings_initializer' }, GaussianNoise: { sigma: 'stddev' }, LeakyReLU: {}, UpSampling1D: { length: 'size' },
  Convolution1D: { nb_filter: 'filters', filter_length: 'kernel_size', subsample_length: 'strides' }, MaxPooling1D: { pool_length: 'pool_size',
    stride: 'strides' },
  AveragePooling1D: { pool_length: 'pool_size', stride: 'strides' }, BatchNormalization: { gamma_init: 'gamma_initializer', beta_init: 'beta_initializer' },
};

const convolutions = /^(Atrous|Separable)?(Conv|Convolution|Deconvolution)[23]D$/;

/** The fields of a layer as Keras 2 would write them. */
export function asKeras2({ className, config }: LayerConfig, { generation }: Dialect): Fields {
  if (generation !== 1) return config;
  const table = { ...renamed['*'], ...(Object.hasOwn(renamed, className) ? renamed[className] : {}) };
  const moved = Object.entries(table).flatMap(([from, to]) => (config.has(from) && !config.has(to) ? [[to, config.raw(from)] as const] : []));
  return config.with({ ...Object.fromEntries(moved), ...(convolutions.test(className) ? convolutionFields(config) : {}), ...dataFormat(config) });
}

function convolutionFields(config: Fields): Readonly<Record<string, unknown>> {
  const window = ['kernel_dim1', 'kernel_dim2', 'kernel_dim3', 'nb_row', 'nb_col'].filter((name) => config.has(name)).map((name) => config.raw(name));
  return {
    filters: config.raw('nb_filter'), kernel_size: window, ...(config.has('subsample') ? { strides: config.raw('subsample') } : {}),
    ...(config.has('atrous_rate') ? { dilation_rate: config.raw('atrous_rate') } : {}),
  };
}

/** Theano's order is channels first, TensorFlow's last. */
function dataFormat(config: Fields): Readonly<Record<string, unknown>> {
  const order = config.raw('dim_ordering');
  return order === 'th' ? { data_format: 'channels_first' } : order === 'tf' ? { data_format: 'channels_last' } : {};
}
