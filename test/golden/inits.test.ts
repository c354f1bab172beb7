import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { networkOf } from '../../src/core/initializers/network';
import { createRecipes, drawWeight } from '../../src/core/initializers/recipes';
import { sampleElements } from '../../src/core/initializers/sampling';
import type { Layer } from '../../src/core/layers/layer';
import type { SchemeId, SchemeOptions } from '../../src/protocol/schemes';
import { kernelOf, layersOf, only, present } from '../unit/support/graphs';

interface Row {
  readonly scheme: SchemeId;
  readonly what: string;
  readonly options: SchemeOptions;
  readonly op: string;
  readonly attributes: Readonly<Record<string, number>>;
  readonly shape: readonly number[];
}

interface Drawn extends Row {
  readonly count: number;
  readonly std: number;
  readonly largest: number;
}

interface Identity extends Row {
  /** Elements that are not 0. */
  readonly ones: readonly number[];
}

const { rows } = JSON.parse(readFileSync(path.join(import.meta.dirname, 'inits.json'), 'utf8')) as { readonly rows: readonly (Drawn | Identity)[] };
const isIdentity = (row: Drawn | Identity): row is Identity => 'ones' in row;
const titled = <T extends Row>(row: T): readonly [string, T] => [`${row.what} of ${row.op} [${row.shape.join()}]`, row];

function layersWith({ op, shape, attributes }: Row): readonly Layer[] {
  return layersOf((b) => {
    const inputs = (shape[1] ?? 1) * (attributes.group ?? 1);
    const x = b.input('x', 'float32', ['n', inputs, ...shape.slice(2).map(() => 9)]);
    return b.add(op, [x, b.weight('w', shape)], op === 'Gemm' ? { transB: 1 } : attributes);
  });
}

describe('schemes draw what torch.nn.init draws', () => {
  it.each(rows.flatMap((row) => (isIdentity(row) ? [] : [titled(row)])))('%s', (_, row) => {
    const layers = layersWith(row);
    const layer = present(layers[0]);
    const place = { layer, weight: kernelOf(layer), network: networkOf(layers) };
    const { resolved } = only(present(drawWeight(place, { scheme: row.scheme, options: row.options })).blocks);
    // Five standard errors of a normal's standard deviation.
    expect(Math.abs(resolved.std / row.std - 1)).toBeLessThan(5 / Math.sqrt(2 * row.count));
    if (resolved.bound === null) return;
    expect(row.largest).toBeLessThanOrEqual(resolved.bound * (1 + 1e-5));
    expect(row.largest).toBeGreaterThan(resolved.bound * (1 - 100 / row.count));
  });
  it.each(rows.flatMap((row) => (isIdentity(row) ? [titled(row)] : [])))('%s', (_, row) => {
    const recipe = present(createRecipes(layersWith(row), { scheme: row.scheme, seed: 0 })[0]);
    const values = sampleElements(recipe, row.shape, 0, row.shape.reduce((all, size) => all * size, 1));
    expect([...values.keys()].filter((i) => values[i] === 1)).toEqual(row.ones);
    expect(values.reduce((sum, value) => sum + Math.abs(value), 0)).toBe(row.ones.length);
  });
});
