import path from 'node:path';
import { describe, expect, it } from 'vitest';

import type { Tensor } from '../../../../src/core/graph/tensor';
import { storedFloats } from '../../../../src/core/report/stored';
import { createSession } from '../../../../src/engine/runtime';
import { openBytes } from '../../../../src/formats/files/byteSource';
import { contentChunks, FilePool, readFloat32 } from '../../../../src/formats/tensors/content';
import { encodeModel } from '../../../../src/formats/onnx/encode';
import { externalFiles, openModel, openModelFile } from '../../../../src/formats/openModel';
import { Failure } from '../../../../src/protocol/failure';
import { kernelOf, only, present } from '../../support/graphs';
import {
  attribute, external, floatBytes, message, model, node, packedFloats, packedInts, raw, sparse, tensor, types, valueInfo,
} from '../../support/protobuf';
import { createFolder, createWriter } from '../../support/temporary';

const folder = createFolder();
const write = createWriter(folder);
const stamp = { size: 0, mtimeMs: 0 };

const floats = (values: readonly number[]): Uint8Array => tensor('w', types.float32, [values.length], raw(floatBytes(values)));
const indices = (shape: readonly number[], values: readonly number[]): Uint8Array => tensor('', types.int64, shape, packedInts(7, values));
/** [[0, 1.5, 0], [-2, 0, 3]], by positions and by coordinates. */
const byPosition = sparse(floats([1.5, -2, 3]), indices([3], [1, 3, 5]), [2, 3]);
const byCoordinate = sparse(floats([1.5, -2, 3]), indices([3, 2], [0, 1, 1, 0, 1, 2]), [2, 3]);
const dense = [0, 1.5, 0, -2, 0, 3];

const product = node('MatMul', ['x', 'w'], ['y'], [], 'product');
const ends = { inputs: [valueInfo('x', [1, 2])], outputs: [valueInfo('y', [1, 3])] };
const asInitializer = (w: Uint8Array): Uint8Array => model({ nodes: [product], sparse: [w], ...ends });
const asConstant = (w: Uint8Array): Uint8Array => (
  model({ nodes: [node('Constant', [], ['w'], [attribute('sparse_value', 11, message(22, w))]), product], ...ends }));

function tensorOf(bytes: Uint8Array): Tensor {
  return present(openModel(openBytes('net.onnx', bytes), stamp).graph.initializers.get('w'));
}

describe('a sparse tensor', () => {
  it.each([
    ['an initializer, by positions', asInitializer(byPosition)], ['an initializer, by coordinates', asInitializer(byCoordinate)],
    ['a Constant, by positions', asConstant(byPosition)], ['a Constant, by coordinates', asConstant(byCoordinate)],
  ])('as %s is a weight whose stored values have a place, and which may be drawn', (_, bytes) => {
    const opened = openModelFile(write('net.onnx', bytes));
    const weight = kernelOf(only(opened.layers));
    expect(weight).toMatchObject({ id: 'w', seenShape: [2, 3], fans: { fanIn: 2, fanOut: 3 } });
    expect(weight.frozen).toBeNull();
    expect(weight.tensor).toMatchObject({ storage: 'sparse', shape: [2, 3], stored: 3, values: null, place: { length: 12 }, indices: { dtype: 'int64' } });
    expect(weight.tensor.problem).toBeUndefined();
    const pool = new FilePool();
    expect([...contentChunks(pool, weight.tensor, {})].flatMap((chunk) => Array.from(chunk))).toEqual([1.5, -2, 3]);
    expect(Array.from(readFloat32(pool, weight.tensor, {}))).toEqual(dense);
    pool.close();
    expect(storedFloats(opened.model)).toEqual({ elements: 3, bytes: 12 });
    expect(opened.findings).toEqual([]);
  });
  it('computes what ONNX Runtime computes with it', async () => {
    const file = write('run.onnx', asConstant(byCoordinate));
    const { graph } = openModelFile(file);
    const pool = new FilePool();
    const written = encodeModel(graph, (__, stored) => new Uint8Array(readFloat32(pool, stored, {}).buffer));
    pool.close();
    const run = async (bytes: Uint8Array): Promise<readonly number[]> => {
      const session = await createSession(bytes, { threads: 1, nodes: null });
      const results = await session.run(new Map([['x', { dtype: 'float32', shape: [1, 2], data: Float32Array.of(0.5, -3) } as const]]), ['y']);
      await session.release();
      return Array.from(present(results.get('y')).data, Number);
    };
    expect(await run(written)).toEqual([6, 0.75, -9]);
    expect(await run(asConstant(byCoordinate))).toEqual([6, 0.75, -9]);
  });
  it('of shapes and axes is loaded with its zeros', () => {
    const shape = sparse(tensor('s', types.int64, [1], packedInts(7, [-1])), indices([1], [1]), [2]);
    const nodes = [node('Reshape', ['w', 's'], ['r']), node('MatMul', ['x', 'r'], ['y'])];
    const w = tensor('w', types.float32, [5, 4, 3], raw(floatBytes(Array.from({ length: 60 }, (_, i) => i))));
    const opened = openModel(openBytes('net.onnx', model({ nodes, initializers: [w], sparse: [shape], inputs: [valueInfo('x', [1, 5])] })), stamp);
    expect(opened.graph.initializers.get('s')).toMatchObject({ storage: 'sparse', values: [0, -1], stored: 1 });
    expect(kernelOf(only(opened.layers)).seenShape).toEqual([5, 12]);
  });
  it('may store nothing, or be stored outside', () => {
    expect(tensorOf(asInitializer(sparse(tensor('w', types.float32, [0]), indices([0], []), [2, 3])))).toMatchObject({ stored: 0, place: null });
    write('values.bin', floatBytes([9, 1.5, -2, 3]));
    write('indices.bin', new Uint8Array(BigInt64Array.of(1n, 3n, 5n).buffer));
    const values = tensor('w', types.float32, [3], external({ location: 'values.bin', offset: '4' }));
    const places = tensor('', types.int64, [3], external({ location: 'indices.bin' }));
    const opened = openModelFile(write('outer.onnx', asInitializer(sparse(values, places, [2, 3]))));
    expect(externalFiles(opened.model)).toEqual(['values.bin', 'indices.bin'].map((name) => path.join(folder, name)));
    const pool = new FilePool();
    expect(Array.from(readFloat32(pool, present(opened.graph.initializers.get('w')), {}))).toEqual(dense);
    pool.close();
  });
});

describe('a sparse tensor that cannot be read says why', () => {
  it.each<readonly [string, Uint8Array, string]>([
    ['an index beyond its shape', sparse(floats([1]), indices([1], [6]), [2, 3]), 'its index 6 lies outside of its shape [2, 3]'],
    ['a negative index', sparse(floats([1]), indices([1], [-1]), [2, 3]), 'its index -1 lies outside'],
    ['a coordinate beyond its axis', sparse(floats([1]), indices([1, 2], [0, 3]), [2, 3]), 'its index 3 lies outside'],
    ['indices out of order', sparse(floats([1, 2]), indices([2], [3, 1]), [2, 3]), 'its indices are not in ascending order'],
    ['an index twice', sparse(floats([1, 2]), indices([2], [3, 3]), [2, 3]), 'its indices are not in ascending order'],
    ['fewer indices than values', sparse(floats([1, 2]), indices([1], [3]), [2, 3]), 'its indices are int64 [1], not int64 [2] or [2, 2]'],
    ['coordinates of another rank', sparse(floats([1]), indices([1, 3], [0, 0, 0]), [2, 3]), 'its indices are int64 [1, 3]'],
    ['indices that are floats', sparse(floats([1]), tensor('', types.float32, [1], packedFloats(4, [0])), [2, 3]), 'its indices are float32 [1]'],
    ['values of two axes', sparse(tensor('w', types.float32, [1, 1], packedFloats(4, [1])), indices([1], [0]), [2, 3]), 'the shape [1, 1] instead of'],
    ['more values than its shape', sparse(floats([1, 2, 3]), indices([3], [0, 1, 2]), [2]), 'it stores 3 values where its shape has 2'],
    ['values cut short', sparse(tensor('w', types.float32, [2], raw(floatBytes([1]))), indices([2], [0, 1]), [2, 3]), 'it stores 4 bytes'],
    ['no indices', sparse(floats([1]), tensor('', types.int64, [1]), [2, 3]), 'of its indices, it has no values'],
    ['a shape that is not possible', sparse(floats([1]), indices([1], [0]), [-2, 3]), 'its shape [-2, 3] is not possible'],
  ])('%s', (_, w, problem) => {
    for (const bytes of [asInitializer(w), asConstant(w)]) {
      const found = tensorOf(bytes);
      expect(found).toMatchObject({ storage: 'sparse', place: null, values: null });
      expect(found.problem).toContain(problem);
    }
  });
  it('an attribute without anything in it', () => {
    expect(tensorOf(asConstant(new Uint8Array(0))).problem).toContain('its element type is undefined');
  });
  it('where only reading tells, it fails and names the file', () => {
    const count = 1500;
    const places = Array.from({ length: count }, (_, i) => (i === count - 1 ? 9999 : i));
    const far = sparse(floats(places.map(() => 1)), indices([count], places), [2, 1000]);
    const file = write('far.onnx', asInitializer(far));
    const weight = present(openModelFile(file).graph.initializers.get('w'));
    const pool = new FilePool();
    expect(() => readFloat32(pool, weight, {})).toThrow(Failure);
    expect(() => readFloat32(pool, weight, {})).toThrow(`${file}: the sparse tensor w cannot be read: its index 9999 lies outside`);
    pool.close();
  });
  it('and its zeros are not written out where there is no end of them', () => {
    const vast = tensorOf(asInitializer(sparse(floats([1]), indices([1], [5]), [2 ** 25, 2 ** 25])));
    expect(vast.stored).toBe(1);
    const pool = new FilePool();
    expect(() => readFloat32(pool, vast, {})).toThrow(/more than can be written out/);
  });
});
