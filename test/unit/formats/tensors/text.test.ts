import { describe, expect, it } from 'vitest';

import type { DType } from '../../../../src/core/graph/dtype';
import type { TensorPlace } from '../../../../src/core/graph/tensor';
import { openBytes } from '../../../../src/formats/files/byteSource';
import { FilePool, contentChunks } from '../../../../src/formats/tensors/content';
import { readElements, storedBytes } from '../../../../src/formats/tensors/elements';
import { createTensor } from '../../../../src/core/graph/tensor';

type Read = readonly (number | bigint)[] | null;

function read(text: string, encoding: TensorPlace['encoding'], dtype: DType, count: number, spans: readonly string[] = [text]): Read {
  const source = openBytes('net.json', Buffer.from(text));
  const pieces = spans.map((span): TensorPlace => ({ file: 'net.json', offset: text.indexOf(span), length: span.length, encoding }));
  const [first, ...further] = pieces;
  if (!first) throw new Error('There is no place.');
  const elements = readElements(source, { dtype, shape: [count], place: further.length > 0 ? { ...first, further } : first });
  return elements && Array.from<number | bigint>(elements);
}

const decimals = (text: string, dtype: DType, count: number, spans?: readonly string[]) => read(text, 'decimal', dtype, count, spans);
const base64 = (text: string, dtype: DType, count: number, spans?: readonly string[]) => read(text, 'base64', dtype, count, spans);

describe('numbers of a JSON text', () => {
  it('are elements, in order, whatever stands between them', () => {
    expect(decimals('[[1.5, -2],\n [3e2, 0.25]]', 'float32', 4)).toEqual([1.5, -2, 300, 0.25]);
    expect(decimals('{"0": 1, "1": -0.5}', 'float64', 2)).toEqual([1, -0.5]);
    expect(decimals('[1, 2, 3, 4]', 'float32', 2, ['2, 3'])).toEqual([2, 3]);
    expect(decimals('{"a": [1, 2], "b": [3], "c": {"7": 4}}', 'float32', 4, ['[1, 2]', '3', '{"7": 4}'])).toEqual([1, 2, 3, 4]);
  });
  it('are what readers round them to, in float64 and in float32', () => {
    let state = 1;
    const random = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    const texts = Array.from({ length: 40_000 }, (_, i) => {
      const value = (random() - 0.5) * 10 ** Math.floor(random() * (i % 2 === 0 ? 4 : 80) - (i % 2 === 0 ? 3 : 45));
      return [String(value), String(Math.fround(value)), value.toFixed(8), value.toExponential(4), value.toPrecision(20)][i % 5] ?? '';
    });
    texts.push('0', '-0', '0.0', '-0.0e5', '1e22', '1e23', '123456789012345678', '0.1000000000000000055511151231257827', '5e-324', '1e-400', '1e400');
    // Between two float32, next to the midpoint on either side, and the midpoint itself.
    texts.push('1.00000005960464477539', '1.00000005960464477540', '1.000000059604644775390625', '1.0000000596046447753906250000000001');
    texts.push('16777217', '16777219', '1E+2');
    const text = `[${texts.join(', ')}]`;
    const asDouble = decimals(text, 'float64', texts.length);
    const asFloat = decimals(text, 'float32', texts.length);
    texts.forEach((each, i) => {
      const isRight = Object.is(asDouble?.[i], Number(each)) && Object.is(asFloat?.[i], Math.fround(Number(each)));
      if (!isRight) throw new Error(`${each} is read as ${asDouble?.[i] ?? ''} and ${asFloat?.[i] ?? ''}.`);
    });
  });
  it('may be NaN and Infinity as Python writes them, and null as JSON.stringify does', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      expect(decimals('[NaN, -Infinity, Infinity, null, 1]', dtype, 5)).toEqual([NaN, -Infinity, Infinity, NaN, 1]);
    }
  });
  it('may be of every type of floats, and whole', () => {
    expect(decimals('[1.5, -0.1, 65504]', 'float16', 3)).toEqual([1.5, -0.0999755859375, 65504]);
    expect(decimals('[1.5, 3.14159]', 'bfloat16', 2)).toEqual([1.5, 3.140625]);
    expect(decimals('["9007199254740993", "-1"]', 'int64', 2)).toEqual([9007199254740993n, -1n]);
    expect(decimals('[255, 0, -1]', 'uint8', 3)).toEqual([255, 0, 255]);
    expect(() => decimals('[1, 2.5]', 'int32', 2)).toThrow('The text has 2.5 at byte 4 where a whole number was expected.');
  });
  it('are not as many as they should be', () => {
    expect([decimals('[1, 2]', 'float32', 3), decimals('[1, 2, 3]', 'float32', 2), decimals('[]', 'float32', 1)]).toEqual([null, null, null]);
    const place: TensorPlace = { file: 'net.json', offset: 0, length: 6, encoding: 'decimal' };
    const pool = new FilePool(openBytes('net.json', Buffer.from('[1, 2]')));
    const tensor = { ...createTensor('float32', [3], []), values: null, place };
    expect(() => [...contentChunks(pool, tensor, {})]).toThrow('net.json does not hold the 3 values of a tensor at byte 0. Export it again.');
  });
  it('are read a window at a time', () => {
    const values = Array.from({ length: 100_000 }, (_, i) => i / 7);
    expect(decimals(JSON.stringify(values, null, 1), 'float64', values.length)).toEqual(values);
  });
});

describe('base64 in a JSON text', () => {
  const values = Float32Array.from({ length: 70_000 }, (_, i) => Math.sin(i) * 10 ** (i % 9));
  const encoded = Buffer.from(values.buffer).toString('base64');
  it('is elements', () => {
    expect(base64(encoded, 'float32', values.length)).toEqual(Array.from(values));
    expect(base64(`"${encoded.replace(/=+$/, '')}"`, 'float32', values.length)).toEqual(Array.from(values));
  });
  it('may be in strings of any length, with escapes, spaces and the other alphabet', () => {
    const chunks = encoded.match(/.{1,1021}/g) ?? [];
    expect(base64(JSON.stringify(chunks, null, 2), 'float32', values.length)).toEqual(Array.from(values));
    expect(base64(encoded.replaceAll('/', '\\/').replaceAll('+', '\\u002B'), 'float32', values.length)).toEqual(Array.from(values));
    expect(base64(encoded.replace(/.{76}/g, '$&\\r\\n'), 'float32', values.length)).toEqual(Array.from(values));
    expect(base64(encoded.replaceAll('/', '_').replaceAll('+', '-'), 'float32', values.length)).toEqual(Array.from(values));
  });
  it('may be in pieces, each with a padding of its own', () => {
    const halves = [values.subarray(0, 5), values.subarray(5, 12)].map((each) => Buffer.from(each.slice().buffer).toString('base64'));
    expect(base64(JSON.stringify(halves), 'float32', 12, halves)).toEqual(Array.from(values.subarray(0, 12)));
  });
  it('is bytes, whatever the type', () => {
    const source = openBytes('net.json', Buffer.from('"AQID/w=="'));
    const place: TensorPlace = { file: 'net.json', offset: 1, length: 8, encoding: 'base64' };
    expect(storedBytes(source, { dtype: 'int8', shape: [4], place })).toEqual(Uint8Array.from([1, 2, 3, 255]));
    expect(readElements(source, { dtype: 'int4', shape: [8], place })).toEqual(Int8Array.from([1, 0, 2, 0, 3, 0, -1, -1]));
    expect(storedBytes(source, { dtype: 'int8', shape: [5], place })).toBeNull();
  });
  it('ends with its padding', () => {
    expect(() => base64('AAAA==AAAA', 'int8', 6)).toThrow('net.json goes on behind the padding of base64 from byte 0 on. Export it again.');
  });
});
