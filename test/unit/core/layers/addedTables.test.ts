/** Tables whose rows are added up: none may drown the others. */
import { describe, expect, it } from 'vitest';

import { createRecipes } from '../../../../src/core/initializers/recipes';
import { recommend } from '../../../../src/core/initializers/recommendation';
import { constantsOf } from '../../../../src/core/layers/constants';
import { detectLayers } from '../../../../src/core/layers/detect';
import type { Layer } from '../../../../src/core/layers/layer';
import { createReport } from '../../../../src/core/report/report';
import { twinsOf } from '../../../../src/core/report/twins';
import { tieKey } from '../../../../src/core/report/ties';
import { layersOf, modelOf, NetworkBuilder, present } from '../../support/graphs';

const width = 64;
const words = (b: NetworkBuilder): string => b.add('Gather', [b.weight('wte.weight', [50, width]), b.input('ids', 'int64', ['n', 't'])]);
const positions = (b: NetworkBuilder): string => b.add('Gather', [b.weight('wpe.weight', [96, width]), b.input('places', 'int64', ['t'])]);
const normed = (b: NetworkBuilder, sum: string): string => (
  b.add('LayerNormalization', [sum, b.weight('ln.weight', [width]), b.weight('ln.bias', [width])]));
const untied = (b: NetworkBuilder, sum: string): string => b.add('MatMul', [normed(b, sum), b.weight('head', [width, 50])]);
const tied = (b: NetworkBuilder, sum: string): string => b.add('MatMul', [normed(b, sum), b.add('Transpose', ['wte.weight'], { perm: [1, 0] })]);

/** Of a table that is the output layer as well: a third of unit variance over 64 inputs, to six digits. */
const third = 0.0721688;

/** The standard deviation advised for each table. */
function advised(layers: readonly Layer[]): Readonly<Record<string, number>> {
  return Object.fromEntries(layers.flatMap((layer) => layer.weights.flatMap((weight) => (
    weight.role === 'embedding' ? [[weight.name, Number(present(recommend(layer, weight)).recommendation.std.toPrecision(6))]] : []))));
}

describe('tables whose rows are added', () => {
  it('are as wide as the one that is the output layer as well', () => {
    const layers = layersOf((b) => tied(b, b.add('Add', [words(b), positions(b)])));
    expect(advised(layers)).toEqual({ 'wte.weight': third, 'wpe.weight': third });
    const { reason } = present(recommend(present(layers[1]), present(layers[1]?.weights[0]))).recommendation;
    expect(reason).toBe('Its rows are added to those of wte.weight, and arrive at the sum as wide as they do: neither drowns the other.');
    // Both uses of the shared table are told of the other.
    const [table, head] = [present(layers[0]), present(layers.at(-1))];
    expect(present(recommend(table, present(table.weights[0]))).recommendation.reason).toContain(`The same table is the kernel of ${head.name}`);
    expect(present(recommend(head, present(head.weights[0]))).recommendation.reason).toContain(`It is the table of ${table.name} as well`);
  });

  it('have unit variance where none is', () => {
    expect(advised(layersOf((b) => untied(b, b.add('Add', [words(b), positions(b)]))))).toEqual({ 'wte.weight': 1, 'wpe.weight': 1 });
  });

  it('also three of them, in sums of sums', () => {
    const layers = layersOf((b) => {
      const segments = b.add('Gather', [b.weight('segments', [2, width]), b.input('segment', 'int64', ['n', 't'])]);
      return tied(b, b.add('Add', [b.add('Add', [words(b), segments]), positions(b)]));
    });
    expect(advised(layers)).toEqual({ 'wte.weight': third, segments: third, 'wpe.weight': third });
  });

  it('and what the graph multiplies rows with is taken in', () => {
    const scaled = (b: NetworkBuilder): string => b.add('Add', [b.add('Mul', [words(b), b.scalar(8)]), positions(b)]);
    expect(advised(layersOf((b) => tied(b, scaled(b))))).toEqual({ 'wte.weight': third, 'wpe.weight': 0.57735 });
    expect(advised(layersOf((b) => untied(b, scaled(b))))).toEqual({ 'wte.weight': 0.125, 'wpe.weight': 1 });
  });

  it.each([
    ['whole', (b: NetworkBuilder, name: string) => b.weight(name, [1, 96, width])],
    ['as long as the sequence', (b: NetworkBuilder, name: string) => (
      b.add('Slice', [b.weight(name, [1, 96, width]), b.ints([0]), b.input('length', 'int64', [1]), b.ints([1])]))],
  ])('as one that is stored, and added %s', (_, table) => {
    expect(advised(layersOf((b) => tied(b, b.add('Add', [words(b), table(b, 'pos_emb')]))))).toEqual({ 'wte.weight': third, pos_emb: third });
    // Its name is all that tells a learned table from one of sines.
    expect(advised(layersOf((b) => tied(b, b.add('Add', [words(b), table(b, 'pos_encoding')]))))).toEqual({ 'wte.weight': third });
  });

  it('as the exporter lists what is learned', () => {
    const builder = new NetworkBuilder();
    const graph = builder.finish(untied(builder, builder.add('Add', [words(builder), builder.weight('embedding_1', [12, width])])));
    expect(advised(detectLayers(graph, new Set(['wte.weight', 'head'])))).toEqual({ 'wte.weight': 1 });
    expect(advised(detectLayers(graph, new Set(['wte.weight', 'head', 'embedding_1'])))).toEqual({ 'wte.weight': 1, embedding_1: 1 });
    // The rows that are read of a table, which the exporter has taken out of it.
    expect(advised(detectLayers(graph, new Set(['wte.weight', 'head', 'wpe.weight'])))).toEqual({ 'wte.weight': 1, embedding_1: 1 });
  });

  it('but not what is added to a signal that is computed, nor what reads its own table', () => {
    const layers = layersOf((b) => {
      const patches = b.add('MatMul', [b.input('x', 'float32', ['n', 96, 48]), b.weight('patch', [48, width])]);
      return untied(b, b.add('Add', [patches, b.weight('pos_embed', [1, 96, width])]));
    });
    expect(advised(layers)).toEqual({});
  });
});

describe('a table of biases by relative position', () => {
  const attention = (table: string) => (b: NetworkBuilder): string => {
    const x = b.input('x', 'float32', ['n', 16, width]);
    const [q, k, v] = ['q', 'k', 'v'].map((name) => b.add('MatMul', [x, b.weight(name, [width, width])]));
    const scores = b.add('MatMul', [present(q), b.add('Transpose', [present(k)], { perm: [0, 2, 1] })]);
    const bias = b.add('Reshape', [b.add('Gather', [b.weight(table, [49, 1]), b.input('where', 'int64', [256])]), b.ints([1, 16, 16])]);
    const mask = b.input('mask', 'float32', [16, 16]);
    return b.add('MatMul', [b.add('Softmax', [b.add('Add', [b.add('Add', [scores, bias]), mask])]), present(v)]);
  };
  const ofTable = (name: string): Partial<Record<string, unknown>> => {
    const layer = present(layersOf(attention(name)).find(({ op }) => op === 'Gather'));
    const [weight] = layer.weights;
    return { frozen: weight?.frozen, ...recommend(layer, present(weight))?.recommendation };
  };

  it('starts where its authors start it, where its name tells whose it is', () => {
    expect(ofTable('attn.relative_position_bias_table')).toMatchObject({ distribution: 'truncated-normal', std: expect.closeTo(0.02, 9) as number, bound: 2 });
    expect(ofTable('relative_attention_bias.weight')).toMatchObject({ distribution: 'normal', std: width ** -0.5 });
  });

  it('is left alone where it does not, and is no embedding', () => {
    const builder = new NetworkBuilder();
    const graph = builder.finish(attention('onnx::Gather_7')(builder));
    const layers = detectLayers(graph);
    expect(layers.flatMap(({ weights }) => weights).some(({ name }) => name === 'onnx::Gather_7')).toBe(false);
    expect(constantsOf(graph, layers).map(({ reason }) => reason)).toEqual([
      'it is added to the scores of attention before their softmax, as a mask or a bias of positions is',
    ]);
  });
});

describe('a table beside one that was tied and is stored apart', () => {
  const builder = new NetworkBuilder();
  const graph = builder.finish(untied(builder, builder.add('Add', [words(builder), positions(builder)])));
  const layers = detectLayers(graph);
  const [table, head] = [present(layers[0]).name, present(layers.at(-1)).name];
  const ties = new Map([
    [tieKey(table, 'wte.weight'), [{ layer: head, weight: 'head', how: 'transposed' as const }]],
    [tieKey(head, 'head'), [{ layer: table, weight: 'wte.weight', how: 'transposed' as const }]],
  ]);

  it('is advised its scale', () => {
    const report = createReport({ model: modelOf(graph, 21), layers, findings: [], statistics: new Map(), applied: new Map(), ties });
    const stds = report.layers.flatMap(({ weights }) => weights).flatMap(({ role, recommendation }) => (role === 'embedding' ? [recommendation?.std] : []));
    expect(stds.map((std) => std?.toPrecision(6))).toEqual([String(third), String(third)]);
    expect(report.layers.at(-1)?.weights[0]?.recommendation?.reason).toContain(`It is the table of ${table} as well`);
  });

  it.each([
    ['recommended', Math.sqrt(1 / 3) / 8], ['xavier-normal', Math.sqrt(2 / (width + 50))], ['gpt2', 0.02],
  ] as const)('and drawn with it by %s', (scheme, std) => {
    const recipes = createRecipes(layers, { scheme, seed: 1, twins: twinsOf(layers, ties) });
    const recipe = present(recipes.find(({ tensorId }) => tensorId === 'wpe.weight'));
    expect(recipe.blocks).toEqual([{ sampler: { kind: 'normal', mean: 0, std: expect.closeTo(std, 9) as number } }]);
  });
});
