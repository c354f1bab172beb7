/** Networks whose weights are numbers of a JSON text give the outputs that the libraries give which read them, and take new weights in place. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { createRecipes } from '../../src/core/initializers/recipes';
import { createPayloads } from '../../src/engine/feeding/payloads';
import { createSession } from '../../src/engine/runtime';
import { FilePool } from '../../src/formats/tensors/content';
import { encodeModel } from '../../src/formats/onnx/encode';
import type { OpenedModel } from '../../src/formats/openModel';
import { openModelFile, tensorsById } from '../../src/formats/openModel';
import type { NewContent } from '../../src/formats/saving/save';
import { saveModel } from '../../src/formats/saving/save';
import { writableOf } from '../../src/formats/saving/tensorWrite';
import { keepPayloads } from '../../src/formats/saving/undoBase';
import { createFolder } from '../unit/support/temporary';

interface Golden {
  readonly model: Readonly<Record<string, unknown>>;
  readonly shape?: readonly number[];
  readonly input?: readonly number[];
  /** Of a network that has several, by their names. */
  readonly inputs?: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: readonly number[] }>>;
  /** Of several outputs all of them, one after the other. */
  readonly output?: readonly number[];
}

const read = (name: string): unknown => JSON.parse(readFileSync(path.join(import.meta.dirname, name), 'utf8'));
const players = read('text_models.json') as Readonly<Record<string, Readonly<Record<string, Golden>>>>;
const goldenOf = (name: string): Readonly<Record<string, Golden>> => read(name) as Readonly<Record<string, Golden>>;
const others = Object.fromEntries(['brain', 'lwtnn', 'convnet', 'fdeep'].map((library) => [library, goldenOf(`${library}.json`)] as const));
const libraries = { ...players, ...others };
const cases = Object.entries(libraries).flatMap(([library, models]) => (
  Object.entries(models).map(([name, golden]) => ({ name: `${library} ${name}`, golden }))));
/** A file is indented or not, as its library has it. */
const indents = [undefined, 2, '\t'] as const;
/** Sums are taken in float32, in another order. */
const tolerance = 2e-6;

const folder = createFolder();

function write({ model }: Golden, at: number): string {
  const file = path.join(folder, `${at}.json`);
  writeFileSync(file, `${JSON.stringify(model, null, indents[at % indents.length])}\n`);
  return file;
}

async function run({ graph }: OpenedModel, { shape = [], input = [], inputs }: Golden): Promise<readonly (readonly number[])[]> {
  const pool = new FilePool();
  const session = await createSession(encodeModel(graph, createPayloads(graph, pool)), { threads: 1, nodes: null });
  try {
    const given = inputs ?? { [graph.inputs[0]?.name ?? '']: { shape, data: input } };
    const feeds = new Map(Object.entries(given).map(([name, each]) => (
      [name, { dtype: 'float32', shape: each.shape, data: Float32Array.from(each.data) } as const])));
    const outputs = await session.run(feeds, graph.outputs.map(({ name }) => name));
    return [...outputs.values()].map(({ data }) => Array.from(data as Float32Array));
  } finally {
    await session.release();
    pool.close();
  }
}

/** Of what comes last: time steps of brain.js answer with the last step, a container plays its last network. */
function largestError(found: readonly (readonly number[])[], { output = [], inputs }: Golden): number {
  const last = (inputs ? found.flat() : found.at(-1) ?? []).slice(-output.length);
  const largest = output.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
  return output.reduce((most, each, i) => Math.max(most, Math.abs(each - (last[i] ?? NaN))), 0) / Math.max(1, largest);
}

const recipesFor = (opened: OpenedModel): ReadonlyMap<string, NewContent> => {
  const recipes = createRecipes(opened.layers, { scheme: 'recommended', seed: 3 });
  return new Map(writableOf(opened, recipes).map(({ recipe }) => [recipe.tensorId, { kind: 'recipe', recipe } as const]));
};

describe.each(cases.map((each, i) => ({ ...each, i })))('$name', ({ golden, i }) => {
  if (golden.output) it('gives the outputs that its library gives', async () => {
    expect(largestError(await run(openModelFile(write(golden, i)), golden), golden)).toBeLessThan(tolerance);
  });
  it('has layers whose weights are all there', () => {
    const opened = openModelFile(write(golden, i));
    expect(opened.layers.length).toBeGreaterThan(0);
    expect(opened.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect([...tensorsById(opened).values()].flatMap(({ problem }) => problem ?? [])).toEqual([]);
    const frozen = opened.layers.flatMap(({ weights }) => weights.filter(({ role }) => role === 'frozen').map(({ name }) => name));
    expect(frozen).toEqual([]);
  });
  it('takes new weights in the places of the old ones, and has the old text back', async () => {
    const file = write(golden, i);
    const before = readFileSync(file);
    const opened = openModelFile(file);
    const contents = recipesFor(opened);
    const payloads = await keepPayloads(opened, contents.keys(), path.join(createFolder(), 'kept'));
    await saveModel({ opened, target: file, contents, record: true });
    const after = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, unknown>>;
    const { tests, ...plain } = shapeOf(golden.model) as Readonly<Record<string, unknown>>;
    const kept = tests === undefined ? plain : { ...plain, 'initscope.tests': tests };
    expect(shapeOf(after)).toEqual({ ...kept, 'initscope.recipes': 'string' });
    const now = openModelFile(file);
    expect([...recipesFor(now).keys()]).toEqual([...contents.keys()]);
    if (golden.output) expect((await run(now, golden)).flat().every(Number.isFinite)).toBe(true);
    const restored = new Map(payloads.map((payload) => [payload.tensorId, { kind: 'payload', payload } as const]));
    await saveModel({ opened: now, target: file, contents: restored, record: true });
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});

/** Everything but the numbers. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shapeOf(each)]));
}
