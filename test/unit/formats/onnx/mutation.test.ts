import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { headline } from '../../../../src/core/report/headline';
import { createReport } from '../../../../src/core/report/report';
import type { ByteSource } from '../../../../src/formats/files/byteSource';
import { openBytes } from '../../../../src/formats/files/byteSource';
import { FilePool } from '../../../../src/formats/tensors/content';
import { measureWeight, runNow } from '../../../../src/formats/tensors/measure';
import { openModel } from '../../../../src/formats/openModel';
import { locateRecord } from '../../../../src/formats/onnx/record';
import { equalTensors, joinTies } from '../../../../src/formats/tensors/ties';
import { isMeasurable } from '../../../../src/formats/tensors/weightChunks';
import { Failure } from '../../../../src/protocol/failure';
import type { WeightStatistics } from '../../../../src/protocol/report';
import { present } from '../../support/graphs';
import { root, samples } from '../../support/models';
import {
  attribute, bareAttribute, call, concat, external, floatBytes, graph, int, localFunction, loneFloats, message, model, node, packedInts, raw, reference,
  sparse, tensor, text, types, valueInfo, varint,
} from '../../support/protobuf';
import { createRandom } from '../../support/random';
import { createFolder } from '../../support/temporary';

/** Of a model that takes a moment to measure, and of one that does not. */
const [fewMutants, manyMutants] = [200, 800];
const small = 1 << 14;
const stamp = { size: 0, mtimeMs: 0 };
const folder = createFolder();
writeFileSync(path.join(folder, 'weights.bin'), floatBytes(Array.from({ length: 64 }, (_, i) => i - 32)));

/** Counts what is read, so that a file cannot make the reader read more than there is of it, many times over. */
class CountingPool extends FilePool {
  read = 0;
  readonly mutant: ByteSource;

  constructor(bytes: Uint8Array) {
    super();
    this.mutant = this.#counted({ ...openBytes('mutant.onnx', bytes), folder });
  }

  override source(file: string): ByteSource {
    return file === this.mutant.name ? this.mutant : this.#counted(super.source(file));
  }

  #counted(inner: ByteSource): ByteSource {
    return {
      ...inner,
      read: (offset, length) => {
        const result = inner.read(offset, length);
        this.read += result.length;
        return result;
      },
    };
  }
}

type Mutation = (bytes: Uint8Array, random: () => number) => Uint8Array;
const at = (bytes: Uint8Array, random: () => number): number => Math.floor(random() * bytes.length);
/** Where the structure is: names, shapes and tags are mostly at the ends of a file, between them there are weights. */
const nearAnEnd = (bytes: Uint8Array, random: () => number): number => (
  random() < 0.5 ? Math.floor(random() * Math.min(4096, bytes.length)) : Math.max(0, bytes.length - 1 - Math.floor(random() * 4096)));

const mutations: Readonly<Record<string, Mutation>> = {
  truncation: (bytes, random) => bytes.slice(0, random() < 0.5 ? at(bytes, random) : nearAnEnd(bytes, random)),
  bitFlips: (bytes, random) => {
    const result = bytes.slice();
    for (let flips = 1 + Math.floor(random() * 8); flips > 0; flips--) {
      const where = random() < 0.7 ? nearAnEnd(bytes, random) : at(bytes, random);
      result[where] = (result[where] ?? 0) ^ (1 << Math.floor(random() * 8));
    }
    return result;
  },
  lengthBomb: (bytes, random) => {
    const result = bytes.slice();
    const bomb = varint(random() < 0.5 ? 2 ** 31 - 1 : 2n ** 63n - 1n);
    result.set(bomb.slice(0, result.length), Math.min(nearAnEnd(bytes, random), Math.max(0, result.length - bomb.length)));
    return result;
  },
  noise: (bytes, random) => {
    const result = bytes.slice();
    const start = nearAnEnd(bytes, random);
    for (let i = start; i < Math.min(result.length, start + 64); i++) result[i] = Math.floor(random() * 256);
    return result;
  },
  extremes: (bytes, random) => {
    const result = bytes.slice();
    for (let i = 1 + Math.floor(random() * 3); i > 0; i--) result[nearAnEnd(bytes, random)] = [0, 1, 0x7f, 0x80, 0xff][Math.floor(random() * 5)] ?? 0;
    return result;
  },
  repetition: (bytes, random) => {
    const start = nearAnEnd(bytes, random);
    const end = Math.min(bytes.length, start + 1 + Math.floor(random() * 100));
    return concat(bytes.subarray(0, end), bytes.subarray(start));
  },
  cut: (bytes, random) => {
    const start = nearAnEnd(bytes, random);
    const end = Math.min(bytes.length, start + 1 + Math.floor(random() * 200));
    return concat(bytes.subarray(0, start), bytes.subarray(end));
  },
};

/** Tries something that may refuse the mutant in words; anything else that is thrown is a defect. */
function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    expect(error.message).toMatch(/mutant\.onnx|weights\.bin/);
  }
}

/** Opens a mutant, measures all its weights, and reports on it. */
function survive(bytes: Uint8Array): void {
  const pool = new CountingPool(bytes);
  attempt(() => {
    const opened = openModel(pool.mutant, stamp);
    // The window is read again after every payload that is skipped: 64 KiB for each of at most a few hundred tensors.
    expect(pool.read).toBeLessThan(4 * bytes.length + (64 << 20));
    const structure = pool.read;
    const statistics = new Map<string, WeightStatistics>();
    for (const each of opened.layers.flatMap((layer) => layer.weights)) {
      if (!statistics.has(each.id) && isMeasurable(each)) attempt(() => statistics.set(each.id, runNow(measureWeight(pool, each, {}))));
    }
    const external = 256 * statistics.size;
    // Twice for the statistics, the scales of quantised ones with each, and once more for tensors that look alike.
    const passes = opened.quantizations.size > 0 ? 5 : 3;
    attempt(() => {
      const ties = joinTies(opened.ties, runNow(equalTensors(pool, opened.layers, statistics, () => ({}))));
      expect(createReport({ ...opened, statistics, ties, applied: new Map() }).layers.length).toBe(opened.layers.length);
    });
    expect(pool.read - structure).toBeLessThanOrEqual(passes * (bytes.length + external));
    const report = createReport({ ...opened, statistics, applied: new Map() });
    expect(headline(report.layers, report.diagnostics, {}).text).not.toBe('');
  });
  attempt(() => void locateRecord(pool.mutant));
  pool.close();
}

const weight = (name: string, shape: readonly number[], ...values: readonly Uint8Array[]): Uint8Array => tensor(name, types.float32, shape, ...values);
const eight = raw(floatBytes([1, -1, 0.5, 2, 0, 3, -0.25, 4]));
const ends = { inputs: [valueInfo('x', ['n', 4])], outputs: [valueInfo('y', ['n', 2])] };
const branch = (name: string): Uint8Array => message(6, graph({
  nodes: [node('MatMul', ['x', name], ['b'])], initializers: [weight(name, [4, 2], eight)], outputs: [text(1, 'b')],
}));

/** Structures that exporters write seldom, each in as few bytes as it takes. */
const rare: Readonly<Record<string, Uint8Array>> = {
  'functions': model({ nodes: [call('Linear', ['x'], ['h'], [], 'one'), call('Linear', ['h'], ['y'], [], 'two')], ...ends }, 17, localFunction({
    name: 'Linear', inputs: ['x'], outputs: ['y'], nodes: [
      node('Constant', [], ['w'], [attribute('value', 4, message(5, weight('', [4, 2], eight)))]), node('MatMul', ['x', 'w'], ['h']),
      node('LeakyRelu', ['h'], ['y'], [reference('alpha', 1, 'slope')]),
    ], defaults: [bareAttribute('slope', 1, loneFloats(2, [0.25]))],
  })),
  'subgraphs': model({ nodes: [node('If', ['c'], ['y'], [attribute('then_branch', 5, branch('u')), attribute('else_branch', 5, branch('v'))])], ...ends }),
  'sparse tensors': model({
    nodes: [node('MatMul', ['x', 'w'], ['h']), node('Constant', [], ['v'], [attribute('sparse_value', 11, message(22, sparse(
      weight('', [2], raw(floatBytes([1, 2]))), tensor('', types.int64, [2, 2], packedInts(7, [0, 1, 1, 0])), [2, 2])))]), node('MatMul', ['h', 'v'], ['y'])],
    sparse: [sparse(weight('w', [8], eight), tensor('', types.int64, [8], packedInts(7, [0, 1, 2, 3, 4, 5, 6, 7])), [4, 2])], ...ends,
  }),
  'external data': model({
    nodes: [node('MatMul', ['x', 'w'], ['h']), node('Add', ['h', 'b'], ['y'])],
    initializers: [
      weight('w', [4, 8], external({ location: 'weights.bin', offset: '64', length: '128' })), weight('b', [8], external({ location: 'weights.bin' })),
    ], ...ends,
  }),
  'values of every kind': model({
    nodes: [node('Gemm', ['x', 'w', 'b'], ['h'], [attribute('transB', 2, int(3, 1))]), node('Reshape', ['h', 's'], ['r']), node('MatMul', ['r', 'v'], ['y'])],
    initializers: [
      tensor('w', types.float16, [2, 4], packedInts(5, [0x3c00, 0xbc00, 0x3800, 0x4000, 0, 0x4200, 1, 0x7bff])), weight('b', [2], loneFloats(4, [1, 2])),
      tensor('s', types.int64, [2], packedInts(7, [-1, 2])), tensor('v', types.bfloat16, [2, 2], packedInts(5, [0x3f80, 0xc000, 0, 0x4040])),
    ], ...ends,
  }),
};

const fixture = (name: string): string => path.join(root, 'test/fixtures', name);
const files = [
  ...samples, fixture('golden/separable-cnn.onnx'),
  ...['lstm-two.script11', 'gru-two.dynamo18', 'attention.script14', 'activations.dynamo18', 'packed.script13', 'norms.script11']
    .map((name) => fixture(`exports/${name}.onnx`)),
];
const models = [...files.map((file) => [path.basename(file), new Uint8Array(readFileSync(file))] as const), ...Object.entries(rare)];

describe.each(models)('mutants of %s', (_, original) => {
  it('come from a model that is read without a complaint', () => {
    const { findings, layers } = openModel(new CountingPool(original).mutant, stamp);
    expect(findings).toEqual([]);
    expect(layers.length).toBeGreaterThan(0);
  });
  it.each(Object.keys(mutations))('by %s are opened, measured and reported on, or refused in words', (kind) => {
    const mutate = present(mutations[kind]);
    const random = createRandom(kind.length * 1000 + original.length);
    const count = original.length < small ? manyMutants : fewMutants;
    for (let i = 0; i < count / Object.keys(mutations).length; i++) survive(mutate(original, random));
  });
});

describe('bytes that never were a model', () => {
  it('are refused in words', () => {
    const random = createRandom(7);
    for (let i = 0; i < 500; i++) {
      survive(Uint8Array.from({ length: 1 + Math.floor(random() * 400) }, () => Math.floor(random() * 256)));
    }
  });
  it('are refused also where they begin like one', () => {
    const random = createRandom(8);
    const head = [0x08, 0x08, 0x3a];
    for (let i = 0; i < 500; i++) {
      const body = Array.from({ length: 1 + Math.floor(random() * 300) }, () => Math.floor(random() * 256) & (random() < 0.5 ? 0x3f : 0xff));
      survive(Uint8Array.from([...head, ...varint(body.length), ...body]));
    }
  });
});
