/** Kernels that are made wider for a run: what is fed, what theory says of it, and what is refused. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { simulate } from '../../../src/engine/running/simulate';
import { CancellationSource } from '../../../src/protocol/rpc';
import { defaultOptions, type SimulationResult, type WhatIf } from '../../../src/protocol/simulation';

const sample = path.resolve(import.meta.dirname, '../../../media/samples/deep-tanh-mlp.onnx');
const listener = { planned: () => undefined, ran: () => undefined };

function run(whatIf: WhatIf | null): Promise<SimulationResult> {
  return simulate({
    path: sample, recipes: [], restored: [], files: {}, options: { ...defaultOptions, schemes: ['current', 'xavier-normal'], batch: 64, whatIf },
  }, listener, new CancellationSource());
}

const layersOf = (result: SimulationResult, scheme: string) => result.runs.find((each) => each.scheme === scheme)?.layers ?? [];

describe('what if kernels were wider', () => {
  it('the first layer’s output is wider by as much, of that scheme alone', async () => {
    const [plain, wider] = [await run(null), await run({ scheme: 'current', all: 3, layers: {} })];
    const ratio = (scheme: string): number => (
      (layersOf(wider, scheme)[0]?.preactivation?.variance ?? NaN) / (layersOf(plain, scheme)[0]?.preactivation?.variance ?? NaN));
    expect(ratio('current')).toBeCloseTo(9, 4);
    expect(ratio('xavier-normal')).toBe(1);
  });

  it('of one layer alone, those before it stay, and theory follows the run', async () => {
    const [plain, wider] = [await run(null), await run({ scheme: 'xavier-normal', all: 1, layers: { 'layers.8': 0.25 } })];
    const variances = (result: SimulationResult): readonly number[] => (
      layersOf(result, 'xavier-normal').map(({ preactivation }) => preactivation?.variance ?? NaN));
    expect(variances(wider).slice(0, 8)).toEqual(variances(plain).slice(0, 8));
    expect((variances(wider)[8] ?? NaN) / (variances(plain)[8] ?? NaN)).toBeCloseTo(1 / 16, 4);
    const theory = wider.theory.find(({ scheme }) => scheme === 'xavier-normal')?.layers[8]?.preactivation?.variance ?? NaN;
    expect((variances(wider)[8] ?? NaN) / theory).toBeGreaterThan(0.7);
    expect((variances(wider)[8] ?? NaN) / theory).toBeLessThan(1.4);
  });

  it('of a layer that is not there, it is refused', async () => {
    await expect(run({ scheme: 'current', all: 1, layers: { fc9: 2 } })).rejects.toThrow(/has no layer fc9, whose kernel should be wider or narrower; it has layers\.0,/);
  });
});
