/** Which array of a file is which variable: by names that have changed from version to version, and never by that of another layer. */
import { describe, expect, it } from 'vitest';

import { matchArrays } from '../../../../src/formats/keras/matching';
import type { Variable } from '../../../../src/formats/keras/variables';
import { Fields } from '../../../../src/formats/keras/fields';

const shape = [4, 4];
const variable = (...layers: readonly string[]): Variable => ({
  value: `${layers.join('/')}/kernel`, layers, owner: '', index: 0, name: 'kernel', shape, dtype: 'float32', trainable: true, unitForget: false, axes: null,
  declared: { fields: new Fields('model.json', '', {}), field: null, otherwise: null },
});
const matched = (layers: readonly string[], arrays: readonly string[]): readonly (string | null)[] => {
  const variables = layers.map((name) => variable(name));
  const found = matchArrays(variables, arrays.map((name) => ({ name, shape })));
  return variables.map((each) => found.get(each)?.name ?? null);
};

describe('arrays by the names of layers', () => {
  it('may be of a session that counted its layers on', () => {
    expect(matched(['dense'], ['dense_7/kernel:0'])).toEqual(['dense_7/kernel:0']);
    expect(matched(['dense_7'], ['dense/kernel:0'])).toEqual(['dense/kernel:0']);
  });
  it('are not taken from a layer that has its own, where that of another is missing', () => {
    expect(matched(['dense', 'dense_1'], ['dense_1/net/dense_1/kernel'])).toEqual([null, 'dense_1/net/dense_1/kernel']);
    expect(matched(['dense_1', 'dense'], ['dense/net/dense/kernel'])).toEqual([null, 'dense/net/dense/kernel']);
  });
});
