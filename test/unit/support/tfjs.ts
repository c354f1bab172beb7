/** Layers-models of TensorFlow.js made of Keras fixtures: the same weights, in shards that end anywhere. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { openModelFile } from '../../../src/formats/openModel';
import { FilePool, readFloat32 } from '../../../src/formats/tensors/content';

export const kerasFixtures = path.resolve(import.meta.dirname, '../../fixtures/keras');

/** Writes it into a folder, which is made; returns the path of the model. */
export function writeTfjs(name: string, folder: string, shard = 333): string {
  const opened = openModelFile(path.join(kerasFixtures, `${name}.keras`));
  const pool = new FilePool();
  const stored = [...opened.graph.initializers.values()].filter(({ storage }) => storage === 'dataset');
  const weights = stored.map((tensor) => ({ name: tensor.id, shape: tensor.shape, dtype: 'float32', data: readFloat32(pool, tensor, {}) }));
  pool.close();
  const bytes = Buffer.concat(weights.map(({ data }) => Buffer.from(data.buffer)));
  mkdirSync(folder, { recursive: true });
  const paths = Array.from({ length: Math.ceil(bytes.length / shard) }, (_, i) => `group1-shard${i + 1}.bin`);
  paths.forEach((file, i) => writeFileSync(path.join(folder, file), bytes.subarray(i * shard, (i + 1) * shard)));
  const modelTopology: unknown = JSON.parse(readFileSync(path.join(kerasFixtures, `${name}.json`), 'utf8'));
  const manifest = [{ paths, weights: weights.map(({ data: _, ...weight }) => weight) }];
  const file = path.join(folder, 'model.json');
  writeFileSync(file, JSON.stringify({ format: 'layers-model', modelTopology, weightsManifest: manifest }));
  return file;
}
