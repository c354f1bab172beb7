import { readFileSync } from 'node:fs';
import path from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { simulate } from '../../src/engine/running/simulate';
import { isLearned } from '../../src/engine/feeding/weights';
import type { NumpyArray } from '../../src/formats/numpy/npy';
import { readNpz } from '../../src/formats/numpy/npz';
import type { OpenedModel } from '../../src/formats/openModel';
import { openModelFile } from '../../src/formats/openModel';
import { CancellationSource } from '../../src/protocol/rpc';
import { defaultOptions } from '../../src/protocol/simulation';
import type { Moments, SimulationResult } from '../../src/protocol/simulation';
import { createFolder } from '../unit/support/temporary';
import { digest } from './fingerprint';
import type { Expected } from './networkGoldens';
import { givenTo, goldenNames, goldenOf, networks } from './networkGoldens';

const folder = createFolder();

/**
 * Parameters that no layer has: a class token goes through no operator that has weights; and the exporter that writes scripts cuts the packed
 * projections of attention to another sequence at a size that the network computes.
 */
function isUnseen(network: string, parameter: string): boolean {
  return parameter === 'token' || (network === 'encoder-decoder.script17' && /multihead_attn\.in_proj_(weight|bias)$/.test(parameter));
}

function near(moments: Moments | null, golden: Expected | undefined, slack = 0): boolean {
  if (!golden || moments?.variance == null || moments.mean === null || moments.count !== golden.count) return false;
  const tolerance = 1e-4 * Math.sqrt(golden.variance) + slack;
  return Math.abs(Math.sqrt(moments.variance) - Math.sqrt(golden.variance)) <= tolerance && Math.abs(moments.mean - golden.mean) <= tolerance;
}

describe.each(networks)('%s agrees with PyTorch in float64', (name, model) => {
  const golden = goldenOf(name);
  let opened: OpenedModel;
  let result: SimulationResult;
  let values: ReadonlyMap<string, NumpyArray>;
  /** 1e-6 of the largest gradient of a parameter: a gradient that is zero in truth, as of a bias before a norm, is held to that. */
  let slack: number;

  beforeAll(async () => {
    opened = openModelFile(model);
    slack = 1e-6 * Math.max(...[...golden.gradients].map(([key, { norm }]) => (opened.graph.initializers.has(key) ? norm : 0)));
    const files = { ...givenTo(name), values: path.join(folder, `${name}.npz`) };
    result = await simulate({
      path: model, recipes: [], restored: [], files,
      options: { ...defaultOptions, threads: 1 },
    }, { planned: () => undefined, ran: () => undefined }, new CancellationSource());
    values = readNpz(files.values);
  });

  const learnedIn = (layer: OpenedModel['layers'][number]): readonly string[] => (
    layer.weights.filter((weight) => weight.frozen === null && isLearned(weight)).map((weight) => weight.name));
  const slackOf = (value: string): number => (opened.graph.initializers.has(value) ? slack : 0);

  it('is the network the golden values were computed for', () => {
    expect(digest(readFileSync(model)), 'the model has changed: node test/golden/generate.mjs').toBe(golden.model);
    expect(result.unsupported).toEqual([]);
  });

  it('in every value', () => {
    const computed = [...golden.values].filter(([value]) => !opened.graph.initializers.has(value));
    expect(computed.length).toBeGreaterThan(0);
    const errors = computed.map(([value, expected]) => [value, expected.distance(values.get(value)) / expected.norm]);
    expect(errors.filter(([, error]) => !(Number(error) <= 1e-4))).toEqual([]);
  });

  it('in what its parameters are', () => {
    const known = new Set(opened.layers.flatMap((layer) => layer.weights.map((weight) => weight.name)));
    const stored = [...golden.gradients].filter(([key, { count }]) => opened.graph.initializers.has(key) && count > 1);
    expect(stored.map(([key]) => key).filter((key) => !known.has(key) && !isUnseen(name, key))).toEqual([]);
  });

  it('in every gradient, of values and of parameters', () => {
    expect(opened.layers.flatMap(learnedIn).filter((weight) => !golden.gradients.has(weight))).toEqual([]);
    const errors = [...golden.gradients].map(([value, expected]) => (
      [value, expected.distance(values.get(`d/${value}`)) / (1e-4 * expected.norm + slackOf(value))]));
    expect(errors.filter(([, error]) => !(Number(error) <= 1))).toEqual([]);
  });

  it('in the statistics of every layer', () => {
    const { layers } = opened;
    const [run] = result.runs;
    expect(run?.layers.map((layer) => layer.name)).toEqual(layers.map((layer) => layer.name));
    expect(run?.layers.map((layer) => layer.weights.map((weight) => weight.name))).toEqual(layers.map(learnedIn));
    const wrong = layers.flatMap((layer, i) => {
      const found = run?.layers[i];
      const activation = layer.activation?.value ?? layer.preactivation;
      const gradientIsNear = (moments: Moments | null, value: string): boolean => {
        const expected = golden.gradients.get(value);
        return near(moments, expected, slackOf(value) / Math.sqrt(expected?.count ?? 1));
      };
      const { isComplete } = golden;
      const checks: readonly (readonly [string, boolean])[] = found ? [
        ['preactivation', !isComplete || near(found.preactivation, golden.values.get(layer.preactivation))],
        ['activation', !isComplete || near(found.activation, golden.values.get(activation))],
        ['gradient before the activation', !isComplete || gradientIsNear(found.gradient.preactivation, layer.preactivation)],
        ['gradient behind the activation', !isComplete || gradientIsNear(found.gradient.activation, activation)],
        ...found.weights.map((weight) => [`gradient of ${weight.name}`, gradientIsNear(weight.gradient, weight.name)] as const),
      ] : [['the layer', false]];
      return checks.flatMap(([what, isRight]) => (isRight ? [] : [`${layer.name}: ${what}`]));
    });
    expect(wrong).toEqual([]);
  });
});

describe('golden values', () => {
  it('are of networks that are there', () => {
    expect([...goldenNames].sort()).toEqual(networks.map(([name]) => name).sort());
  });
});
