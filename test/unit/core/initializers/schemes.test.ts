import { describe, expect, it } from 'vitest';

import { fanSchemes, type FanScheme } from '../../../../src/core/initializers/fanSchemes';
import { createRecipes, drawWeight } from '../../../../src/core/initializers/recipes';
import { networkOf } from '../../../../src/core/initializers/network';
import { sampleElements } from '../../../../src/core/initializers/sampling';
import { readOption } from '../../../../src/core/initializers/options';
import { schemeDescriptions, schemeOf, schemes } from '../../../../src/core/initializers/schemes';
import type { Scheme } from '../../../../src/core/initializers/scheme';
import type { Resolved } from '../../../../src/core/initializers/resolved';
import type { Layer } from '../../../../src/core/layers/layer';
import type { Sampler } from '../../../../src/protocol/recipe';
import type { SchemeOptions } from '../../../../src/protocol/schemes';
import { isSchemeId, schemeIds } from '../../../../src/protocol/schemes';
import { kernelOf, layersOf, only, present } from '../../support/graphs';

interface Expectation {
  /** Variance by its closed form of a layer [fanOut, fanIn] without activation, with the default parameters. */
  readonly variance: (fanIn: number, fanOut: number) => number;
  /** The same with others. */
  readonly others?: readonly (readonly [SchemeOptions, (fanIn: number, fanOut: number) => number])[];
}

/** Of N(0, 1) cut at ±2, as Keras has it (0.87962566103423978 squared), and at ±1: 1 − 2 φ(1) / (2 Φ(1) − 1). */
const cutVariance = 0.87962566103423978 ** 2;
const xavier = (i: number, o: number): number => 2 / (i + o);
const he = (i: number): number => 2 / i;
const lecun = (i: number): number => 1 / i;
const gainOfThree = (variance: (i: number, o: number) => number): readonly [SchemeOptions, (i: number, o: number) => number] => [{ gain: 3 }, variance];
const heModes: NonNullable<Expectation['others']> = [
  [{ mode: 'fan_in' }, he], [{ mode: 'fan_out' }, (_, o) => 2 / o], [{ mode: 'fan_avg' }, (i, o) => 4 / (i + o)],
  [{ mode: 'fan_out', gain: 1 }, (_, o) => 1 / o], gainOfThree((i) => 9 / i),
];
const identity = (i: number, o: number): number => {
  const share = Math.min(i, o) / (i * o);
  return share * (1 - share);
};

/** Of the weights of each input, so many are 0: all of one or two. */
const sparse = (share: number, std: number) => (_: number, o: number): number => std ** 2 * (1 - Math.ceil(share * o) / o);

/** A scheme that is not in this table fails. What has nothing to say of a linear layer leaves it to the recommendation. */
const expectations: Readonly<Record<Scheme['id'], Expectation>> = {
  'xavier-normal': { variance: xavier, others: [gainOfThree((i, o) => 18 / (i + o))] },
  'xavier-uniform': { variance: xavier, others: [gainOfThree((i, o) => 18 / (i + o))] },
  'he-normal': { variance: he, others: heModes },
  'he-uniform': { variance: he, others: heModes },
  'lecun-normal': { variance: lecun, others: [gainOfThree((i) => 9 / i)] },
  'lecun-uniform': { variance: lecun, others: [gainOfThree((i) => 9 / i)] },
  'variance-scaling': {
    variance: lecun,
    others: [[{ mode: 'fan_avg', distribution: 'uniform', gain: 2 }, (i, o) => 8 / (i + o)], [{ mode: 'fan_out', distribution: 'normal' }, (_, o) => 1 / o]],
  },
  'moments': { variance: lecun, others: [[{ direction: 'backward' }, (_, o) => 1 / o], [{ direction: 'between' }, xavier], gainOfThree((i) => 9 / i)] },
  'spectral': {
    variance: (i, o) => Math.min(1, o / i) / i, others: [gainOfThree((i, o) => (9 * Math.min(1, o / i)) / i)],
  },
  'randn-fan-in': { variance: lecun },
  'randn-half-fan-in': { variance: (i) => 1 / (i / 2) },
  'orthogonal': { variance: (i, o) => 1 / Math.max(i, o), others: [gainOfThree((i, o) => 9 / Math.max(i, o))] },
  'lsuv': { variance: (i, o) => 1 / Math.max(i, o) },
  'delta-orthogonal': { variance: (i, o) => 1 / Math.max(i, o) },
  'identity': { variance: identity, others: [[{ gain: 2 }, (i, o) => 4 * identity(i, o)]] },
  'dirac': { variance: lecun },
  'sparse': { variance: sparse(0.9, 0.01), others: [[{ sparsity: 0.5, std: 1 }, sparse(0.5, 1)]] },
  'bilinear': { variance: lecun },
  'icnr': { variance: lecun },
  'siren': { variance: lecun },
  'centred-sigmoid': { variance: lecun },
  'pytorch': { variance: (i) => 1 / (3 * i) },
  'keras': { variance: xavier },
  'tfjs': { variance: (i, o) => cutVariance * xavier(i, o) },
  'zero-gamma': { variance: he },
  'gpt2': { variance: () => 4e-4, others: [[{ std: 0.1 }, () => 0.01]] },
  'small-init': { variance: (i) => 2 / (5 * i) },
  'fixup': { variance: he, others: [[{ mode: 'fan_out' }, (_, o) => 2 / o]] },
  't-fixup': { variance: xavier },
  'deepnet': { variance: xavier },
  'mup': { variance: lecun, others: [gainOfThree((i) => 9 / i)] },
  'depth-mup': { variance: lecun, others: [gainOfThree((i) => 9 / i)] },
  'complete-p': { variance: lecun, others: [gainOfThree((i) => 9 / i)] },
  'zeros': { variance: () => 0 },
  'ones': { variance: () => 0 },
  'constant': { variance: () => 0, others: [[{ value: 3 }, () => 0]] },
  'normal': { variance: () => 1e-4, others: [[{ std: 2, mean: 1 }, () => 4]] },
  'uniform': { variance: () => 0.1 ** 2 / 12, others: [[{ low: 1, high: 4 }, () => 9 / 12]] },
  'truncated-normal': { variance: () => 4e-4, others: [[{ std: 1, truncation: 1 }, () => 1], [{ std: 0.5, mean: 3, truncation: 3 }, () => 0.25]] },
};

function varianceOf(sampler: Sampler): number {
  switch (sampler.kind) {
    case 'constant': return 0;
    case 'normal': return sampler.std ** 2;
    case 'uniform': return (sampler.high - sampler.low) ** 2 / 12;
    // Only cuts at ±1, ±2 and ±3 occur here; their variances by the formula of a truncated normal.
    case 'truncated-normal': return sampler.std ** 2 * present({ 159: 0.2911250947, 23: cutVariance, 1: 0.9733369246 }[Math.round(sampler.tail * 1000)]);
    case 'orthogonal': return sampler.gain ** 2 / Math.max(sampler.rows, sampler.columns);
    case 'identity': return sampler.gain ** 2 * identity(sampler.rows, sampler.columns);
    case 'sparse': return sampler.std ** 2 * (1 - sampler.zeros / sampler.rows);
    default: throw new Error(`A linear layer is not drawn by ${sampler.kind}.`);
  }
}

/** A linear layer that is neither the first nor the last. */
function layerOf(fanIn: number, fanOut: number): readonly Layer[] {
  return layersOf((b) => {
    const h = b.add('Gemm', [b.input('x', 'float32', ['n', fanIn]), b.weight('w', [fanOut, fanIn])], { transB: 1 });
    return b.add('MatMul', [h, b.weight('last', [fanOut, 2])]);
  });
}

function resolvedOf(id: Scheme['id'], fanIn: number, fanOut: number, options: SchemeOptions): Resolved {
  const layers = layerOf(fanIn, fanOut);
  const layer = present(layers[0]);
  return only(present(drawWeight({ layer, weight: kernelOf(layer), network: networkOf(layers) }, { scheme: id, options })).blocks).resolved;
}

describe('the list of schemes', () => {
  it('is the protocol’s, but for the one that is a choice among them', () => {
    expect(schemes.map((scheme) => scheme.id)).toEqual(schemeIds.filter((id) => id !== 'recommended'));
    expect(schemeDescriptions.map((scheme) => scheme.id)).toEqual(['current', ...schemeIds]);
    expect(Object.keys(expectations).toSorted()).toEqual(schemes.map((scheme) => scheme.id).toSorted());
  });
  it('knows its own and nothing else', () => {
    for (const { id } of schemes) expect(schemeOf(id).id).toBe(id);
    expect(['current', 'constructor', 'He normal', ''].filter(isSchemeId)).toEqual([]);
  });
  it('has one title each, and groups that lie together', () => {
    expect(new Set(schemeDescriptions.map(({ title }) => title)).size).toBe(schemeDescriptions.length);
    const changes = schemeDescriptions.filter(({ group }, i) => group !== schemeDescriptions[i - 1]?.group).map(({ group }) => group);
    expect(new Set(changes).size).toBe(changes.length);
  });
  it.each(schemeDescriptions)('$title says what it is, when to use it and by whom', ({ id, title, formula, when, source, options }) => {
    expect([title, formula].every((text) => text.trim() !== '')).toBe(true);
    expect(when).toMatch(/^[A-Z].*\.$/);
    if (id !== 'current') expect(source).toMatch(/\b(19|20)\d\d\b/);
    for (const option of options) if (option.otherwise !== null) expect(readOption(option, String(option.otherwise))).toHaveProperty('options');
  });
});

describe.each(schemes)('$title', ({ id, options: described }) => {
  const { variance, others = [] } = expectations[id];
  const cases: NonNullable<Expectation['others']> = [[{}, variance], ...others];
  it('has its variance in closed form', () => {
    for (const [fanIn, fanOut] of [[1, 2], [48, 10], [64, 64], [30, 90]] as const) {
      for (const [options, expected] of cases) {
        const resolved = resolvedOf(id, fanIn, fanOut, options);
        const wanted = expected(fanIn, fanOut);
        expect(Math.abs(varianceOf(resolved.sampler) - wanted), JSON.stringify(options)).toBeLessThanOrEqual(1e-9 * wanted);
        expect(Math.abs(resolved.std ** 2 - wanted), JSON.stringify(options)).toBeLessThanOrEqual(1e-9 * wanted);
        const { sampler, bound } = resolved;
        if (sampler.kind === 'uniform' && bound !== null) expect(sampler).toMatchObject({ high: bound, low: -bound });
        if (options.gain !== undefined) expect(resolved.gain).toBe(options.gain);
        if (options.mode !== undefined) expect(resolved.mode).toBe(options.mode);
      }
    }
  });
  it('says which parameters it takes, and takes no others', () => {
    const used = new Set(others.flatMap(([options]) => Object.keys(options)));
    expect(described.map((option): string => option.id).filter((option) => used.has(option)).toSorted()).toEqual([...used].toSorted());
  });
  it('is drawn with that standard deviation', () => {
    const [fanIn, fanOut] = [300, 500];
    const count = fanIn * fanOut;
    for (const [options, expected] of cases) {
      const recipe = present(createRecipes(layerOf(fanIn, fanOut), { scheme: id, seed: 1, options }).find(({ tensorId }) => tensorId === 'w'));
      const values = sampleElements(recipe, [fanOut, fanIn], 0, count);
      const mean = values.reduce((sum, value) => sum + value, 0) / count;
      const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count);
      const std = Math.sqrt(expected(fanIn, fanOut));
      // Five standard errors of a normal's standard deviation, σ / √(2n); what is bounded errs less.
      expect(Math.abs(spread - std), JSON.stringify(options)).toBeLessThanOrEqual((5 * std) / Math.sqrt(2 * count) + 1e-12);
    }
  });
});

describe.each<FanScheme>(fanSchemes)('$title, of any fans', ({ id, resolve }) => {
  it.each([[1, 1], [784, 10], [576, 1152], [0.25, 7], [9, 4.5]])('has its variance for %d and %d', (fanIn, fanOut) => {
    const expected = expectations[id as Scheme['id']].variance(fanIn, fanOut);
    expect(Math.abs(resolve({ fanIn, fanOut }).std ** 2 - expected)).toBeLessThanOrEqual(1e-9 * expected);
  });
});
