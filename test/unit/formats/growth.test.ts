import { statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { createRecipes } from '../../../src/core/initializers/recipes';
import { growthNotes } from '../../../src/formats/saving/growth';
import { openModelFile } from '../../../src/formats/openModel';
import { saveModel } from '../../../src/formats/saving/save';
import { attribute, floatBytes, message, model, node, packedInts, raw, tensor, types, valueInfo } from '../support/protobuf';
import { createFolder } from '../support/temporary';

const product = node('MatMul', ['x', 'w'], ['y'], [], 'product');
const ends = { inputs: [valueInfo('x', [4, 300])], outputs: [valueInfo('y', [4, 200])] };

function open(bytes: Uint8Array): ReturnType<typeof openModelFile> {
  const file = path.join(createFolder(), 'net.onnx');
  writeFileSync(file, bytes);
  return openModelFile(file);
}

const kernelsOf = ({ layers }: ReturnType<typeof openModelFile>) => layers.flatMap(({ weights }) => weights.map((weight) => weight.tensor));

describe('how much a file grows', () => {
  it('is said before a computed weight is written out, and is what happens', async () => {
    const fill = attribute('value', 4, message(5, tensor('', types.float32, [1], raw(floatBytes([0])))));
    const nodes = [node('ConstantOfShape', ['shape'], ['w'], [fill], 'fill'), product];
    const opened = open(model({ nodes, initializers: [tensor('shape', types.int64, [2], packedInts(7, [300, 200]))], ...ends }));
    expect(growthNotes(kernelsOf(opened))).toEqual([
      '1 tensor is computed, sparse, packed or missing in the file, and written out with new values: the file grows by about 234 KB.',
    ]);
    const before = statSync(opened.model.file).size;
    const recipes = createRecipes(opened.layers, { scheme: 'he-normal', seed: 1 });
    const contents = new Map(recipes.map((recipe) => [recipe.tensorId, { kind: 'recipe', recipe } as const]));
    await saveModel({ opened, target: opened.model.file, contents, record: false });
    expect(Math.abs(statSync(opened.model.file).size - before - 240_000)).toBeLessThan(200);
  });
  it('is not worth a sentence where new values go over the old ones', () => {
    const opened = open(model({ nodes: [product], initializers: [tensor('w', types.float32, [300, 200], raw(new Uint8Array(240_000)))], ...ends }));
    expect(kernelsOf(opened)).toHaveLength(1);
    expect(growthNotes(kernelsOf(opened))).toEqual([]);
  });
});
