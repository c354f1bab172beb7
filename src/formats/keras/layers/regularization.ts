// Noise and dropout, which do nothing but while a network is trained.

import { say } from '../../../protocol/words';
import type { DescribeLayer, LayerTable } from './table';

const dropout: DescribeLayer = (layer, [signal]) => {
  const rate = layer.fields.number('rate', layer.fields.number('p', 0.5));
  if (rate <= 0) return signal;
  return layer.each(signal, (value) => layer.add('Dropout', [value, layer.scalar(rate)]));
};

/** Its noise is not that of a dropout of elements: it is run without. */
const silent = (what: string): DescribeLayer => (layer, inputs) => {
  layer.note(say('{0} is left out, also where dropout is on.', what));
  return inputs;
};

export const regularizationLayers: LayerTable = {
  Dropout: dropout, AlphaDropout: silent('AlphaDropout'), GaussianDropout: silent('GaussianDropout'), GaussianNoise: silent('GaussianNoise'),
  SpatialDropout1D: silent('SpatialDropout'), SpatialDropout2D: silent('SpatialDropout'), SpatialDropout3D: silent('SpatialDropout'),
};
