/** What theory says of recurrent layers through time, beside what their runs measure. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import type { AttributeLiteral } from '../../../../src/core/graph/builder';
import { GraphBuilder } from '../../../../src/core/graph/builder';
import { elementCount } from '../../../../src/core/graph/dtype';
import { createTensor } from '../../../../src/core/graph/tensor';
import { detectLayers } from '../../../../src/core/layers/detect';
import { outlook, prospectOf } from '../../../../src/core/report/outlook';
import { simulate } from '../../../../src/engine/running/simulate';
import { CancellationSource } from '../../../../src/protocol/rpc';
import type { SimulationResult } from '../../../../src/protocol/simulation';
import { defaultOptions } from '../../../../src/protocol/simulation';
import { openText } from '../../formats/initscope/networks';
import type { Json } from '../../formats/initscope/networks';
import { network } from '../../formats/initscope/networks';
import { emptyGraph, encode, present } from '../../support/graphs';
import { createRandom } from '../../support/random';

const folder = mkdtempSync(path.join(tmpdir(), 'initscope-recurrent-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function run(name: string, content: string | Uint8Array): Promise<SimulationResult> {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  const options = { ...defaultOptions, threads: 2, seeds: 3, batch: 16 };
  return simulate({ path: file, files: {}, recipes: [], restored: [], options }, { planned: () => undefined, ran: () => undefined }, new CancellationSource());
}

/** Largest factors between what is said and what runs have on average. */
function worst({ runs, theory: [theory] }: SimulationResult): { readonly forward: number; readonly backward: number; readonly weights: number } {
  expect(present(theory).unpredicted).toEqual([]);
  const factor = (said: number | null | undefined, is: readonly (number | null | undefined)[]): number => (
    Math.exp(Math.abs(Math.log((said ?? NaN) * is.length / is.reduce<number>((sum, each) => sum + (each ?? NaN), 0)))));
  const { layers } = present(theory);
  return {
    forward: Math.max(...layers.map((layer, i) => factor(layer.activation?.variance, runs.map((each) => each.layers[i]?.activation?.variance)))),
    backward: Math.max(...layers.map((layer, i) => (
      factor(layer.gradient.preactivation, runs.map((each) => each.layers[i]?.gradient.preactivation?.variance))))),
    weights: Math.max(...layers.map((layer, i) => factor(layer.gradient.weight, runs.map((each) => each.layers[i]?.weights[0]?.gradient?.variance)))),
  };
}

const stack = (kind: string, steps: number, more: Readonly<Record<string, Json>> = {}): Json => network([steps, 64], [
  { dense: 128 }, { [kind]: 256, ...more }, { [kind]: 128, ...more, returns: steps % 2 === 0 ? 'last' : 'all' }, { dense: 32 }]);

describe('two recurrent layers agree with their runs', () => {
  it.each(['lstm', 'gru', 'rnn'].flatMap((kind) => [1, 8, 21, 50].map((steps) => [kind, steps] as const)))('%s over %d steps', async (kind, steps) => {
    const { forward, backward, weights } = worst(await run('net.initscope.json', JSON.stringify(stack(kind, steps))));
    expect(forward).toBeLessThan(1.3);
    expect(backward).toBeLessThan(1.5);
    expect(weights).toBeLessThan(1.5);
  });
  it.each(['lstm', 'gru'])('%s in both directions', async (kind) => {
    const { forward, backward, weights } = worst(await run('net.initscope.json', JSON.stringify(stack(kind, 20, { bidirectional: true }))));
    expect(forward).toBeLessThan(1.3);
    expect(backward).toBeLessThan(1.5);
    expect(weights).toBeLessThan(1.5);
  });
});

/** One layer of ONNX' operator, behind and before a product. */
function written(op: string, attributes: Readonly<Record<string, AttributeLiteral>>, peepholes: boolean): Uint8Array {
  const builder = new GraphBuilder(emptyGraph);
  const random = createRandom(5);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const weight = (name: string, shape: readonly number[], std: number): string => {
    builder.initializer(name, { ...createTensor('float32', shape, Array.from({ length: elementCount(shape) }, () => std * normal())), id: name });
    return name;
  };
  const [steps, inputs, hidden] = [12, 64, 128];
  const gates = op === 'LSTM' ? 4 : op === 'GRU' ? 3 : 1;
  const x = builder.input('x', 'float32', [steps, 'batch', inputs]);
  const read = builder.add('MatMul', [x, weight('before', [inputs, inputs], 1 / 8)]);
  const [W, R] = [weight('W', [1, gates * hidden, inputs], 0.15), weight('R', [1, gates * hidden, hidden], 0.09)];
  const given = [read, W, R, weight('B', [1, 2 * gates * hidden], 0.05), ...peepholes ? ['', '', '', weight('P', [1, 3 * hidden], 0.4)] : []];
  const [states = ''] = builder.addMany(op, given, 1, { hidden_size: hidden, ...attributes });
  const squeezed = builder.add('Squeeze', [states, builder.constant('int64', [1], [1])]);
  const last = builder.add('MatMul', [squeezed, weight('behind', [hidden, 32], 0.1)]);
  builder.append({ name: 'end', domain: '', op: 'Identity', inputs: [last], outputs: ['y'], attributes: {} });
  builder.output('y', 'float32');
  return encode(builder.build());
}

describe('the operator of ONNX', () => {
  it.each<readonly [string, string, Readonly<Record<string, AttributeLiteral>>, boolean]>([
    ['peepholes', 'LSTM', {}, true],
    ['coupled gates', 'LSTM', { input_forget: 1 }, false],
    ['other functions', 'LSTM', { activations: { kind: 'strings', value: ['HardSigmoid', 'Tanh', 'Softsign'] } }, false],
    ['a reset before the product', 'GRU', { linear_before_reset: 0 }, false],
    ['a reset behind the product', 'GRU', { linear_before_reset: 1 }, false],
    ['steps backwards', 'GRU', { direction: { kind: 'string', value: 'reverse' } }, false],
    ['a leaky function', 'RNN', { activations: { kind: 'strings', value: ['LeakyRelu'] }, activation_alpha: { kind: 'floats', value: [0.2] } }, false],
  ])('agrees with its runs: %s', async (_, op, attributes, peepholes) => {
    const { forward, backward, weights } = worst(await run('net.onnx', written(op, attributes, peepholes)));
    expect(forward).toBeLessThan(1.3);
    expect(backward).toBeLessThan(1.4);
    expect(weights).toBeLessThan(1.4);
  });
});

describe('a forget gate', () => {
  it('that starts open is told from the other gates: the layer keeps more', async () => {
    const open = await run('net.initscope.json', JSON.stringify(network([30, 64], [{ lstm: 128 }, { dense: 8 }])));
    const shut = await run('net.initscope.json', JSON.stringify(network([30, 64], [{ lstm: 128 }, { dense: 8 }], { initializer: { bias: 'zeros' } })));
    const [more, less] = [open, shut].map(({ theory }) => present(theory[0]?.layers[0]?.activation).variance);
    expect(present(more)).toBeGreaterThan(1.3 * present(less));
  });
});

describe('the verdict', () => {
  it('speaks of a network with recurrent layers before anything is run', () => {
    const { graph } = openText(JSON.stringify(stack('lstm', 20)));
    const layers = detectLayers(graph);
    const statistics = new Map(layers.flatMap(({ weights }) => weights.map(({ id, role }) => [id, { count: 1, mean: 0, std: role === 'bias' ? 0 : 0.06,
      min: -1, max: 1, zeros: 0, nonFinite: 0 }] as const)));
    expect(present(outlook(prospectOf({ graph, layers, statistics }))).basis).toBe('predicted');
  });
});
