/** Graph-models of TensorFlow.js, a sample for every operator that has a rule and whole networks, give what TF.js computes by them. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { createRecipes } from '../../src/core/initializers/recipes';
import { createPayloads } from '../../src/engine/feeding/payloads';
import type { Value } from '../../src/engine/runtime';
import { createSession } from '../../src/engine/runtime';
import { encodeModel } from '../../src/formats/onnx/encode';
import type { OpenedModel } from '../../src/formats/openModel';
import { openModelFile } from '../../src/formats/openModel';
import { saveModel } from '../../src/formats/saving/save';
import { FilePool } from '../../src/formats/tensors/content';
import { operators } from '../../src/formats/tfgraph/operators';
import { createFolder } from '../unit/support/temporary';
import type { Json } from './goldens';
import { distance, field, keysOf, listOf, numbersOf, readJson, textOf } from './goldens';

const goldens = readJson('tf_graphs.json');
const folder = createFolder();

const count = (shape: readonly number[]): number => shape.reduce((all, size) => all * size, 1);
/** As `tf_graphs.mjs` draws longer weights. */
const numbers = (length: number, phase: number, scale: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.sin(1.7 * i + phase) * scale);
const scaleOf = (shape: readonly number[]): number => (shape.length < 2 ? 0.5 : Math.SQRT2 / Math.sqrt(count(shape.slice(0, -1))));

function bytesOf(weight: Json, position: number): Uint8Array {
  const [shape, values] = [numbersOf(field(weight, 'shape')), field(weight, 'values')];
  const dtype = textOf(field(weight, 'dtype'));
  const data = values === null ? numbers(count(shape), position, scaleOf(shape)) : dtype === 'float32' ? Float32Array.from(numbersOf(values))
    : dtype === 'int32' ? Int32Array.from(numbersOf(values)) : Uint8Array.from(numbersOf(values));
  return new Uint8Array(data.buffer);
}

function write(name: string, golden: Json): string {
  const [weights, own] = [field(golden, 'weights'), path.join(folder, name.replaceAll(' ', '_'))];
  const names = keysOf(weights);
  mkdirSync(own, { recursive: true });
  writeFileSync(path.join(own, 'weights.bin'), Buffer.concat(names.map((each, i) => bytesOf(field(weights, each), i))));
  const listed = names.map((each) => ({ name: each, shape: field(field(weights, each), 'shape'), dtype: field(field(weights, each), 'dtype') }));
  const file = path.join(own, 'model.json');
  const weightsManifest = [{ paths: ['weights.bin'], weights: listed }];
  const [modelTopology, signature] = [field(golden, 'topology'), field(golden, 'signature')];
  writeFileSync(file, JSON.stringify({ format: 'graph-model', modelTopology, signature, weightsManifest }));
  return file;
}

async function run({ graph }: OpenedModel, golden: Json): Promise<readonly Value[]> {
  const inputs = field(golden, 'inputs');
  const feeds = new Map(graph.inputs.map(({ name, dtype }): [string, Value] => {
    const [shape, values] = [numbersOf(field(field(inputs, name), 'shape')), numbersOf(field(field(inputs, name), 'values'))];
    if (dtype === 'float32') return [name, { dtype, shape, data: Float32Array.from(values) }];
    return [name, dtype === 'bool' ? { dtype, shape, data: Uint8Array.from(values) } : { dtype: 'int32', shape, data: Int32Array.from(values) }];
  }));
  const pool = new FilePool();
  const session = await createSession(encodeModel(graph, createPayloads(graph, pool)), { threads: 1, nodes: null });
  try {
    const results = await session.run(feeds, graph.outputs.map(({ name }) => name));
    return graph.outputs.flatMap(({ name }) => results.get(name) ?? []);
  } finally {
    await session.release();
    pool.close();
  }
}

describe('graph-models agree with TensorFlow.js', () => {
  it.each(keysOf(goldens))('%s', async (name) => {
    const golden = field(goldens, name);
    const opened = openModelFile(write(name, golden));
    expect(opened.findings.filter(({ severity, code }) => severity !== 'info' || code === 'unknown-operator')).toEqual([]);
    const results = await run(opened, golden);
    const outputs = listOf(field(golden, 'outputs'));
    expect(results.map(({ shape }) => shape)).toEqual(outputs.map((output) => field(output, 'shape')));
    for (const [i, { data }] of results.entries()) {
      expect(distance(data as ArrayLike<number | bigint>, numbersOf(field(outputs[i] ?? null, 'values'))), `output ${i}`).toBeLessThan(1);
    }
  });

  it('have a sample of every operator that has a rule', () => {
    const seen = new Set(JSON.stringify(goldens).match(/"op":"\w+"/g)?.map((each) => each.slice(6, -1)));
    expect(Object.keys(operators).filter((op) => !seen.has(op))).toEqual([]);
  });
});

describe('convolutions of every b-th step', () => {
  it('are dilated ones, and what is added behind them their bias', () => {
    const { layers } = openModelFile(write('causal', field(goldens, 'causal')));
    expect(layers.map(({ detail, weights }) => [detail, weights.map(({ role }) => role)])).toEqual([
      ['1×3, dilation 1×2', ['kernel', 'bias']], ['1×3, dilation 1×3', ['kernel', 'bias']], ['1×2, dilation 1×2', ['kernel', 'bias']],
      ['', ['kernel', 'bias']],
    ]);
  });
});

describe('batch norms that are not folded', () => {
  const opened = (name: string): OpenedModel => openModelFile(write(name, field(goldens, name)));
  it.each([['norms', ['gbmv', 'gbmv', 'bmv', 'gmv', 'gbmv', 'gbmv', 'mv', 'gbmv']], ['norms_of_steps', ['gbmv', 'gbmv', 'gbmv']]])(
    'are layers, whose tensors have their roles: %s', (name, expected) => {
      const { layers, constants } = opened(name);
      const letters: Readonly<Record<string, string>> = { 'gamma': 'g', 'beta': 'b', 'running mean': 'm', 'running variance': 'v' };
      const norms = layers.filter(({ op }) => op === 'BatchNormalization');
      expect(norms.map(({ weights }) => weights.map(({ role }) => letters[role]).join(''))).toEqual(expected);
      expect(constants).toEqual([]);
    });
  it('are reset where they are stored, as those of ONNX are', async () => {
    const before = opened('norms');
    const recipes = createRecipes(before.layers, { scheme: 'he-normal', seed: 1 });
    const contents = new Map(recipes.map((recipe) => [recipe.tensorId, { kind: 'recipe', recipe } as const]));
    const target = path.join(folder, 'norms', 'drawn.json');
    await saveModel({ opened: before, target, contents, record: true });
    for (const { weights } of openModelFile(target).layers) for (const { role, tensor: { place, shape } } of weights) {
      const filled = role === 'gamma' || role === 'running variance' ? 1 : role === 'kernel' ? null : 0;
      if (filled === null || !place) continue;
      const { buffer } = Uint8Array.from(readFileSync(place.file).subarray(place.offset, place.offset + place.length));
      expect([...new Float32Array(buffer)], role).toEqual(Array.from({ length: count(shape) }, () => filled));
    }
  });
});
