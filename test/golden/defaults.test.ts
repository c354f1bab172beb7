import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { cutNormal } from '../../src/core/initializers/distributions';
import { networkOf } from '../../src/core/initializers/network';
import { createRecipes, drawWeight } from '../../src/core/initializers/recipes';
import type { Resolved } from '../../src/core/initializers/resolved';
import { sampleElements } from '../../src/core/initializers/sampling';
import type { Layer } from '../../src/core/layers/layer';
import type { NetworkBuilder } from '../unit/support/graphs';
import { layersOf, present } from '../unit/support/graphs';
import { deviation } from '../unit/support/orthogonality';

interface Moments {
  readonly mean: number;
  readonly std: number;
  readonly largest: number;
  /** Null where all are alike. */
  readonly kurtosis: number | null;
}

interface Weight extends Moments {
  readonly name: string;
  readonly shape: readonly number[];
  readonly count: number;
  /** The second axis, gate by gate. */
  readonly gates?: readonly Moments[];
  /** How far the products of the columns are off the identity. */
  readonly gram?: number;
  /** What the library calls it, and its parameters. */
  readonly initializer?: readonly [string, { readonly distribution?: string }];
}

interface Row {
  readonly library: 'pytorch' | 'keras' | 'tfjs';
  readonly what: string;
  readonly op: string;
  readonly attributes: Readonly<Record<string, number | string | readonly number[]>>;
  readonly weights: readonly Weight[];
}

function read(name: string): readonly Row[] {
  return (JSON.parse(readFileSync(path.join(import.meta.dirname, name), 'utf8')) as { readonly rows: readonly Row[] }).rows;
}
const rows = [...read('defaults.json'), ...read('tfjs.json')];

function layersWith({ op, attributes, weights }: Row): readonly Layer[] {
  return layersOf((b: NetworkBuilder) => {
    const names = weights.map(({ name, shape }) => b.weight(name, shape));
    const [first = 1, second = 1, third = 1] = weights[0]?.shape ?? [];
    const [kernel = '', bias = '', last = ''] = names;
    const matrix = (inputs: number): string => b.input('x', 'float32', ['n', inputs]);
    switch (op) {
      case 'Gemm': return b.add('Gemm', [matrix(second), ...names], attributes);
      case 'MatMul': {
        const product = b.add('MatMul', [matrix(first), kernel]);
        return bias === '' ? product : b.add('Add', [product, bias]);
      }
      case 'Einsum': {
        const summed = attributes.equation === 'abc,cde->abde' ? [first] : [first, second];
        return b.add('Einsum', [b.input('x', 'float32', ['n', 't', ...summed]), kernel], attributes);
      }
      case 'Gather': return b.add('Gather', [kernel, b.input('ids', 'int64', ['n'])]);
      case 'PRelu': return b.add('PRelu', [matrix(first), kernel]);
      case 'LSTM': case 'GRU': case 'RNN': return b.add(op, [b.input('x', 'float32', ['t', 'n', third]), ...names], attributes);
      case 'packed': {
        const isTurned = attributes.transB !== 1;
        const product = isTurned ? b.add('Add', [b.add('MatMul', [matrix(first), kernel]), bias]) : b.add('Gemm', [matrix(second), ...names], attributes);
        return b.add('Concat', b.addMany('Split', [product], 3, { axis: -1, num_outputs: 3 }), { axis: 1 });
      }
      case 'separable': return b.add('Conv', [b.add('Conv', [b.input('x', 'float32', ['n', 'c', 9, 9]), kernel], attributes), bias, last]);
      case 'LayerNormalization': case 'RMSNormalization': return b.add(op, [matrix(first), ...names]);
      case 'BatchNormalization': case 'InstanceNormalization': case 'GroupNormalization':
        return b.add(op, [b.input('x', 'float32', ['n', first, 9, 9]), ...names], attributes);
      default: {
        const places = (weights[0]?.shape ?? []).slice(2).map(() => 9);
        return b.add(op, [b.input('x', 'float32', ['n', op === 'ConvTranspose' ? first : 'c', ...places]), ...names], attributes);
      }
    }
  });
}

/** Of what is drawn independently; elements of an orthogonal matrix are not. */
const kurtoses = { 'uniform': 1.8, 'truncated-normal': cutNormal(2).kurtosis, 'normal': 3 } as const;
/** Five standard errors of a normal's standard deviation, and its kurtosis, are the most that five of a bounded one's can be. */
const errorOfStd = (count: number): number => 5 / Math.sqrt(2 * count);
const errorOfKurtosis = (count: number): number => 5 * Math.sqrt(24 / count);

function expectLike({ sampler, std }: Resolved, golden: Moments, count: number): void {
  if (sampler.kind === 'constant') {
    expect([golden.std, golden.mean]).toEqual([0, sampler.value]);
    return;
  }
  // Six digits are written down.
  expect(Math.abs(std / golden.std - 1)).toBeLessThan(errorOfStd(count) + 1e-5);
  if (sampler.kind !== 'normal' && sampler.kind !== 'uniform' && sampler.kind !== 'truncated-normal') return;
  expect(Math.abs(golden.mean)).toBeLessThan((5 * std) / Math.sqrt(count));
  expect(Math.abs(present(golden.kurtosis) - kurtoses[sampler.kind])).toBeLessThan(errorOfKurtosis(count));
}

describe.each(rows)('$library: $what', (row) => {
  const layers = layersWith(row);
  const layerWith = (name: string): Layer => present(layers.find(({ weights }) => weights.some((weight) => weight.name === name)));
  const resolvedOf = (name: string): Resolved => {
    const layer = layerWith(name);
    const weight = present(layer.weights.find((each) => each.name === name));
    return present(present(drawWeight({ layer, weight, network: networkOf(layers) }, { scheme: row.library })).blocks[0]).resolved;
  };
  const plain = row.weights.filter(({ gates }) => !gates);
  it.skipIf(plain.length === 0).each(plain)('$name starts as there', ({ name, count, largest, initializer, ...moments }) => {
    const resolved = resolvedOf(name);
    expectLike(resolved, { ...moments, largest }, count);
    if (initializer?.[0] === 'VarianceScaling') expect(resolved.sampler.kind).toBe(initializer[1].distribution === 'normal' ? 'truncated-normal' : 'uniform');
    if (resolved.sampler.kind === 'constant' || resolved.bound === null) return;
    // The largest of n draws is nearer to the bound than t of it, with density d there, but for e^(−ndt): uniform d = 1, a normal cut at 2 σ 0.226.
    expect(largest).toBeLessThanOrEqual(resolved.bound * (1 + 1e-5));
    expect(largest).toBeGreaterThan(resolved.bound * (1 - (resolved.sampler.kind === 'uniform' ? 20 : 100) / count));
  });
  const gated = row.weights.flatMap(({ gates, ...weight }) => (gates ? [{ ...weight, gates }] : []));
  it.skipIf(gated.length === 0).each(gated)('$name starts as there, gate by gate', ({ name, shape, count, gates, gram }) => {
    const [ways = 1, rows = 1, columns = 1] = shape;
    const size = rows * columns;
    const seeds = Array.from({ length: count / (ways * size) }, (_, seed) => seed);
    const drawn = seeds.map((seed) => {
      const recipe = present(createRecipes(layers, { scheme: row.library, seed }).find(({ tensorId }) => tensorId === name));
      return sampleElements(recipe, shape, 0, ways * size);
    });
    const matrices = drawn.flatMap((values) => Array.from({ length: ways }, (_, way) => values.subarray(way * size, (way + 1) * size)));
    gates.forEach((gate, i) => {
      const own = matrices.flatMap((values) => [...values.subarray((i * size) / gates.length, ((i + 1) * size) / gates.length)]);
      const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
      const std = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length);
      const each = `gate ${i + 1}`;
      // Both are samples: their errors add up as squares.
      expect(Math.abs(std - gate.std), each).toBeLessThanOrEqual(Math.SQRT2 * errorOfStd(own.length) * gate.std);
      expect(Math.abs(mean - gate.mean), each).toBeLessThanOrEqual(5 * gate.std * Math.sqrt(2 / own.length));
      const kurtosis = own.reduce((sum, value) => sum + (value - mean) ** 4, 0) / own.length / std ** 4;
      if (gate.kurtosis !== null) expect(Math.abs(kurtosis - gate.kurtosis), each).toBeLessThan(Math.SQRT2 * errorOfKurtosis(own.length));
    });
    if (gram === undefined) return;
    expect(gram).toBeLessThan(1e-5);
    for (const values of matrices) expect(deviation(values, rows, columns)).toBeLessThan(1e-6);
  });
});
