/** Masks on their way through a network: where they are followed, and what is said where they are not. */
import { describe, expect, it } from 'vitest';

import { dialectOf } from '../../../../src/formats/keras/format';
import { Fields } from '../../../../src/formats/keras/fields';
import type { LoweredNetwork } from '../../../../src/formats/keras/network';
import { lowerNetwork } from '../../../../src/formats/keras/network';
import { declareVariables } from '../../../../src/formats/keras/initializers';
import { detectLayers } from '../../../../src/core/layers/detect';
import { only } from '../../support/graphs';

type Layers = readonly (readonly [string, Readonly<Record<string, unknown>>])[];

function lower(shape: readonly (number | null)[], layers: Layers): LoweredNetwork {
  const all: Layers = [['InputLayer', { batch_shape: [null, ...shape] }], ...layers];
  const config = {
    module: 'keras', class_name: 'Sequential',
    config: { name: 'masked', layers: all.map(([className, own], i) => (
      { module: 'keras.layers', class_name: className, config: { name: `${className.toLowerCase()}_${i}`, ...own } })) },
  };
  const dialect = dialectOf(config);
  return lowerNetwork(new Fields('masked.json', '', config), dialect, (variables) => declareVariables(variables, dialect));
}

const opsOf = ({ graph }: LoweredNetwork): readonly string[] => graph.nodes.map(({ op }) => op);
/** The steps that count are put together. */
const isFollowed = (network: LoweredNetwork): boolean => opsOf(network).includes('TopK');
const embedding = ['Embedding', { input_dim: 9, output_dim: 3, mask_zero: true }] as const;
const lstm = ['LSTM', { units: 4 }] as const;

describe('a mask', () => {
  it('has a recurrent layer run over the steps that count, which is the same layer', () => {
    const network = lower([6], [embedding, lstm]);
    expect([isFollowed(network), opsOf(network).includes('LSTM'), network.notes]).toEqual([true, true, []]);
    const layer = only(detectLayers(network.graph).filter(({ op }) => op === 'LSTM'));
    const known = layer.weights.map(({ role, parts, fans }) => [role, parts.length, fans?.fanIn]);
    expect(known).toEqual([['kernel', 4, 3], ['recurrent', 4, 4], ['bias', 4, undefined]]);
  });
  it('is handed on by layers that keep the steps, and lost at those that do not', () => {
    expect(isFollowed(lower([6], [embedding, ['Dropout', { rate: 0.1 }], ['Dense', { units: 3 }], lstm]))).toBe(true);
    const lost = lower([6], [embedding, ['Conv1D', { filters: 3, kernel_size: [2], strides: [1], dilation_rate: [1], padding: 'valid', groups: 1 }], lstm]);
    expect([isFollowed(lost), lost.notes]).toEqual([false, []]);
  });
  it('is followed over as many steps as there are', () => {
    const network = lower([3000], [embedding, lstm]);
    expect([isFollowed(network), network.graph.nodes.length < 50, network.notes]).toEqual([true, true, []]);
  });
  it('is left out of convolutional LSTMs, which is said', () => {
    const frames = ['ConvLSTM1D', { filters: 2, kernel_size: [3], strides: [1], dilation_rate: [1], padding: 'same' }] as const;
    const { notes } = lower([4, 5, 2], [['Masking', { mask_value: 0 }], frames]);
    expect(only([...notes])).toContain('The mask that reaches convlstm1d_2 is not followed there');
  });
});
