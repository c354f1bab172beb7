import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { isFloat } from '../../../src/core/graph/dtype';
import { piecesOf } from '../../../src/core/graph/tensor';
import { sampleBytes } from '../../../src/core/initializers/sampling';
import { externalFiles, openModelFile } from '../../../src/formats/openModel';
import { keepPayloads } from '../../../src/formats/saving/undoBase';
import { present } from '../support/graphs';
import { attribute, external, int, model, node, sparse, tensor, types, valueInfo } from '../support/protobuf';
import { contentsOf, createModel, drawn, elementsOf, expectEqualOutside, recipeFor, restored, weightIn, write } from '../support/saving';
import { createFolder } from '../support/temporary';

/** Weights [4, 4] that one file holds: bytes of nobody stand before, between and behind them, for alignment or for no reason. */
const weights = [
  { name: 'single', type: types.float32, offset: 64, length: 64 }, { name: 'half', type: types.float16, offset: 131, length: 32 },
  { name: 'brain', type: types.bfloat16, offset: 163, length: 32 }, { name: 'double', type: types.float64, offset: 4096, length: 128 },
  { name: 'last', type: types.float32, offset: 8192, length: 64 },
] as const;
const sparseOffset = 256;
const indicesOffset = 272;

/** Every byte another than its neighbours, as numbers of moderate size where they are read as floats. */
function fill(): Uint8Array {
  const data = Uint8Array.from({ length: 8300 }, (_, i) => i % 61);
  new DataView(data.buffer).setBigInt64(indicesOffset, 3n, true);
  new DataView(data.buffer).setBigInt64(indicesOffset + 8, 9n, true);
  return data;
}

const placed = (name: string, type: number, shape: readonly number[], offset: number, length: number): Uint8Array => (
  tensor(name, type, shape, external({ location: 'net.data', offset: String(offset), length: String(length) })));

/** The weights are listed in another order than they are stored in, and one of them, which is sparse, has both its parts in the file. */
function create(): string {
  const chain = [...weights.map(({ name }) => name), 'sparse'];
  const nodes = chain.flatMap((name, i) => [
    node('Cast', [name], [`${name}.cast`], [attribute('to', 2, int(3, 1))]),
    node('MatMul', [i === 0 ? 'x' : `h${i - 1}`, `${name}.cast`], [i === chain.length - 1 ? 'y' : `h${i}`]),
  ]);
  const initializers = weights.map(({ name, type, offset, length }) => placed(name, type, [4, 4], offset, length)).reverse();
  const stored = sparse(placed('sparse', types.float32, [2], sparseOffset, 8), placed('', types.int64, [2], indicesOffset, 16), [4, 4]);
  const ends = { inputs: [valueInfo('x', [4, 4])], outputs: [valueInfo('y', [4, 4])] };
  return createModel(model({ nodes, initializers, sparse: [stored], ...ends }), fill());
}

const all = [...weights.map(({ name }) => name), 'sparse'];

describe.each([
  ['the first', ['single']], ['two that touch', ['half', 'brain']], ['the last and one in the middle', ['last', 'half']],
  ['the sparse one', ['sparse']], ['all', all],
])('a save of %s of several weights in one external data file', (_, touched) => {
  it('changes no byte but theirs', async () => {
    const file = create();
    const before = contentsOf(file);
    const ranges = touched.flatMap((id) => (id === 'sparse' ? [] : piecesOf(present(weightIn(file, id).place))))
      .map(({ offset, length }) => [offset, offset + length] as const);
    const kept = new Map(all.map((id) => [id, elementsOf(file, id)]));
    await write(file, drawn(...touched));
    const after = contentsOf(file);
    expect([...after.keys()]).toEqual(['net.data', 'net.onnx']);
    const data = present(after.get('net.data'));
    expectEqualOutside(present(before.get('net.data')), data, ranges);
    expect(present(after.get('net.onnx')).equals(present(before.get('net.onnx')))).toBe(!touched.includes('sparse'));
    for (const id of all) {
      const { dtype, shape, place } = weightIn(file, id);
      if (!touched.includes(id)) expect(elementsOf(file, id)).toEqual(kept.get(id));
      else if (isFloat(dtype)) {
        const { offset, length } = present(place);
        const bytes = id === 'sparse' ? present(after.get('net.onnx')) : data;
        expect(bytes.subarray(offset, offset + length).equals(sampleBytes(recipeFor(id), dtype, shape, 0, 16))).toBe(true);
      }
    }
  });
  it('is undone without a trace, and redone', async () => {
    const file = create();
    const before = contentsOf(file);
    const kept = await keepPayloads(openModelFile(file), touched, path.join(createFolder(), 'kept'));
    await write(file, drawn(...touched));
    const written = contentsOf(file);
    await write(file, restored(kept));
    expect(contentsOf(file)).toEqual(before);
    await write(file, drawn(...touched));
    expect(contentsOf(file)).toEqual(written);
  });
  it('to another place, or beside the model, takes a whole file of its own along', async () => {
    const file = create();
    const before = contentsOf(file);
    const elsewhere = path.join(createFolder(), 'net.onnx');
    const taken = path.join(createFolder(), 'other.onnx');
    writeFileSync(path.join(path.dirname(taken), 'net.data'), 'of another model');
    const beside = path.join(path.dirname(file), 'beside.onnx');
    for (const target of [elsewhere, taken, beside]) await write(file, drawn(...touched), target);
    for (const [name, bytes] of before) expect(present(contentsOf(file).get(name)).equals(bytes)).toBe(true);
    expect([...contentsOf(taken).keys()]).toEqual(['net.data', 'other.net.data', 'other.onnx']);
    expect([...contentsOf(beside).keys()]).toEqual(['beside.net.data', 'beside.onnx', 'net.data', 'net.onnx']);
    await write(file, drawn(...touched));
    const inPlace = contentsOf(file);
    expect(contentsOf(elsewhere)).toEqual(new Map(['net.data', 'net.onnx'].map((name) => [name, present(inPlace.get(name))])));
    for (const target of [taken, beside]) {
      expect(externalFiles(openModelFile(target).model)).toEqual([path.join(path.dirname(target), `${path.parse(target).name}.net.data`)]);
      for (const id of all) expect(elementsOf(target, id)).toEqual(elementsOf(file, id));
    }
  });
});
