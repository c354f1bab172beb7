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

interface Sparse extends Row {
  /** Of each column. */
  readonly zeros: readonly number[];
  readonly count: number;
  /** Of those that are not 0. */
  readonly std: number;
  /** Standard deviation of the zeros of a row. */
  readonly spread: number;
}

interface Fixed extends Row {
  readonly values: readonly number[];
}

type AnyRow = Drawn | Identity | Sparse | Fixed;
const { rows } = JSON.parse(readFileSync(path.join(import.meta.dirname, 'inits.json'), 'utf8')) as { readonly rows: readonly AnyRow[] };
const isIdentity = (row: AnyRow): row is Identity => 'ones' in row;
const isSparse = (row: AnyRow): row is Sparse => 'zeros' in row;
const isFixed = (row: AnyRow): row is Fixed => 'values' in row;
const isDrawn = (row: AnyRow): row is Drawn => 'largest' in row;
const titled = <T extends Row>(row: T): readonly [string, T] => [`${row.what} of ${row.op} [${row.shape.join()}]`, row];

function layersWith({ op, shape, attributes }: Row): readonly Layer[] {
  return layersOf((b) => {
    const inputs = op === 'ConvTranspose' ? shape[0] ?? 1 : (shape[1] ?? 1) * (attributes.group ?? 1);
    const x = b.input('x', 'float32', ['n', inputs, ...shape.slice(2).map(() => 9)]);
    return b.add(op, [x, b.weight('w', shape)], op === 'Gemm' ? { transB: 1 } : attributes);
  });
}

function valuesOf(row: Row, seed: number): Float64Array {
  const recipe = present(createRecipes(layersWith(row), { scheme: row.scheme, seed, options: row.options })[0]);
  return sampleElements(recipe, row.shape, 0, row.shape.reduce((all, size) => all * size, 1));
}

describe('schemes draw what torch.nn.init draws', () => {
  it.each(rows.filter(isDrawn).map(titled))('%s', (_, row) => {
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
  it.each(rows.filter(isIdentity).map(titled))('%s', (_, row) => {
    const values = valuesOf(row, 0);
    expect([...values.keys()].filter((i) => values[i] === 1)).toEqual(row.ones);
    expect(values.reduce((sum, value) => sum + Math.abs(value), 0)).toBe(row.ones.length);
  });
  it.each(rows.filter(isSparse).map(titled))('%s', (_, row) => {
    const [units = 0, inputs = 0] = row.shape;
    const draws = Array.from({ length: 12 }, (__, seed) => valuesOf(row, seed));
    const counts = draws.flatMap((values) => Array.from({ length: inputs }, (__, j) => values.filter((value, i) => i % inputs === j && value === 0).length));
    expect([...new Set(counts)]).toEqual(row.zeros);
    const left = draws.flatMap((values) => Array.from(values).filter((value) => value !== 0));
    expect(Math.abs(Math.sqrt(left.reduce((sum, value) => sum + value * value, 0) / left.length) / row.std - 1)).toBeLessThan(7 / Math.sqrt(2 * row.count));
    const ofRows = draws.flatMap((values) => Array.from({ length: units }, (__, i) => (
      values.subarray(i * inputs, (i + 1) * inputs).reduce((sum, value) => sum + (value === 0 ? 1 : 0), 0))));
    const mean = ofRows.reduce((sum, each) => sum + each, 0) / ofRows.length;
    const spread = Math.sqrt(ofRows.reduce((sum, each) => sum + (each - mean) ** 2, 0) / ofRows.length);
    // Both are of so many rows: √2 times five standard errors.
    expect(Math.abs(spread / row.spread - 1)).toBeLessThan(5 / Math.sqrt(ofRows.length));
  });
  it.each(rows.filter(isFixed).map(titled))('%s', (_, row) => {
    const values = valuesOf(row, 0);
    row.values.forEach((value, i) => expect(values[i]).toBeCloseTo(value, 5));
  });
});
