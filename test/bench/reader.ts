/** One way to open a file, in a process of its own: node reader.cjs structure|whole FILE STARTED. Prints milliseconds since STARTED and peak bytes. */
import { readFileSync } from 'node:fs';

import { openModelFile } from '../../src/formats/openModel';

const [, , part, file = '', started] = process.argv;
if (part === 'structure') {
  const { layers } = openModelFile(file);
  if (layers.length === 0) throw new Error(`${file} has no layers.`);
} else {
  readFileSync(file);
}
console.log(Date.now() - Number(started), process.resourceUsage().maxRSS * 1024);
