import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { twinsOf } from '../../../src/core/report/twins';
import { FilePool } from '../../../src/formats/tensors/content';
import { measureWeight, runNow } from '../../../src/formats/tensors/measure';
import { openModelFile } from '../../../src/formats/openModel';
import { equalTensors } from '../../../src/formats/tensors/ties';
import { findTwins } from '../../../src/formats/tensors/twins';
import { isMeasurable } from '../../../src/formats/tensors/weightChunks';
import type { WeightStatistics } from '../../../src/protocol/report';
import { at, initscope } from '../support/command';
import { realModelFiles, root, samples } from '../support/models';
import { floatBytes, model, node, raw, tensor, types, valueInfo } from '../support/protobuf';
import { createFolder } from '../support/temporary';

const exported = path.join(root, 'test/fixtures/exports');
const fixtures = readdirSync(exported, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.onnx')).map((name) => path.join(exported, name));
const pool = new FilePool();
afterAll(() => pool.close());

function byReadingAll(file: string): ReturnType<typeof twinsOf> {
  const { layers } = openModelFile(file);
  const statistics = new Map<string, WeightStatistics>();
  for (const weight of layers.flatMap(({ weights }) => weights)) {
    if (isMeasurable(weight)) statistics.set(weight.id, runNow(measureWeight(pool, weight, {})));
  }
  return twinsOf(layers, runNow(equalTensors(pool, layers, statistics, () => ({}))));
}

const found = (file: string): ReturnType<typeof twinsOf> => runNow(findTwins(pool, openModelFile(file).layers, () => ({})));

/** A table and the output layer that was tied to it, an autoencoder's two squares, and a layer that was cloned. */
function tied(): string {
  const numbers = (seed: number, count: number): number[] => Array.from({ length: count }, (_, i) => Math.sin(seed + i * i));
  const transpose = (values: readonly number[], rows: number): number[] => (
    values.map((_, i) => values[(i % rows) * (values.length / rows) + Math.floor(i / rows)] ?? NaN));
  const [table, square] = [numbers(1, 48), numbers(2, 64)];
  const weight = (name: string, shape: readonly number[], values: readonly number[]): Uint8Array => tensor(name, types.float32, shape, raw(floatBytes(values)));
  const file = path.join(createFolder(), 'tied.onnx');
  writeFileSync(file, model({
    nodes: [
      node('Gather', ['table', 'ids'], ['a']), node('MatMul', ['a', 'down'], ['b']), node('Tanh', ['b'], ['c']), node('MatMul', ['c', 'up'], ['d']),
      node('Relu', ['d'], ['e']), node('MatMul', ['e', 'clone'], ['f']), node('MatMul', ['f', 'head'], ['y']),
    ],
    initializers: [
      weight('table', [6, 8], table), weight('head', [8, 6], transpose(table, 6)),
      weight('down', [8, 8], square), weight('up', [8, 8], transpose(square, 8)), weight('clone', [8, 8], square),
    ],
    inputs: [valueInfo('ids', [3], types.int64)], outputs: [valueInfo('y', [3, 6])],
  }));
  return file;
}

/** E tanh² of N(0, 1), which the head reads, by mpmath. */
const secondOfTanh = 0.3942944904;

describe('twins', () => {
  it('are advised what they are drawn as', async () => {
    const file = tied();
    const { out: inspected } = await initscope('inspect', file, '--json');
    const { out: drawn } = await initscope('init', file, '--dry-run', '--json');
    const layers = at(inspected, 'layers');
    const advice = Array.isArray(layers) ? layers.map((_, i) => at(inspected, 'layers', i, 'weights', 0)) : [];
    for (const [i, weight] of advice.entries()) {
      const [advised, done] = [at(JSON.stringify(weight), 'recommendation', 'title'), at(drawn, 'weights', i, 'title')];
      expect(typeof done === 'string' && typeof advised === 'string' && done.startsWith(advised), JSON.stringify([advised, done])).toBe(true);
    }
    expect(at(inspected, 'layers', 0, 'weights', 0, 'recommendation', 'reason')).toContain('It was tied to head of ');
    expect(at(inspected, 'layers', 0, 'weights', 0, 'recommendation', 'std')).toBeCloseTo(Math.sqrt(1 / 3 / secondOfTanh / 8), 6);
  });
  it('are found by their first elements, then for certain', () => {
    expect(Object.fromEntries(found(tied()))).toEqual({
      table: { tensorId: 'head', transposed: true }, up: { tensorId: 'down', transposed: true },
    });
  });
  const files = [...samples, ...fixtures, ...realModelFiles];
  it.each(files.map((file) => [path.basename(file), file]))('of %s are those that reading all of it finds', (_, file) => {
    expect(found(file)).toEqual(byReadingAll(file));
  });
  it('are drawn by a simulation as the file would have them', async () => {
    const [original, drawn] = [tied(), path.join(createFolder(), 'drawn.onnx')];
    await initscope('init', original, '--scheme', 'recommended', '--seed', '5', '--output', drawn);
    const simulated = await initscope('simulate', original, '--scheme', 'recommended', '--seed', '5', '--json');
    const written = await initscope('simulate', drawn, '--seed', '5', '--json');
    expect(readFileSync(drawn).equals(readFileSync(original))).toBe(false);
    expect(at(simulated.out, 'runs', 0, 'layers')).toEqual(at(written.out, 'runs', 0, 'layers'));
    expect(at(written.out, 'runs', 0, 'layers', 0, 'activation', 'variance')).toBeGreaterThan(0);
  });
});
