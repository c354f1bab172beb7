/** Models of every format with values, keys or bytes exchanged at random: each is read, or refused in a sentence. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { openBytes } from '../../../src/formats/files/byteSource';
import { openModel } from '../../../src/formats/openModel';
import { isFailure } from '../../../src/protocol/failure';
import { createRandom } from '../support/random';

const root = path.resolve(import.meta.dirname, '../../..');
const filesIn = (folder: string, ending: RegExp): readonly string[] => (
  readdirSync(path.join(root, folder)).filter((name) => ending.test(name)).map((name) => path.join(root, folder, name)));
const graphs = ['attention', 'cnn', 'depthwise', 'transposed'].map((name) => path.join(root, 'test/fixtures/tfgraph', name, 'model.json'));
const files = [...filesIn('test/fixtures/keras', /\.(json|keras|h5)$/), path.join(root, 'test/fixtures/tfjs/sigmoid/model.json'), ...graphs,
  path.join(root, 'test/fixtures/tfjs/topology.json'), ...filesIn('media/templates', /\.json$/)];

/** What is put in the place of something. */
const others = ['null', '-1', '0', '1e999', '"x"', '[]', '{}', 'true', '99999999999', '[[1,2],[3]]', '"relu"', '0.5', '[null,3]', '"__proto__"'];
const mutants = 60;

type Random = ReturnType<typeof createRandom>;
const below = (random: Random, count: number): number => Math.floor(random() * count);

/** A text with up to three of its values or brackets exchanged, or left out. */
function mutateText(text: string, random: Random): Buffer {
  let changed = text;
  for (let k = 0; k <= below(random, 3); k++) {
    const tokens = [...changed.matchAll(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null|[[\]{},:]/g)];
    const token = tokens[below(random, tokens.length)];
    if (!token) break;
    const other = below(random, 8) === 0 ? '' : others[below(random, others.length)] ?? '';
    changed = changed.slice(0, token.index) + other + changed.slice(token.index + token[0].length);
  }
  return Buffer.from(changed);
}

function mutateBytes(bytes: Buffer, random: Random): Buffer {
  const changed = Buffer.from(bytes);
  for (let k = 0; k <= below(random, 4); k++) changed[below(random, changed.length)] = below(random, 256);
  return below(random, 5) === 0 ? changed.subarray(0, below(random, changed.length)) : changed;
}

describe('a model that was changed at random', () => {
  it.each(files.map((file) => [path.relative(root, file), file] as const))('%s is read, or refused in a sentence', (name, file) => {
    const random = createRandom(name.length);
    const bytes = readFileSync(file);
    let refused = 0;
    for (let i = 0; i < mutants; i++) {
      const mutant = name.endsWith('.json') ? mutateText(bytes.toString('utf8'), random) : mutateBytes(bytes, random);
      try {
        openModel({ ...openBytes(file, mutant), folder: path.dirname(file) }, { size: 0, mtimeMs: 0 });
      } catch (error) {
        if (!isFailure(error)) throw error;
        refused++;
        expect(error.message).toMatch(/\.$/);
      }
    }
    expect(refused).toBeGreaterThan(0);
  });
});
