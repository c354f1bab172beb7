/** Networks in the forms that today's exporters give them: what their authors meant is read, drawn and run. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { createRecipes } from '../../../../src/core/initializers/recipes';
import { recommend } from '../../../../src/core/initializers/recommendation';
import type { Graph, ValueInfo } from '../../../../src/core/graph/graph';
import { encodeModel } from '../../../../src/formats/onnx/encode';
import { openModelFile } from '../../../../src/formats/openModel';
import type { OpenedModel } from '../../../../src/formats/openModel';
import { at, initscope } from '../../support/command';
import { NetworkBuilder, only, present } from '../../support/graphs';
import { createFolder, createWriter } from '../../support/temporary';

const folder = createFolder();
const write = createWriter(folder);

function open(name: string, graph: Graph): OpenedModel {
  write(name, encodeModel(graph, (tensor) => { throw new Error(`${tensor} has no values.`); }));
  return openModelFile(path.join(folder, name));
}

const rolesOf = ({ layers }: OpenedModel): readonly string[] => (
  layers.map(({ name, op, weights }) => `${name} ${op} ${weights.map(({ role }) => role).join()}`));
const stdOf = (opened: OpenedModel, at: number): number => {
  const layer = present(opened.layers[at]);
  return present(recommend(layer, present(layer.weights[0]))).recommendation.std;
};

describe('a recurrent layer that is written out step by step', () => {
  /** h' = tanh(W h + b + x_t), with a copy of W for each step, as PyTorch folds them of more than 1,024 elements. */
  const unrolled = (copies: boolean): Graph => {
    const b = new NetworkBuilder();
    const projected = b.add('MatMul', [b.input('x', 'float32', [2, 6, 4]), b.weight('w_in', [4, 5])]);
    const bias = b.weight('b_hh', [5]);
    let h = b.add('Tanh', [b.add('Gather', [projected, b.constant('int64', [], [0])], { axis: 1 })]);
    for (let t = 1; t < 6; t++) {
      const kernel = copies ? b.weight(`w_hh_${t}`, [5, 5]) : t === 1 ? b.weight('w_hh_1', [5, 5]) : 'w_hh_1';
      const product = b.add('Add', [b.add('MatMul', [h, kernel]), bias]);
      h = b.add('Tanh', [b.add('Add', [product, b.add('Gather', [projected, b.constant('int64', [], [t])], { axis: 1 })])]);
    }
    return b.finish(b.add('MatMul', [h, b.weight('head', [5, 3])]));
  };

  it.each([['a copy for each step', true], ['one tensor', false]])('is one layer with one kernel: %s', (name, copies) => {
    const opened = open(`rnn ${name}.onnx`, unrolled(copies));
    expect(rolesOf(opened)).toEqual(['w_in MatMul kernel', 'w_hh_1 MatMul recurrent,bias', 'head MatMul kernel']);
    expect(opened.layers[1]).toMatchObject({ detail: '5 steps', residual: null });
    expect(present(opened.layers[1]?.weights[0]).tensor.copies?.length ?? 0).toBe(copies ? 4 : 0);
    expect(opened.constants).toEqual([]);
  });

  it.each(['recommended', 'pytorch', 'orthogonal'])('keeps its copies equal under %s, and runs as if there were one', async (scheme) => {
    open('copies.onnx', unrolled(true));
    const target = path.join(folder, `copies ${scheme}.onnx`);
    await initscope('init', path.join(folder, 'copies.onnx'), '--scheme', scheme, '--output', target, '--force');
    const opened = openModelFile(target);
    expect(opened.layers[1]?.weights[0]?.tensor.copies?.length).toBe(4);
    const { out, err } = await initscope('simulate', target, '--json', '--batch', '2');
    expect(err).toBe('');
    expect(at(out, 'runs', 0, 'layers', 1, 'preactivation', 'count')).toBe(5 * 2 * 5);
  });

  it('is none where nothing of a sequence is added: equal layers are clones', () => {
    const b = new NetworkBuilder();
    let h = b.input('x', 'float32', ['n', 5]);
    for (let i = 0; i < 4; i++) h = b.add('Tanh', [b.add('MatMul', [h, b.weight(`w${i}`, [5, 5])])]);
    expect(rolesOf(open('clones.onnx', b.finish(h)))).toEqual([0, 1, 2, 3].map((i) => `w${i} MatMul kernel`));
  });
});

describe('products that are added', () => {
  const added = (count: number): OpenedModel => {
    const b = new NetworkBuilder();
    const x = b.input('x', 'float32', ['n', 8]);
    const terms = Array.from({ length: count }, (_, i) => b.add('MatMul', [x, b.weight(`w${i}`, [8, 8])]));
    return open(`added ${count}.onnx`, b.finish(b.add('Relu', [terms.reduce((sum, term) => b.add('Add', [sum, term]))])));
  };

  it.each([2, 3])('%d of them have 1/√k of the scale of one', (count) => {
    expect(stdOf(added(count), 0)).toBeCloseTo(Math.sqrt(2 / 8 / count), 9);
    expect(stdOf(added(count), count - 1)).toBeCloseTo(Math.sqrt(2 / 8 / count), 9);
  });

  it('beside one of them, a narrow pair is a low-rank update: zero at its end', () => {
    const b = new NetworkBuilder();
    const x = b.input('x', 'float32', ['n', 8]);
    const low = b.add('MatMul', [b.add('MatMul', [x, b.weight('a', [8, 2])]), b.weight('b', [2, 8])]);
    const opened = open('lora.onnx', b.finish(b.add('Relu', [b.add('Add', [b.add('MatMul', [x, b.weight('w', [8, 8])]), low])])));
    expect(rolesOf(opened)).toEqual(['a MatMul kernel', 'b MatMul update', 'w MatMul kernel']);
    expect(stdOf(opened, 1)).toBe(0);
    expect(stdOf(opened, 2)).toBeCloseTo(0.5, 9);
  });
});

describe('layer normalisation', () => {
  const epsilon = 1e-3;
  const mean = (b: NetworkBuilder, x: string): string => b.add('ReduceMean', [x, b.ints([-1])]);
  const reciprocal = (b: NetworkBuilder, variance: string): string => b.add('Reciprocal', [b.add('Sqrt', [b.add('Add', [variance, b.scalar(epsilon)])])]);
  /** As Keras is written by tf2onnx: x g + (β − ⟨x⟩ g). */
  function keras(b: NetworkBuilder, x: string): string {
    const m = mean(b, x);
    const d = b.add('Sub', [x, m]);
    const g = b.add('Mul', [reciprocal(b, mean(b, b.add('Mul', [d, d]))), b.weight('gamma', [8])]);
    return b.add('Add', [b.add('Mul', [x, g]), b.add('Sub', [b.weight('beta', [8]), b.add('Mul', [m, g])])]);
  }
  /** As Flax is written by jax2onnx: the variance is ⟨x²⟩ − ⟨x⟩², and not below zero. */
  function flax(b: NetworkBuilder, x: string): string {
    const m = b.add('Cast', [mean(b, x)], { to: 1 });
    const variance = b.add('Max', [b.scalar(0), b.add('Sub', [mean(b, b.add('Mul', [x, x])), b.add('Mul', [m, m])])]);
    const scaled = b.add('Mul', [reciprocal(b, variance), b.weight('gamma', [8])]);
    return b.add('Add', [b.add('Mul', [b.add('Sub', [x, m]), scaled]), b.weight('beta', [8])]);
  }

  /** As Keras is written by jax2onnx: Σ (x − Σx/n)² / n where n is more than none, (−⟨x⟩) g + β. */
  function kerasByJax(b: NetworkBuilder, x: string): string {
    const count = b.add('Sub', [b.scalar(8), b.add('Cast', [b.constant('int64', [], [0])], { to: 1 })]);
    const d = b.add('Sub', [x, b.add('Div', [b.add('ReduceSum', [x, b.ints([-1])]), b.scalar(8)])]);
    const sum = b.add('Expand', [b.add('ReduceSumSquare', [d, b.ints([-1])]), b.ints([1, 3, 1])]);
    const variance = b.add('Where', [b.add('Greater', [count, b.scalar(0)]), b.add('Div', [sum, count]), b.scalar(1)]);
    const root = b.add('Sqrt', [b.add('Add', [variance, b.scalar(epsilon)])]);
    const g = b.add('Mul', [b.add('Div', [b.scalar(1), root]), b.add('Reshape', [b.weight('gamma', [8]), b.ints([1, 1, 8])])]);
    const shift = b.add('Add', [b.add('Mul', [b.add('Neg', [mean(b, x)]), g]), b.add('Reshape', [b.weight('beta', [8]), b.ints([1, 1, 8])])]);
    return b.add('Add', [b.add('Mul', [x, g]), shift]);
  }

  it.each([['Keras', keras], ['Flax', flax], ['Keras by JAX', kerasByJax]] as const)('is seen as %s writes it, with its scale and shift', (name, norm) => {
    const b = new NetworkBuilder();
    const h = norm(b, b.add('MatMul', [b.input('x', 'float32', ['n', 3, 8]), b.weight('w', [8, 8])]));
    const opened = open(`${name}.onnx`, b.finish(b.add('MatMul', [h, b.weight('v', [8, 8])])));
    expect(opened.layers.map(({ weights }) => weights.map(({ role }) => role).join())).toEqual(['kernel', 'gamma', 'beta', 'kernel']);
    expect(opened.layers[0]).toMatchObject({ normalization: 'LayerNormalization', activation: null });
  });
});

describe('sequences and bounds', () => {
  it('takes elements of a split for slices, and runs through them', async () => {
    const b = new NetworkBuilder();
    const h = b.add('Relu', [b.add('MatMul', [b.input('x', 'float32', ['n', 4]), b.weight('w', [4, 8])])]);
    const parts = b.add('SplitToSequence', [h, b.constant('int64', [], [4])], { axis: 1 });
    const [left, right] = [0, 1].map((i) => b.add('SequenceAt', [parts, b.constant('int64', [], [i])]));
    const sum = b.add('Add', [left ?? '', right ?? '']);
    open('sequence.onnx', b.finish(b.add('MatMul', [sum, b.weight('v', [4, 2])])));
    const { code, out } = await initscope('simulate', path.join(folder, 'sequence.onnx'), '--json');
    expect(code).toBe(0);
    expect(at(out, 'unsupported')).toEqual([]);
    expect(Number(at(out, 'runs', 0, 'layers', 0, 'gradient', 'preactivation', 'variance'))).toBeGreaterThan(0);
  });

  it('names a sequence that is cut where only the network itself knows, and runs the rest', async () => {
    const b = new NetworkBuilder();
    const h = b.add('Relu', [b.add('MatMul', [b.input('x', 'float32', ['n', 4]), b.weight('w', [4, 8])])]);
    const parts = b.add('SplitToSequence', [h, b.add('Size', [b.input('some', 'float32', [4])])], { axis: 1 });
    open('dynamic.onnx', b.finish(b.add('MatMul', [b.add('SequenceAt', [parts, b.constant('int64', [], [0])]), b.weight('v', [4, 2])])));
    const { code, out } = await initscope('simulate', path.join(folder, 'dynamic.onnx'));
    expect(code).toBe(0);
    expect(out).toContain('it works on sequences of tensors');
  });

  it('reads the bounds of a clip through CastLike', () => {
    const b = new NetworkBuilder();
    const h = b.add('MatMul', [b.input('x', 'float32', ['n', 4]), b.weight('w', [4, 4])]);
    const [low, high] = [0, 6].map((value) => b.add('CastLike', [b.scalar(value), h]));
    expect(open('clip.onnx', b.finish(b.add('Clip', [h, low ?? '', high ?? '']))).layers[0]?.activation?.name).toBe('Relu6');
  });
});

describe('what is no weight', () => {
  it('is listed apart: masks, angles, tables that are put together', async () => {
    const b = new NetworkBuilder();
    const h = b.add('MatMul', [b.input('x', 'float32', ['n', 4, 4]), b.weight('w', [4, 4])]);
    const turned = b.add('Mul', [h, b.weight('angles', [4, 4])]);
    const masked = b.add('Softmax', [b.add('Add', [turned, b.weight('mask', [4, 4])])]);
    const table = b.add('ScatterND', [b.weight('canvas', [4, 4]), b.constant('int64', [1, 1], [0]), b.weight('row', [1, 4])]);
    open('constants.onnx', b.finish(b.add('Mul', [b.add('Add', [masked, b.weight('positions', [4, 4])]), table])));
    const file = path.join(folder, 'constants.onnx');
    const { out } = await initscope('inspect', file, '--json');
    expect([0, 1, 2].map((i) => at(out, 'layers', i, 'name'))).toEqual(['w', 'positions', undefined]);
    expect([0, 1, 2, 3, 4].map((i) => at(out, 'constants', i, 'name'))).toEqual(['angles', 'mask', 'canvas', 'row', undefined]);
    expect((await initscope('init', file, '--dry-run')).out).toMatch(/^mask .*it is added to the scores of attention before their softmax/m);
  });

  it('is not in the way of names that ONNX Runtime gives its own', async () => {
    const b = new NetworkBuilder();
    const h = b.add('Relu', [b.add('MatMul', [b.input('x', 'float32', [2, 4]), b.weight('w', [4, 4])])]);
    open('names.onnx', b.finish(b.add('Mul', [h, b.weight('initscope/0', [4])])));
    expect((await initscope('simulate', path.join(folder, 'names.onnx'))).code).toBe(0);
  });
});

describe('one tensor as the kernel of several layers', () => {
  it('is advised what it is drawn for', () => {
    const b = new NetworkBuilder();
    const w = b.weight('w', [4, 4]);
    const h = b.add('Relu', [b.add('MatMul', [b.input('x', 'float32', ['n', 4]), w])]);
    const opened = open('shared.onnx', b.finish(b.add('MatMul', [h, w])));
    expect([stdOf(opened, 0), stdOf(opened, 1)]).toEqual([Math.SQRT1_2, Math.SQRT1_2]);
    expect(only(createRecipes(opened.layers, { scheme: 'recommended', seed: 0 })).blocks[0]?.sampler).toMatchObject({ std: Math.SQRT1_2 });
  });
});

describe('a loop that carries its weights', () => {
  const info = (name: string, shape: readonly number[]): ValueInfo => ({ name, dtype: 'float32', shape });
  it('has them in its body, as a recurrent kernel and one that reads the input', async () => {
    const inner = new NetworkBuilder();
    const x = inner.input('element', 'float32', [2, 4]);
    const body: Graph = {
      name: 'body', initializers: new Map(), nodes: [
        { name: 'a', domain: '', op: 'MatMul', inputs: ['element', 'w'], outputs: ['a'], attributes: {} },
        { name: 'b', domain: '', op: 'MatMul', inputs: ['h', 'u'], outputs: ['b'], attributes: {} },
        { name: 'c', domain: '', op: 'Add', inputs: ['a', 'b'], outputs: ['c'], attributes: {} },
        { name: 'd', domain: '', op: 'Tanh', inputs: ['c'], outputs: ['h_out'], attributes: {} },
        ...['w', 'u'].map((name) => ({ name: `keep ${name}`, domain: '', op: 'Identity', inputs: [name], outputs: [`${name}_out`], attributes: {} })),
      ],
      inputs: [info('h', [2, 5]), info('w', [4, 5]), info('u', [5, 5]), info(x, [2, 4])],
      outputs: ['h_out', 'w_out', 'u_out'].map((name) => ({ name, dtype: 'float32', shape: null })),
    };
    const b = new NetworkBuilder();
    const sequence = b.input('x', 'float32', [3, 2, 4]);
    const start = b.constant('float32', [2, 5], Array.from({ length: 10 }, () => 0));
    b.append({
      name: 'scan', domain: '', op: 'Scan', inputs: [start, b.weight('kernel', [4, 5]), b.weight('recurrent', [5, 5]), sequence],
      outputs: ['last', 'w_last', 'u_last'], attributes: { body: { kind: 'graph', value: body }, num_scan_inputs: { kind: 'int', value: 1 } },
    });
    const opened = open('scan.onnx', b.finish(b.add('MatMul', ['last', b.weight('head', [5, 2])])));
    expect(rolesOf(opened)).toEqual(['kernel MatMul kernel', 'recurrent MatMul recurrent', 'head MatMul kernel']);
    const { out } = await initscope('simulate', path.join(folder, 'scan.onnx'), '--json');
    expect(Number(at(out, 'runs', 0, 'layers', 1, 'weights', 0, 'gradient', 'variance'))).toBeGreaterThan(0);
  });
});

describe('weights without values', () => {
  const fed = (): Graph => {
    const b = new NetworkBuilder();
    const h = b.add('Conv', [b.input('x', 'float32', ['n', 3, 6, 6]), b.input('conv.weight', 'float32', [4, 3, 3, 3]), b.input('conv.bias', 'float32', [4])]);
    return b.finish(b.add('MatMul', [b.add('Flatten', [b.add('Relu', [h])]), b.input('fc.weight', 'float32', [64, 2])]));
  };

  it('that are inputs of the network are seen, said, and filled', async () => {
    const opened = open('fed.onnx', fed());
    expect(opened.graph.inputs.map(({ name }) => name)).toEqual(['x']);
    expect(opened.findings.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'no-values: conv.weight and 2 more weights have no values: it is an input of the network, and the file has no values for it.',
    ]);
    const refused = await initscope('simulate', path.join(folder, 'fed.onnx'));
    expect(refused.err).toContain('conv.weight has no values');
    const target = path.join(folder, 'filled.onnx');
    expect((await initscope('init', path.join(folder, 'fed.onnx'), '--output', target)).code).toBe(0);
    expect(openModelFile(target).findings).toEqual([]);
    const { out } = await initscope('inspect', target, '--json');
    expect(Number(at(out, 'layers', 0, 'weights', 0, 'statistics', 'std'))).toBeCloseTo(Math.sqrt(2 / 27), 1);
    expect((await initscope('simulate', target)).code).toBe(0);
  });

  it('is not said of an input that is data: of a product, or of a shape that is open', () => {
    const b = new NetworkBuilder();
    const product = b.add('MatMul', [b.input('queries', 'float32', [4, 8]), b.input('keys', 'float32', [8, 4])]);
    expect(open('data.onnx', b.finish(product)).graph.inputs.length).toBe(2);
  });
});

describe('GELU by erfc, which ONNX has not, as tf2onnx writes it', () => {
  it('is known for what it is, run, and told of', async () => {
    const b = new NetworkBuilder();
    const h = b.add('MatMul', [b.input('x', 'float32', [8, 4]), b.weight('w1', [4, 5])]);
    const erfc = b.add('Erfc', [b.add('Mul', [b.add('Neg', [h]), b.scalar(Math.SQRT1_2)])]);
    const opened = open('erfc.onnx', b.finish(b.add('MatMul', [b.add('Mul', [b.add('Mul', [b.scalar(0.5), h]), erfc]), b.weight('w2', [5, 3])])));
    expect(opened.layers.map(({ activation }) => activation?.name)).toEqual(['Gelu', undefined]);
    expect(opened.findings.map(({ code, message }) => [code, message])).toEqual([
      ['stray-operator', 'A node calls Erfc, which ONNX does not have: it is read as 1 − erf(x), but other programs refuse the file.'],
    ]);
    const { out } = await initscope('simulate', path.join(folder, 'erfc.onnx'), '--json');
    expect(at(out, 'unsupported')).toEqual([]);
    expect(at(out, 'runs', 0, 'layers', 0, 'weights', 0, 'gradient', 'variance')).toBeGreaterThan(0);
  });
});
