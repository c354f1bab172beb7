/** Networks that are run with more of their block: the numbers are those of the network that is written so. */
import { describe, expect, it } from 'vitest';
import { simulate } from '../../../src/engine/running/simulate';
import { CancellationSource } from '../../../src/protocol/rpc';
import { defaultOptions, type SimulationOptions, type SimulationResult } from '../../../src/protocol/simulation';
import { NetworkBuilder, encode } from '../support/graphs';
import { createFolder, createWriter } from '../support/temporary';

const write = createWriter(createFolder());
const listener = { planned: () => undefined, ran: () => undefined };

/** Hidden layers of the same values, each stored apart. */
function network(hidden: number): string {
  const b = new NetworkBuilder();
  let h = b.add('Tanh', [b.add('MatMul', [b.input('x', 'float32', ['n', 6]), b.weight('in.weight', [6, 8])])]);
  for (let i = 0; i < hidden; i++) h = b.add('Tanh', [b.add('MatMul', [h, b.weight(`fc${i}.weight`, [8, 8])])]);
  return write(`mlp${hidden}.onnx`, encode(b.finish(b.add('MatMul', [h, b.weight('out.weight', [8, 2])]))));
}

const run = (path: string, options: Partial<SimulationOptions>): Promise<SimulationResult> => (
  simulate({ path, recipes: [], restored: [], files: {}, options: { ...defaultOptions, ...options } }, listener, new CancellationSource()));

describe('a run of a deeper network', () => {
  it('is that of the network that is written so, with the stored values again', async () => {
    const [deeper, written] = [await run(network(2), { deepen: 3 }), await run(network(5), {})];
    const [one, other] = [deeper.runs[0]?.layers ?? [], written.runs[0]?.layers ?? []];
    expect(one.map(({ name }) => name)).toEqual(['in', 'fc0', 'fc1', 'fc1+1', 'fc1+2', 'fc1+3', 'out']);
    expect(one.map(({ activation, gradient }) => [activation, gradient])).toEqual(other.map(({ activation, gradient }) => [activation, gradient]));
    expect(deeper.notes).toEqual(['Run with 3 more of the block of fc1.']);
  });
  it('draws every copy by itself, and what is there as ever', async () => {
    const [deeper, plain] = [await run(network(2), { deepen: 2, schemes: ['xavier-normal'] }), await run(network(2), { schemes: ['xavier-normal'] })];
    const variances = ({ runs }: SimulationResult): readonly unknown[] => runs[0]?.layers.map(({ preactivation }) => preactivation?.variance) ?? [];
    expect(variances(deeper).slice(0, 3)).toEqual(variances(plain).slice(0, 3));
    expect(new Set(variances(deeper)).size).toBe(6);
  });
  it('is of an edit that is not saved, too: the copies are drawn as what they are copies of', async () => {
    const path = network(2);
    const recipe = {
      version: 1, tensorId: 'fc1.weight', seed: 7, origin: { scheme: 'zeros', title: '' }, blocks: [{ sampler: { kind: 'constant', value: 0 } }],
    } as const;
    const request = { path, recipes: [recipe], restored: [], files: {}, options: { ...defaultOptions, deepen: 1 } };
    const { runs } = await simulate(request, listener, new CancellationSource());
    expect(runs[0]?.layers.map(({ preactivation }) => preactivation?.variance === 0)).toEqual([false, false, true, true, true]);
  });
  it('is refused where there is no block', async () => {
    const b = new NetworkBuilder();
    const path = write('none.onnx', encode(b.finish(b.add('MatMul', [b.input('x', 'float32', ['n', 3]), b.weight('w', [3, 2])]))));
    await expect(run(path, { deepen: 1 })).rejects.toThrow('none.onnx has no block that a signal leaves in the shape in which it enters');
  });
});
