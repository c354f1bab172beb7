import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { elementCount, isFloat } from '../../../src/core/graph/dtype';
import type { Tensor } from '../../../src/core/graph/tensor';
import { piecesOf } from '../../../src/core/graph/tensor';
import { createRecipes } from '../../../src/core/initializers/recipes';
import { sampleBytes } from '../../../src/core/initializers/sampling';
import { createSession } from '../../../src/engine/runtime';
import { openFile } from '../../../src/formats/files/byteSource';
import { FilePool, contentChunks } from '../../../src/formats/tensors/content';
import { storedBytes } from '../../../src/formats/tensors/elements';
import { externalFiles, openModelFile, tensorsById } from '../../../src/formats/openModel';
import { refuseWrite } from '../../../src/formats/saving/tensorWrite';
import { keepPayloads } from '../../../src/formats/saving/undoBase';
import { present } from '../support/graphs';
import { hasRealModels, realModelCases } from '../support/models';
import { contentsOf, createModel, drawn, elementsOf, expectEqualOutside, recipeFor, restored, weightIn, write } from '../support/saving';
import { storages } from '../support/storages';
import { createFolder } from '../support/temporary';

function bytesOf(tensor: Tensor): Uint8Array {
  const source = openFile(present(tensor.place).file);
  try {
    return present(storedBytes(source, tensor));
  } finally {
    source.close();
  }
}

describe.each(storages)('$name', (storage) => {
  const { id, inPlace } = storage;
  it('takes new values, which are read back, bit by bit, under the same id', async () => {
    const file = createModel(storage.bytes, storage.data);
    await write(file, drawn(id));
    const tensor = weightIn(file, id);
    if (!isFloat(tensor.dtype)) throw new Error(`It is ${tensor.dtype}.`);
    expect(tensor.problem).toBeUndefined();
    if (tensor.place) expect(Buffer.from(bytesOf(tensor)).equals(Buffer.from(sampleBytes(recipeFor(id), tensor.dtype, tensor.shape, 0, 16)))).toBe(true);
    else expect(tensor.values).toEqual(Array.from(new Float32Array(sampleBytes(recipeFor(id), 'float32', tensor.shape, 0, 16).buffer)));
  });
  it(inPlace ? 'changes no byte but those of the values' : 'changes no byte but those of its field, and the lengths around it', async () => {
    const file = createModel(storage.bytes, storage.data);
    const before = contentsOf(file);
    const tensor = weightIn(file, id);
    await write(file, drawn(id));
    const after = contentsOf(file);
    if (inPlace) {
      // Floats of an attribute have no place of their own.
      const { start, end } = present(tensor.home);
      const pieces = tensor.place ? piecesOf(tensor.place) : [{ file, offset: start, length: end - start }];
      for (const [name, bytes] of before) {
        const own = pieces.filter((piece) => path.basename(piece.file) === name);
        expectEqualOutside(bytes, present(after.get(name)), own.map(({ offset, length }) => [offset, offset + length] as const));
      }
      return;
    }
    const { start, end } = present(tensor.home);
    const [old, now] = [present(before.get('net.onnx')), present(after.get('net.onnx'))];
    const growth = now.length - old.length;
    expect(now.subarray(end + growth).equals(old.subarray(end))).toBe(true);
    // Before it only lengths differ: a few bytes around each message that it is in.
    const lengths = lengthsAround(old, start);
    let [at, shift] = [0, 0];
    for (const { from, to } of lengths) {
      expect(now.subarray(at + shift, from + shift).equals(old.subarray(at, from))).toBe(true);
      const width = varintWidth(now, from + shift);
      shift += width - (to - from);
      at = to;
    }
    expect(now.subarray(at + shift, start + shift).equals(old.subarray(at, start))).toBe(true);
  });
  it('has its former bytes back when that is undone, and the new ones when it is redone', async () => {
    const file = createModel(storage.bytes, storage.data);
    const before = contentsOf(file);
    const opened = openModelFile(file);
    const former = elementsOf(opened.model.file, id);
    const kept = await keepPayloads(opened, [id], path.join(createFolder(), 'kept'));
    await write(file, drawn(id));
    const written = contentsOf(file);
    const pool = new FilePool();
    expect([...contentChunks(pool, weightIn(file, id), { restored: present(kept[0]) })].flatMap((chunk) => Array.from(chunk))).toEqual(former);
    pool.close();
    await write(file, restored(kept));
    expect(contentsOf(file)).toEqual(before);
    await write(file, drawn(id));
    expect(contentsOf(file)).toEqual(written);
  });
  it('is saved elsewhere, and under another name, as it is in place', async () => {
    const file = createModel(storage.bytes, storage.data);
    const before = contentsOf(file);
    const [elsewhere, renamed] = [path.join(createFolder(), 'net.onnx'), path.join(createFolder(), 'other.onnx')];
    writeFileSync(path.join(path.dirname(renamed), 'net.data'), 'of another model');
    for (const target of [elsewhere, renamed]) await write(file, drawn(id), target);
    expect(contentsOf(file)).toEqual(before);
    await write(file, drawn(id));
    expect(contentsOf(elsewhere)).toEqual(contentsOf(file));
    expect(elementsOf(renamed, id)).toEqual(elementsOf(file, id));
    expect(contentsOf(renamed).get('net.data')?.toString()).toBe('of another model');
  });
  // ONNX Runtime is given bytes here, which have no folder to look for other files in.
  if (storage.data === undefined) it('runs in ONNX Runtime with the new values', async () => {
    const file = createModel(storage.bytes, storage.data);
    await write(file, drawn(id));
    const session = await createSession(readFileSync(file), { threads: 1, nodes: null });
    const one = Float32Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1 : 0));
    const y = (await session.run(new Map([['x', { dtype: 'float32', shape: [4, 4], data: one }]]), ['y'])).get('y');
    await session.release();
    const w = elementsOf(file, id);
    const at = (i: number, j: number): number => present(w[4 * i + j]);
    const squared = (i: number, j: number): number => [0, 1, 2, 3].reduce((sum, k) => sum + at(i, k) * at(k, j), 0);
    const product = storage.times === 2 ? squared : at;
    Array.from(present(y).data as Float32Array).forEach((value, i) => expect(value).toBeCloseTo(product(Math.floor(i / 4), i % 4), 5));
  });
});

function varintWidth(bytes: Buffer, at: number): number {
  let width = 1;
  while (present(bytes[at + width - 1]) >= 0x80) width++;
  return width;
}

/** Where the lengths of the messages around a position are, by the wire format alone. */
function lengthsAround(bytes: Buffer, position: number): readonly { readonly from: number; readonly to: number }[] {
  const number = (at: number): number => {
    let value = 0;
    for (let i = varintWidth(bytes, at) - 1; i >= 0; i--) value = value * 128 + (present(bytes[at + i]) & 0x7f);
    return value;
  };
  const found: { from: number; to: number }[] = [];
  for (let at = 0; at < position;) {
    const type = number(at) % 8;
    const from = at + varintWidth(bytes, at);
    const to = from + varintWidth(bytes, from);
    if (type !== 2) {
      at = type === 0 ? to : from + (type === 1 ? 8 : 4);
      continue;
    }
    const end = to + number(from);
    if (end > position) found.push({ from, to });
    at = end > position ? to : end;
  }
  return found;
}

describe('a save of every weight that can be drawn', () => {
  it.skipIf(!hasRealModels).each(realModelCases)('of %s changes nothing else, and is undone without a trace', async (original) => {
    const folder = createFolder();
    const file = path.join(folder, 'net.onnx');
    for (const each of externalFiles(openModelFile(original).model)) writeFileSync(path.join(folder, path.basename(each)), readFileSync(each));
    writeFileSync(file, readFileSync(original));
    const before = contentsOf(file);
    const opened = openModelFile(file);
    const tensors = tensorsById(opened);
    const recipes = createRecipes(opened.layers, { scheme: 'recommended', seed: 1 }).filter(({ tensorId }) => {
      const tensor = tensors.get(tensorId);
      return tensor !== undefined && refuseWrite(tensor) === null;
    });
    const contents = new Map(recipes.map((recipe) => [recipe.tensorId, { kind: 'recipe', recipe } as const]));
    const kept = await keepPayloads(opened, contents.keys(), path.join(createFolder(), 'kept'));
    await write(file, contents);
    const now = tensorsById(openModelFile(file));
    for (const { tensorId } of recipes) expect(elementCount(present(now.get(tensorId)).shape)).toBe(elementCount(present(tensors.get(tensorId)).shape));
    const touched = [...contents.keys()].map((id) => present(tensors.get(id)));
    if (touched.every((tensor) => tensor.place && tensor.stored === undefined && tensor.place.encoding !== 'varint')) {
      for (const [name, bytes] of before) {
        const ranges = touched.flatMap(({ place }) => piecesOf(present(place))).filter((piece) => path.basename(piece.file) === name);
        expectEqualOutside(bytes, present(contentsOf(file).get(name)), ranges.map(({ offset, length }) => [offset, offset + length] as const));
      }
    }
    await write(file, restored(kept));
    const after = contentsOf(file);
    expect([...after.keys()]).toEqual([...before.keys()]);
    for (const [name, bytes] of after) expect(bytes.equals(present(before.get(name)))).toBe(true);
  }, 120_000);
});
