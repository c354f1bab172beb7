/** Schemes that are run with parameters in place of their own: what is drawn, and what theory says of it. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { simulate } from '../../../src/engine/running/simulate';
import { CancellationSource } from '../../../src/protocol/rpc';
import { defaultOptions, type SchemeParameters, type SimulationResult } from '../../../src/protocol/simulation';

const sample = path.resolve(import.meta.dirname, '../../../media/samples/deep-tanh-mlp.onnx');
const listener = { planned: () => undefined, ran: () => undefined };

function run(parameters: SchemeParameters): Promise<SimulationResult> {
  return simulate({
    path: sample, recipes: [], restored: [], files: {}, options: { ...defaultOptions, schemes: ['normal', 'he-normal'], batch: 256, parameters },
  }, listener, new CancellationSource());
}

const first = ({ runs, theory }: SimulationResult, scheme: string): { readonly measured: number; readonly predicted: number } => ({
  measured: runs.find((each) => each.scheme === scheme)?.layers[0]?.preactivation?.variance ?? NaN,
  predicted: theory.find((each) => each.scheme === scheme)?.layers[0]?.preactivation?.variance ?? NaN,
});

describe('parameters of schemes', () => {
  it('are drawn with, of that scheme alone, and theory is of them', async () => {
    const [own, given] = [await run({}), await run({ normal: { std: 0.3 } })];
    // A layer of 32 inputs of variance 1: 32 × 0.3².
    expect(first(given, 'normal').predicted).toBeCloseTo(32 * 0.09, 5);
    expect(first(given, 'normal').measured / first(given, 'normal').predicted).toBeGreaterThan(0.85);
    expect(first(given, 'normal').measured / first(given, 'normal').predicted).toBeLessThan(1.15);
    expect(first(given, 'he-normal')).toEqual(first(own, 'he-normal'));
    expect(first(own, 'normal').predicted).not.toBeCloseTo(32 * 0.09, 2);
  });
});
