import { describe, expect, it } from 'vitest';

import type { GraphBuilder } from '../../../../src/core/graph/builder';
import { createRecipes } from '../../../../src/core/initializers/recipes';
import { sampleFloat32 } from '../../../../src/core/initializers/sampling';
import { recommend } from '../../../../src/core/initializers/recommendation';
import { detectLayers } from '../../../../src/core/layers/detect';
import type { Layer, LayerWeight } from '../../../../src/core/layers/layer';
import { layersOf, only, present } from '../../support/graphs';
import { NetworkBuilder } from '../../support/graphs';

const [features, hidden] = [6, 4];
const lstmOrder = ['input gate', 'forget gate', 'cell', 'output gate'];

/** c = f ⊙ c′ + i ⊙ g,  h = o ⊙ tanh c, of gates that lie one after the other in `sum`. */
function lstm(b: GraphBuilder, sum: string, state: string): { readonly h: string; readonly c: string } {
  const [i = '', f = '', g = '', o = ''] = b.addMany('Split', [sum, b.ints([hidden, hidden, hidden, hidden])], 4, { axis: 1 });
  const kept = b.add('Mul', [b.add('Sigmoid', [f]), state]);
  const c = b.add('Add', [kept, b.add('Mul', [b.add('Sigmoid', [i]), b.add('Tanh', [g])])]);
  return { c, h: b.add('Mul', [b.add('Sigmoid', [o]), b.add('Tanh', [c])]) };
}

/** h = z ⊙ h′ + (1 − z) ⊙ g. */
function mix(b: GraphBuilder, z: string, g: string, h: string): string {
  return b.add('Add', [b.add('Mul', [z, h]), b.add('Mul', [b.add('Sub', [b.scalar(1), z]), g])]);
}

/** A Loop over six steps of x, which carries states of zeros; `write` makes the next ones of the states and an element of x. */
function loop(
  b: NetworkBuilder, x: string, states: readonly string[], write: (b: GraphBuilder, x: string, states: readonly string[]) => readonly string[],
): string {
  const body = b.inner('body');
  const [step, going] = [body.input('i', 'int64', []), body.input('going', 'bool', [])];
  const carried = states.map((state) => body.input(state, 'float32', [1, hidden]));
  const next = write(body, body.add('Gather', [x, step], { axis: 0 }), carried);
  body.output(body.add('Identity', [going]), 'bool');
  for (const state of next) body.output(body.add('Identity', [state]), 'float32');
  const firsts = states.map(() => b.constant('float32', [1, hidden], Array.from({ length: hidden }, () => 0)));
  const inputs = [b.constant('int64', [], [6]), b.constant('bool', [], [1]), ...firsts];
  const outputs = states.map((state) => b.fresh(`last_${state}`));
  b.append({ name: 'loop', domain: '', op: 'Loop', inputs, outputs, attributes: { body: { kind: 'graph', value: body.build() } } });
  return outputs[0] ?? '';
}

/** Keras and jax2onnx: both products in the loop, one bias behind their sum. */
function kerasLstm(b: NetworkBuilder): string {
  for (const [name, shape] of [['W', [features, 4 * hidden]], ['R', [hidden, 4 * hidden]], ['bias', [4 * hidden]]] as const) b.weight(name, shape);
  return loop(b, b.input('x', 'float32', [6, 1, features]), ['h', 'c'], (body, x, [h = '', c = '']) => {
    const sum = body.add('Add', [body.add('Add', [body.add('MatMul', [x, 'W']), body.add('MatMul', [h, 'R'])]), 'bias']);
    const next = lstm(body, sum, c);
    return [next.h, next.c];
  });
}

/** Keras, reset_after: the product by W before the loop, with a bias that is one row of two. */
function kerasGru(b: NetworkBuilder): string {
  for (const [name, shape] of [['W', [features, 3 * hidden]], ['R', [hidden, 3 * hidden]], ['bias', [2, 3 * hidden]]] as const) b.weight(name, shape);
  const row = (at: number): string => {
    const piece = b.add('Slice', ['bias', b.ints([at, 0]), b.ints([at + 1, 3 * hidden]), b.ints([0, 1])]);
    const flat = b.add('Reshape', [b.add('Squeeze', [piece, b.ints([0])]), b.add('Concat', [b.ints([1]), b.ints([3 * hidden])], { axis: 0 })]);
    return b.add('Expand', [flat, b.ints([1, 3 * hidden])]);
  };
  const read = b.add('Add', [b.add('MatMul', [b.input('x', 'float32', [6, 1, features]), 'W']), row(0)]);
  return loop(b, read, ['h'], (body, x, [h = '']) => {
    const split = (sum: string): readonly string[] => body.addMany('Split', [sum], 3, { axis: -1 });
    const [[xz = '', xr = '', xg = ''], [hz = '', hr = '', hg = '']] = [split(x), split(body.add('Add', [body.add('MatMul', [h, 'R']), row(1)]))];
    const [z, r] = [body.add('Sigmoid', [body.add('Add', [xz, hz])]), body.add('Sigmoid', [body.add('Add', [xr, hr])])];
    return [mix(body, z, body.add('Tanh', [body.add('Add', [xg, body.add('Mul', [r, hg])])]), h)];
  });
}

/** Keras, reset_after = False: columns of one recurrent kernel in two products. */
function kerasGruBefore(b: NetworkBuilder): string {
  for (const [name, shape] of [['W', [features, 3 * hidden]], ['R', [hidden, 3 * hidden]]] as const) b.weight(name, shape);
  return loop(b, b.input('x', 'float32', [6, 1, features]), ['h'], (body, x, [h = '']) => {
    const columns = (value: string, start: number, end: number): string => body.add('Slice', [value, body.ints([start]), body.ints([end]), body.ints([1])]);
    const [xz = '', xr = '', xg = ''] = body.addMany('Split', [body.add('MatMul', [x, 'W'])], 3, { axis: -1 });
    const both = body.add('MatMul', [h, columns('R', 0, 2 * hidden)]);
    const z = body.add('Sigmoid', [body.add('Add', [xz, columns(both, 0, hidden)])]);
    const r = body.add('Sigmoid', [body.add('Add', [xr, columns(both, hidden, 2 * hidden)])]);
    const g = body.add('MatMul', [body.add('Mul', [r, h]), columns('R', 2 * hidden, 3 * hidden)]);
    return [mix(body, z, body.add('Tanh', [body.add('Add', [xg, g])]), h)];
  });
}

/** The product by W before a Scan, which takes the steps of it one by one. */
function scannedLstm(b: NetworkBuilder): string {
  for (const [name, shape] of [['W', [features, 4 * hidden]], ['R', [hidden, 4 * hidden]]] as const) b.weight(name, shape);
  const read = b.add('MatMul', [b.input('x', 'float32', [6, 1, features]), 'W']);
  const body = b.inner('body');
  const [h, c, step] = [body.input('h', 'float32', [1, hidden]), body.input('c', 'float32', [1, hidden]), body.input('step', 'float32', [1, 4 * hidden])];
  const next = lstm(body, body.add('Add', [body.add('MatMul', [h, 'R']), step]), c);
  for (const state of [next.h, next.c]) body.output(state, 'float32');
  const first = b.constant('float32', [1, hidden], Array.from({ length: hidden }, () => 0));
  const value = { kind: 'graph', value: body.build() } as const;
  const node = { name: 'scan', domain: '', op: 'Scan', inputs: [first, first, read], outputs: ['last_h', 'last_c'] };
  b.append({ ...node, attributes: { body: value, num_scan_inputs: { kind: 'int', value: 1 } } });
  return 'last_h';
}

/** Keras' ConvLSTM1D: kernels [width, channels, 4 · hidden] that are turned, gates along the channels. */
function convolutionalLstm(b: NetworkBuilder): string {
  for (const [name, shape] of [['W', [3, features, 4 * hidden]], ['R', [3, hidden, 4 * hidden]], ['bias', [4 * hidden]]] as const) b.weight(name, shape);
  const [W, R] = ['W', 'R'].map((name) => b.add('Transpose', [name], { perm: { kind: 'ints', value: [2, 1, 0] } }));
  const body = b.inner('body');
  const states = ['h', 'c'].map((name) => body.input(name, 'float32', [1, hidden, 5]));
  const [h = '', c = ''] = states;
  const pads = { kind: 'ints', value: [1, 1] } as const;
  const x = body.input('step', 'float32', [1, features, 5]);
  const sum = body.add('Add', [body.add('Conv', [x, W ?? '', 'bias'], { pads }), body.add('Conv', [h, R ?? ''], { pads })]);
  const next = lstm(body, sum, c);
  for (const state of [next.h, next.c]) body.output(state, 'float32');
  const first = b.constant('float32', [1, hidden, 5], Array.from({ length: 5 * hidden }, () => 0));
  const value = { kind: 'graph', value: body.build() } as const;
  const inputs = [first, first, b.input('x', 'float32', [6, 1, features, 5])];
  const node = { name: 'scan', domain: '', op: 'Scan', inputs, outputs: ['last_h', 'last_c'] };
  b.append({ ...node, attributes: { body: value, num_scan_inputs: { kind: 'int', value: 1 } } });
  return 'last_h';
}

/** `nn.LSTMCell` in a loop of Python: three steps, each with both products. */
function cellSteps(b: NetworkBuilder): string {
  const shapes = { W: [4 * hidden, features], R: [4 * hidden, hidden], bias_ih: [4 * hidden], bias_hh: [4 * hidden] };
  for (const [name, shape] of Object.entries(shapes)) b.weight(name, shape);
  const x = b.input('x', 'float32', [6, 1, features]);
  let state = { h: b.input('h', 'float32', [1, hidden]), c: b.input('c', 'float32', [1, hidden]) };
  for (const step of [0, 1, 2]) {
    const read = b.add('Gemm', [b.add('Gather', [x, b.constant('int64', [], [step])], { axis: 0 }), 'W', 'bias_ih'], { transB: 1 });
    state = lstm(b, b.add('Add', [read, b.add('Gemm', [state.h, 'R', 'bias_hh'], { transB: 1 })]), state.c);
  }
  return state.h;
}

/** tf2onnx, of a batch that is known: the product by R is what the product by W adds; and TorchScript's chunk, whose bounds come from a shape. */
function cellByChunks(b: NetworkBuilder): string {
  for (const [name, shape] of [['W', [features, 4 * hidden]], ['R', [hidden, 4 * hidden]], ['bias', [4 * hidden]]] as const) b.weight(name, shape);
  const x = b.input('x', 'float32', [6, 1, features]);
  let [h, c] = [b.input('h', 'float32', [1, hidden]), b.input('c', 'float32', [1, hidden])];
  for (const step of [0, 1, 2]) {
    const read = b.add('Gather', [x, b.constant('int64', [], [step])], { axis: 0 });
    const sum = b.add('Add', [b.add('Gemm', [read, 'W', b.add('MatMul', [h, 'R'])]), 'bias']);
    const width = b.add('Gather', [b.add('Shape', [sum]), b.ints([1])]);
    const size = b.add('Div', [b.add('Add', [width, b.ints([3])]), b.ints([4])]);
    const bound = (at: number): string => b.add('Mul', [size, b.ints([at])]);
    const [i = '', f = '', g = '', o = ''] = [0, 1, 2, 3].map((at) => b.add('Slice', [sum, bound(at), bound(at + 1), b.ints([1])]));
    c = b.add('Add', [b.add('Mul', [b.add('Sigmoid', [f]), c]), b.add('Mul', [b.add('Sigmoid', [i]), b.add('Tanh', [g])])]);
    h = b.add('Mul', [b.add('Sigmoid', [o]), b.add('Tanh', [c])]);
  }
  return h;
}

/** One matrix for what is read and for the state, side by side. */
function joined(b: NetworkBuilder): string {
  b.weight('gates', [features + hidden, 4 * hidden]);
  const x = b.input('x', 'float32', [6, 1, features]);
  let state = { h: b.input('h', 'float32', [1, hidden]), c: b.input('c', 'float32', [1, hidden]) };
  for (const step of [0, 1, 2]) {
    const both = b.add('Concat', [b.add('Gather', [x, b.constant('int64', [], [step])], { axis: 0 }), state.h], { axis: 1 });
    state = lstm(b, b.add('MatMul', [both, 'gates']), state.c);
  }
  return state.h;
}

const weightNamed = (layers: readonly Layer[], name: string): LayerWeight => (
  present(layers.flatMap(({ weights }) => weights).find((weight) => weight.name === name)));
const gatesOf = ({ parts }: LayerWeight): readonly string[] => parts.map(({ name }) => name);
const titleOf = (layers: readonly Layer[], name: string): string => {
  const layer = present(layers.find(({ weights }) => weights.some((weight) => weight.name === name)));
  return present(recommend(layer, weightNamed(layers, name))).recommendation.title;
};
const fansOf = (fanIn: number) => ({ fanIn, fanOut: hidden });

describe('an LSTM as two products in a loop', () => {
  const layers = layersOf(kerasLstm);

  it('has an input kernel with its bias, and a recurrent one, each of four gates that are known by what is done with them', () => {
    expect(layers.map(({ cell, detail, activation, weights }) => [cell, detail, activation, weights.map(({ name, role }) => [name, role])])).toEqual([
      ['LSTM', `LSTM, hidden ${hidden}`, null, [['W', 'kernel'], ['bias', 'bias']]], ['LSTM', `LSTM, hidden ${hidden}`, null, [['R', 'recurrent']]],
    ]);
    for (const name of ['W', 'R', 'bias']) expect(gatesOf(weightNamed(layers, name))).toEqual(lstmOrder);
  });
  it('has the fans of a gate, and is no branch beside a branch', () => {
    expect([weightNamed(layers, 'W').fans, weightNamed(layers, 'R').fans]).toEqual([fansOf(features), fansOf(hidden)]);
    expect(layers.map(({ parallel }) => parallel)).toEqual([undefined, undefined]);
  });
  it('may take what it reads from a product before a Scan', () => {
    expect(layersOf(scannedLstm).map(({ cell, weights }) => [cell, only(weights).role, gatesOf(only(weights))])).toEqual([
      ['LSTM', 'kernel', lstmOrder], ['LSTM', 'recurrent', lstmOrder],
    ]);
  });
  it('is drawn gate by gate, and its forget gate starts open', () => {
    expect(['W', 'R', 'bias'].map((name) => titleOf(layers, name))).toEqual(['Xavier normal', 'Orthogonal', 'Zeros, forget gate 1']);
    const recipes = createRecipes(layers, { scheme: 'recommended', seed: 0 });
    const blocksOf = (id: string) => present(recipes.find(({ tensorId }) => tensorId === id)).blocks;
    expect(blocksOf('R').map(({ slices }) => slices)).toEqual(lstmOrder.map((_, i) => [{ axis: 1, start: i * hidden, end: (i + 1) * hidden }]));
    expect(blocksOf('bias').map(({ sampler }) => sampler)).toEqual(lstmOrder.map((name) => ({ kind: 'constant', value: name === 'forget gate' ? 1 : 0 })));
  });
});

describe('an LSTM as two convolutions in a Scan', () => {
  const layers = layersOf(convolutionalLstm);

  it('has gates along the last axis of both kernels, each with the fans of its window', () => {
    expect(layers.map(({ cell, detail, activation, weights }) => [cell, detail, activation, weights.map(({ name, role }) => [name, role])])).toEqual([
      ['LSTM', `LSTM, hidden ${hidden}, 3`, null, [['W', 'kernel'], ['bias', 'bias']]], ['LSTM', `LSTM, hidden ${hidden}, 3`, null, [['R', 'recurrent']]],
    ]);
    for (const name of ['W', 'R', 'bias']) expect(gatesOf(weightNamed(layers, name))).toEqual(lstmOrder);
    expect(weightNamed(layers, 'W').fans).toEqual({ fanIn: 3 * features, fanOut: 3 * hidden });
    const slices = lstmOrder.map((_, i) => [{ axis: 2, start: i * hidden, end: (i + 1) * hidden }]);
    const { parts } = weightNamed(layers, 'R');
    expect(parts.map(({ slices: own, rows, columns }) => [own, rows, columns])).toEqual(slices.map((own) => [own, 3 * hidden, hidden]));
  });
  it('is drawn gate by gate, and its forget gate starts open', () => {
    expect(['W', 'R', 'bias'].map((name) => titleOf(layers, name))).toEqual(['Xavier normal', 'Orthogonal', 'Zeros, forget gate 1']);
    const recipes = createRecipes(layers, { scheme: 'recommended', seed: 3 });
    const drawn = sampleFloat32(present(recipes.find(({ tensorId }) => tensorId === 'R')), [3, hidden, 4 * hidden]);
    // The columns of each gate are orthonormal over window and channels.
    const dot = (a: number, b: number): number => Array.from({ length: 3 * hidden }, (_, row) => (
      (drawn[row * 4 * hidden + a] ?? 0) * (drawn[row * 4 * hidden + b] ?? 0))).reduce((sum, each) => sum + each, 0);
    for (const gate of [0, hidden, 2 * hidden]) expect([dot(gate, gate), dot(gate, gate + 1)].map((each) => Math.round(each * 1e6) / 1e6 + 0)).toEqual([1, 0]);
  });
});

describe('a GRU as two products', () => {
  it('whose inputs are multiplied before the loop: each product has its row of the biases', () => {
    const layers = layersOf(kerasGru);
    expect(layers.map(({ cell, weights }) => [cell, weights.map(({ name, role }) => [name, role])])).toEqual([
      ['GRU', [['W', 'kernel'], ['bias', 'bias']]], ['GRU', [['R', 'recurrent'], ['bias', 'bias']]],
    ]);
    for (const name of ['W', 'R']) expect(gatesOf(weightNamed(layers, name))).toEqual(['update gate', 'reset gate', 'candidate']);
    expect(weightNamed(layers, 'W').fans).toEqual(fansOf(features));
    expect(titleOf(layers, 'R')).toBe('Orthogonal');
  });
  it('which resets the state before it multiplies it: both products are by columns of one recurrent kernel', () => {
    const layers = layersOf(kerasGruBefore);
    expect(layers.map(({ weights }) => weights.map(({ name, role, seenShape }) => [name, role, seenShape]))).toEqual([
      [['W', 'kernel', [features, 3 * hidden]]], [['R', 'recurrent', [hidden, 2 * hidden]]], [['R', 'recurrent', [hidden, hidden]]],
    ]);
    for (const layer of layers) expect(gatesOf(only(layer.weights))).toEqual(['update gate', 'reset gate', 'candidate']);
    const recipe = only(createRecipes(layers, { scheme: 'recommended', seed: 0 }).filter(({ tensorId }) => tensorId === 'R'));
    expect(recipe.blocks.map(({ sampler }) => sampler.kind)).toEqual(['orthogonal', 'orthogonal', 'orthogonal']);
  });
});

describe('a cell whose steps are written out', () => {
  it('is two layers, with all steps of each', () => {
    const layers = layersOf(cellSteps);
    expect(layers.map(({ detail, steps, weights }) => [detail, steps?.length, weights.map(({ name, role }) => [name, role])])).toEqual([
      [`LSTM, hidden ${hidden}, 3 steps`, 2, [['W', 'kernel'], ['bias_ih', 'bias']]],
      [`LSTM, hidden ${hidden}, 3 steps`, 2, [['R', 'recurrent'], ['bias_hh', 'bias']]],
    ]);
    const slices = lstmOrder.map((_, i) => [{ axis: 0, start: i * hidden, end: (i + 1) * hidden }]);
    expect(weightNamed(layers, 'R').parts.map((part) => part.slices)).toEqual(slices);
    // Of two biases that are added only one opens the gate.
    expect([titleOf(layers, 'bias_ih'), titleOf(layers, 'bias_hh')]).toEqual(['Zeros, forget gate 1', 'Zeros']);
  });
  it('may be one product that adds the other, in chunks whose bounds are worked out', () => {
    const layers = layersOf(cellByChunks);
    expect(layers.map(({ detail, weights }) => [detail, weights.map(({ name, role }) => [name, role])])).toEqual([
      [`LSTM, hidden ${hidden}, 3 steps`, [['R', 'recurrent']]], [`LSTM, hidden ${hidden}, 3 steps`, [['W', 'kernel'], ['bias', 'bias']]],
    ]);
    for (const name of ['W', 'R', 'bias']) expect(gatesOf(weightNamed(layers, name))).toEqual(lstmOrder);
  });
  it('may have one matrix for what it reads and for its state', () => {
    const layer = only(layersOf(joined));
    const { role, fans } = only(layer.weights);
    expect([layer.detail, role, fans]).toEqual([`LSTM, hidden ${hidden}, 3 steps`, 'kernel', fansOf(features + hidden)]);
  });
});

describe('what only looks like a cell', () => {
  it('has no state: gates of a feed-forward network keep their activation', () => {
    const layers = layersOf((b) => {
      b.weight('W', [features, 2 * hidden]);
      const [a = '', g = ''] = b.addMany('Split', [b.add('MatMul', [b.input('x', 'float32', [1, features]), 'W'])], 2, { axis: 1 });
      return b.add('Mul', [b.add('Tanh', [a]), b.add('Sigmoid', [g])]);
    });
    expect(only(layers).cell).toBeUndefined();
    expect(only(layers).activation).not.toBeNull();
  });
  it('is read by a second cell in the same loop, whose input kernel is not recurrent', () => {
    const b = new NetworkBuilder();
    for (const name of ['W1', 'R1', 'W2', 'R2']) b.weight(name, [hidden, 4 * hidden]);
    const y = loop(b, b.input('x', 'float32', [6, 1, hidden]), ['h1', 'c1', 'h2', 'c2'], (body, x, [h1 = '', c1 = '', h2 = '', c2 = '']) => {
      const sumOf = (read: string, W: string, h: string, R: string): string => body.add('Add', [body.add('MatMul', [read, W]), body.add('MatMul', [h, R])]);
      const first = lstm(body, sumOf(x, 'W1', h1, 'R1'), c1);
      const second = lstm(body, sumOf(first.h, 'W2', h2, 'R2'), c2);
      return [first.h, first.c, second.h, second.c];
    });
    const layers = detectLayers(b.finish(y));
    expect(layers.map(({ cell, weights }) => [cell, only(weights).name, only(weights).role])).toEqual([
      ['LSTM', 'W1', 'kernel'], ['LSTM', 'R1', 'recurrent'], ['LSTM', 'W2', 'kernel'], ['LSTM', 'R2', 'recurrent'],
    ]);
  });
});
