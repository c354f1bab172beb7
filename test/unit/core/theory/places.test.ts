/** What places of one sample share: an average over them keeps it. Beside runs of networks that look at images in patches, and of convolutions. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { through } from '../../../../src/core/theory/borders';
import { windowAxes } from '../../../../src/core/theory/taps';
import { predict } from '../../../../src/core/theory/predict';
import { average, constantSignal, standardNormal } from '../../../../src/core/theory/signal';
import { detectLayers } from '../../../../src/core/layers/detect';
import { indexGraph } from '../../../../src/core/graph/order';
import { simulate } from '../../../../src/engine/running/simulate';
import { CancellationSource } from '../../../../src/protocol/rpc';
import { defaultOptions } from '../../../../src/protocol/simulation';
import type { Json } from '../../formats/initscope/networks';
import { network } from '../../formats/initscope/networks';
import { NetworkBuilder, present } from '../../support/graphs';

const folder = mkdtempSync(path.join(tmpdir(), 'initscope-places-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Ratios {
  readonly name: string;
  readonly signal: number;
  readonly gradient: number;
  readonly weight: number | null;
}

/** By layer, what is said over what four runs have on average, forward and backward. */
async function ratios(value: Json): Promise<readonly Ratios[]> {
  const file = path.join(folder, 'net.initscope.json');
  writeFileSync(file, JSON.stringify(value));
  const options = { ...defaultOptions, threads: 2, seeds: 4, batch: 16 };
  const { runs, theory } = await simulate({ path: file, files: {}, recipes: [], restored: [], options }, { planned: () => undefined, ran: () => undefined },
    new CancellationSource());
  expect(present(theory[0]).unpredicted).toEqual([]);
  return present(theory[0]).layers.map(({ name, activation, gradient }, i) => {
    const mean = (of: (layer: (typeof runs)[number]['layers'][number]) => number | null | undefined): number => (
      runs.reduce((sum, { layers }) => sum + (of(present(layers[i])) ?? NaN), 0) / runs.length);
    return { name, signal: present(activation).variance / mean((layer) => layer.activation?.variance),
      gradient: present(gradient.preactivation) / mean((layer) => layer.gradient.preactivation?.variance),
      weight: gradient.weight === null ? null : gradient.weight / mean((layer) => layer.weights[0]?.gradient?.variance) };
  });
}

const block: readonly Json[] = [
  { residual: ['layer-norm', { attention: 4 }] }, { residual: ['layer-norm', { dense: 256, activation: 'gelu' }, { dense: 64 }] },
];
const patches: readonly Json[] = [{ 'conv': 64, 'kernel': 4, 'stride': 4, 'padding': 'valid' }, { reshape: [64, 64] }, { permute: [2, 1] }, 'position-table'];

describe('a mean over places', () => {
  it.each<readonly [string, Json]>([
    ['behind attention', network([3, 32, 32], [...patches, { repeat: 4, layers: block }, 'layer-norm', 'global-average-pool', { dense: 64 }])],
    ['behind batch norms', network([3, 16, 16], [{ repeat: 4, layers: [{ conv: 48 }, 'batch-norm', 'relu'] }, 'global-average-pool', { dense: 10 }],
      { initializer: 'he' })],
    ['behind convolutions', network([3, 24, 24], [{ repeat: 4, layers: [{ conv: 64, activation: 'relu' }] }, 'global-average-pool', { dense: 64 }],
      { initializer: 'he' })],
  ])('%s', async (_, value) => {
    for (const { name, signal, gradient, weight } of await ratios(value)) {
      expect(Math.max(signal, 1 / signal), `signal of ${name}`).toBeLessThan(1.7);
      // What comes back through a softmax is told less exactly.
      expect(Math.max(gradient, 1 / gradient), `gradient of ${name}`).toBeLessThan(name.includes('key') ? 2.5 : 1.6);
      const told = name.includes('position') ? 1 : present(weight);
      expect(Math.max(told, 1 / told), `gradient of the weight of ${name}`).toBeLessThan(/query|key/.test(name) ? 3.5 : 1.6);
    }
  });
  it('has what they share, and of the rest a share for each: m² + s + r / T', () => {
    const position = constantSignal({ mean: 0, second: 1 }, [16, 8]);
    expect(average(position, 16)).toMatchObject({ second: 1 / 16, common: 1 / 16, local: 0, apart: 0 });
    expect(average({ ...standardNormal, mean: 0.5, second: 1.25, common: 0.25, local: 0.75, apart: 0.25 }, 8)).toMatchObject({ second: 0.8125, common: 0.25 });
  });
});

describe('zeros around a small image', () => {
  const deep = (activation: string): Json => [{ repeat: 12, layers: [{ conv: 160, activation }] }, 'flatten', { dense: 64 }];
  const stages = (last: Json): Json => (
    [{ repeat: 3, layers: [{ conv: 160, activation: 'relu' }, { conv: 160, activation: 'relu' }, last] }, 'flatten', { dense: 64 }]);
  // By chance ln K of ReLU differs by √(5 / n) per layer (Hanin & Rolnick 2018): 12 layers of 160 units, four times, by 0.31, twice which is 1.8 times. That of
  // GELU, whose variance map is steeper than 1, differs more.
  it.each<readonly [string, Json, number, number]>([
    ['of ReLU', network([3, 8, 8], deep('relu'), { initializer: 'he' }), 1.8, 1.25],
    ['of tanh', network([3, 8, 8], deep('tanh'), { initializer: 'xavier' }), 1.2, 1.25],
    // Of places that are not alike, what comes back through a slope that depends on the variance is told less exactly.
    ['of GELU', network([3, 8, 8], deep('gelu'), { initializer: 'he' }), 2.2, 1.6],
    ['with strides', network([3, 24, 24], stages({ conv: 160, activation: 'relu', stride: 2 }), { initializer: 'he' }), 1.5, 1.25],
    ['with a pooling', network([3, 24, 24], stages('max-pool'), { initializer: 'he' }), 1.5, 1.25],
    ['with skips', network([3, 8, 8], [{ conv: 160 }, { repeat: 6, layers: [{ residual: [{ conv: 160 }, 'relu', { conv: 160 }] }] }, 'flatten', { dense: 64 }],
      { initializer: 'he' }), 1.5, 1.25],
  ])('%s', async (_, value, signals, gradients) => {
    const found = await ratios(value);
    // Features behind a flattening have as many places in common as they come from.
    for (const { name, signal, gradient } of found.slice(0, -1)) {
      expect(Math.max(signal, 1 / signal), `signal of ${name}`).toBeLessThan(signals);
      expect(Math.max(gradient, 1 / gradient), `gradient of ${name}`).toBeLessThan(gradients);
    }
  });
  it('are met by a window along an axis as one counts them', () => {
    const node = { name: '', domain: '', op: 'Conv', inputs: [], outputs: [], attributes: { pads: { kind: 'ints', value: [1, 1] } } } as const;
    const axes = windowAxes(node, [3], [1, 1, 4], [1, 1, 4]);
    const { met, profile } = through(axes, undefined, 'forward');
    expect([met, profile]).toEqual([10, [[0.8, 1.2, 1.2, 0.8]]]);
    // 2 of 3 taps at the ends: 0.8 + 1.2, then 0.8 + 1.2 + 1.2, of 10.4 in all.
    expect(through(axes, profile ?? undefined, 'forward').profile?.[0]?.map((value) => Number(value.toFixed(6)))).toEqual(
      [2, 3.2, 3.2, 2].map((sum) => Number((sum / 2.6).toFixed(6))));
    expect(through(axes, undefined, 'back')).toEqual(through(axes, undefined, 'forward'));
    expect(through(windowAxes({ ...node, attributes: {} }, [3], [1, 1, 9], [1, 1, 7]), undefined, 'forward')).toEqual({ met: 21, profile: null });
    expect(through(windowAxes(node, [3], [1, 1, 1e6], [1, 1, 1e6]), undefined, 'forward')).toEqual({ met: 3e6 - 2, profile: null });
  });
});

describe('numbers that are worked out from sizes', () => {
  it('are known: a signal goes on behind 1/√d', () => {
    const b = new NetworkBuilder();
    const x = b.input('x', 'float32', [2, 16]);
    const width = b.add('Gather', [b.add('Shape', [x]), b.constant('int64', [], [1])]);
    const root = b.add('Sqrt', [b.add('Cast', [width], { to: 1 })]);
    const y = b.add('Mul', [x, b.add('Div', [b.constant('float32', [], [1]), root])]);
    const graph = b.finish(y);
    const shapeOf = (value: string): readonly number[] | null => (value === x ? [2, 16] : null);
    const { signals, unpredicted } = predict(indexGraph(graph), detectLayers(graph), { momentsOf: () => null, shapeOf });
    expect(unpredicted).toEqual([]);
    expect(signals.get('y')?.second).toBeCloseTo(1 / 16, 12);
  });
  it('leave a token in its place of which nothing is known, where most places are known', () => {
    const b = new NetworkBuilder();
    const x = b.input('x', 'float32', [2, 15, 4]);
    b.initializer('token', { id: 'token', dtype: 'float32', shape: [2, 1, 4], storage: 'raw', place: null, values: null });
    const graph = b.finish(b.add('Concat', ['token', x], { axis: 1 }));
    const shapes: Readonly<Record<string, readonly number[]>> = { [x]: [2, 15, 4] };
    const { signals } = predict(indexGraph(graph), detectLayers(graph), { momentsOf: () => null, shapeOf: (value) => shapes[value] ?? null });
    expect(signals.get('y')?.second).toBeCloseTo(1, 12);
  });
});
