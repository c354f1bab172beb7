import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import type { FloatDType } from '../../../../src/core/graph/dtype';
import type { Tensor, TensorPlace } from '../../../../src/core/graph/tensor';
import { createTensor } from '../../../../src/core/graph/tensor';
import { encodeFloats } from '../../../../src/core/initializers/sampling';
import { openFile } from '../../../../src/formats/files/byteSource';
import { writePatched } from '../../../../src/formats/files/patch';
import type { Replacement } from '../../../../src/formats/files/replacement';
import { inOrder } from '../../../../src/formats/files/replacement';
import { isRewritten, refuseWrite, writeElements, writeStored } from '../../../../src/formats/saving/tensorWrite';
import { readElements } from '../../../../src/formats/tensors/elements';
import { createFolder, createTexts } from '../../support/temporary';

const { nextFile, fileOf } = createTexts(createFolder());

/** A tensor whose elements are in parts of a text, each of which is there once. */
function tensorIn(file: string, encoding: 'decimal' | 'base64', dtype: FloatDType, count: number, spans: readonly string[]): Tensor {
  const text = readFileSync(file, 'latin1');
  const pieces = spans.map((span): TensorPlace => ({ file, offset: text.indexOf(span), length: span.length, encoding }));
  const [first, ...further] = pieces;
  if (!first || pieces.some(({ offset }) => offset < 0)) throw new Error('There is no place.');
  return { ...createTensor(dtype, [count], []), id: 'w', values: null, place: further.length > 0 ? { ...first, further } : first };
}

async function patched(file: string, replacements: readonly Replacement[]): Promise<string> {
  const target = nextFile();
  await writePatched({ source: file, target, replacements: inOrder(replacements, file), append: null }, target);
  return readFileSync(target, 'latin1');
}

function replacing(file: string, tensor: Tensor, values: readonly number[], perChunk = 3): readonly Replacement[] {
  const { dtype } = tensor;
  const source = openFile(file);
  try {
    return writeElements(source, tensor, function* chunks() {
      for (let at = 0; at < values.length; at += perChunk) yield encodeFloats(Float64Array.from(values.slice(at, at + perChunk)), dtype as FloatDType);
    }).map(({ replacement }) => replacement);
  } finally {
    source.close();
  }
}

describe('numbers of a text', () => {
  const text = '{\r\n  "layers": [\n\t{"w": [[0.25, -1e-3],\n\t       [ 7 ,NaN]], "b": [1, 2]}\n  ],\n  "note": "1, 2"\n}\n';
  it('give way to others, and nothing else is another', async () => {
    const file = fileOf(text);
    const tensor = tensorIn(file, 'decimal', 'float32', 4, ['[[0.25, -1e-3],\n\t       [ 7 ,NaN]]']);
    expect([refuseWrite(tensor), isRewritten(tensor)]).toEqual([null, false]);
    const after = await patched(file, replacing(file, tensor, [0.1, -0, 1e-9, 12345.678]));
    expect(after).toBe(text.replace('0.25', '0.1').replace('-1e-3', '-0.0').replace(' 7 ', ' 1e-9 ').replace('NaN', '12345.678'));
  });
  it('are as exact as their type', async () => {
    const file = fileOf('[0, 0]');
    const expected = { float32: '[0.1, 0.33333334]', float64: '[0.1, 0.3333333333333333]', float16: '[0.099975586, 0.33325195]' };
    for (const dtype of ['float32', 'float64', 'float16'] as const) {
      expect(await patched(file, replacing(file, tensorIn(file, 'decimal', dtype, 2, ['[0, 0]']), [0.1, 1 / 3]))).toBe(expected[dtype]);
    }
  });
  it('may be in pieces, and in objects', async () => {
    const file = fileOf('{"1": {"b": 5, "w": {"0": 1, "x1": 2}}, "2": {"b": 6.5, "w": {"0": 3, "x1": 4}}}');
    const kernel = tensorIn(file, 'decimal', 'float64', 4, ['{"0": 1, "x1": 2}', '{"0": 3, "x1": 4}']);
    const bias = tensorIn(file, 'decimal', 'float64', 2, ['5', '6.5']);
    const after = await patched(file, [...replacing(file, kernel, [0.5, 10.25, -1, 1e30]), ...replacing(file, bias, [0.125, 0])]);
    expect(after).toBe('{"1": {"b": 0.125, "w": {"0": 0.5, "x1": 10.25}}, "2": {"b": 0.0, "w": {"0": -1.0, "x1": 1e+30}}}');
  });
  it('are rewritten a window at a time', async () => {
    const before = Array.from({ length: 60_000 }, (_, i) => i / 3);
    const file = fileOf(JSON.stringify({ w: before }, null, 2));
    const span = readFileSync(file, 'latin1').slice(7, -2);
    const values = before.map((_, i) => Math.fround(Math.sin(i)));
    const after = await patched(file, replacing(file, tensorIn(file, 'decimal', 'float32', before.length, [span]), values, 1000));
    expect((JSON.parse(after) as { w: number[] }).w.map(Math.fround)).toEqual(values);
    expect(after.replace(/-?\d[\d.e-]*/g, '')).toBe(JSON.stringify({ w: before }, null, 2).replace(/-?\d[\d.e-]*/g, ''));
  });
  it('are the same whenever they are asked for, also in turns', () => {
    const file = fileOf('[1, 2, 3, 4, 5, 6]');
    const tensors = [['1', '3', '5'], ['2', '4', '6']].map((spans) => tensorIn(file, 'decimal', 'float32', 3, spans));
    const shared = new Uint8Array(4);
    const source = openFile(file);
    // Whoever draws has room for one chunk, whatever tensor it is of.
    const replacements = tensors.flatMap((tensor, i) => writeElements(source, tensor, function* chunks() {
      for (const value of [10, 20, 30]) {
        shared.set(encodeFloats(Float64Array.of(value + i), 'float32'));
        yield shared;
      }
    }));
    source.close();
    const textOf = (position: number): string => (
      Buffer.concat([...replacements[position]?.replacement.chunks() ?? []].map((chunk) => Buffer.from(chunk))).toString('latin1'));
    expect([0, 3, 1, 4, 2, 5].map(textOf)).toEqual(['10.0', '11.0', '20.0', '21.0', '30.0', '31.0']);
    expect([2, 2, 0, 5, 1].map(textOf)).toEqual(['30.0', '30.0', '10.0', '31.0', '20.0']);
  });
  it('are not those that were read', () => {
    const file = fileOf('[1, 2, 3]');
    for (const count of [2, 4]) {
      expect(() => replacing(file, tensorIn(file, 'decimal', 'float32', count, ['[1, 2, 3]']), [1, 2, 3, 4].slice(0, count)))
        .toThrow(`${file} does not hold the values of w where they were. Read it again.`);
    }
  });
});

describe('base64 in a text', () => {
  const values = Array.from({ length: 9 }, (_, i) => Math.fround(Math.cos(i)));
  const encode = (numbers: readonly number[]): string => Buffer.from(Float32Array.from(numbers).buffer).toString('base64');
  it('keeps its length, its strings and its padding', async () => {
    const chunks = (numbers: readonly number[]): string => JSON.stringify(encode(numbers).match(/.{1,7}/g), null, 2);
    const file = fileOf(`{"w": ${chunks([9, 8, 7, 6, 5, 4, 3, 2, 1])}}`);
    const span = readFileSync(file, 'latin1').slice(6, -1);
    const tensor = tensorIn(file, 'base64', 'float32', 9, [span]);
    expect([refuseWrite(tensor), isRewritten(tensor)]).toEqual([null, false]);
    const replacements = replacing(file, tensor, values, 2);
    expect(replacements.map(({ start, end, length }) => length - (end - start))).toEqual([0]);
    expect(await patched(file, replacements)).toBe(`{"w": ${chunks(values)}}`);
  });
  it('loses escapes of its digits alone', async () => {
    const bytes = Uint8Array.from([0xff, 0xff, 0xff, 0xfb, 0xef, 0xbe, 0xff, 0xff]);
    const file = fileOf(`"${Buffer.from(bytes).toString('base64').replaceAll('/', '\\/').replaceAll('+', '\\u002b')}\\n"`);
    const tensor = tensorIn(file, 'base64', 'float32', 2, [readFileSync(file, 'latin1').slice(1, -1)]);
    expect(await patched(file, replacing(file, tensor, [1, 2]))).toBe(`"${encode([1, 2])}\\n"`);
  });
  it('may be in pieces, each with its own padding', async () => {
    const file = fileOf(JSON.stringify([encode([1]), encode([2, 3, 4])]));
    const tensor = tensorIn(file, 'base64', 'float32', 4, [encode([1]), encode([2, 3, 4])]);
    expect(await patched(file, replacing(file, tensor, [5, 6, 7, 8], 1))).toBe(JSON.stringify([encode([5]), encode([6, 7, 8])]));
  });
  it('does not hold as many bytes as it should', () => {
    const file = fileOf('"AAAAAAA="');
    expect(() => replacing(file, tensorIn(file, 'base64', 'float32', 2, ['AAAAAAA=']), [1, 2])).toThrow('does not hold the values of w where they were');
  });
});

describe('text that was kept', () => {
  it('is put back as it was, though what took its place has another length', async () => {
    const text = '{"a": [1.000, 2], "b": 0.50, "c": [3]}';
    const file = fileOf(text);
    const tensor = tensorIn(file, 'decimal', 'float32', 4, ['[1.000, 2]', '0.50', '[3]']);
    const changed = fileOf(await patched(file, replacing(file, tensor, [0.1, 123456, -3e-9, 0])));
    expect(readFileSync(changed, 'latin1')).toBe('{"a": [0.1, 123456.0], "b": -3e-9, "c": [0.0]}');
    const now = tensorIn(changed, 'decimal', 'float32', 4, ['[0.1, 123456.0]', '-3e-9', '[0.0]']);
    const payload = { length: 17, pieces: [10, 4, 3] };
    expect(await patched(changed, writeStored(now, () => [Buffer.from('[1.000, 2]0.5'), Buffer.from('0[3]')], payload).map(({ replacement }) =>
      replacement))).toBe(text);
  });
  it('may be one piece', async () => {
    const file = fileOf('[10.5, 2]');
    const tensor = tensorIn(file, 'decimal', 'float32', 2, ['[10.5, 2]']);
    expect(await patched(file, writeStored(tensor, () => [Buffer.from('[1,  2]')], { length: 7 }).map(({ replacement }) => replacement))).toBe('[1,  2]');
  });
});

describe('what was written', () => {
  it('is read back bit by bit', async () => {
    let state = 99;
    const values = Array.from({ length: 5000 }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.fround((state / 2 ** 31 - 1) * 10 ** ((state % 60) - 30));
    });
    for (const encoding of ['decimal', 'base64'] as const) {
      const span = encoding === 'decimal' ? JSON.stringify(values.map(() => 0)) : Buffer.alloc(4 * values.length).toString('base64');
      const file = fileOf(span);
      const after = fileOf(await patched(file, replacing(file, tensorIn(file, encoding, 'float32', values.length, [span]), values, 77)));
      const source = openFile(after);
      const elements = readElements(source, tensorIn(after, encoding, 'float32', values.length, [readFileSync(after, 'latin1')]));
      expect(Array.from<number | bigint>(elements ?? [])).toEqual(values);
      source.close();
    }
  });
});
