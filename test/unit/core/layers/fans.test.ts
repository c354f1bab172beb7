import { describe, expect, it } from 'vitest';

import { float } from '../../../../src/core/graph/builder';
import type { AttributeLiteral } from '../../../../src/core/graph/builder';
import { fanConventions } from '../../../../src/core/layers/conventions';
import type { LayerWeight } from '../../../../src/core/layers/layer';
import type { WeightRole } from '../../../../src/protocol/report';
import { field, numbersOf, readJson } from '../../../golden/goldens';
import type { NetworkBuilder } from '../../support/graphs';
import { layersOf, only, present } from '../../support/graphs';

const goldens = field(readJson('fans.json'), 'rows');

type Attributes = Readonly<Record<string, AttributeLiteral>>;
type Build = (b: NetworkBuilder) => string;
/** Name, network, role of its weight, true fans (of a part where there are parts), parts, and which row of the golden values is the libraries'. */
type Row = readonly [string, Build, WeightRole, readonly [number, number], number, string];

const x = (b: NetworkBuilder): string => b.input('x', 'float32', ['n', 5, 8]);
const gemm = (shape: readonly number[], attributes: Attributes = {}): Build => (b) => b.add('Gemm', [x(b), b.weight('w', shape)], attributes);
const right = (shape: readonly number[]): Build => (b) => b.add('MatMul', [x(b), b.weight('w', shape)]);
const left = (shape: readonly number[]): Build => (b) => b.add('MatMul', [b.weight('w', shape), x(b)]);
const conv = (shape: readonly number[], attributes: Attributes = {}, op = 'Conv'): Build => (b) => b.add(op, [x(b), b.weight('w', shape)], attributes);
const einsum = (equation: string, shape: readonly number[]): Build => (b) => b.add('Einsum', [x(b), b.weight('w', shape)], { equation });
const bilinear: Build = (b) => b.add('Einsum', [x(b), b.weight('w', [5, 6, 7]), b.input('z', 'float32', ['n', 7])], { equation: 'bi,oij,bj->bo' });
const recurrent = (op: string, gates: number, directions: number): Build => (b) => {
  const [w, r] = [b.weight('w', [directions, gates * 16, 12]), b.weight('r', [directions, gates * 16, 16])];
  return b.add(op, [x(b), w, r], { hidden_size: 16, direction: directions === 2 ? 'bidirectional' : 'forward' });
};
const attend = (b: NetworkBuilder, [q = '', k = '', v = '']: readonly string[]): string => (
  b.add('MatMul', [b.add('Softmax', [b.add('MatMul', [q, b.add('Transpose', [k], { perm: [0, 2, 1] })])]), v]));
const packed = (take: (b: NetworkBuilder, y: string) => readonly string[], width = 24): Build => (b) => (
  attend(b, take(b, b.add('MatMul', [x(b), b.weight('w', [8, width])]))));
const split = packed((b, y) => b.addMany('Split', [y], 3, { axis: -1 }));
const sliced = packed((b, y) => [0, 8, 16].map((start) => b.add('Slice', [y, b.ints([start]), b.ints([start + 8]), b.ints([-1])])));
const unequal = packed((b, y) => {
  const [q = '', k = '', v = ''] = b.addMany('Split', [y, b.ints([8, 4, 4])], 3, { axis: 2 });
  return [q, b.add('Concat', [k, k], { axis: -1 }), b.add('Concat', [v, v], { axis: -1 })];
}, 16);
const picked = packed((b, y) => {
  const apart = b.add('Transpose', [b.add('Reshape', [y, b.ints([0, 0, 3, 2, 4])])], { perm: [2, 0, 3, 1, 4] });
  return [0, 1, 2].map((i) => b.add('Gather', [apart, b.constant('int64', [], [i])], { axis: 0 }));
});
const microsoft: Build = (b) => {
  const inputs = [x(b), b.weight('w', [8, 24]), b.weight('bias', [24])];
  b.append({ name: 'attention', domain: 'com.microsoft', op: 'Attention', inputs, outputs: ['a'], attributes: { num_heads: { kind: 'int', value: 2 } } });
  return 'a';
};
const lookup: Build = (b) => b.add('Gather', [b.weight('w', [96, 64]), b.input('ids', 'int64', ['n'])]);

/** The fan table of reference/initialization.md, row by row. */
const rows: readonly Row[] = [
  ['Gemm, transB = 1', gemm([30, 20], { transB: 1 }), 'kernel', [20, 30], 0, '[out, in]'],
  ['Gemm, transB = 0', gemm([20, 30]), 'kernel', [20, 30], 0, '[in, out]'],
  ['Gemm, transB = 1, alpha', gemm([30, 20], { transB: 1, alpha: float(0.5) }), 'kernel', [5, 30], 0, '[out, in]'],
  ['Gemm, transB = 0, alpha', gemm([20, 30], { alpha: float(2) }), 'kernel', [80, 30], 0, '[in, out]'],
  ['MatMul, right', right([20, 30]), 'kernel', [20, 30], 0, '[in, out]'],
  ['MatMul, left', left([30, 20]), 'kernel', [20, 30], 0, '[out, in]'],
  ['MatMul, right, in batches', right([7, 20, 30]), 'kernel', [20, 30], 0, '[batch, in, out]'],
  ['MatMul, left, in batches', left([7, 30, 20]), 'kernel', [20, 30], 0, '[batch, out, in]'],
  ['Conv', conv([16, 8, 3, 3]), 'kernel', [72, 144], 0, 'conv'],
  ['Conv, stride', conv([16, 8, 3, 3], { strides: [2, 2] }), 'kernel', [72, 36], 0, 'conv'],
  ['Conv, stride in one direction', conv([16, 8, 3, 3], { strides: [3, 1] }), 'kernel', [72, 48], 0, 'conv'],
  ['Conv, groups', conv([16, 2, 3, 3], { group: 4 }), 'kernel', [18, 36], 0, 'conv, 4 groups'],
  ['Conv, groups and stride', conv([16, 2, 3, 3], { group: 4, strides: [2, 2] }), 'kernel', [18, 9], 0, 'conv, 4 groups'],
  ['Conv, depthwise with a multiplier', conv([16, 1, 3, 3], { group: 8 }), 'kernel', [9, 18], 0, 'depthwise, twice'],
  ['Conv, one dimension', conv([16, 8, 5]), 'kernel', [40, 80], 0, 'conv of 1 dimension'],
  ['ConvTranspose', conv([8, 16, 3, 3], {}, 'ConvTranspose'), 'kernel', [72, 144], 0, 'transposed conv'],
  ['ConvTranspose, stride', conv([8, 16, 3, 3], { strides: [2, 2] }, 'ConvTranspose'), 'kernel', [18, 144], 0, 'transposed conv'],
  ['ConvTranspose, groups', conv([8, 4, 3, 3], { group: 4 }, 'ConvTranspose'), 'kernel', [18, 36], 0, 'transposed conv, 4 groups'],
  ['ConvTranspose, groups and stride', conv([8, 4, 3, 3], { group: 4, strides: [3, 1] }, 'ConvTranspose'), 'kernel', [6, 36], 0, 'transposed conv, 4 groups'],
  ...[1, 2].flatMap((directions): readonly Row[] => {
    const both = directions === 2 ? ', two directions' : '';
    const isPlain = directions === 1 ? 0 : 2;
    return [
      [`LSTM, W${both}`, recurrent('LSTM', 4, directions), 'kernel', [12, 16], 4 * directions, 'LSTM W'],
      [`LSTM, R${both}`, recurrent('LSTM', 4, directions), 'recurrent', [16, 16], 4 * directions, 'LSTM R'],
      [`GRU, W${both}`, recurrent('GRU', 3, directions), 'kernel', [12, 16], 3 * directions, 'GRU W'],
      [`GRU, R${both}`, recurrent('GRU', 3, directions), 'recurrent', [16, 16], 3 * directions, 'GRU R'],
      [`RNN, W${both}`, recurrent('RNN', 1, directions), 'kernel', [12, 16], isPlain, 'RNN W'],
      [`RNN, R${both}`, recurrent('RNN', 1, directions), 'recurrent', [16, 16], isPlain, 'RNN R'],
    ];
  }),
  ['packed projections, Split', split, 'kernel', [8, 8], 3, 'packed'],
  ['packed projections, Slice', sliced, 'kernel', [8, 8], 3, 'packed'],
  ['packed projections, Reshape and Gather', picked, 'kernel', [8, 8], 3, 'packed'],
  ['packed projections, of different widths', unequal, 'kernel', [8, 8], 3, 'packed unequally'],
  ['packed projections, com.microsoft Attention', microsoft, 'kernel', [8, 8], 3, 'packed'],
  ['Einsum as a matrix product', einsum('bi,io->bo', [20, 30]), 'kernel', [20, 30], 0, '[in, out]'],
  ['Einsum, the other way round', einsum('bi,oi->bo', [30, 20]), 'kernel', [20, 30], 0, '[out, in]'],
  ['Bilinear', bilinear, 'kernel', [42, 5], 0, 'bilinear'],
];

const weightOf = (build: Build, role: WeightRole): LayerWeight => present(layersOf(build).flatMap((layer) => layer.weights).find((weight) => (
  weight.role === role && ['w', 'r'].includes(weight.name))));
const nodeOf = (build: Build) => present(layersOf(build)[0]).node;

describe('fans are what an output element sums over, and what libraries count is said where it differs', () => {
  it.each(rows)('%s', (_, build, role, [fanIn, fanOut], parts, row) => {
    const weight = weightOf(build, role);
    expect(weight.fans).toEqual({ fanIn, fanOut });
    expect(weight.parts.length > 1 ? weight.parts.length : 0).toBe(parts);
    const golden = field(goldens, row);
    const counted = new Map((['PyTorch', 'Keras'] as const).map((library) => [library, numbersOf(field(golden, library))]));
    const differing = [...counted].filter(([, fans]) => fans[0] !== fanIn || fans[1] !== fanOut);
    const conventions = fanConventions(nodeOf(build), weight);
    expect(conventions.map((each) => [each.library, [each.fanIn, each.fanOut]])).toEqual(differing);
    for (const { reason } of conventions) expect(reason).toMatch(/^([A-Z]|\d+ )[^:]* (is|are) [^.]*\./);
  });
  it('a table sums nothing, whatever libraries count', () => {
    const weight = only(layersOf(lookup).flatMap((layer) => layer.weights));
    expect([weight.role, weight.fans?.fanIn]).toEqual(['embedding', 1]);
    const conventions = fanConventions(nodeOf(lookup), weight);
    expect(conventions.map((each) => [each.library, [each.fanIn, each.fanOut]]))
      .toEqual((['PyTorch', 'Keras'] as const).map((library) => [library, numbersOf(field(field(goldens, 'table'), library))]));
  });
  it('each part has its own fans and its own place', () => {
    expect(weightOf(unequal, 'kernel').parts.map(({ name, fans, slices, rows: r, columns }) => [name, fans, slices, r, columns])).toEqual([
      ['query', { fanIn: 8, fanOut: 8 }, [{ axis: 1, start: 0, end: 8 }], 8, 8], ['key', { fanIn: 8, fanOut: 4 }, [{ axis: 1, start: 8, end: 12 }], 8, 4],
      ['value', { fanIn: 8, fanOut: 4 }, [{ axis: 1, start: 12, end: 16 }], 8, 4],
    ]);
    expect(weightOf(microsoft, 'kernel').parts.map(({ name, slices }) => [name, slices])).toEqual([
      ['query', [{ axis: 1, start: 0, end: 8 }]], ['key', [{ axis: 1, start: 8, end: 16 }]], ['value', [{ axis: 1, start: 16, end: 24 }]],
    ]);
    expect(weightOf(recurrent('LSTM', 4, 2), 'recurrent').parts[6]).toMatchObject({ name: 'forget gate, reverse', fans: { fanIn: 16, fanOut: 16 } });
  });
});
