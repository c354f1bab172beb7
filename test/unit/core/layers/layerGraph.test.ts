import { describe, expect, it } from 'vitest';

import { detectLayers } from '../../../../src/core/layers/detect';
import { layerGraphOf } from '../../../../src/core/layers/layerGraph';
import { openModelFile } from '../../../../src/formats/openModel';
import type { LayerGraph, LayerSignal } from '../../../../src/protocol/layerGraph';
import { NetworkBuilder } from '../../support/graphs';
import { residualCnn, samples, transformerBlock } from '../../support/models';

function drawn(build: (b: NetworkBuilder) => string): LayerGraph {
  const builder = new NetworkBuilder();
  const graph = builder.finish(build(builder));
  return layerGraphOf(graph, detectLayers(graph));
}

function opened(file: string): { readonly graph: LayerGraph; readonly layers: readonly string[] } {
  const model = openModelFile(file);
  return { graph: layerGraphOf(model.graph, model.layers), layers: model.layers.map(({ name }) => name) };
}

const linear = (b: NetworkBuilder, x: string, name: string): string => b.add('MatMul', [x, b.weight(`${name}.weight`, [8, 8])]);
const input = (b: NetworkBuilder, name = 'x'): string => b.input(name, 'float32', ['n', 4, 8]);
/** "a > b": joins by their operator. */
function edgesOf({ nodes, edges }: LayerGraph): readonly string[] {
  const called = (at: number): string => (nodes[at]?.kind === 'join' ? nodes[at].op : nodes[at]?.name) ?? '';
  return edges.map(([from, to]) => `${called(from)} > ${called(to)}`);
}
const said = (signal: LayerSignal | null): string => (!signal ? '' : 'value' in signal ? signal.value : `${signal.layer} ${signal.place}`);
const namesOf = ({ nodes }: LayerGraph, kind: string): readonly string[] => nodes.filter((node) => node.kind === kind).map(({ name }) => name);
const isOrdered = ({ edges }: LayerGraph): boolean => edges.every(([from, to]) => from < to);

describe('the graph of layers', () => {
  it('has what lies between two layers as one edge', () => {
    const graph = drawn((b) => linear(b, b.add('Reshape', [b.add('Relu', [linear(b, input(b), 'a')]), b.ints([0, 4, 8])]), 'b'));
    expect(edgesOf(graph)).toEqual(['x > a', 'a > b', 'b > y']);
  });
  it('has a join where two branches meet, and none where one value meets itself', () => {
    const residual = drawn((b) => {
      const a = linear(b, input(b), 'a');
      return linear(b, b.add('Add', [linear(b, a, 'f'), a]), 'b');
    });
    expect(edgesOf(residual)).toEqual(['x > a', 'a > f', 'a > Add', 'f > Add', 'Add > b', 'b > y']);
    const gated = drawn((b) => {
      const a = linear(b, input(b), 'a');
      return linear(b, b.add('Mul', [a, b.add('Sigmoid', [a])]), 'b');
    });
    expect(edgesOf(gated)).toEqual(['x > a', 'a > b', 'b > y']);
  });
  it('does not take the shape of a value for its signal', () => {
    const graph = drawn((b) => {
      const x = input(b);
      return linear(b, b.add('Reshape', [linear(b, x, 'a'), b.add('Shape', [x])]), 'b');
    });
    expect(edgesOf(graph)).toEqual(['x > a', 'a > b', 'b > y']);
  });
  it('leaves out what leads to no layer and no output', () => {
    const graph = drawn((b) => {
      const a = linear(b, input(b), 'a');
      b.add('Add', [a, input(b, 'unused')]);
      return a;
    });
    expect(graph.nodes.map(({ name }) => name)).toEqual(['x', 'a', 'y']);
  });
  it('says which tensor of a run leaves a node: behind a residual sum, the activation that follows it', () => {
    const graph = drawn((b) => {
      const a = b.add('Relu', [linear(b, input(b), 'a')]);
      return linear(b, b.add('Relu', [b.add('Add', [linear(b, a, 'f'), a])]), 'b');
    });
    expect(graph.nodes.map(({ name, op, signal }) => [op === 'Add' ? op : name, said(signal)])).toEqual([
      ['x', 'x'], ['a', 'a activation'], ['f', 'f preactivation'], ['Add', 'f activation'], ['b', 'b activation'], ['y', ''],
    ]);
  });
  it('goes into the branches of an If, and joins what they say', () => {
    const graph = drawn((b) => {
      const a = linear(b, input(b), 'a');
      const bodyOf = (name: string): NonNullable<Parameters<NetworkBuilder['add']>[2]>[string] => {
        const inner = b.inner(name);
        const values = new Array<number>(64).fill(0.1);
        inner.initializer(`${name}.weight`, { id: `${name}.weight`, dtype: 'float32', shape: [8, 8], storage: 'raw', place: null, values });
        inner.output(inner.add('MatMul', [a, `${name}.weight`]), 'float32');
        return { kind: 'graph', value: inner.build() };
      };
      const condition = b.input('condition', 'bool', []);
      return linear(b, b.add('If', [condition], { then_branch: bodyOf('then'), else_branch: bodyOf('else') }), 'b');
    });
    expect(edgesOf(graph)).toEqual(['x > a', 'a > then', 'a > else', 'then > If', 'else > If', 'If > b', 'b > y']);
  });
});

describe('the samples', () => {
  it.each(samples)('%s has its layers, in their order', (file) => {
    const { graph, layers } = opened(file);
    expect(namesOf(graph, 'layer')).toEqual(layers);
    expect(isOrdered(graph)).toBe(true);
    expect(graph.nodes.every(({ kind }, at) => kind === 'input' || graph.edges.some(([, to]) => to === at))).toBe(true);
  });
  it('the residual network has a sum for each branch, and a block for each stage', () => {
    const { graph } = opened(residualCnn);
    expect(namesOf(graph, 'join')).toHaveLength(6);
    expect(graph.nodes.filter(({ kind, signal }) => kind === 'join' && said(signal).endsWith('.conv2 activation'))).toHaveLength(6);
    expect(graph.blocks.map(({ name }) => name)).toEqual([
      'stem', 'stage1', 'stage1.0', 'stage1.1', 'stage2', 'stage2.0', 'stage2.0.downsample', 'stage2.1',
      'stage3', 'stage3.0', 'stage3.0.downsample', 'stage3.1',
    ]);
    const last = graph.blocks.at(-1);
    expect(graph.nodes.slice(last?.first, last?.end).map(({ kind }) => kind)).toEqual(['layer', 'layer', 'layer', 'layer', 'join']);
  });
  it('the transformer joins query and key, weights and values, and both branches', () => {
    const edges = edgesOf(opened(transformerBlock).graph);
    expect(edges).toEqual(expect.arrayContaining([
      'norm1 > attention.query', 'attention.query > MatMul', 'attention.key > MatMul', 'attention.value > MatMul', 'MatMul > attention.output',
      'position.table > Add', 'attention.output > Add', 'Add > norm2', 'mlp.down > Add', 'Add > Add',
    ]));
    const { graph: { nodes } } = opened(transformerBlock);
    expect(nodes.filter(({ kind }) => kind === 'join').map(({ op, signal }) => [op, said(signal)])).toEqual([
      ['MatMul', 'MatMul_out_3'], ['MatMul', 'MatMul_out_4'], ['Add', 'Add_out_5'], ['Add', 'Add_out_9'],
    ]);
  });
});

describe('large networks', () => {
  /** Each layer reads all before it. */
  function dense(count: number, way: (values: readonly string[]) => readonly string[]): LayerGraph {
    return drawn((b) => {
      const features = [linear(b, input(b), 'stem')];
      for (let i = 0; i < count; i++) {
        const all = features.length === 1 ? features[0] ?? '' : b.add('Concat', way(features), { axis: 1 });
        features.push(linear(b, all, `dense.${i}.conv`));
      }
      return linear(b, b.add('Concat', way(features), { axis: 1 }), 'head');
    });
  }
  it.each([
    ['first', (values: readonly string[]) => values], ['last', (values: readonly string[]) => values.toReversed()],
  ])('of dense blocks whose oldest comes %s have edges in the order of their layers', (_, way) => {
    const graph = dense(60, way);
    expect(namesOf(graph, 'layer')).toHaveLength(62);
    expect(namesOf(graph, 'join')).toHaveLength(60);
    expect(graph.edges.length).toBeLessThanOrEqual(62 + 60 * 2 + 1);
    expect(isOrdered(graph)).toBe(true);
  });
  it('fold by the names of their blocks, sums included', () => {
    const graph = drawn((b) => {
      let x = linear(b, input(b), 'embed');
      for (let i = 0; i < 12; i++) {
        x = b.add('Add', [x, linear(b, b.add('Relu', [linear(b, x, `h.${i}.attn.up`)]), `h.${i}.attn.down`)]);
        x = b.add('Add', [x, linear(b, b.add('Relu', [linear(b, x, `h.${i}.mlp.up`)]), `h.${i}.mlp.down`)]);
      }
      return linear(b, x, 'head');
    });
    const outer = graph.blocks.filter(({ parent }) => parent === null);
    expect(outer.map(({ name, first, end }) => [name, end - first])).toEqual([['h', 72]]);
    expect(graph.blocks.filter(({ parent }) => parent === 0).map(({ name, first, end }) => [name, end - first])).toEqual(
      Array.from({ length: 12 }, (_, i) => [`h.${i}`, 6]),
    );
  });
  it('without names of blocks fold by residual branch, and so that no block shows more than a few dozen', () => {
    const graph = drawn((b) => {
      let x = linear(b, input(b), 'conv0');
      for (let i = 1; i < 90; i += 3) x = b.add('Add', [x, linear(b, linear(b, linear(b, x, `conv${i}`), `conv${i + 1}`), `conv${i + 2}`)]);
      return x;
    });
    const branches = graph.blocks.filter(({ name }) => name === 'conv4 … conv6');
    expect(branches.map(({ first, end }) => graph.nodes.slice(first, end).map(({ kind }) => kind))).toEqual([['layer', 'layer', 'layer', 'join']]);
  });
  it('of 5,000 layers in a row are traced, and folded in levels', () => {
    const graph = drawn((b) => {
      let x = input(b);
      const shared = b.weight('shared', [8]);
      for (let i = 0; i < 5000; i++) x = b.add('LayerNormalization', [x, i === 0 ? shared : b.weight(`n${i}`, [8])], { axis: -1 });
      return x;
    });
    expect(namesOf(graph, 'layer')).toHaveLength(5000);
    expect(graph.edges).toHaveLength(5001);
    const shown = (parent: number | null, first: number, end: number): number => {
      const inner = graph.blocks.filter((block) => block.parent === parent);
      return end - first - inner.reduce((sum, block) => sum + block.end - block.first - 1, 0);
    };
    expect(shown(null, 0, graph.nodes.length)).toBeLessThanOrEqual(40);
    expect(Math.min(...graph.blocks.map(({ first }) => first))).toBe(1);
    expect(Math.max(...graph.blocks.map(({ end }) => end))).toBe(graph.nodes.length - 1);
    expect(Math.max(...graph.blocks.map(({ first, end }, at) => shown(at, first, end)))).toBeLessThanOrEqual(40);
  });
  it('with many inputs have each beside the one that reads it', () => {
    const graph = drawn((b) => {
      let x = input(b);
      for (let i = 0; i < 6; i++) x = b.add('Add', [linear(b, x, `h.${i}.up`), input(b, `past.${i}`)]);
      return linear(b, x, 'head');
    });
    const blocks = graph.blocks.filter(({ parent }) => parent === 0);
    expect(blocks.map(({ first, end }) => graph.nodes.slice(first, end).map(({ kind }) => kind))).toEqual(
      Array.from({ length: 6 }, () => ['layer', 'input', 'join']),
    );
  });
});
