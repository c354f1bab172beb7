/** Writes the sample models into the folder named on the command line. Bundled and run by scripts/samples.mjs. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { encodeModel } from '../../src/formats/onnx/encode';
import { networks } from './networks';

const folder = process.argv[2];
if (folder === undefined) throw new Error('Name the folder to write to.');
for (const [name, create] of Object.entries(networks)) {
  const bytes = encodeModel(create(), (missing) => {
    throw new Error(`${missing} has no values.`);
  });
  writeFileSync(join(folder, name), bytes);
  console.log(`${name}: ${(bytes.length / 1024).toFixed(0)} KB`);
}
