/** What passes between layers is measured where it is asked for: at sums of branches, and at the inputs of a network. */
import { describe, expect, it } from 'vitest';

import { simulate } from '../../../src/engine/running/simulate';
import { CancellationSource } from '../../../src/protocol/rpc';
import type { SimulationRun } from '../../../src/protocol/simulation';
import { defaultOptions } from '../../../src/protocol/simulation';
import { NetworkBuilder, encode, only, present } from '../support/graphs';
import { createFolder, createWriter } from '../support/temporary';

const write = createWriter(createFolder());

async function run(between: boolean, batch: number | null = null): Promise<SimulationRun> {
  const b = new NetworkBuilder();
  const linear = (x: string, name: string): string => b.add('MatMul', [x, b.weight(name, [6, 6])]);
  const x = b.input('x', 'float32', ['n', 6]);
  const a = linear(x, 'a');
  const sum = b.add('Add', [linear(a, 'f'), a]);
  const graph = b.finish(linear(b.add('Neg', [sum]), 'b'));
  const path = write(`between-${between}.onnx`, encode(graph));
  const request = { path, files: {}, recipes: [], restored: [], between, options: { ...defaultOptions, batch, threads: 1 } };
  const { runs } = await simulate(request, { planned: () => undefined, ran: () => undefined }, new CancellationSource());
  return only(runs);
}

describe('what passes between layers', () => {
  it('is measured at inputs and sums, and at sums the gradient, too', async () => {
    const { between = [], layers } = await run(true, 64);
    expect(between.map(({ value }) => value)).toEqual(['x', 'Add_out']);
    const [input, sum] = between;
    expect(present(input?.signal).count).toBe(64 * 6);
    expect(present(present(input?.signal).variance)).toBeCloseTo(1, 0);
    expect(input?.gradient).toBeNull();
    // The sum goes on to b by way of a sign alone, and its gradient goes to both branches as it is.
    const branch = present(layers.find(({ name }) => name === 'f'));
    expect(sum?.gradient).toEqual(branch.gradient.preactivation);
    expect(present(present(sum?.signal).variance)).not.toBe(present(branch.preactivation).variance);
    expect(present(sum?.signal).count).toBe(64 * 6);
  });
  it('is not measured where nobody asks, and changes nothing of what layers say', async () => {
    const [without, withIt] = [await run(false), await run(true)];
    expect(without.between).toBeUndefined();
    expect(without.layers).toEqual(withIt.layers);
  });
});
