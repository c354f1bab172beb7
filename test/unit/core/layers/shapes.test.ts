/** Shapes that are worked out, beside those that ONNX Runtime gives in a run of the same graph. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { indexGraph } from '../../../../src/core/graph/order';
import { inferShapes } from '../../../../src/core/layers/shapes';
import { Network } from '../../../../src/engine/running/network';
import { readGiven } from '../../../../src/engine/feeding/given';
import { WeightStore } from '../../../../src/engine/feeding/weights';
import { openModelFile } from '../../../../src/formats/openModel';
import { FilePool } from '../../../../src/formats/tensors/content';
import { defaultOptions } from '../../../../src/protocol/simulation';
import { realModelFiles, root, samples } from '../../support/models';

interface Both {
  readonly value: string;
  readonly run: readonly number[];
  readonly told: readonly number[] | null;
}

/** Shapes of a probing run by value, with the inputs' own, and those that follow from the inputs'. */
async function bothShapes(file: string): Promise<readonly Both[]> {
  const opened = openModelFile(file);
  const pool = new FilePool();
  try {
    const request = { path: file, recipes: [], restored: [], options: { ...defaultOptions, schemes: ['recommended' as const] }, files: {} };
    const store = new WeightStore(opened, pool, request, new Map());
    const network = await Network.prepare({ opened, store, pool, request, given: readGiven({}, opened.graph) });
    const { facts: { shapes }, inputs } = network.prepared;
    const told = inferShapes(indexGraph(opened.graph), new Map(inputs.map(({ name, shape }) => [name, shape])));
    await network.release();
    const made = opened.graph.nodes.flatMap(({ outputs }) => outputs.filter((output) => output !== ''));
    return made.flatMap((value) => {
      const run = shapes.get(value);
      return run?.every((size) => size > 0) ? [{ value, run, told: told.get(value) ?? null }] : [];
    });
  } finally {
    pool.close();
  }
}

const exported = path.join(root, 'test/fixtures/exports');
const files = [
  ...samples, ...realModelFiles, ...readdirSync(exported).filter((name) => name.endsWith('.onnx')).map((name) => path.join(exported, name)),
  ...readdirSync(path.join(root, 'media/templates')).map((name) => path.join(root, 'media/templates', name)),
];

const partly = new Map([['silero_vad_16k_op15.onnx', 0.3]]);

describe('shapes that are worked out', () => {
  it.each(files.map((file) => [path.basename(file), file]))('are those of a run: %s', async (_, file) => {
    const shapes = await bothShapes(file);
    const known = shapes.filter(({ told }) => told !== null);
    // What is known covers nearly all of a network: of a file with loops, or with sizes that hang on data, less.
    expect(known.length).toBeGreaterThan((partly.get(path.basename(file)) ?? 0.95) * shapes.length);
    expect(known.filter(({ run, told }) => JSON.stringify(run) !== JSON.stringify(told))).toEqual([]);
  });
});
