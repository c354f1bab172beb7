/** What theory says of losses, of dropout that drops and of stored statistics, beside runs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { simulate } from '../../../../src/engine/running/simulate';
import { CancellationSource } from '../../../../src/protocol/rpc';
import type { SimulationOptions } from '../../../../src/protocol/simulation';
import { defaultOptions } from '../../../../src/protocol/simulation';
import type { Json } from '../../formats/initscope/networks';
import { network } from '../../formats/initscope/networks';
import { present } from '../../support/graphs';

const folder = mkdtempSync(path.join(tmpdir(), 'initscope-modes-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Largest factors between what is said and what runs have on average. */
async function worst(value: Json, more: Partial<SimulationOptions>): Promise<{
  readonly forward: number; readonly backward: number; readonly weights: number;
}> {
  const file = path.join(folder, 'net.initscope.json');
  writeFileSync(file, JSON.stringify(value));
  const options = { ...defaultOptions, threads: 2, seeds: 4, batch: 32, ...more };
  const { runs, theory } = await simulate({ path: file, files: {}, recipes: [], restored: [], options }, { planned: () => undefined, ran: () => undefined },
    new CancellationSource());
  const { layers, unpredicted } = present(theory[0]);
  expect(unpredicted).toEqual([]);
  const factor = (said: number | null | undefined, is: readonly (number | null | undefined)[]): number => (
    Math.exp(Math.abs(Math.log((said ?? NaN) * is.length / is.reduce<number>((sum, each) => sum + (each ?? NaN), 0)))));
  return {
    forward: Math.max(...layers.map((layer, i) => factor(layer.activation?.variance, runs.map((each) => each.layers[i]?.activation?.variance)))),
    backward: Math.max(...layers.map((layer, i) => (
      factor(layer.gradient.preactivation, runs.map((each) => each.layers[i]?.gradient.preactivation?.variance))))),
    weights: Math.max(...layers.map((layer, i) => factor(layer.gradient.weight, runs.map((each) => each.layers[i]?.weights[0]?.gradient?.variance)))),
  };
}

const hidden: Json = { repeat: 3, layers: [{ dense: 256, activation: 'relu' }] };
const classes = (head: readonly Json[]): Json => network([128], [hidden, ...head], { initializer: 'he' });

describe('a loss', () => {
  it.each<readonly [string, SimulationOptions['loss'], readonly Json[]]>([
    ['cross-entropy of logits', 'cross-entropy', [{ dense: 40 }]],
    ['cross-entropy behind a softmax', 'cross-entropy', [{ dense: 40, activation: 'softmax' }]],
    ['cross-entropy behind a sigmoid', 'cross-entropy', [{ dense: 40, activation: 'sigmoid' }]],
  ])('%s', async (_, loss, head) => {
    const { backward, weights } = await worst(classes(head), { loss });
    expect(backward).toBeLessThan(1.4);
    // Answers of 40 units have a part of what 256 say in them, which adds up over the samples.
    expect(weights).toBeLessThan(1.5);
  });
  it.each<readonly [string, Json]>([
    ['behind batch norms', network([3, 16, 16], [{ repeat: 3, layers: [{ conv: 48 }, 'batch-norm', 'relu'] }, 'global-average-pool', { dense: 32 }],
      { initializer: 'he' })],
    ['of few inputs', network([4], [{ repeat: 2, layers: [{ dense: 128, activation: 'tanh' }] }, { dense: 40 }])],
    ['of every word', { ...network([], [{ embedding: 128, name: 'words' }, { residual: ['layer-norm', { dense: 512, activation: 'gelu' }, { dense: 128 }] },
      'layer-norm', { unembed: 'words' }], { initializer: 'gpt2' }), input: { tokens: 400, length: 8 } }],
  ])('cross-entropy %s', async (_, value) => {
    const { backward, weights } = await worst(value, { loss: 'cross-entropy' });
    expect(backward).toBeLessThan(1.4);
    expect(weights).toBeLessThan(1.4);
  });
});

it('of mean squares says what the signal is, and nothing of the gradient', async () => {
  const { forward, backward } = await worst(classes([{ dense: 64 }]), { loss: 'mse' });
  expect(forward).toBeLessThan(1.35);
  expect(backward).toBeNaN();
});

describe('a network as it is run', () => {
  it('says nothing of the weights of recurrent layers that a loss makes alike over samples, and of those before', async () => {
    const file = path.join(folder, 'net.initscope.json');
    writeFileSync(file, JSON.stringify(network([6, 16], [{ lstm: 64, returns: 'last' }, { dense: 20 }])));
    const options = { ...defaultOptions, loss: 'cross-entropy' } as const;
    const { theory } = await simulate({ path: file, files: {}, recipes: [], restored: [], options }, { planned: () => undefined, ran: () => undefined },
      new CancellationSource());
    expect(theory[0]?.layers.map(({ gradient }) => gradient.weight !== null)).toEqual([false, true]);
  });
  it('with dropout that drops', async () => {
    const value = network([128], [{ repeat: 4, layers: [{ dense: 256, activation: 'relu' }, { dropout: 0.4 }] }, { dense: 64 }], { initializer: 'he' });
    const { forward, backward, weights } = await worst(value, { dropout: true });
    expect(forward).toBeLessThan(1.35);
    expect(backward).toBeLessThan(1.45);
    expect(weights).toBeLessThan(1.45);
  });
  it('with the stored statistics of batch norms', async () => {
    const value = network([16, 12, 12], [{ repeat: 3, layers: [{ conv: 48 }, 'batch-norm', 'relu'] }, 'flatten', { dense: 64 }], { initializer: 'he' });
    const { forward, backward, weights } = await worst(value, { batchNorm: 'inference' });
    expect(forward).toBeLessThan(1.35);
    expect(backward).toBeLessThan(1.45);
    expect(weights).toBeLessThan(1.45);
  });
});
