/** What theory says of a gradient through time, against what PyTorch's own backward pass brings to each step (through_time.py). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { detectLayers } from '../../src/core/layers/detect';
import { prospectOf } from '../../src/core/report/outlook';
import type { WeightStatistics } from '../../src/protocol/report';
import type { ThroughTime } from '../../src/protocol/simulation';
import { network, openText } from '../unit/formats/initscope/networks';
import { present } from '../unit/support/graphs';

interface Golden {
  readonly width: number;
  readonly steps: number;
  readonly cases: readonly {
    readonly kind: 'rnn' | 'lstm' | 'gru';
    readonly recurrent: number;
    readonly forget?: number;
    readonly shares: readonly number[];
  }[];
}

const { width, steps, cases } = JSON.parse(readFileSync(path.join(import.meta.dirname, 'through_time.json'), 'utf8')) as Golden;

/** Of weights as the golden values' have them; gates of ONNX: input, output, forget, cell. */
function throughTimeOf({ kind, recurrent, forget = 0 }: Golden['cases'][number], length: number): ThroughTime {
  const { graph } = openText(JSON.stringify(network([length, width], [{ [kind]: width, returns: 'last' }])));
  const layers = detectLayers(graph);
  const of = (std: number): WeightStatistics => ({ count: 1, mean: 0, std, min: -1, max: 1, zeros: 0, nonFinite: 0 });
  const gates = [0, 0, forget, 0, 0, 0, 0, 0].map((mean) => ({ mean, std: 0 }));
  const byRole = { 'kernel': of(width ** -0.5), 'recurrent': of(recurrent * width ** -0.5), 'bias': { ...of(0), ...(kind === 'lstm' ? { gates } : {}) } };
  const statistics = new Map(layers.flatMap(({ weights }) => weights.map(({ id, role }) => (
    [id, present(Object.entries(byRole).find(([each]) => each === role)?.[1])] as const))));
  const { current } = prospectOf({ graph, layers, statistics });
  return present(present(current.layers[0]).throughTime);
}

describe.each(cases)('$kind, recurrent σ $recurrent / √n, forget bias $forget', (of) => {
  it('has a gradient at the first step as PyTorch has', () => {
    const found = throughTimeOf(of, steps);
    const factor = found.arrived / present(of.shares[0]);
    // Gates are taken for independent of the state: 2.4 % per step are twice as much over 29.
    expect(Math.abs(Math.log(factor))).toBeLessThan(Math.log(2));
    const measured = (present(of.shares[1]) / present(of.shares[15])) ** (1 / 14);
    expect(found.perStep / measured).toBeGreaterThan(0.97);
    expect(found.perStep / measured).toBeLessThan(1.03);
  });
  it('is at 1 % as many steps back as PyTorch has it', () => {
    const age = of.shares.toReversed().findIndex((share) => share <= 0.01);
    const { reach } = throughTimeOf(of, steps);
    if (age < 0) expect(reach === null || reach >= steps).toBe(true);
    else expect(Math.abs((reach ?? Infinity) - age)).toBeLessThanOrEqual(Math.max(1, 0.1 * age));
  });
  it('of more steps than are followed is what each step makes of it', () => {
    const [short, long] = [throughTimeOf(of, 64), throughTimeOf(of, 400)];
    expect(long.arrived / (short.arrived * short.perStep ** 336)).toBeCloseTo(1, 1);
    expect(long.reach).toBe(short.reach);
  });
});
