// Every type of layer by its name.

import { activationLayers } from './activations';
import { attentionLayers } from './attention';
import { convolutionLayers } from './convolution';
import { denseLayers } from './dense';
import { mergingLayers } from './merging';
import { normalizationLayers } from './normalization';
import { poolingLayers } from './pooling';
import { recurrentLayers } from './recurrent';
import { reshapingLayers } from './reshaping';
import type { LayerTable, LayerType } from './table';
import { commonOptions } from './table';

export const layerTypes: LayerTable = {
  ...denseLayers, ...convolutionLayers, ...poolingLayers, ...recurrentLayers, ...attentionLayers, ...normalizationLayers, ...activationLayers,
  ...reshapingLayers, ...mergingLayers,
};

export const layerType = (name: string): LayerType | null => (Object.hasOwn(layerTypes, name) ? layerTypes[name] ?? null : null);

/** Keys of all blocks: what they say of initializers and activations holds for the layers inside. */
const blockOptions = ['initializer', 'activation', ...commonOptions] as const;

/** What holds other layers, and the keys it has beside its name. */
export const blockTypes = {
  repeat: ['layers', ...blockOptions], residual: ['shortcut', ...blockOptions], branches: ['merge', ...blockOptions],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type BlockName = keyof typeof blockTypes;

export const isBlock = (name: string): name is BlockName => Object.hasOwn(blockTypes, name);

export const typeNames: readonly string[] = [...Object.keys(layerTypes), ...Object.keys(blockTypes)];
