/** The cost of every step of training, against PyTorch on the same network, weights, data and optimiser (training.py). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { Steering } from '../../src/engine/learning/steering';
import { train } from '../../src/engine/learning/train';
import { CancellationSource } from '../../src/protocol/rpc';
import { defaultTraining, optimizerKinds } from '../../src/protocol/training';
import type { OptimizerKind } from '../../src/protocol/training';

const folder = path.join(import.meta.dirname, '../fixtures/training');
const { curves } = JSON.parse(readFileSync(path.join(import.meta.dirname, 'training.json'), 'utf8')) as {
  readonly curves: Readonly<Record<string, Readonly<Record<OptimizerKind, readonly number[]>>>>;
};
/** As in the generator. */
const rates: Readonly<Record<OptimizerKind, number>> = { sgd: 0.05, momentum: 0.01, adam: 0.003, adamw: 0.003 };
const ignored = (): undefined => undefined;
const nobody = { trainingPlanned: ignored, rateFound: ignored, stepped: ignored, observed: ignored, trained: ignored };

describe.each(Object.keys(curves))('the %s', (name) => {
  it.each(optimizerKinds)('costs by %s what it costs in PyTorch', async (optimizer) => {
    const expected = curves[name]?.[optimizer] ?? [];
    const options = {
      ...defaultTraining, schemes: ['current'] as const, seeds: 1, steps: expected.length, batch: name === 'transformer' ? 8 : name === 'perceptron' ? 24 : 16,
      optimizer, rate: rates[optimizer], data: { kind: 'file', path: path.join(folder, `${name}.npz`) } as const, snapshots: 3,
    };
    const result = await train(
      { path: path.join(folder, `${name}.onnx`), recipes: [], restored: [], options, keep: null }, nobody, new Steering(), new CancellationSource(),
    );
    const losses = result.runs[0]?.losses ?? [];
    expect(losses).toHaveLength(50);
    const errors = losses.map((loss, i) => Math.abs((loss ?? NaN) - (expected[i] ?? NaN)) / Math.abs(expected[i] ?? NaN));
    expect(Math.max(...errors)).toBeLessThan(1e-4);
  });
});
