/** Configurations that are wrong, unknown in part, or made to exhaust a reader: each is answered in a sentence. */
import { describe, expect, it } from 'vitest';

import { openBytes } from '../../../../src/formats/files/byteSource';
import type { OpenedModel } from '../../../../src/formats/openModel';
import { openModel } from '../../../../src/formats/openModel';

const open = (text: string): OpenedModel => openModel(openBytes('model.json', Buffer.from(text)), { size: 0, mtimeMs: 0 });
const layer = (className: string, config: object): object => ({ class_name: className, config: { name: className.toLowerCase(), ...config } });
const sequential = (...layers: readonly object[]): string => JSON.stringify({ class_name: 'Sequential', config: { name: 'net', layers } });
const input = layer('InputLayer', { batch_input_shape: [null, 4] });

interface Placed { readonly name: string; readonly class_name: string; readonly config: object; readonly inbound_nodes: readonly unknown[] }
const functional = (layers: readonly Placed[], output: string): string => JSON.stringify({
  class_name: 'Functional', config: { name: 'net', layers, input_layers: [['x', 0, 0]], output_layers: [[output, 0, 0]] },
});
const x: Placed = { name: 'x', class_name: 'InputLayer', config: { batch_input_shape: [null, 4], name: 'x' }, inbound_nodes: [] };
const dense = (name: string, from: string): Placed => ({ name, class_name: 'Dense', config: { name, units: 4 }, inbound_nodes: [[[from, 0, 0, {}]]] });

describe('what is wrong is named', () => {
  it.each<[string, string, RegExp]>([
    ['a field of another kind', sequential(input, layer('Dense', { units: 'many' })),
      /model\.json: config\.layers\[1\]\.config\.units is "many" where a whole number from 1 on is expected/],
    ['a number that is none',
      '{"class_name": "Sequential", "config": {"layers": [{"class_name": "Dense", "config": {"units": 1e999, "batch_input_shape": [null, 4]}}]}}',
      /units is Infinity where a whole number/],
    ['no input shape', sequential(layer('Dense', { units: 3 })), /the model net declares no input shape, so the sizes of its weights are not known\. Build it/],
    ['no layers', sequential(), /has no layers/],
    ['two layers of a name', sequential(input, layer('Dense', { name: 'a', units: 3 }), layer('Dense', { name: 'a', units: 3 })),
      /two layers of net are called a/],
    ['groups that do not divide', sequential(layer('Conv1D', { filters: 4, kernel_size: 3, groups: 3, batch_input_shape: [null, 8, 4] })),
      /layer conv1d has 3 groups for 4 channels and 4 filters, which they do not divide/],
    ['a window over too little', sequential(layer('Conv1D', { filters: 4, kernel_size: 9, batch_input_shape: [null, 8, 4] })),
      /has a window of 9 over an axis of 8/],
    ['a layer that is not there', functional([x, dense('d', 'nobody')], 'd'), /net reads output 0 of call 0 of a layer "nobody", which it does not have/],
    ['a circle', functional([x, dense('a', 'b'), dense('b', 'a')], 'b'), /the layers a, b of net depend on each other in a circle/],
    ['a weight without a size', sequential(layer('Dense', { units: 3, batch_input_shape: [null, null] })),
      /layer dense needs to know size -1 of its input, \[\?, \?\]/],
    ['an impossible weight', sequential(layer('Dense', { units: 2 ** 52, batch_input_shape: [null, 2 ** 40] })), /a kernel of the impossible shape/],
    ['texts as input', sequential(layer('InputLayer', { batch_input_shape: [null, 4], dtype: 'string' }), layer('Dense', { units: 3 })), /dtype is "string"/],
  ])('%s', (_, text, said) => {
    expect(() => open(text)).toThrow(said);
  });

  it('ten thousand levels end in a sentence', () => {
    const deep = `{"class_name": "Sequential", "config": ${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
    expect(() => open(deep)).toThrow(/nests more than 512/);
    let model: unknown = layer('Dense', { units: 3 });
    for (let i = 0; i < 100; i++) model = { class_name: 'Sequential', config: { name: `m${i}`, layers: i === 99 ? [input, model] : [model] } };
    expect(() => open(JSON.stringify(model))).toThrow(/models are nested more than 32 deep/);
  });

  it('models that call models many times are not followed without end', () => {
    const twice = (inner: string, name: string): object => ({
      name, class_name: 'Functional', inbound_nodes: [[['x', 0, 0, {}]]],
      config: {
        name, input_layers: [['x', 0, 0]], output_layers: [['sum', 0, 0]],
        layers: [x, JSON.parse(inner) as object, { name: 'again', class_name: 'Activation', config: { name: 'again', activation: 'relu' },
          inbound_nodes: [[['x', 0, 0, {}]]] },
          { name: 'sum', class_name: 'Add', config: { name: 'sum' }, inbound_nodes: [[['again', 0, 0, {}], ['in', 0, 0, {}]]] }],
      },
    });
    const calls = Array.from({ length: 40 }, () => [['x', 0, 0, {}]]);
    let inner = JSON.stringify({ name: 'in', class_name: 'Activation', config: { name: 'in', activation: 'relu' }, inbound_nodes: calls });
    for (let i = 0; i < 5; i++) inner = JSON.stringify({ ...twice(inner, 'in'), inbound_nodes: calls });
    const text = functional([x, { ...JSON.parse(inner) as Placed, name: 'in' }], 'in');
    expect(() => open(text)).toThrow(/calls more than 100000 layers/);
  });
});

describe('what is unknown is named, and the rest is read', () => {
  it('a Lambda and a layer of the user', () => {
    const { layers, findings } = open(sequential(input, layer('Lambda', { function: ['code', null, null] }), layer('Dense', { units: 3 }),
      layer('MyLayer', {}), layer('Dense', { name: 'last', units: 2 })));
    expect(layers.map(({ name }) => name)).toEqual(['dense', 'last']);
    expect(findings.map(({ message }) => message).join()).toMatch(/2 nodes call keras\.Lambda, keras\.MyLayer, which Initscope does not know/);
  });
  it('a layer called __proto__, and keys that are called so', () => {
    const { layers } = open('{"class_name": "Sequential", "config": {"__proto__": {"units": 7}, "layers": [{"class_name": "Dense", "config":'
      + ' {"name": "__proto__", "__proto__": 1, "units": 3, "batch_input_shape": [null, 4]}}]}}');
    expect(layers.map(({ name }) => name)).toEqual(['__proto__']);
  });
  it('a byte order mark and lines that end in CRLF', () => {
    expect(open(`\uFEFF${sequential(input, layer('Dense', { units: 3 })).replaceAll(',', ',\r\n')}`).layers).toHaveLength(1);
  });
});
