import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { previewEdit } from '../../../../src/core/edits/preview';
import { createRecipes, schemeNotes } from '../../../../src/core/initializers/recipes';
import { createSampler } from '../../../../src/core/initializers/sampling';
import { readRecord, writeRecord } from '../../../../src/core/edits/record';
import { openModelFile } from '../../../../src/formats/openModel';
import { schemeIds } from '../../../../src/protocol/schemes';
import { realModelFiles, samples } from '../../support/models';

/** Matrices whose decomposition takes a moment are left to the tests of sampling. */
const mostElements = 1 << 18;

describe.each([...samples, ...realModelFiles].map((file) => [path.basename(file), file]))('%s', (_, file) => {
  const { layers } = openModelFile(file);
  const tensors = new Map(layers.flatMap(({ weights }) => weights.map(({ id, tensor }) => [id, tensor] as const)));
  const sizeOf = (id: string): number => (tensors.get(id)?.shape ?? []).reduce((all, size) => all * size, 1);
  it.each(schemeIds)('is drawn by %s: every recipe fits its tensor, and is read back from a record', (scheme) => {
    const recipes = createRecipes(layers, { scheme, seed: 3 });
    expect(readRecord(writeRecord(recipes))).toEqual(recipes);
    for (const recipe of recipes) {
      if (sizeOf(recipe.tensorId) > mostElements || sizeOf(recipe.tensorId) === 0) continue;
      const values = new Float64Array(Math.min(64, sizeOf(recipe.tensorId)));
      createSampler(recipe, tensors.get(recipe.tensorId)?.shape ?? [])(values, 0);
      expect(values.every(Number.isFinite), recipe.tensorId).toBe(true);
    }
    const notes = schemeNotes(layers, [scheme]);
    const { weights } = previewEdit({
      title: scheme, scope: 'all layers', notes, layers, recipes, kept: new Set(), statistics: new Map(), refuse: () => null, tied: () => [],
    });
    expect(weights.map(({ id }) => id).toSorted()).toEqual([...tensors.keys()].toSorted());
    for (const { id, after, left } of weights) {
      expect((after === null) === (left !== null), id).toBe(true);
      if (after !== null && sizeOf(id) > 0) expect(Number.isFinite(after.std), id).toBe(true);
    }
  });
});
