import { describe, expect, it } from 'vitest';

import { lawStatistics } from '../../src/core/initializers/law';
import { dialectOf } from '../../src/formats/keras/format';
import { Fields } from '../../src/formats/keras/fields';
import { declarationOf } from '../../src/formats/keras/initializers';
import { lowerNetwork } from '../../src/formats/keras/network';
import type { Json } from './goldens';
import { field, keysOf, listOf, numberOf, numbersOf, readJson, textOf } from './goldens';

const goldens = readJson('keras_initializers.json');
const layers = readJson('keras_layers.json');

/** Standard errors that a moment of so many draws may be off. */
const errors = 5;

/** What is drawn anew is declared; what a layer only counts is not. */
const isOther = (path: string): boolean => path.endsWith('/count');

interface Measured { readonly path: string; readonly shape: readonly number[]; readonly mean: number; readonly std: number; readonly count: number }

function measuredIn(golden: Json): readonly Measured[] {
  return listOf(field(golden, 'measured')).map((each) => {
    const [path = null, shape = null, mean = null, std = null, count = null] = listOf(each);
    return { path: textOf(path), shape: numbersOf(shape), mean: numberOf(mean), std: numberOf(std), count: numberOf(count) };
  }).filter(({ path }) => !isOther(path));
}

describe('what a configuration declares is what Keras draws', () => {
  it.each(keysOf(goldens))('%s', (name) => {
    const golden = field(goldens, name);
    const config = keysOf(golden).includes('config') ? field(golden, 'config') : field(field(layers, name), 'config');
    const dialect = dialectOf(config);
    const { variables } = lowerNetwork(new Fields('model.json', '', config), dialect, () => new Map());
    const left = [...variables];
    const wrong = measuredIn(golden).flatMap(({ path, shape, mean, std, count }) => {
      const parts = path.split('/');
      const at = left.findIndex((each) => each.name === parts.at(-1) && each.shape.join() === shape.join()
        && (each.layers.at(-1) === parts.at(-2) || (parts.at(-2) ?? '').includes('_cell')));
      const [variable] = at < 0 ? [] : left.splice(at, 1);
      if (!variable) return [`${path} [${shape.join()}] is no variable`];
      const declared = declarationOf(variable, dialect);
      if (typeof declared === 'string') return [`${path}: ${declared}`];
      const law = lawStatistics(declared.blocks, shape);
      // As if all were normal, whose spread is known worst: Var(s) = σ² / 2n.
      const own = law.std ?? NaN;
      const allowed = (errors * own) / Math.sqrt(2 * count);
      const isStd = Math.abs(own - std) <= allowed + 1e-6 * own;
      const isMean = Math.abs((law.mean ?? NaN) - mean) <= (errors * own) / Math.sqrt(count) + 1e-6;
      return isStd && isMean ? [] : [`${path}: σ ${own} and mean ${law.mean ?? NaN}, where ${count} draws have ${std} and ${mean}`];
    });
    expect(wrong).toEqual([]);
  });
});
