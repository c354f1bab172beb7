// All layers of Keras that are described here, by the names of their classes.

import { applicationLayers } from './applications';
import { attentionLayers } from './attention';
import { convolutionLayers } from './convolution';
import { coreLayers } from './core';
import { mergingLayers } from './merging';
import { normalizationLayers } from './normalization';
import { poolingLayers } from './pooling';
import { preprocessingLayers } from './preprocessing';
import { recurrentLayers } from './recurrent';
import { regularizationLayers } from './regularization';
import { reshapingLayers } from './reshaping';
import type { DescribeLayer, LayerTable } from './table';

export const kerasLayers: LayerTable = {
  ...coreLayers, ...convolutionLayers, ...poolingLayers, ...normalizationLayers, ...recurrentLayers, ...attentionLayers, ...mergingLayers,
  ...reshapingLayers, ...regularizationLayers, ...preprocessingLayers, ...applicationLayers,
};

/** Other names of the same layers, in this version of Keras and older ones. */
function today(className: string): string {
  const name = className.replace(/^Convolution(?=\dD)/, 'Conv').replace(/^SeparableConvolution/, 'SeparableConv').replace(/^Convolution2DTranspose$|^Deconvolution2D$/, 'Conv2DTranspose')
    .replace(/^(Global)?(Max|Avg|Average)Pool(?=\dD)/, '$1$2Pooling').replace(/AvgPooling/, 'AveragePooling').replace(/^SyncBatchNormalization$/, 'BatchNormalization')
    .replace(/^GroupedQueryAttention$/, 'GroupQueryAttention');
  return Object.hasOwn(kerasLayers, name) ? name : name.replace(/V\d$/, '');
}

export function describeLayer(className: string): DescribeLayer | null {
  const name = today(className);
  return Object.hasOwn(kerasLayers, name) ? kerasLayers[name] ?? null : null;
}
