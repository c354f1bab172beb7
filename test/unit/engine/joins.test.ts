/** Channels where residual branches are added: measured where asked, over samples that are run one by one as over a batch, and of closed branches. */
import { describe, expect, it } from 'vitest';

import { joinsOf } from '../../../src/core/layers/joins';
import { detectLayers } from '../../../src/core/layers/detect';
import type { Graph } from '../../../src/core/graph/graph';
import { poolChannels } from '../../../src/engine/running/poolChannels';
import { simulate } from '../../../src/engine/running/simulate';
import type { SimulationRequest } from '../../../src/protocol/engine';
import { CancellationSource } from '../../../src/protocol/rpc';
import type { SimulationResult, SimulationRun } from '../../../src/protocol/simulation';
import { defaultOptions } from '../../../src/protocol/simulation';
import { NetworkBuilder, encode, only, present } from '../support/graphs';
import { createFolder, createWriter } from '../support/temporary';

const write = createWriter(createFolder());

/** Two convolutions with a branch around the second, laid out as TensorFlow has them where asked. */
function residual(batch: number | string, isLast = false): Graph {
  const b = new NetworkBuilder();
  const conv = (x: string, name: string, inputs: number): string => (
    b.add('Conv', [x, b.weight(name, [6, inputs, 3, 3])], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }));
  const turned = (x: string): string => (isLast ? b.add('Transpose', [x], { perm: [0, 2, 3, 1] }) : x);
  const back = (x: string): string => (isLast ? b.add('Transpose', [x], { perm: [0, 3, 1, 2] }) : x);
  const x = b.input('x', 'float32', [batch, 2, 8, 8]);
  // A batch that is written into the graph, too, is the only one it takes.
  const fixed = typeof batch === 'number' ? b.add('Reshape', [x, b.ints([batch, 2, 8, 8])]) : x;
  const signal = turned(conv(fixed, 'stem', 2));
  const sum = b.add('Add', [turned(conv(back(signal), 'branch', 6)), signal]);
  return b.finish(conv(back(sum), 'head', 6));
}

async function run(graph: Graph, given: Partial<SimulationRequest> = {}, options: Partial<SimulationRequest['options']> = {}): Promise<SimulationResult> {
  const request: SimulationRequest = {
    path: write('joins.onnx', encode(graph)), files: {}, recipes: [], restored: [], joins: true, ...given,
    options: { ...defaultOptions, threads: 1, ...options },
  };
  return simulate(request, { planned: () => undefined, ran: () => undefined }, new CancellationSource());
}

const joinOf = ({ joins }: SimulationRun): NonNullable<SimulationRun['joins']>[number] => only(joins ?? []);

describe('where a residual branch is added', () => {
  it('is told what adds, which layer ends the branch, and along which axis channels lie', () => {
    const of = (isLast: boolean): unknown => {
      const { name, layer, channels } = only(joinsOf(detectLayers(residual('n', isLast))));
      return [name, layer.name, channels];
    };
    expect(of(false)).toEqual(['Add', 'branch', 1]);
    expect(of(true)).toEqual(['Add', 'branch', 3]);
  });
  it('is measured where asked, the same in either layout, and changes nothing of what layers say', async () => {
    const [first, last, without] = [await run(residual('n')), await run(residual('n', true)), await run(residual('n'), { joins: false })];
    const [a, b] = [joinOf(only(first.runs)), joinOf(only(last.runs))];
    expect(present(a.sum).channels).toBe(6);
    for (const value of ['sum', 'branch'] as const) {
      for (const part of ['squaredMean', 'variance'] as const) {
        expect(present(present(b[value])[part]) / present(present(a[value])[part])).toBeCloseTo(1, 5);
      }
    }
    expect(only(without.runs).joins).toBeUndefined();
    expect(without.theory[0]?.joins).toBeUndefined();
    expect(only(without.runs).layers).toEqual(only(first.runs).layers);
  });
  it('is the same of a batch that is run sample by sample', async () => {
    const [whole, single] = [await run(residual('n'), {}, { batch: 6 }), await run(residual(1), {}, { batch: 6 })];
    const [a, b] = [joinOf(only(whole.runs)), joinOf(only(single.runs))];
    expect(single.notes.join()).toContain('6 runs');
    // The same law of what is fed, drawn again.
    expect(present(present(b.sum).variance) / present(present(a.sum).variance)).toBeCloseTo(1, 0);
    expect(present(b.sum).squaredMean).toBeLessThan(present(present(b.sum).variance));
  });
  it('is exactly nothing where the branch is closed', async () => {
    const { runs } = await run(residual('n'), {}, { schemes: ['zeros'] });
    expect(joinOf(only(runs)).branch).toEqual({ channels: 6, squaredMean: 0, variance: 0 });
  });
  it('is what theory says, for the batch that is run', async () => {
    const { runs, theory } = await run(residual('n'), {}, { schemes: ['he-normal'], seeds: 12, batch: 8 });
    const told = only(theory[0]?.joins ?? []);
    for (const value of ['sum', 'branch'] as const) {
      for (const part of ['squaredMean', 'variance'] as const) {
        const mean = runs.reduce((sum, each) => sum + present(present(joinOf(each)[value])[part]) / runs.length, 0);
        const ratio = mean / present(present(told[value])[part]);
        expect(ratio).toBeGreaterThan(part === 'variance' ? 0.7 : 0.5);
        expect(ratio).toBeLessThan(part === 'variance' ? 1.4 : 2);
      }
    }
  });
});

describe('channels of several runs', () => {
  it('are those of all samples together', () => {
    const of = (means: readonly number[], variances: readonly number[]): Parameters<typeof poolChannels>[0][number] => (
      { means: Float64Array.from(means), variances: Float64Array.from(variances) });
    // Channels [1, 3 | 5, 7] and [0, 0 | 0, 4].
    expect(poolChannels([of([2, 0], [1, 0]), of([6, 2], [1, 4])])).toEqual({ channels: 2, squaredMean: (16 + 1) / 2, variance: (5 + 3) / 2 });
    expect(poolChannels([of([2], [1]), null])).toBeNull();
    expect(poolChannels([of([NaN], [NaN])])).toEqual({ channels: 1, squaredMean: null, variance: null });
  });
});
