import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import type { Tensor } from '../../../../src/core/graph/tensor';
import { openBytes, openFile } from '../../../../src/formats/files/byteSource';
import { FilePool, contentChunks } from '../../../../src/formats/tensors/content';
import { readElements } from '../../../../src/formats/tensors/elements';
import { readOnnx } from '../../../../src/formats/onnx/read';
import { Failure } from '../../../../src/protocol/failure';
import { present } from '../../support/graphs';
import {
  concat, doubleBytes, external, floatBytes, loneDoubles, loneFloats, loneInts, message, model, node, packedFloats, packedInts, raw, tensor, types,
} from '../../support/protobuf';
import { createFolder, createWriter } from '../../support/temporary';

const folder = createFolder();
const write = createWriter(folder);

/** The initializer `w` of a model that stores it so, with the elements read from where it is said to be. */
function stored(w: Uint8Array): { readonly tensor: Tensor; readonly elements: readonly number[] | null } {
  const bytes = model({ nodes: [node('MatMul', ['x', 'w'], ['y'])], initializers: [w] });
  const source = openBytes('net.onnx', bytes);
  const tensor_ = present(readOnnx(source).graph.initializers.get('w'));
  const elements = readElements(source, tensor_);
  return { tensor: tensor_, elements: elements && Array.from(elements, Number) };
}

const pieces = (count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => packedFloats(4, [i]));

describe('every way to store a tensor', () => {
  it.each([
    ['raw floats', tensor('w', types.float32, [2, 2], raw(floatBytes([1, -2, 3, 0.5]))), 'contiguous', [1, -2, 3, 0.5]],
    ['raw doubles', tensor('w', types.float64, [2], raw(doubleBytes([1e300, -0.1]))), 'contiguous', [1e300, -0.1]],
    ['raw halves', tensor('w', types.float16, [3], raw([0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00])), 'contiguous', [1, -2, 2 ** -24]],
    ['raw bfloat16', tensor('w', types.bfloat16, [2], raw([0x80, 0x3f, 0x00, 0xc0])), 'contiguous', [1, -2]],
    ['packed float_data', tensor('w', types.float32, [3], packedFloats(4, [1, 2, 3])), 'contiguous', [1, 2, 3]],
    ['float_data that is not packed', tensor('w', types.float32, [3], loneFloats(4, [1, 2, 3])), 'tagged', [1, 2, 3]],
    ['packed double_data', tensor('w', types.float64, [2], message(10, doubleBytes([4, 5]))), 'contiguous', [4, 5]],
    ['double_data that is not packed', tensor('w', types.float64, [2], loneDoubles(10, [4, 5])), 'tagged', [4, 5]],
    ['halves in int32_data', tensor('w', types.float16, [3], packedInts(5, [0x3c00, 0xc000, 0x7bff])), 'varint', [1, -2, 65504]],
    ['halves in int32_data that is not packed', tensor('w', types.float16, [2], loneInts(5, [0x3c00, 0xc000])), 'tagged', [1, -2]],
    ['bfloat16 in int32_data', tensor('w', types.bfloat16, [2], packedInts(5, [0x3f80, 0xc000])), 'varint', [1, -2]],
    ['int64_data', tensor('w', types.int64, [3], packedInts(7, [1, -1, 300])), 'varint', [1, -1, 300]],
    ['int64_data that is not packed', tensor('w', types.int64, [2], loneInts(7, [-5, 6])), 'tagged', [-5, 6]],
    ['int8 in int32_data', tensor('w', types.int8, [2], packedInts(5, [-3, 4])), 'varint', [-3, 4]],
    ['int4 in int32_data, two in each', tensor('w', types.int4, [5], packedInts(5, [0x7f, 0x08, 0x03])), 'varint', [-1, 7, -8, 0, 3]],
    ['uint4 in int32_data that is not packed', tensor('w', types.uint4, [3], loneInts(5, [0xf1, 0x02])), 'tagged', [1, 15, 2]],
    ['raw int4', tensor('w', types.int4, [3], raw([0x21, 0x0f])), 'contiguous', [1, 2, -1]],
    ['float8 in int32_data', tensor('w', types.float8e4m3fn, [2], packedInts(5, [0x38, 0xc0])), 'varint', [1, -2]],
    ['raw float4', tensor('w', types.float4e2m1, [3], raw([0x42, 0x0f])), 'contiguous', [1, 2, -6]],
    ['bool in int32_data', tensor('w', types.bool, [2], packedInts(5, [1, 0])), 'varint', [1, 0]],
    ['raw int64', tensor('w', types.int64, [1], raw([0xfe, 255, 255, 255, 255, 255, 255, 255])), 'contiguous', [-2]],
    ['packed float_data in pieces', tensor('w', types.float32, [3], ...pieces(3)), 'contiguous', [0, 1, 2]],
    ['float_data in unlike pieces', tensor('w', types.float32, [3], packedFloats(4, [1]), loneFloats(4, [2, 3])), 'contiguous', [1, 2, 3]],
    ['raw_data given twice, of which the last holds', tensor('w', types.float32, [1], raw(floatBytes([1, 2])), raw(floatBytes([3]))), 'contiguous', [3]],
    ['float_data beside an empty raw_data', tensor('w', types.float32, [2], raw([]), packedFloats(4, [6, 7])), 'contiguous', [6, 7]],
  ])('%s', (_, w, encoding, values) => {
    const { tensor: found, elements } = stored(w);
    expect(found.problem).toBeUndefined();
    expect(found.place?.encoding).toBe(encoding);
    expect(elements).toEqual(values);
  });
  it('has values but no place where it has no elements', () => {
    expect(stored(tensor('w', types.float32, [0, 4])).tensor).toMatchObject({ values: [], place: null });
  });
});

describe('a tensor that cannot be read says why', () => {
  it.each([
    ['no values', tensor('w', types.float32, [2]), 'it has no values'],
    ['too few bytes', tensor('w', types.float32, [2], raw(floatBytes([1]))), 'it stores 4 bytes where its shape needs 8'],
    ['too many bytes', tensor('w', types.float32, [1], raw(floatBytes([1, 2]))), 'it stores 8 bytes where its shape needs 4'],
    ['more pieces than there is a reason for', tensor('w', types.float32, [5000], ...pieces(5000)), 'its values are stored in more than 4096 pieces'],
    ['floats of another width', tensor('w', types.float32, [1], loneDoubles(4, [1])), 'its values are of another wire type than their field'],
    ['a negative size', tensor('w', types.float32, [-1, 4], raw(floatBytes([1]))), 'its shape [-1, 4] is not possible'],
    ['more elements than can be counted', tensor('w', types.float32, [2 ** 40, 2 ** 40], raw([])), 'is not possible'],
    ['strings', tensor('w', types.string, [1], message(6, [65])), 'its element type is string'],
    ['an element type of the future', tensor('w', 99, [1], raw([0])), 'its element type is undefined'],
    ['more varints than its shape can have', tensor('w', types.int64, [1], packedInts(7, Array.from({ length: 40 }, () => -1))), 'it stores 400 bytes'],
  ])('%s', (_, w, problem) => {
    expect(stored(w).tensor.problem).toContain(problem);
    expect(stored(w).tensor.place).toBeNull();
  });
  it('or fails, naming the file, where only its elements tell', () => {
    const file = write('short.onnx', model({ initializers: [tensor('w', types.float16, [4], packedInts(5, [300, 300]))] }));
    const source = openFile(file);
    const pool = new FilePool();
    const { graph } = readOnnx(source);
    source.close();
    expect(() => [...contentChunks(pool, present(graph.initializers.get('w')), {})]).toThrow(Failure);
    expect(() => [...contentChunks(pool, present(graph.initializers.get('w')), {})]).toThrow(file);
    pool.close();
  });
});

describe('values too many to be read at once', () => {
  it('come in chunks that join without a seam, also where varints differ in length', () => {
    const count = 700_000;
    const bits = Array.from({ length: count }, (_, i) => [0x01, 0x3c00, 0xbc00][i % 3] ?? 0);
    const { elements } = stored(tensor('w', types.float16, [count], packedInts(5, bits)));
    expect(elements).toHaveLength(count);
    expect(elements?.every((value, i) => value === [2 ** -24, 1, -1][i % 3])).toBe(true);
  });
});

describe('external data', () => {
  write('weights.bin', concat(new Uint8Array(16), floatBytes([1, 2, 3, 4])));
  const outside = createFolder();
  writeFileSync(path.join(outside, 'secret.bin'), new Uint8Array(64));
  mkdirSync(path.join(folder, 'inside'));
  writeFileSync(path.join(folder, 'inside/w.bin'), floatBytes([5, 6, 7, 8]));
  symlinkSync(path.join(outside, 'secret.bin'), path.join(folder, 'escape.bin'));
  symlinkSync(path.join(folder, 'inside/w.bin'), path.join(folder, 'within.bin'));

  function located(entries: Readonly<Record<string, string>>): Tensor {
    const source = openFile(write('outer.onnx', model({ initializers: [tensor('w', types.float32, [2, 2], external(entries))] })));
    try {
      return present(readOnnx(source).graph.initializers.get('w'));
    } finally {
      source.close();
    }
  }
  it('is found beside the model, at its offset', () => {
    const found = located({ location: 'weights.bin', offset: '16', length: '16' });
    expect(found).toMatchObject({ storage: 'external', place: { file: path.join(folder, 'weights.bin'), offset: 16, length: 16, encoding: 'contiguous' } });
    const pool = new FilePool();
    expect([...contentChunks(pool, found, {})].flatMap((chunk) => Array.from(chunk))).toEqual([1, 2, 3, 4]);
    pool.close();
  });
  it('may leave offset and length out', () => {
    expect(located({ location: 'inside/w.bin' }).place).toMatchObject({ offset: 0, length: 16 });
  });
  it('may be a symbolic link that stays in the folder', () => expect(located({ location: 'within.bin' }).problem).toBeUndefined());
  it.each([
    ['is missing', { location: 'gone.bin' }, /gone.bin, which is not beside the model/],
    ['is too short', { location: 'weights.bin', offset: '20' }, /has 32 bytes, but its values end at 36/],
    ['has another length', { location: 'weights.bin', length: '12' }, /said to hold 12 bytes at 0 where its shape needs 16/],
    ['has an offset that is none', { location: 'weights.bin', offset: 'here' }, /at NaN where/],
    ['has a negative offset', { location: 'weights.bin', offset: '-4' }, /at -4 where/],
    ['names no file', { offset: '0' }, /names no file/],
    ['is absolute', { location: path.join(outside, 'secret.bin') }, /leaves the model's folder/],
    ['is on another drive', { location: 'c:\\secret.bin' }, /leaves the model's folder/],
    ['goes up', { location: '../secret.bin' }, /leaves the model's folder/],
    ['goes up in the middle', { location: 'inside/../../secret.bin' }, /leaves the model's folder/],
    ['escapes by a symbolic link', { location: 'escape.bin' }, /leaves the model's folder/],
    ['is the folder itself', { location: '.' }, /leaves the model's folder/],
    ['is the model itself', { location: 'outer.onnx', length: '16' }, /is the model file itself/],
    ['is a folder', { location: 'inside' }, /inside, which is not a file/],
  ])('is refused where it %s', (_, entries, problem) => {
    const found = located(entries);
    expect(found.problem).toMatch(problem);
    expect(found.place).toBeNull();
  });
  it('is loaded with the structure where it is a small constant', () => {
    write('axes.bin', new Uint8Array(BigInt64Array.of(2n, -1n).buffer));
    const source = openFile(write('axes.onnx', model({ initializers: [tensor('axes', types.int64, [2], external({ location: 'axes.bin' }))] })));
    expect(readOnnx(source).graph.initializers.get('axes')?.values).toEqual([2, -1]);
    source.close();
  });
  it('keeps a name that only looks like a way out', () => {
    write('..weights', new Uint8Array(16));
    expect(located({ location: '..weights' }).problem).toBeUndefined();
  });
});
