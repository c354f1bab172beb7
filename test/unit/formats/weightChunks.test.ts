import { describe, expect, it } from 'vitest';

import type { LayerWeight } from '../../../src/core/layers/layer';
import { createReport } from '../../../src/core/report/report';
import { openBytes } from '../../../src/formats/files/byteSource';
import { FilePool } from '../../../src/formats/tensors/content';
import { measureWeight, runNow } from '../../../src/formats/tensors/measure';
import type { OpenedModel } from '../../../src/formats/openModel';
import { openModel } from '../../../src/formats/openModel';
import { equalTensors } from '../../../src/formats/tensors/ties';
import { isMeasurable, isRepeated, weightChunks } from '../../../src/formats/tensors/weightChunks';
import type { WeightStatistics } from '../../../src/protocol/report';
import { present } from '../support/graphs';
import { attribute, floatBytes, int, message, model, node, packedInts, raw, sparse, tensor, types, valueInfo } from '../support/protobuf';
import { createRandom } from '../support/random';

interface Read {
  readonly opened: OpenedModel;
  readonly pool: FilePool;
}

function read(bytes: Uint8Array): Read {
  const source = openBytes('net.onnx', bytes);
  return { opened: openModel(source, { size: 0, mtimeMs: 0 }), pool: new FilePool(source) };
}

const weightsOf = ({ opened }: Read): readonly LayerWeight[] => opened.layers.flatMap((layer) => layer.weights);

function numbersOf(given: Read, name: string): readonly number[] {
  const weight = present(weightsOf(given).find((each) => each.name === name));
  return [...weightChunks(given.pool, weight, {})].flatMap((chunk) => (
    isRepeated(chunk) ? Array.from({ length: chunk.count }, () => chunk.value) : Array.from(chunk)));
}

const floats = (name: string, shape: readonly number[], values: readonly number[]): Uint8Array => tensor(name, types.float32, shape, raw(floatBytes(values)));
const bytesOf = (values: readonly number[]): Uint8Array => new Uint8Array(Int8Array.from(values).buffer);
const whole = (name: string, value: number): Uint8Array => attribute(name, 2, int(3, value));

describe('a quantised weight', () => {
  const quantized = tensor('q', types.int8, [2, 3], raw(bytesOf([-128, 0, 127, 1, 2, 3])));
  const network = (scale: Uint8Array, zero: Uint8Array | null, ...attributes: readonly Uint8Array[]): Read => read(model({
    nodes: [node('DequantizeLinear', ['q', 'scale', ...(zero ? ['zero'] : [])], ['w'], attributes), node('MatMul', ['x', 'w'], ['y'])],
    initializers: [quantized, scale, ...(zero ? [zero] : [])], inputs: [valueInfo('x', ['n', 2])], outputs: [valueInfo('y', ['n', 3])],
  }));
  it('takes its integers in the file, which its size counts', () => {
    const { opened } = network(floats('scale', [], [0.5]), tensor('zero', types.int8, [], raw(bytesOf([3]))));
    const report = createReport({ ...opened, statistics: new Map(), applied: new Map() });
    expect([report.parameters, report.storedFloats, report.storedBytes]).toEqual([6, 1, 6 + 4]);
  });
  it('stands for its numbers times one scale', () => {
    expect(numbersOf(network(floats('scale', [], [0.5]), null), 'q')).toEqual([-64, 0, 63.5, 0.5, 1, 1.5]);
  });
  it('less its zero point', () => {
    const zero = tensor('zero', types.int8, [], raw(bytesOf([2])));
    expect(numbersOf(network(floats('scale', [], [2]), zero), 'q')).toEqual([-260, -4, 250, -2, 0, 2]);
  });
  it.each([
    [0, [1, 10], [-128, 0, 127, 10, 20, 30]], [1, [1, 10, 100], [-128, 0, 12700, 1, 20, 300]],
  ])('with a scale for each index of axis %d', (axis, scales, expected) => {
    expect(numbersOf(network(floats('scale', [scales.length], scales), null, whole('axis', axis)), 'q')).toEqual(expected);
  });
  it('with a scale for each block', () => {
    const given = network(floats('scale', [1, 3], [1, 10, 100]), null, whole('axis', 0), whole('block_size', 2));
    expect(numbersOf(given, 'q')).toEqual([-128, 0, 12700, 1, 20, 300]);
  });
  it('is described by its scales', () => {
    const { quantizations } = network(floats('scale', [3], [1, 10, 0.1]), null).opened;
    expect(quantizations.get('q')).toEqual({ scales: { count: 3, min: expect.closeTo(0.1, 7) as number, max: 10 }, axis: 1 });
  });
});

describe('a sparse weight', () => {
  const stored = [1, -2, 4];
  const w = sparse(floats('w', [3], stored), tensor('', types.int64, [3], packedInts(7, [0, 700, 1999])), [40, 50]);
  const given = read(model({
    nodes: [node('MatMul', ['x', 'w'], ['y'])], sparse: [w], inputs: [valueInfo('x', ['n', 40])], outputs: [valueInfo('y', ['n', 50])],
  }));
  it('is measured with the zeros it leaves out', () => {
    const statistics = runNow(measureWeight(given.pool, present(weightsOf(given)[0]), {}));
    const mean = 3 / 2000;
    expect(statistics).toMatchObject({ count: 2000, min: -2, max: 4, zeros: 1997, nonFinite: 0 });
    expect(statistics.mean).toBeCloseTo(mean, 15);
    expect(statistics.std).toBeCloseTo(Math.sqrt(21 / 2000 - mean ** 2), 15);
    expect(statistics.histogram?.counts.reduce((sum, count) => sum + count, 0)).toBe(2000);
  });
});

describe('a weight that is computed from its shape', () => {
  const given = read(model({
    nodes: [
      node('ConstantOfShape', ['shape'], ['w'], [attribute('value', 4, message(5, floats('', [1], [0.25])))]),
      node('Conv', ['x', 'w'], ['y']),
    ],
    initializers: [tensor('shape', types.int64, [4], packedInts(7, [64, 1024, 32, 32]))],
    inputs: [valueInfo('x', ['n', 1024, 64, 64])], outputs: [valueInfo('y', [])],
  }));
  it('is measured without being written out', () => {
    const [weight] = weightsOf(given);
    expect(isMeasurable(present(weight))).toBe(true);
    const statistics = runNow(measureWeight(given.pool, present(weight), {}));
    expect(statistics).toMatchObject({ count: 2 ** 26, mean: 0.25, std: 0, min: 0.25, max: 0.25, zeros: 0, nonFinite: 0 });
    expect(statistics.histogram?.counts.reduce((sum, count) => sum + count, 0)).toBe(2 ** 26);
  });
});

describe('tensors that hold the same numbers', () => {
  const random = createRandom(9);
  const [rows, columns] = [12, 20];
  const values = Array.from({ length: rows * columns }, () => Math.fround(random() - 0.5));
  const transposed = Array.from({ length: rows * columns }, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)] ?? NaN);
  const shuffled = [...values.slice(1), values[0] ?? 0];
  const given = read(model({
    nodes: ['a', 'b', 'c', 'd'].map((name) => node('MatMul', ['x', name], [`y${name}`], [], `of ${name}`)),
    initializers: [
      floats('a', [rows, columns], values), floats('b', [rows, columns], values), floats('c', [columns, rows], transposed),
      floats('d', [rows, columns], shuffled),
    ],
    inputs: [valueInfo('x', ['n', 'k'])], outputs: ['a', 'b', 'c', 'd'].map((name) => valueInfo(`y${name}`, ['n', 'm'])),
  }));
  it('are counted as parameters each, unless they are one transposed', () => {
    const statistics = new Map<string, WeightStatistics>(weightsOf(given).map((weight) => [weight.id, runNow(measureWeight(given.pool, weight, {}))]));
    const ties = runNow(equalTensors(given.pool, given.opened.layers, statistics, () => ({})));
    expect(createReport({ ...given.opened, statistics, ties, applied: new Map() }).parameters).toBe(3 * rows * columns);
  });
  it('are listed in bounded number where thousands are alike', () => {
    const clones = Array.from({ length: 3000 }, (_, i) => `w${i}`);
    const many = read(model({
      nodes: clones.map((name) => node('MatMul', ['x', name], [`y${name}`], [], `of ${name}`)),
      initializers: clones.map((name) => floats(name, [4, 5], values.slice(0, 20))),
      inputs: [valueInfo('x', ['n', 4])], outputs: [],
    }));
    const statistics = new Map<string, WeightStatistics>(weightsOf(many).map((weight) => [weight.id, runNow(measureWeight(many.pool, weight, {}))]));
    const ties = runNow(equalTensors(many.pool, many.opened.layers, statistics, () => ({})));
    expect(ties.size).toBe(3000);
    expect(new Set([...ties.values()].map((each) => each.length))).toEqual(new Set([16]));
  });
  it('are told apart from those that only have the same moments', () => {
    const statistics = new Map<string, WeightStatistics>(weightsOf(given).map((weight) => [weight.id, runNow(measureWeight(given.pool, weight, {}))]));
    const ties = runNow(equalTensors(given.pool, given.opened.layers, statistics, () => ({})));
    const found = given.opened.layers.map(({ name, weights: [weight] }) => (
      [name, (ties.get(JSON.stringify([name, weight?.id])) ?? []).map((tie) => `${tie.how} ${tie.weight}`)] as const));
    expect(found.map(([, tied]) => tied)).toEqual([['equal b', 'transposed c'], ['equal a', 'transposed c'], ['transposed a', 'transposed b'], []]);
  });
});

describe('biases of gates', () => {
  const hidden = 3;
  const lstm = (biases: readonly number[]): Read => read(model({
    nodes: [node('LSTM', ['x', 'W', 'R', 'B'], ['y'], [whole('hidden_size', hidden)])],
    initializers: [floats('W', [1, 4 * hidden, 2], Array.from({ length: 24 }, (_, i) => Math.sin(i))),
      floats('R', [1, 4 * hidden, hidden], Array.from({ length: 36 }, (_, i) => Math.cos(i))), floats('B', [1, 8 * hidden], biases)],
    inputs: [valueInfo('x', ['t', 'n', 2])], outputs: [valueInfo('y', ['t', 1, 'n', hidden])],
  }));
  const gatesOf = (given: Read): WeightStatistics['gates'] => (
    runNow(measureWeight(given.pool, present(weightsOf(given).find(({ role }) => role === 'bias')), {})).gates);
  it('that lie in one tensor are measured one by one: input, output, forget gate and cell, of W and of R', () => {
    const gates = present(gatesOf(lstm(Array.from({ length: 24 }, (_, i) => (i >= 6 && i < 9 ? 1 : i < 3 ? i : 0)))));
    expect(gates.map(({ mean }) => mean)).toEqual([1, 0, 1, 0, 0, 0, 0, 0]);
    expect(gates[0]?.std).toBeCloseTo(Math.sqrt(2 / 3), 12);
    expect(gates[2]?.std).toBe(0);
  });
  it('are left where one of them has no finite number', () => {
    expect(gatesOf(lstm(Array.from({ length: 24 }, (_, i) => (i < 3 ? NaN : 0))))).toBeUndefined();
  });
});
