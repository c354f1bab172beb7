import { describe, expect, it } from 'vitest';

import { openModelFile } from '../../../../src/formats/openModel';
import { createFolder, createWriter } from '../../support/temporary';

const write = createWriter(createFolder());

/** "inner/1/0" */
const reference = (text: string): readonly unknown[] => text.split('/').map((part, i) => (i === 0 ? part : Number(part)));
const layer = (className: string, name: string, config: object, ...calls: readonly string[]): unknown => ({
  class_name: className, name, config: { name, ...config }, inbound_nodes: calls.map((from) => [reference(from)]),
});
const inner = (...calls: readonly string[]): unknown => layer('Functional', 'inner', {
  layers: [layer('InputLayer', 'v', { batch_shape: [null, 4] }), layer('Dense', 'dense', { units: 4 }, 'v/0/0')],
  input_layers: [['v', 0, 0]], output_layers: [['dense', 0, 0]],
}, ...calls);
const outer = (output: readonly unknown[], ...layers: readonly unknown[]): string => JSON.stringify({
  class_name: 'Functional', keras_version: '3.15.0', config: {
    name: 'outer', layers: [layer('InputLayer', 'x', { batch_shape: [null, 4] }), ...layers], input_layers: [['x', 0, 0]], output_layers: [output],
  },
});

describe('the outputs of a model inside a model', () => {
  it.each([
    ['by the calls that are written', outer(['last', 0, 0], inner('x/0/0'), layer('Dense', 'last', { units: 2 }, 'inner/0/0'))],
    ['with the call that is not written counted, as Keras has it', outer(['last', 0, 0], inner('x/0/0'), layer('Dense', 'last', { units: 2 }, 'inner/1/0'))],
    ['of several calls', outer(['last', 0, 0], inner('x/0/0', 'inner/1/0'), layer('Dense', 'last', { units: 2 }, 'inner/2/0'))],
    ['where nothing follows', outer(['inner', 1, 0], inner('x/0/0'))],
  ])('are read %s', (how, text) => {
    const { layers, graph } = openModelFile(write(`${how.length}.json`, text));
    expect(new Set(layers.flatMap(({ weights }) => weights.map(({ name }) => name)))).toContain('inner/dense/kernel');
    expect(graph.outputs.map(({ shape }) => shape?.[1])).toEqual([how === 'where nothing follows' ? 4 : 2]);
    expect(graph.nodes.filter(({ op }) => op === 'MatMul')).toHaveLength(how === 'of several calls' ? 3 : how === 'where nothing follows' ? 1 : 2);
  });
});
