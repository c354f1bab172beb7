// All layers of Keras that are described here, by the names of their classes.

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
  ...reshapingLayers, ...regularizationLayers, ...preprocessingLayers,
};

export const describeLayer = (className: string): DescribeLayer | null => (Object.hasOwn(kerasLayers, className) ? kerasLayers[className] ?? null : null);
