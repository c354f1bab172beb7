/** Networks that say again what they are shown learn that, and no labels. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { writeNpz } from '../../../../src/formats/numpy/npz';
import { NetworkBuilder, encode, only } from '../../support/graphs';
import { createFolder, createWriter } from '../../support/temporary';
import { learn } from '../../support/training';

const folder = createFolder();
const write = createWriter(folder);

/** x [n, width] → a sigmoid code → as many sigmoids as there are features. */
function saying(name: string, width: number, code: number): string {
  const b = new NetworkBuilder();
  const x = b.input('x', 'float32', ['n', width]);
  const hidden = b.add('Sigmoid', [b.add('Gemm', [x, b.weight('w1', [width, code]), b.weight('b1', [code])])]);
  return write(name, encode(b.finish(b.add('Sigmoid', [b.add('Gemm', [hidden, b.weight('w2', [code, width]), b.weight('b2', [width])])]))));
}

const narrow = saying('narrow.onnx', 25, 8);
const features = { shape: [12, 25], data: Float32Array.from({ length: 300 }, (_, i) => (i % 7 < 3 ? 1 : 0)) };

async function file(name: string, arrays: Parameters<typeof writeNpz>[1]): Promise<{ readonly kind: 'file'; readonly path: string }> {
  const where = path.join(folder, name);
  await writeNpz(where, arrays);
  return { kind: 'file', path: where };
}

describe('an autoencoder', () => {
  it('learns images that are made up, with a cost of each pixel and no accuracy', async () => {
    const { result: { plan, runs } } = await learn(narrow, { steps: 150, samples: 64, rate: 0.05, data: { kind: 'built-in', name: 'digits' } });
    expect(plan).toMatchObject({ loss: 'binary-cross-entropy', chance: Math.LN2 });
    expect(plan.data).toMatch(/^64 digits of .*, to be said again$/);
    const { losses, accuracies } = only(runs);
    expect([losses.length, accuracies]).toEqual([150, []]);
    // Less than the entropy of pixels that are the same for all samples: the code says which it is.
    expect(losses.at(-1)).toBeLessThan(0.4);
  });

  it('learns what a file has for its input, where it has labels too', async () => {
    const alone = await learn(narrow, { steps: 3, data: await file('alone.npz', new Map([['x', features]])) });
    expect(alone.result.plan.data).toBe('12 samples of alone.npz, to be said again');
    const labels = { shape: [12], data: Float32Array.from({ length: 12 }, (_, i) => i % 3) };
    const beside = await learn(narrow, { steps: 3, data: await file('beside.npz', new Map([['x', features], ['y', labels]])) });
    expect(only(beside.result.runs).losses).toEqual(only(alone.result.runs).losses);
    const table = Array.from({ length: 12 }, (_, i) => [...features.data.subarray(25 * i, 25 * (i + 1))].join()).join('\n');
    const read = await learn(narrow, { steps: 3, data: { kind: 'file', path: write('alone.csv', table) } });
    expect(only(read.result.runs).losses).toEqual(only(alone.result.runs).losses);
  });

  it('learns other numbers of the same shape, where the file has them', async () => {
    const other = { shape: [12, 25], data: features.data.map((value) => 1 - value) };
    const { result: { plan } } = await learn(narrow, { steps: 2, data: await file('other.npz', new Map([['x', features], ['y', other]])) });
    expect(plan.data).toBe('12 samples of other.npz');
  });

  it('is none where the layer between is not narrower, and asks for labels then', async () => {
    const wide = saying('wide.onnx', 25, 40);
    await expect(learn(wide, { data: await file('wide.npz', new Map([['x', features]])) })).rejects.toThrow('has no array to learn');
  });
});
