/** Models that are no ONNX beside those who read them: Keras, JSON.parse, and copying. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';

import { openFile } from '../../src/formats/files/byteSource';
import { scanJson } from '../../src/formats/json/scan';
import { openModelFile } from '../../src/formats/openModel';
import { saveModel } from '../../src/formats/saving/save';
import { createRecipes } from '../../src/core/initializers/recipes';
import { bestCost, costOf } from './processes';
import { bestInTurn, copyAndFlush } from './saving';
import { compare, judge, megabytes } from './table';

/** An eighth of a gigabyte in four layers, eight of which make half of one. */
const [layers, width] = [8, 4000];
const targetBytes = 150e6;

export interface FormatPeers {
  /** The bundle of reader.ts. */
  readonly reader: string;
  /** Python with Keras, and keras_peer.py; absent where there is none. */
  readonly keras?: { readonly program: string; readonly script: string };
}

export async function measureFormats(folder: string, { reader, keras }: FormatPeers): Promise<void> {
  measureText(folder);
  measureShards(folder, reader);
  const file = path.join(folder, 'large.keras');
  const isMade = keras && spawnSync(keras.program, [keras.script, 'make', file, String(layers), String(width)], { stdio: 'ignore' }).status === 0;
  if (!isMade) {
    console.warn('PEER ABSENT: Keras. Set INITSCOPE_KERAS to a Python that has keras to compare with it.\n');
    return;
  }
  const own = bestCost(5, () => costOf(process.execPath, [reader, 'structure', file]));
  const theirs = bestCost(2, () => costOf(keras.program, [keras.script, 'load', file], 'ignore'));
  const size = `${(statSync(file).size / 1e6).toFixed(0)} MB of .keras`;
  compare(`the structure of ${size}, from process start`, own.elapsedMs, theirs.elapsedMs, 'keras.saving.load_model');
  compare('  peak memory', own.peakBytes, theirs.peakBytes, 'keras.saving.load_model', megabytes);
  judge('  peak memory', own.peakBytes, targetBytes, megabytes);
  await measureSave(file, size);
}

async function measureSave(file: string, size: string): Promise<void> {
  const save = (): Promise<void> => {
    const opened = openModelFile(file);
    const first = opened.layers[0]?.name ?? '';
    const recipes = createRecipes(opened.layers, { scheme: 'he-normal', seed: 1, layers: new Set([first]) });
    const contents = new Map(recipes.map((recipe) => [recipe.tensorId, { kind: 'recipe', recipe } as const]));
    return saveModel({ opened, target: file, contents, record: true });
  };
  const [own = NaN, copied = NaN] = await bestInTurn(file, [save, () => copyAndFlush(file, `${file}.copy`)]);
  compare(`save 1 of ${layers} layers of ${size}`, own, copied, 'fs.copyFile and fsync');
}

/** A flat list of numbers, as Neural Amp Modeler writes its weights. */
function measureText(folder: string): void {
  const file = path.join(folder, 'large.nam');
  const numbers = Array.from({ length: 2_500_000 }, (_, i) => Math.sin(i) * 0.5);
  writeFileSync(file, JSON.stringify({ version: '0.5.4', architecture: 'Linear', config: { receptive_field: numbers.length - 1, bias: true },
    weights: numbers }));
  const time = (work: () => unknown): number => Math.min(...Array.from({ length: 4 }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  }));
  const text = readFileSync(file, 'utf8');
  const scan = (): void => {
    const source = openFile(file);
    scanJson(source);
    source.close();
  };
  const what = `${(statSync(file).size / 1e6).toFixed(0)} MB of .nam`;
  const peer = time(() => { JSON.parse(text); });
  compare(`the structure of ${what}`, time(() => { openModelFile(file); }), peer, 'JSON.parse of the text');
  compare('  its scan alone', time(scan), peer, 'JSON.parse of the text');
}

/** Shards of four megabytes, as TensorFlow.js writes them. */
function measureShards(folder: string, reader: string): void {
  const [shard, bytes] = [4_194_304, layers * (width * width + width) * 4];
  const paths = Array.from({ length: Math.ceil(bytes / shard) }, (_, i) => `group1-shard${i + 1}.bin`);
  const block = Buffer.alloc(shard);
  paths.forEach((name, i) => {
    const descriptor = openSync(path.join(folder, name), 'w');
    writeSync(descriptor, block, 0, Math.min(shard, bytes - i * shard));
    closeSync(descriptor);
  });
  const all = Array.from({ length: layers }, (_, i) => ({
    class_name: 'Dense', config: { name: `d${i}`, units: width, activation: 'relu', ...(i === 0 ? { batch_input_shape: [null, width] } : {}) },
  }));
  const weights = all.flatMap(({ config: { name } }) => [{ name: `${name}/kernel`, shape: [width, width], dtype: 'float32' },
    { name: `${name}/bias`, shape: [width], dtype: 'float32' }]);
  const file = path.join(folder, 'model.json');
  const modelTopology = { class_name: 'Sequential', config: { name: 'net', layers: all } };
  writeFileSync(file, JSON.stringify({ format: 'layers-model', modelTopology, weightsManifest: [{ paths, weights }] }));
  const own = bestCost(5, () => costOf(process.execPath, [reader, 'structure', file]));
  const start = performance.now();
  for (const name of paths) readFileSync(path.join(folder, name));
  const what = `the structure of ${(bytes / 1e6).toFixed(0)} MB of TensorFlow.js, from process start`;
  compare(what, own.elapsedMs, performance.now() - start, 'reading its shards');
  judge('  peak memory', own.peakBytes, targetBytes, megabytes);
}
