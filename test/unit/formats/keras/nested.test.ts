/** Models inside models declare their weights where they stand in the text, and are written there. */
import { describe, expect, it } from 'vitest';

import type { Recipe } from '../../../../src/protocol/recipe';
import { openBytes } from '../../../../src/formats/files/byteSource';
import { openModel } from '../../../../src/formats/openModel';
import { declareIn } from '../../../../src/formats/saving/declared';

const glorot = { class_name: 'GlorotUniform', config: { seed: null } };
const dense = (name: string): unknown => (
  { class_name: 'Dense', config: { name, units: 4, batch_input_shape: [null, 4], use_bias: false, kernel_initializer: glorot } });
const input = { class_name: 'InputLayer', name: 'x', config: { name: 'x', batch_input_shape: [null, 4] }, inbound_nodes: [] };
const inner = { class_name: 'Sequential', config: { name: 'inner', layers: [dense('a'), dense('b')] } };

const models: Readonly<Record<string, { readonly model: object; readonly tensor: string }>> = {
  'a model that is called twice': { tensor: 'inner/b/kernel', model: { class_name: 'Model', config: {
    name: 'net', layers: [input, { ...inner, name: 'inner', inbound_nodes: [[['x', 0, 0, {}]], [['inner', 0, 0, {}]]] }],
    input_layers: [['x', 0, 0]], output_layers: [['inner', 1, 0]],
  } } },
  'a model in a wrapper': { tensor: 'timed/inner/b/kernel', model: { class_name: 'Sequential', config: { name: 'net', layers: [
    { class_name: 'TimeDistributed', config: { name: 'timed', batch_input_shape: [null, 3, 4], layer: inner } }] } } },
  'lists of layers, as Keras 2.2.3 and before wrote them': { tensor: 'sequential_0/b/kernel', model: { class_name: 'Sequential', config: [
    { class_name: 'Sequential', config: [dense('a'), dense('b')] }] } },
};

describe.each(Object.entries(models))('%s', (_, { model, tensor }) => {
  it('is written where it declares its weights', () => {
    const text = JSON.stringify({ ...model, keras_version: '2.1.6' });
    const source = openBytes('model.json', Buffer.from(text));
    const opened = openModel(source, { size: 0, mtimeMs: 0 });
    const recipe: Recipe = { version: 1, tensorId: tensor, seed: 0, blocks: [{ sampler: { kind: 'normal', mean: 0, std: 0.5 } }],
      origin: { scheme: 'normal', title: '' } };
    const { replacements: [change, ...others], left } = declareIn(source, opened, [recipe]);
    expect([left.size, others.length]).toEqual([0, 0]);
    const at = text.lastIndexOf(JSON.stringify(glorot));
    expect([change?.start, change?.end]).toEqual([at, at + JSON.stringify(glorot).length]);
    const [first] = change?.chunks() ?? [];
    expect(JSON.parse(Buffer.from(first ?? []).toString())).toEqual({ class_name: 'RandomNormal', config: { mean: 0, stddev: 0.5, seed: null } });
  });
});
