/** What is learned beside the weights that schemes set. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { detectLayers } from '../../../../src/core/layers/detect';
import { otherParameters } from '../../../../src/core/layers/parameters';
import { provideLearned } from '../../../../src/core/initializers/learnedValues';
import { openModelFile } from '../../../../src/formats/openModel';
import { inMemory, learnedRecipes } from '../../../../src/formats/tensors/learnedStore';
import { matchLearned } from '../../../../src/formats/saving/matchLearned';
import { saveModel } from '../../../../src/formats/saving/save';
import { NetworkBuilder } from '../../support/graphs';
import { elementsOf } from '../../support/saving';
import { createFolder } from '../../support/temporary';

const vision = path.join(import.meta.dirname, '../../../fixtures/training/vision.onnx');

/** Names of what is learned, of a network whose exporter lists nothing, or that. */
function learnedOf(listed: readonly string[] | null, build: (b: NetworkBuilder) => string): readonly string[] {
  const builder = new NetworkBuilder();
  const graph = builder.finish(build(builder));
  const list = listed && new Set(listed);
  return otherParameters(graph, detectLayers(graph, list), list).map(({ name }) => name);
}

const withToken = (b: NetworkBuilder): string => {
  const patches = b.add('MatMul', [b.input('x', 'float32', [2, 4, 8]), b.weight('patch.weight', [8, 8])]);
  const tokens = b.add('Concat', [b.add('Expand', [b.weight('cls_token', [1, 1, 8]), b.ints([2, 1, 8])]), patches], { axis: 1 });
  const placed = b.add('Add', [b.add('Sub', [tokens, b.weight('mean', [1, 1, 8])]), b.weight('pos_embed', [1, 5, 8])]);
  return b.add('Mul', [placed, b.weight('sin_encoding', [1, 5, 8])]);
};

describe('parameters beside the weights that schemes set', () => {
  it('are those of the exporter’s list', () => {
    expect(openModelFile(vision).parameters.map(({ name, frozen }) => [name, frozen])).toEqual(
      ['cls_token', 'pos_embed', 'temperature_scale'].map((name) => [name, 'it is learned, and no scheme says how it starts']));
    expect(learnedOf(['patch.weight', 'mean'], withToken)).toEqual(['mean']);
  });

  it('are known by their names where nothing is listed', () => {
    expect(learnedOf(null, withToken)).toEqual(['cls_token', 'pos_embed']);
  });

  it('take what was learned, and are saved', async () => {
    const opened = openModelFile(vision);
    const token = Float32Array.from({ length: 16 }, (_, i) => i / 8);
    const byId = matchLearned(opened, 'vision.onnx', new Map([['cls_token', token]]));
    provideLearned(inMemory([token]));
    const target = path.join(createFolder(), 'learned.onnx');
    const contents = new Map(learnedRecipes(byId, 'Trained 5 steps').map((recipe) => [recipe.tensorId, { kind: 'recipe', recipe } as const]));
    await saveModel({ opened, target, contents, record: true });
    provideLearned(() => null);
    expect(elementsOf(target, 'cls_token')).toEqual([...token]);
    expect(elementsOf(target, 'pos_embed')).toEqual(elementsOf(vision, 'pos_embed'));
  });

  it('are refused where they have become others', () => {
    const opened = openModelFile(vision);
    expect(() => matchLearned(opened, 'vision.onnx', new Map([['cls', new Float32Array(16)]]))).toThrow(/has no weight cls any more/);
    expect(() => matchLearned(opened, 'vision.onnx', new Map([['cls_token', new Float32Array(8)]]))).toThrow(/has 16 elements and 8 were learned/);
  });
});
