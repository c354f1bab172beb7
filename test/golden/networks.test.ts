import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { simulate } from '../../src/engine/simulate';
import { isLearned } from '../../src/engine/weights';
import type { NumpyArray } from '../../src/formats/numpy/npy';
import { readNpz } from '../../src/formats/numpy/npz';
import { openModelFile } from '../../src/formats/openModel';
import { CancellationSource } from '../../src/protocol/rpc';
import type { Moments, SimulationResult } from '../../src/protocol/simulation';
import { field, keysOf, numbersOf, readJson } from './goldens';
import { distanceBetween, summarize, summaryOf } from './projections';
import type { Summary } from './projections';

const root = path.resolve(import.meta.dirname, '../..');
const networks: readonly (readonly [string, string])[] = [
  ...['deep-tanh-mlp', 'deep-sigmoid-mlp', 'residual-cnn', 'transformer-block'].map((name) => [name, `media/samples/${name}.onnx`] as const),
  ...['gelu-mlp', 'separable-cnn', 'residual-net'].map((name) => [name, `test/fixtures/golden/${name}.onnx`] as const),
];
const goldens = readJson('networks.json');

/**
 * Parameters whose gradient is a sum that cancels, for which float32 has no relative accuracy: a softmax does not see the bias of its keys,
 * nor batch normalisation the bias before it, and hardly the scale of a ReLU6 and depthwise convolution before it.
 */
const cancelling = new Set(['transformer-block attention.key.bias', 'separable-cnn stem.bias', 'separable-cnn bn0.weight']);

interface Golden {
  readonly values: ReadonlyMap<string, Summary>;
  /** `slack`: where terms cancel, 1e-6 of the norm that the gradient is small against, the largest among what the same node reads. */
  readonly gradients: ReadonlyMap<string, { readonly summary: Summary; readonly slack: number }>;
}

function goldenOf(name: string): Golden {
  const golden = field(goldens, name);
  const [values, gradients] = [field(golden, 'values'), field(golden, 'gradients')];
  return {
    values: new Map(keysOf(values).map((key) => [key, summaryOf(numbersOf(field(values, key)))])),
    gradients: new Map(keysOf(gradients).map((key) => {
      const [scale = NaN, ...numbers] = numbersOf(field(gradients, key));
      return [key, { slack: cancelling.has(`${name} ${key}`) ? 1e-6 * scale : 0, summary: summaryOf(numbers) }];
    })),
  };
}

function near(moments: Moments | null, golden: Summary | undefined, slack = 0): boolean {
  if (!golden || moments?.variance == null || moments.mean === null || moments.count !== golden.count) return false;
  const tolerance = 1e-4 * Math.sqrt(golden.variance) + slack;
  return Math.abs(Math.sqrt(moments.variance) - Math.sqrt(golden.variance)) <= tolerance && Math.abs(moments.mean - golden.mean) <= tolerance;
}

describe.each(networks)('%s agrees with PyTorch in float64', (name, file) => {
  const model = path.join(root, file);
  const golden = goldenOf(name);
  const folder = mkdtempSync(path.join(tmpdir(), 'initscope-golden-'));
  let result: SimulationResult;
  let values: ReadonlyMap<string, NumpyArray>;

  beforeAll(async () => {
    const given = path.join(import.meta.dirname, 'networks', name);
    const files = { input: `${given}.input.npz`, cotangent: `${given}.cotangent.npz`, values: path.join(folder, 'values.npz') };
    result = await simulate({
      path: model, recipes: [], restored: [], files,
      options: { schemes: ['current'], seeds: 1, seed: 0, batch: null, dims: {}, loss: 'noise', batchNorm: 'training', threads: 1 },
    }, { planned: () => undefined, ran: () => undefined }, new CancellationSource());
    values = readNpz(files.values);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('is the network the golden values were computed for', () => {
    const digest = createHash('sha256').update(readFileSync(model)).digest('hex').slice(0, 12);
    expect(field(field(goldens, name), 'model'), 'the model has changed: node test/golden/generate.mjs').toBe(digest);
    expect(result.unsupported).toEqual([]);
  });

  it('in every value', () => {
    const { graph } = openModelFile(model);
    const computed = [...golden.values.keys()].filter((value) => !graph.initializers.has(value));
    expect(computed.filter((value) => !values.has(value))).toEqual([]);
    const wrong = computed.filter((value) => {
      const summary = golden.values.get(value);
      return summary === undefined || !(distance(values.get(value), summary) <= 1e-4 * summary.norm);
    });
    expect(wrong).toEqual([]);
  });

  it('in every gradient, of values and of parameters', () => {
    const { graph, layers } = openModelFile(model);
    const weights = layers.flatMap((layer) => layer.weights).filter((weight) => weight.frozen === null && isLearned(weight)).map((weight) => weight.name);
    const wanted = [...golden.gradients.keys()].filter((value) => !graph.initializers.has(value) || weights.includes(value));
    expect(weights.filter((weight) => !wanted.includes(weight))).toEqual([]);
    expect(wanted.filter((value) => !values.has(`d/${value}`))).toEqual([]);
    const wrong = wanted.filter((value) => {
      const expected = golden.gradients.get(value);
      return !expected || !(distance(values.get(`d/${value}`), expected.summary) <= 1e-4 * expected.summary.norm + expected.slack);
    });
    expect(wrong).toEqual([]);
  });

  it('in the statistics of every layer', () => {
    const { layers } = openModelFile(model);
    const [run] = result.runs;
    expect(run?.layers.map((layer) => layer.name)).toEqual(layers.map((layer) => layer.name));
    const weights = layers.map((layer) => layer.weights.filter((weight) => weight.frozen === null && isLearned(weight)).map((weight) => weight.name));
    expect(run?.layers.map((layer) => layer.weights.map((weight) => weight.name))).toEqual(weights);
    const wrong = layers.flatMap((layer, i) => {
      const found = run?.layers[i];
      const activation = layer.activation?.value ?? layer.preactivation;
      const gradientIsNear = (moments: Moments | null, value: string): boolean => {
        const expected = golden.gradients.get(value);
        return near(moments, expected?.summary, (expected?.slack ?? 0) / Math.sqrt(expected?.summary.count ?? 1));
      };
      const checks: readonly (readonly [string, boolean])[] = found ? [
        ['preactivation', near(found.preactivation, golden.values.get(layer.preactivation))],
        ['activation', near(found.activation, golden.values.get(activation))],
        ['gradient before the activation', gradientIsNear(found.gradient.preactivation, layer.preactivation)],
        ['gradient behind the activation', gradientIsNear(found.gradient.activation, activation)],
        ...found.weights.map((weight) => [`gradient of ${weight.name}`, gradientIsNear(weight.gradient, weight.name)] as const),
      ] : [['the layer', false]];
      return checks.flatMap(([what, isRight]) => (isRight ? [] : [`${layer.name}: ${what}`]));
    });
    expect(wrong).toEqual([]);
  });
});

function distance(value: NumpyArray | undefined, golden: Summary): number {
  if (!value || value.data instanceof BigInt64Array) return Infinity;
  return distanceBetween(summarize(value.data, golden.projections.length), golden);
}
