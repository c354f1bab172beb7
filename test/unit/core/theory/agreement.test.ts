/** What theory says of wide random networks, beside what their runs measure: of every activation, and of blocks of every kind. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { simulate } from '../../../../src/engine/running/simulate';
import { CancellationSource } from '../../../../src/protocol/rpc';
import type { SimulationResult } from '../../../../src/protocol/simulation';
import { defaultOptions } from '../../../../src/protocol/simulation';
import { present } from '../../support/graphs';
import { root } from '../../support/models';
import type { Json } from '../../formats/initscope/networks';
import { network } from '../../formats/initscope/networks';

const folder = mkdtempSync(path.join(tmpdir(), 'initscope-theory-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const seeds = 4;

async function run(file: string, batch: number): Promise<SimulationResult> {
  const options = { ...defaultOptions, threads: 2, seeds, batch };
  return simulate({ path: file, files: {}, recipes: [], restored: [], options }, { planned: () => undefined, ran: () => undefined }, new CancellationSource());
}

async function runNetwork(value: Json, batch = 32): Promise<SimulationResult> {
  const file = path.join(folder, 'net.initscope.json');
  writeFileSync(file, JSON.stringify(value));
  return run(file, batch);
}

/** Largest factor between what is said and what the runs have on average, over all layers, whichever is larger. */
function worst({ runs, theory: [theory] }: SimulationResult): { readonly activation: number; readonly gradient: number; readonly weight: number } {
  const layers = present(theory).layers;
  const withWeights = [...layers.entries()].filter(([i]) => present(runs[0]?.layers[i]).weights.length > 0);
  const average = (at: number, of: (layer: SimulationResult['runs'][number]['layers'][number]) => number | null | undefined): number => (
    runs.reduce((sum, { layers: measured }) => sum + (of(present(measured[at])) ?? NaN), 0) / runs.length);
  const factor = (said: number | null | undefined, is: number): number => Math.exp(Math.abs(Math.log((said ?? NaN) / is)));
  return {
    activation: Math.max(...layers.map((layer, i) => factor(layer.activation?.variance, average(i, (each) => each.activation?.variance)))),
    gradient: Math.max(...layers.map((layer, i) => factor(layer.gradient.preactivation, average(i, (each) => each.gradient.preactivation?.variance)))),
    weight: Math.max(...withWeights.map(([i, layer]) => factor(layer.gradient.weight, average(i, (each) => each.weights[0]?.gradient?.variance)))),
  };
}

const stack = (activation: string): Json => network([256], [{ repeat: 6, layers: [{ dense: 256 }] }, { dense: 256, activation: 'linear' }],
  { activation, initializer: { scheme: 'he-normal', gain: 1.3 } });

describe('a stack of one activation', () => {
  it.each([
    'relu', 'leaky-relu', 'elu', 'selu', 'gelu', 'gelu-tanh', 'silu', 'mish', 'hard-silu', 'hard-sigmoid', 'relu6', 'tanh', 'sigmoid', 'softplus', 'softsign',
    'linear',
  ])('of %s', async (activation) => {
    const { activation: forward, gradient, weight } = worst(await runNetwork(stack(activation)));
    // A draw of 256 units changes a variance by about 9 % a layer, of which four are averaged.
    expect(forward).toBeLessThan(1.35);
    expect(gradient).toBeLessThan(1.45);
    expect(weight).toBeLessThan(1.45);
  });
});

const image = [3, 16, 16];
const head: Json = { dense: 32 };
/** Bounds of signals, of gradients, and of those of weights where these are others. */
const blocks: Readonly<Record<string, readonly [Json, number, number, number?]>> = {
  'biases': [network([128], [{ repeat: 4, layers: [{ 'dense': 256, 'activation': 'tanh' }] }, head],
    { initializer: { kernel: { scheme: 'he-normal', gain: 1.2 }, bias: { scheme: 'normal', std: 0.4 } } }), 1.3, 1.35],
  'convolutions with borders': [network(image, [{ repeat: 3, layers: [{ conv: 48, activation: 'relu' }] }, 'flatten', head], { initializer: 'he' }), 1.3, 1.35],
  'a stride and a dilation': [network(image, [{ conv: 48, stride: 2 }, 'relu', { conv: 48, dilation: 2 }, 'relu', 'flatten', head],
    { initializer: 'he' }), 1.3, 1.35],
  'a global average': [network(image, [{ conv: 64, activation: 'relu' }, { conv: 64, activation: 'relu' }, 'global-average-pool', head],
    { initializer: 'he' }), 1.7, 1.5],
  'an average over windows': [network(image, [{ conv: 64, activation: 'relu' }, { 'average-pool': 2 }, { conv: 64, activation: 'relu' }, 'flatten', head],
    { initializer: 'he' }), 1.3, 1.4],
  'a maximum over windows': [network(image, [{ conv: 64, activation: 'relu' }, { 'max-pool': 2 }, { conv: 64, activation: 'relu' }, 'flatten', head],
    { initializer: 'he' }), 1.3, 1.5],
  'batch norms': [network(image, [{ repeat: 3, layers: [{ conv: 32 }, 'batch-norm', 'relu'] }, 'flatten', head], { initializer: 'he' }), 1.3, 1.5],
  'layer norms': [network([128], [{ repeat: 4, layers: [{ dense: 256 }, 'layer-norm', 'gelu'] }, head], { initializer: 'he' }), 1.25, 1.3],
  'residual sums': [network([256], [{ repeat: 5, layers: [{ residual: [{ dense: 256, activation: 'relu' }, { dense: 256 }] }] }, head],
    { initializer: 'he' }), 1.4, 1.4],
  'concatenation': [network([128], [{ dense: 128, activation: 'relu', name: 'a' }, { dense: 128, activation: 'tanh', name: 'b' },
    { concat: ['a', 'b'] }, { dense: 128, activation: 'relu' }, head], { initializer: 'he' }), 1.25, 1.3],
  'slopes that are learned': [network([128], [{ repeat: 4, layers: [{ dense: 256 }, 'prelu'] }, head], { initializer: 'he' }), 1.3, 1.35],
  'a gate': [network([256], [{ dense: 256, name: 'x' }, { dense: 256, activation: 'silu', name: 'gate' }, { dense: 256, name: 'up', input: 'x' },
    { multiply: ['gate', 'up'] }, { dense: 128 }, head], { initializer: 'lecun' }), 1.35, 1.5],
  'convolutions in groups': [network([32, 16, 16], [{ conv: 64, groups: 4, activation: 'relu' }, { 'depthwise-conv': 1 },
    { conv: 64, kernel: 1, activation: 'relu' }, 'flatten', head], { initializer: 'he' }), 1.3, 1.35],
  'transposed convolutions': [network([8, 8, 8], [{ 'transposed-conv': 48, 'stride': 2, 'activation': 'relu' }, { 'transposed-conv': 48, 'activation': 'relu' },
    'flatten', head], { initializer: 'he' }), 1.3, 1.35],
  'an image that is enlarged': [network([16, 8, 8], [{ conv: 48, activation: 'relu' }, { upsample: 2 }, { conv: 48, activation: 'relu' }, 'flatten', head],
    { initializer: 'he' }), 1.3, 1.35],
  'group norms': [network(image, [{ repeat: 2, layers: [{ conv: 64 }, { 'group-norm': 8 }, 'silu'] }, 'flatten', head], { initializer: 'he' }), 1.3, 1.35],
  'norms that are shifted': [network([128], [{ dense: 256 }, 'layer-norm', 'softplus', { dense: 256 }, 'layer-norm', 'tanh', head],
    { initializer: { kernel: 'he', beta: { scheme: 'constant', value: 0.7 } } }), 1.3, 1.35],
  'batch norms before a mean over places': [network(image, [{ repeat: 3, layers: [{ conv: 48 }, 'batch-norm', 'relu'] }, 'global-average-pool', head],
    { initializer: 'he' }), 1.7, 1.5],
  'batch norms in residual branches': [network([32, 16, 16], [
    { repeat: 3, layers: [{ residual: [{ conv: 32 }, 'batch-norm', 'relu', { conv: 32 }, 'batch-norm'] }, 'relu'] },
    { residual: [{ conv: 64, stride: 2 }, 'batch-norm'], shortcut: [{ conv: 64, kernel: 1, stride: 2 }] }, 'global-average-pool', head],
  { initializer: 'he' }), 1.4, 1.8],
  'a table of words': [{ ...network([], [{ embedding: 128 }, { dense: 128, activation: 'relu' }, { dense: 128 }]), input: { tokens: 500, length: 16 } },
    1.3, 1.3],
  'a table that is read twice': [{ ...network([], [{ embedding: 128, name: 'words' }, 'position-table', { repeat: 2, layers: [
    { residual: ['layer-norm', { attention: 4, causal: true }] },
    { residual: ['layer-norm', { dense: 512, activation: 'gelu' }, { dense: 128 }] }] }, 'layer-norm', { unembed: 'words' }], { initializer: 'gpt2' }),
  input: { tokens: 500, length: 16 } }, 1.3, 1.8],
};

describe('a block with', () => {
  it.each(Object.entries(blocks))('%s', async (_, [value, forward, backward, weights = backward]) => {
    const result = await runNetwork(value);
    expect(present(result.theory[0]).unpredicted).toEqual([]);
    const found = worst(result);
    expect(found.activation).toBeLessThan(forward);
    expect(found.gradient).toBeLessThan(backward);
    expect(found.weight).toBeLessThan(weights);
  });
});

describe('a whole network', () => {
  it.each([['transformer', 2, 2], ['deep-sigmoid', 1.5, 2], ['deep-relu', 2, 3.5]])('%s', async (name, forward, backward) => {
    const { runs, theory } = await run(path.join(root, 'media/templates', `${name}.initscope.json`), 16);
    const layers = present(theory[0]).layers;
    expect(theory[0]?.unpredicted).toEqual([]);
    const [first, last] = [layers.at(0), layers.at(-1)].map((layer) => present(layer));
    const middle = (at: number): number => Math.exp(runs.reduce((sum, each) => sum + Math.log(present(each.layers.at(at)?.gradient.preactivation?.variance)), 0)
      / runs.length);
    expect(present(first?.gradient.preactivation) / middle(0)).toBeGreaterThan(1 / backward);
    expect(present(first?.gradient.preactivation) / middle(0)).toBeLessThan(backward);
    expect(present(last?.gradient.preactivation) / middle(-1)).toBeLessThan(backward);
    const signal = (at: number): number => runs.reduce((sum, each) => sum + present(each.layers[at]?.activation?.variance), 0) / runs.length;
    const factors = layers.slice(0, -1).map((layer, i) => present(layer.activation).variance / signal(i));
    expect(Math.max(...factors)).toBeLessThan(forward);
    expect(Math.min(...factors)).toBeGreaterThan(1 / forward);
  });
});
