import { describe, expect, it } from 'vitest';

import type { Declaration, Tensor } from '../../src/core/graph/tensor';
import { openModelFile } from '../../src/formats/openModel';
import { createFolder, createTexts } from '../unit/support/temporary';
import type { Json } from './goldens';
import { field, isList, keysOf, listOf, readJson, textOf } from './goldens';
import type { Measured } from './measuredLaws';
import { isLaw, measuredIn } from './measuredLaws';

const goldens = readJson('tfjs_initializers.json');
const { fileOf } = createTexts(createFolder());

/** The topology with fields written over, wherever they stand. */
function withFields(value: Json, fields: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((each) => withFields(each, fields));
  const names = keysOf(fields);
  return Object.fromEntries(keysOf(value).map((key) => [key, names.includes(key) ? field(fields, key) : withFields(field(value, key), fields)]));
}

/** Bare, as `toJSON` gives it, and as `save` writes it. */
const forms: Readonly<Record<string, (topology: Json) => Json>> = {
  bare: (topology) => topology,
  saved: (modelTopology) => ({ format: 'layers-model', generatedBy: 'TensorFlow.js tfjs-layers v4.22.0', modelTopology, weightsManifest: [] }),
};

const isDeclared = (tensor: Tensor): tensor is Tensor & { readonly declared: Declaration } => tensor.declared !== undefined;

describe.each(Object.keys(forms))('what a topology of TensorFlow.js declares is what TensorFlow.js draws: %s', (form) => {
  it.each(keysOf(field(goldens, 'samples')))('%s', (name) => {
    const golden = field(field(goldens, 'samples'), name);
    const topology = withFields(field(field(goldens, 'bases'), textOf(field(golden, 'of'))), field(golden, 'fields'));
    const opened = openModelFile(fileOf(JSON.stringify(forms[form]?.(topology) ?? null)));
    expect(opened.model.format).toBe('tfjs');
    const left = [...opened.graph.initializers.values()].filter(isDeclared);
    const wrong = measuredIn(golden).flatMap((each: Measured) => {
      const at = left.findIndex(({ id, shape }) => id.split('/').at(-1) === each.name && shape.join() === each.shape.join());
      const [tensor] = at < 0 ? [] : left.splice(at, 1);
      return tensor ? isLaw(each, tensor.declared.blocks) : [`${each.name} [${each.shape.join()}] is not declared`];
    });
    expect(wrong, wrong.join('; ')).toEqual([]);
    expect(left.map(({ id }) => id)).toEqual([]);
    expect(listOf(field(golden, 'measured')).length).toBeGreaterThan(0);
  });
});
