import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import type { Node } from '../../../../src/core/graph/graph';
import { createInput, planInputs } from '../../../../src/engine/feeding/inputs';
import { createPayloads } from '../../../../src/engine/feeding/payloads';
import { prepare } from '../../../../src/engine/planning/prepare';
import type { Value } from '../../../../src/engine/runtime';
import { createSession } from '../../../../src/engine/runtime';
import { WeightStore } from '../../../../src/engine/feeding/weights';
import { FilePool } from '../../../../src/formats/tensors/content';
import { canonicalOpset, encodeModel } from '../../../../src/formats/onnx/encode';
import type { OpenedModel } from '../../../../src/formats/openModel';
import { openModelFile } from '../../../../src/formats/openModel';
import type { SimulationOptions } from '../../../../src/protocol/simulation';
import { defaultOptions } from '../../../../src/protocol/simulation';
import { realModelFiles, root, samples } from '../../support/models';

/** Sizes that the defaults are not right for. */
const dims: Readonly<Record<string, Readonly<Record<string, number>>>> = { 'silero_vad_16k_op15.onnx': { sequence: 576 } };
/** Largest difference of an output, in units of its largest element: sums may be taken in another order. */
const tolerance = 1e-5;
const seed = 7;

const filesIn = (folder: string): readonly string[] => (
  readdirSync(path.join(root, folder)).filter((name) => name.endsWith('.onnx')).sort().map((name) => path.join(root, folder, name)));
const files = [...samples, ...filesIn('test/fixtures/golden'), ...filesIn('test/fixtures/exports'), ...realModelFiles]
  .map((file) => ({ name: path.relative(root, file), file, reason: incomparable(openModelFile(file)) }));

function isInTraining({ op, inputs, attributes: { training_mode: mode } }: Node): boolean {
  return op === 'Dropout' ? inputs.length > 2 : op === 'BatchNormalization' && mode?.kind === 'int' && mode.value === 1;
}

/** Why the outputs of a file cannot be compared, or null. */
function incomparable({ model }: OpenedModel): string | null {
  if (model.graph.nodes.some((node) => node.op === 'Dropout' && isInTraining(node))) return 'dropout is on, which makes outputs random';
  return null;
}

type Values = ReadonlyMap<string, Value>;

async function run(model: Uint8Array, feeds: Values, outputs: readonly string[]): Promise<Values> {
  const session = await createSession(model, { threads: 1, nodes: null });
  try {
    return await session.run(feeds, outputs);
  } finally {
    await session.release();
  }
}

const numbers = (value: Value | undefined): readonly number[] => (value ? Array.from(value.data as ArrayLike<number | bigint>, Number) : []);

function difference(found: Value | undefined, expected: Value): number {
  if (found?.dtype !== expected.dtype || found.shape.join() !== expected.shape.join()) return Infinity;
  const other = numbers(expected);
  const errors = numbers(found).map((x, i) => Math.abs(x - (other[i] ?? NaN)));
  if (errors.some(Number.isNaN)) return NaN;
  const largestOf = (list: readonly number[]): number => list.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const error = largestOf(errors);
  return error === 0 ? 0 : error / largestOf(other);
}

const different = (found: Values, expected: Values): readonly (readonly [string, number])[] => (
  [...expected].map(([name, value]) => [name, difference(found.get(name), value)] as const).filter(([, error]) => !(error <= tolerance)));

/** The graph that is differentiated, before it is: branches taken, in float32, weights fed. */
async function runPrepared(opened: OpenedModel, pool: FilePool, options: SimulationOptions, feeds: Values, outputs: readonly string[]): Promise<Values> {
  const store = new WeightStore(opened, pool, { recipes: [], restored: [], options: { parameters: {} } }, new Map());
  const { graph, placing, forward } = await prepare({ opened, store, pool, options, given: new Map(), draw: { seed, sample: 0 } });
  return run(encodeModel(forward.graph, createPayloads(graph, pool)), new Map([...feeds, ...store.feeds([], seed, placing.weights)]), outputs);
}

for (const why of new Set(files.flatMap(({ reason }) => reason ?? []))) {
  const names = files.filter(({ reason }) => reason === why).map(({ file }) => path.basename(file));
  console.warn(`SKIPPED: the outputs of some files are not compared because ${why}: ${names.join(', ')}.`);
}

describe('a file, its canonical form and what is run of it give the same outputs', () => {
  it.each(files.filter(({ reason }) => reason === null))('$name', async ({ file }) => {
    const opened = openModelFile(file);
    const { graph, model } = opened;
    // What newer operator sets have is kept until shapes are known.
    const opset = Math.max(canonicalOpset, model.opsets.get('') ?? canonicalOpset);
    const options: SimulationOptions = {
      ...defaultOptions, seed, dims: dims[path.basename(file)] ?? {}, threads: 1,
      batchNorm: graph.nodes.some(isInTraining) ? 'training' : 'inference',
    };
    const feeds = new Map(planInputs(graph, options, null).map((plan) => [plan.name, createInput(plan, { seed, sample: 0 })]));
    const outputs = graph.outputs.map((output) => output.name);
    const pool = new FilePool();
    try {
      const original = await run(readFileSync(file), feeds, outputs);
      const elements = outputs.flatMap((output) => numbers(original.get(output)));
      expect(elements.every(Number.isFinite) && elements.some((x) => x !== 0), 'there is something to compare').toBe(true);
      expect(different(await run(encodeModel(graph, createPayloads(graph, pool), opset), feeds, outputs), original)).toEqual([]);
      expect(different(await runPrepared(opened, pool, options, feeds, outputs), original)).toEqual([]);
    } finally {
      pool.close();
    }
  });
});
