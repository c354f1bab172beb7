// Layers that keras.applications defines for its own networks.

import { say } from '../../../protocol/words';
import { signalOf } from '../signal';
import type { DescribeLayer, LayerTable } from './table';

/** γ x, one γ for each channel, near 0 at the start (Touvron et al. 2021, arXiv 2103.17239, section 3; keras.applications.convnext). */
const layerScale: DescribeLayer = (layer, [signal]) => {
  const { fields } = layer;
  const start = { class_name: 'Constant', config: { value: fields.number('init_values', 1e-6) } };
  const gamma = layer.weight('variable', [fields.integer('projection_dim', undefined, 1)], start, { field: null });
  return signalOf(layer.add('Mul', [layer.plain(signal), gamma]), signal.shape);
};

/** x + scale · branch (Szegedy et al. 2017, arXiv 1602.07261, section 3.3; keras.applications.inception_resnet_v2). */
const scaledSum: DescribeLayer = (layer, [signal, branch]) => {
  if (!branch) throw layer.refuse(say('needs a signal and a branch'));
  const scaled = layer.add('Mul', [layer.first(branch), layer.scalar(layer.fields.number('scale'))]);
  return { ...signal, plain: null, first: layer.add('Add', [layer.first(signal), scaled]) };
};

export const applicationLayers: LayerTable = {
  LayerScale: layerScale, CustomScaleLayer: scaledSum,
  StochasticDepth: (layer, inputs) => {
    layer.note(say('StochasticDepth is left out, also where dropout is on.'));
    return inputs;
  },
};
