/** The same network in every file that can hold it: the same layers, fans, advice and gradients. */

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { recommend } from '../../../../src/core/initializers/recommendation';
import { simulate } from '../../../../src/engine/running/simulate';
import type { NumpyArray } from '../../../../src/formats/numpy/npy';
import { writeNpz } from '../../../../src/formats/numpy/npz';
import type { OpenedModel } from '../../../../src/formats/openModel';
import { openModelFile } from '../../../../src/formats/openModel';
import { CancellationSource } from '../../../../src/protocol/rpc';
import { defaultOptions } from '../../../../src/protocol/simulation';
import { createFolder } from '../../support/temporary';
import { kerasFixtures, writeTfjs } from '../../support/tfjs';

const fixtures = kerasFixtures;
const folder = createFolder();
const networks = readdirSync(fixtures).filter((name) => name.endsWith('.json')).map((name) => path.parse(name).name);

/** All files of a network that hold its weights. */
function filesOf(name: string): readonly (readonly [string, string])[] {
  const beside = ['keras', 'h5', 'onnx'].map((ending) => [ending, path.join(fixtures, `${name}.${ending}`)] as const);
  const own = [...beside, ['graph', path.join(fixtures, '../tfgraph', name, 'model.json')] as const].filter(([, file]) => existsSync(file));
  return [...own, ['tfjs', writeTfjs(name, path.join(folder, name))]];
}

/** Whose exporters fold a norm into the kernel, with its ε. */
const folded = new Set(['onnx', 'graph']);

/** Sizes of the outputs behind the batch. */
const outputs: Readonly<Record<string, readonly number[]>> = {
  mlp: [3], cnn: [4], residual: [2], depthwise: [2], lstm: [3], gru: [2], attention: [5, 6], transposed: [8, 8, 2], two_inputs: [2],
};

const rounded = (value: number | null | undefined): number => Number((value ?? NaN).toPrecision(4));

const isKernel = (role: string): boolean => role === 'kernel' || role === 'recurrent' || role === 'embedding';

/** What is said of every kernel, whatever it is called. */
function kernelsOf({ layers }: OpenedModel, withAdvice = true): readonly string[] {
  const kernels = layers.flatMap((layer) => layer.weights.flatMap((weight) => {
    if (!isKernel(weight.role)) return [];
    const advice = recommend(layer, weight)?.recommendation;
    const known = `${weight.role} ${weight.tensor.shape.reduce((a, b) => a * b, 1)}: ${weight.fans?.fanIn} ${rounded(weight.fans?.fanOut)}`
      + ` ${layer.activation?.name ?? 'linear'}`;
    return [withAdvice ? `${known} ${advice?.title ?? 'none'} ${rounded(advice?.std)}` : known];
  }));
  return kernels.sort();
}

/** Variances of the gradients of all kernels, smallest first. */
async function gradientsOf(name: string, file: string): Promise<readonly number[]> {
  const opened = openModelFile(file);
  const given = path.join(folder, `${path.basename(path.dirname(file))}-${path.basename(file)}.npz`);
  const arrays = opened.graph.inputs.map(({ name: input, shape, dtype }, i): [string, NumpyArray] => {
    const sizes = (shape ?? []).map((size, axis) => (axis === 0 ? 4 : Number(size)));
    const count = sizes.reduce((a, b) => a * b, 1);
    const values = Array.from({ length: count }, (_, k) => Math.sin(1.3 * k + i));
    const isIndex = dtype === 'int64' || dtype === 'int32';
    const whole = values.map((value) => Math.floor(Math.abs(value) * 19));
    return [input, { shape: sizes, data: !isIndex ? Float32Array.from(values) : dtype === 'int64' ? BigInt64Array.from(whole, BigInt)
      : Int32Array.from(whole) }];
  });
  await writeNpz(given, new Map(arrays));
  const shape = [4, ...outputs[name] ?? []];
  const seeded = { shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, k) => Math.cos(1.7 * k)) };
  const cotangent = `${given}.cotangent.npz`;
  await writeNpz(cotangent, new Map(opened.graph.outputs.map((output) => [output.name, seeded])));
  const result = await simulate({
    path: file, recipes: [], restored: [], files: { input: given, cotangent },
    options: { ...defaultOptions, threads: 1, schemes: ['current'], seeds: 1, batchNorm: 'inference' },
  }, { planned: () => undefined, ran: () => undefined }, new CancellationSource());
  expect(result.unsupported).toEqual([]);
  const [run] = result.runs;
  // Exporters leave out biases that are zero, and fold norms.
  const kernels = new Set(opened.layers.flatMap(({ weights }) => weights.flatMap(({ role, name: weight }) => (isKernel(role) ? [weight] : []))));
  const all = (run?.layers ?? []).flatMap(({ weights }) => weights.filter(({ name: weight }) => kernels.has(weight)));
  const variances = new Map(all.map(({ name: weight, gradient }) => [weight, gradient?.variance ?? NaN]));
  return [...variances.values()].sort((a, b) => a - b);
}

describe.each(networks)('%s', (name) => {
  const files = filesOf(name);
  it('has the same layers, fans and advice in every file', () => {
    const declared = openModelFile(path.join(fixtures, `${name}.json`));
    expect(kernelsOf(declared).length).toBeGreaterThan(0);
    const hasNorms = declared.layers.some(({ weights }) => weights.some(({ role }) => role === 'gamma'));
    for (const [ending, file] of files) {
      // Where a norm is folded there is none, and a kernel has to keep the scale itself.
      const isAlike = !(hasNorms && folded.has(ending));
      expect([ending, ...kernelsOf(openModelFile(file), isAlike)]).toEqual([ending, ...kernelsOf(declared, isAlike)]);
    }
  });
  it('has the same gradients in every file', async () => {
    const found = new Map<string, readonly number[]>();
    for (const [ending, file] of files) found.set(ending, await gradientsOf(name, file));
    const expected = found.get('keras') ?? [];
    expect(expected.length).toBeGreaterThan(0);
    for (const [ending, gradients] of found) {
      const off = gradients.map((value, i) => Math.abs(value / (expected[i] ?? NaN) - 1));
      expect(gradients.length, ending).toBe(expected.length);
      expect(Math.max(...off), `${ending}: ${gradients.join(' ')} and ${expected.join(' ')}`).toBeLessThan(folded.has(ending) ? 5e-3 : 1e-5);
    }
  });
});
