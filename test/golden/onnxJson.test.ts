/** A model in JSON, as the onnx package writes it, is the model that the .onnx beside it is: what is said of it, what it computes, what is saved. */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { createRecipes } from '../../src/core/initializers/recipes';
import { openModelFile, tensorsById } from '../../src/formats/openModel';
import { saveModel } from '../../src/formats/saving/save';
import { writableOf } from '../../src/formats/saving/tensorWrite';
import { keepPayloads } from '../../src/formats/saving/undoBase';
import { initscope } from '../unit/support/command';
import { drawn, restored } from '../unit/support/saving';
import { createFolder } from '../unit/support/temporary';

const fixtures = path.resolve(import.meta.dirname, '../fixtures');
const digests = JSON.parse(readFileSync(path.join(import.meta.dirname, 'onnx_json.json'), 'utf8')) as Readonly<Record<string, string>>;
const texts = readdirSync(path.join(fixtures, 'onnxJson')).filter((name) => name.endsWith('.json'));
/** Whichever way the network is stored, it is the same one. */
const binaryOf = (name: string): string => {
  const binary = `${name.replace(/(\.camel|\.numbers)?\.json$/, '')}.onnx`;
  return [path.join(fixtures, 'onnxJson', binary), path.join(fixtures, 'exports', binary)].find((file) => existsSync(file)) ?? binary;
};

/** A copy with its external data, which may be written. */
function copyOf(file: string): string {
  const copy = path.join(createFolder(), path.basename(file));
  copyFileSync(file, copy);
  copyFileSync(path.join(fixtures, 'onnxJson/stored.data'), path.join(path.dirname(copy), 'stored.data'));
  return copy;
}

/** Where weights are differs, and how long it takes. */
const apart = new Set(['file', 'format', 'place', 'storage', 'planMs', 'createMs', 'runMs', 'memoryBytes', 'model']);
const comparable = (json: string): unknown => JSON.parse(json, (key, value: unknown) => (apart.has(key) ? undefined : value));

describe.each(texts)('%s', (name) => {
  const [text, binary] = [path.join(fixtures, 'onnxJson', name), binaryOf(name)];
  it('has the layers, fans, statistics and findings of the .onnx', async () => {
    const [found, expected] = await Promise.all([text, binary].map((file) => initscope('inspect', '--json', file)));
    expect(found?.err).toBe('');
    expect(comparable(found?.out ?? '')).toEqual(comparable(expected?.out ?? ''));
  });
  it('has its gradients', async () => {
    const schemes = ['--scheme', 'current', '--scheme', 'recommended'];
    const [found, expected] = await Promise.all([text, binary].map((file) => initscope('simulate', '--json', ...schemes, file)));
    expect(found?.code).toBe(0);
    expect(comparable(found?.out ?? '')).toEqual(comparable(expected?.out ?? ''));
  });
  it('holds after init what the onnx package was seen to read', async () => {
    const copy = copyOf(text);
    expect(await initscope('init', '--scheme', 'pytorch', '--seed', '3', '--in-place', copy)).toMatchObject({ code: 0, err: '' });
    expect(createHash('sha256').update(readFileSync(copy)).digest('hex')).toBe(digests[name]);
  });
  it('has its old text back', async () => {
    const copy = copyOf(text);
    const before = readFileSync(copy);
    const opened = openModelFile(copy);
    const recipes = createRecipes(opened.layers, { scheme: 'recommended', seed: 3 });
    // What is split off stays so.
    const ids = writableOf(opened, recipes).filter(({ tensor }) => tensor.merged === undefined).map(({ tensor }) => tensor.id);
    const kept = await keepPayloads(opened, ids, path.join(createFolder(), 'kept'));
    await saveModel({ opened, target: copy, contents: drawn(...ids), record: true });
    expect(readFileSync(copy).equals(before)).toBe(false);
    const now = openModelFile(copy);
    expect([...tensorsById(now).keys()]).toEqual([...tensorsById(opened).keys()]);
    await saveModel({ opened: now, target: copy, contents: restored(kept), record: true });
    expect(readFileSync(copy).equals(before)).toBe(true);
  });
});
