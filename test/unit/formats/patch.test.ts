import { chmodSync, lstatSync, readFileSync, readdirSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import type { DType } from '../../../src/core/graph/dtype';
import type { Tensor } from '../../../src/core/graph/tensor';
import { openFile } from '../../../src/formats/byteSource';
import { readElements } from '../../../src/formats/elements';
import { readOnnx } from '../../../src/formats/onnx/read';
import type { FilePatch, PayloadWrite } from '../../../src/formats/patch';
import { patchFile, refuseWrite } from '../../../src/formats/patch';
import { CancellationSource } from '../../../src/protocol/rpc';
import { Failure } from '../../../src/protocol/failure';
import { present } from '../support/graphs';
import {
  concat, doubleBytes, floatBytes, loneDoubles, loneFloats, loneInts, message, metadata, model, node, packedFloats, packedInts, raw, tensor, types,
} from '../support/protobuf';
import { createFolder } from '../support/temporary';

const wrapped = (w: Uint8Array): Uint8Array => concat(
  model({ nodes: [node('MatMul', ['x', 'w'], ['y'])], initializers: [tensor('before', types.float32, [1], raw(floatBytes([9]))), w] }),
  metadata('author', 'somebody'), message(100, [1, 2, 3]),
);

/** A model file with the initializer `w`, alone in a folder. */
function createModel(w = tensor('w', types.float32, [2, 2], raw(floatBytes([1, 2, 3, 4])))): { readonly file: string; readonly folder: string } {
  const folder = createFolder();
  const file = path.join(folder, 'net.onnx');
  writeFileSync(file, wrapped(w));
  return { file, folder };
}

function weightIn(file: string): { readonly tensor: Tensor; readonly elements: readonly number[] } {
  const source = openFile(file);
  try {
    const found = present(readOnnx(source).graph.initializers.get('w'));
    const elements = found.place ? present(readElements(source, found)) : [];
    return { tensor: found, elements: Array.from<number | bigint, number>(elements, Number) };
  } finally {
    source.close();
  }
}

function writeTo(file: string, chunks: () => Iterable<Uint8Array>, form: PayloadWrite['form'] = 'elements'): PayloadWrite {
  const { dtype, place } = weightIn(file).tensor;
  return { tensorId: 'w', dtype, place: present(place), form, chunks };
}

const patch = (file: string, write: PayloadWrite, more: Partial<FilePatch> = {}): Promise<void> => (
  patchFile({ source: file, target: file, writes: [write], remove: null, append: null, ...more }));
const newValues = (): Uint8Array[] => [floatBytes([5, 6]), floatBytes([7, 8])];

describe('only the payload changes', () => {
  const halves = new Uint8Array(Uint16Array.of(0x3c00, 0xbc00, 0x4000, 0x0001).buffer);
  it.each<readonly [string, Uint8Array, Uint8Array, readonly number[]]>([
    ['raw float32', tensor('w', types.float32, [2, 2], raw(floatBytes([1, 2, 3, 4]))), floatBytes([5, 6, 7, 8]), [5, 6, 7, 8]],
    ['raw float64', tensor('w', types.float64, [2], raw(doubleBytes([1, 2]))), doubleBytes([0.1, -0.2]), [0.1, -0.2]],
    ['raw float16', tensor('w', types.float16, [4], raw(new Uint8Array(8))), halves, [1, -1, 2, 2 ** -24]],
    ['raw bfloat16', tensor('w', types.bfloat16, [2], raw(new Uint8Array(4))), Uint8Array.of(0x80, 0x3f, 0x00, 0xc0), [1, -2]],
    ['packed float_data', tensor('w', types.float32, [3], packedFloats(4, [1, 2, 3])), floatBytes([5, 6, 7]), [5, 6, 7]],
    ['float_data that is not packed', tensor('w', types.float32, [3], loneFloats(4, [1, 2, 3])), floatBytes([5, 6, 7]), [5, 6, 7]],
    ['double_data that is not packed', tensor('w', types.float64, [2], loneDoubles(10, [1, 2])), doubleBytes([5, 6]), [5, 6]],
  ])('of %s', async (_, w, bytes, values) => {
    const { file } = createModel(w);
    const before = readFileSync(file);
    const { offset, length } = present(weightIn(file).tensor.place);
    // In pieces that end in the middle of nothing but between elements.
    const half = bytes.length / 2 - (bytes.length / 2) % 4;
    await patch(file, writeTo(file, () => [bytes.subarray(0, half), bytes.subarray(half)].filter((chunk) => chunk.length > 0)));
    const after = readFileSync(file);
    expect(after.length).toBe(before.length);
    expect(after.subarray(0, offset).equals(before.subarray(0, offset))).toBe(true);
    expect(after.subarray(offset + length).equals(before.subarray(offset + length))).toBe(true);
    expect(weightIn(file).elements).toEqual(values);
  });
  it('of stored bytes, tags and all, which are taken as they are', async () => {
    const { file } = createModel(tensor('w', types.float32, [3], loneFloats(4, [1, 2, 3])));
    await patch(file, writeTo(file, () => [loneFloats(4, [7, 8, 9])], 'stored'));
    expect(weightIn(file).elements).toEqual([7, 8, 9]);
  });
  it('in a copy, where the target is another file', async () => {
    const { file, folder } = createModel();
    const before = readFileSync(file);
    const target = path.join(folder, 'other.onnx');
    await patch(file, writeTo(file, newValues), { target });
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(weightIn(target).elements).toEqual([5, 6, 7, 8]);
  });
});

describe('what cannot be written in place is refused', () => {
  it.each<readonly [string, Uint8Array, DType, string]>([
    ['halves in int32_data', tensor('w', types.float16, [2], packedInts(5, [1, 2])), 'float16', 'varints'],
    ['halves in int32_data that is not packed', tensor('w', types.float16, [2], loneInts(5, [1, 2])), 'float16', 'varints'],
    ['integers', tensor('w', types.int64, [2], raw(new Uint8Array(16))), 'int64', 'its element type is int64'],
    ['what has no place', tensor('w', types.float32, [2]), 'float32', 'its place in the file is not known'],
  ])('%s', (_, w, dtype, reason) => {
    expect(refuseWrite(weightIn(createModel(w).file).tensor.place, dtype)).toContain(reason);
  });
  it('also by the patch itself, which leaves the file alone', async () => {
    const { file } = createModel(tensor('w', types.float16, [2], packedInts(5, [1, 2])));
    const before = readFileSync(file);
    await expect(patch(file, writeTo(file, () => [new Uint8Array(2)]))).rejects.toThrow(/w cannot be written/);
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});

describe('the file around the bytes', () => {
  const posix = process.platform !== 'win32';
  it.skipIf(!posix)('keeps its permissions', async () => {
    const { file } = createModel();
    chmodSync(file, 0o640);
    await patch(file, writeTo(file, newValues));
    expect(statSync(file).mode & 0o777).toBe(0o640);
  });
  it.skipIf(!posix)('keeps its permissions, not those of the file its bytes come from', async () => {
    const { file, folder } = createModel();
    const target = path.join(folder, 'other.onnx');
    writeFileSync(target, 'old');
    chmodSync(target, 0o600);
    chmodSync(file, 0o444);
    await patch(file, writeTo(file, newValues), { target });
    expect(statSync(target).mode & 0o777).toBe(0o600);
  });
  it.skipIf(!posix)('may be written where it is new and its source read-only', async () => {
    const { file, folder } = createModel();
    chmodSync(file, 0o444);
    const target = path.join(folder, 'other.onnx');
    await patch(file, writeTo(file, newValues), { target });
    expect(statSync(target).mode & 0o777).toBe(0o644);
  });
  it.skipIf(!posix)('stays behind its symbolic link', async () => {
    const { file, folder } = createModel();
    const link = path.join(folder, 'link.onnx');
    symlinkSync('net.onnx', link);
    await patch(link, writeTo(link, newValues));
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readlinkSync(link)).toBe('net.onnx');
    expect(weightIn(file).elements).toEqual([5, 6, 7, 8]);
  });
  it.skipIf(!posix)('is refused where it is read-only', async () => {
    const { file, folder } = createModel();
    chmodSync(file, 0o444);
    await expect(patch(file, writeTo(file, newValues))).rejects.toMatchObject({ code: 'read-only' });
    expect(weightIn(file).elements).toEqual([1, 2, 3, 4]);
    expect(readdirSync(folder)).toEqual(['net.onnx']);
  });
});

describe('a patch that does not end leaves the file as it was, and nothing beside it', () => {
  async function attempt(chunks: () => Iterable<Uint8Array>, more: Partial<FilePatch> = {}): Promise<Failure> {
    const { file, folder } = createModel();
    const before = readFileSync(file);
    const error: unknown = await patch(file, writeTo(file, chunks), more).then(() => null, (reason: unknown) => reason);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(['net.onnx']);
    if (!(error instanceof Failure)) throw new Error('It did not fail in words.', { cause: error });
    return error;
  }
  it('when the values stop coming', async () => {
    const failure = await attempt(function* () {
      yield floatBytes([5]);
      throw new Error('the sampler broke');
    });
    expect(failure.code).toBe('write-failed');
    expect(failure.message).toMatch(/was not saved: the sampler broke\. The file is as it was\.$/);
  });
  it('when there are too few of them', async () => expect((await attempt(() => [floatBytes([5])])).message).toContain('shorter than the old ones'));
  it('when there are too many of them', async () => {
    expect((await attempt(() => [...newValues(), ...newValues()])).message).toContain('longer than the old ones');
  });
  it('when it is cancelled at the start', async () => {
    const cancellation = new CancellationSource();
    cancellation.cancel();
    expect((await attempt(newValues, { cancellation })).code).toBe('cancelled');
  });
  it('when it is cancelled on the way', async () => {
    const cancellation = new CancellationSource();
    const failure = await attempt(function* () {
      yield floatBytes([5, 6]);
      cancellation.cancel();
      yield floatBytes([7, 8]);
    }, { cancellation });
    expect(failure.code).toBe('cancelled');
  });
  it('when it is cancelled after the last value', async () => {
    const cancellation = new CancellationSource();
    const failure = await attempt(newValues, { cancellation, progress: (bytes) => { if (bytes === 16) cancellation.cancel(); } });
    expect(failure.code).toBe('cancelled');
  });
  it('when the folder is gone', async () => {
    const failure = await attempt(newValues, { target: path.join(createFolder(), 'no/such/net.onnx') });
    expect(failure.message).toContain('there is no such file');
  });
});
