/** A layers-model as TensorFlow.js saves it, in shards of 500 bytes: node tfjs_model.mjs FOLDER_WITH_TFJS FOLDER. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const [library, folder] = process.argv.slice(2);
const tf = createRequire(path.join(library, 'package.json'))('@tensorflow/tfjs');
const model = tf.sequential({
  layers: [
    tf.layers.conv2d({ inputShape: [8, 8, 1], filters: 4, kernelSize: 3, activation: 'sigmoid', kernelInitializer: tf.initializers.randomNormal({ stddev: 1, seed: 1 }) }),
    tf.layers.flatten(),
    ...[2, 3, 4].map((seed) => tf.layers.dense({ units: 10, activation: 'sigmoid', kernelInitializer: tf.initializers.glorotUniform({ seed }) })),
    tf.layers.dense({ units: 3, kernelInitializer: tf.initializers.glorotUniform({ seed: 5 }) }),
  ],
});
await model.save(tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData, format, generatedBy, convertedBy }) => {
  const bytes = Buffer.from(weightData);
  const size = 501;
  const paths = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => `group1-shard${i + 1}of${Math.ceil(bytes.length / size)}.bin`);
  mkdirSync(folder, { recursive: true });
  paths.forEach((name, i) => writeFileSync(path.join(folder, name), bytes.subarray(i * size, (i + 1) * size)));
  const weightsManifest = [{ paths, weights: weightSpecs }];
  writeFileSync(path.join(folder, 'model.json'), JSON.stringify({ format, generatedBy, convertedBy, modelTopology, weightsManifest }));
  return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
}));
