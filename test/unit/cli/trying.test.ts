import { copyFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import type { Rescaled, SimulationResult } from '../../../src/protocol/simulation';
import { at, initscope } from '../support/command';
import { deepTanh, residualCnn } from '../support/models';
import { floatBytes, model, node, raw, tensor, types, valueInfo } from '../support/protobuf';
import { createFolder } from '../support/temporary';

const folder = createFolder();
const file = (name: string): string => path.join(folder, name);
const runOf = async (name: string): Promise<SimulationResult['runs'][number]> => {
  const { out } = await initscope('simulate', name, '--json');
  const { runs } = JSON.parse(out) as SimulationResult;
  const [run] = runs;
  if (!run) throw new Error('Nothing was run.');
  return run;
};

/** Hundreds of times as large as any advice assumes, by an operator of which theory knows nothing: two dense layers, and running sums between them. */
function loud(): string {
  const weight = (name: string, shape: readonly number[], value: (i: number) => number): Uint8Array => (
    tensor(name, types.float32, shape, raw(floatBytes(Array.from({ length: shape.reduce((all, size) => all * size, 1) }, (_, i) => value(i))))));
  const target = file('loud.onnx');
  writeFileSync(target, model({
    nodes: [
      node('MatMul', ['x', 'a'], ['h']), node('Relu', ['h'], ['r']), node('CumSum', ['r', 'axis'], ['s']), node('MatMul', ['s', 'b'], ['k']),
      node('Relu', ['k'], ['q']), node('MatMul', ['q', 'c'], ['y']),
    ],
    initializers: [
      ...['a', 'b', 'c'].map((name) => weight(name, [64, 64], (i) => Math.sin(i * 12.9898) / 8)),
      tensor('axis', types.int64, [], raw(new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]))),
    ],
    inputs: [valueInfo('x', ['n', 64])], outputs: [valueInfo('y', ['n', 64])],
  }));
  return target;
}

describe('init runs the network before it writes', () => {
  it('makes right what reads more than the advice assumes, records it, and finds it right afterwards', async () => {
    const source = loud();
    const { code, out } = await initscope('init', source, '--output', file('quiet.onnx'), '--json');
    expect(code).toBe(0);
    const { rescaled, notes } = JSON.parse(out) as { readonly rescaled: readonly Rescaled[]; readonly notes: readonly string[] };
    expect(rescaled).toMatchObject([{ weight: 'b', wanted: expect.closeTo(2, 1) as number, isMissed: false }]);
    expect(rescaled[0]?.measured).toBeGreaterThan(400);
    expect(rescaled[0]?.factor).toBeCloseTo(Math.sqrt(2 / (rescaled[0]?.measured ?? NaN)), 2);
    expect(notes.find((note) => note.startsWith('It was run once.'))).toContain('With the current weights all samples become one direction');
    const { out: inspected } = await initscope('inspect', file('quiet.onnx'), '--json');
    const row = (key: string) => at(inspected, 'layers', 1, 'weights', 0, key);
    expect(row('applied')).toMatchObject({ scheme: 'recommended', measured: rescaled[0]?.factor, title: expect.stringContaining('as measured') as string });
    expect(row('recommendation')).toMatchObject({ reason: expect.stringContaining('A run showed that it reads more than that assumes') as string });
    expect(at(inspected, 'diagnostics')).toEqual([]);
    const run = await runOf(file('quiet.onnx'));
    expect(run.rescaled).toBeUndefined();
    expect(run.layers[1]?.preactivation?.variance).toBeCloseTo(2, 0);
  });
  it('draws as the rules say where it is told not to run', async () => {
    const { out } = await initscope('init', loud(), '--dry-run', '--no-run');
    expect(out).not.toMatch(/measured|It was run once/);
  });
  it('compares what it writes with what is there', async () => {
    const { out } = await initscope('init', deepTanh, '--dry-run');
    expect(out).toMatch(/It was run once\. With the current weights the gradient shrinks .* \(1 seed\)\. Recommended keeps it within [\d.]+×\./);
  });
  it('is refused what cannot be read', async () => {
    const { code, err } = await initscope('init', deepTanh, '--dry-run', '--input', file('nowhere.npy'));
    expect(code).toBe(1);
    expect(err).toContain('nowhere.npy cannot be read');
  });
});

describe('LSUV', () => {
  it.each([['a deep tanh network', deepTanh], ['a residual network', residualCnn]])('gives every layer of %s unit variance', async (_, source) => {
    const target = file(`lsuv-${path.basename(source)}`);
    copyFileSync(source, target);
    const { code, out } = await initscope('init', target, '--in-place', '--scheme', 'lsuv', '--json');
    expect(code).toBe(0);
    const { rescaled } = JSON.parse(out) as { readonly rescaled: readonly Rescaled[] };
    expect(rescaled.length).toBeGreaterThan(5);
    const { layers } = await runOf(target);
    const held = layers.filter(({ name }) => rescaled.some(({ layer }) => layer === name));
    for (const { name, preactivation } of held) expect([name, Math.abs((preactivation?.variance ?? NaN) - 1) < 0.1]).toEqual([name, true]);
    // The same is simulated as a scheme, before anything is written.
    const { out: simulated } = await initscope('simulate', source, '--scheme', 'lsuv', '--json');
    const { runs } = JSON.parse(simulated) as SimulationResult;
    expect(runs[0]?.rescaled?.map(({ tensorId, factor }) => [tensorId, factor])).toEqual(rescaled.map(({ tensorId, factor }) => [tensorId, factor]));
  });
  it('needs a run', async () => {
    const { code, err } = await initscope('init', deepTanh, '--dry-run', '--scheme', 'lsuv', '--no-run');
    expect(code).toBe(2);
    expect(err).toContain('--no-run: LSUV measures what it draws.');
  });
});
