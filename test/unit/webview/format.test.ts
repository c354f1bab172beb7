import { describe, expect, it } from 'vitest';
import { bytes } from '../../../src/protocol/units';
import {
  abbreviated, baseName, compact, duration, exact, fan, grouped, hex, legible, powerOfTen, ratio, shape, shortened, significant,
} from '../../../webview/format';

describe('significant', () => {
  it.each([
    [0.058925565, '0.0589'], [0.001, '0.00100'], [0.00099951, '0.00100'], [0.0009994, '9.99e-4'], [1.02e-24, '1.02e-24'], [-0.5, '-0.500'],
    [31.24, '31.2'], [999.6, '1,000'], [1234.5, '1,230'], [999_999.9, '1.00e6'], [25_557_032, '2.56e7'],
    [0, '0'], [-0, '0'], [Number.NaN, 'NaN'], [Infinity, '∞'], [-Infinity, '-∞'], [null, '–'], [5e-324, '4.94e-324'],
  ])('%s is written %s', (value, text) => expect(significant(value)).toBe(text));
});

it('drops the leading zero where columns are narrow', () => {
  expect([0.058925565, -0.026, 1.5, 0, 1e-9].map(compact)).toEqual(['.0589', '-.0260', '1.50', '0', '1.00e-9']);
});

it('keeps every digit for tooltips', () => {
  expect(Number(exact(0.1 + 0.2))).toBe(0.1 + 0.2);
  expect(exact(null)).toBe('not known');
});

it('leaves of a fan what a stride leaves', () => {
  expect([1152, 2.25, 726, 3456.5].map(fan)).toEqual(['1,152', '2.25', '726', '3,460']);
});

it('counts', () => {
  expect(grouped(2048000)).toBe('2,048,000');
  expect(grouped(-1234)).toBe('-1,234');
  expect([999, 1000, 25_557_032, 999_999].map(abbreviated)).toEqual(['999', '1.00 k', '25.6 M', '1.00 M']);
  expect([0, 1023, 1024, 102_334_368, 2 ** 31].map(bytes)).toEqual(['0 B', '1023 B', '1.00 KB', '97.6 MB', '2.00 GB']);
});

it('names places, shapes, powers and times', () => {
  expect(hex(6236688)).toBe('0x5f2a10');
  expect([shape([64, 'N', 3]), shape([]), shape(null)]).toEqual(['[64, N, 3]', 'scalar', '[?]']);
  expect([powerOfTen(-12), powerOfTen(3), powerOfTen(0)]).toEqual(['10⁻¹²', '10³', '1']);
  expect(ratio(30.77)).toBe('30.8×');
  expect([840, 12_400, 125_000].map(duration)).toEqual(['0.8 s', '12 s', '2 min 5 s']);
  expect([baseName('/a/b.onnx'), baseName('C:\\a\\b.onnx'), baseName('b.onnx')]).toEqual(['b.onnx', 'b.onnx', 'b.onnx']);
});

it('shortens names to the given length and keeps their ends', () => {
  expect(shortened('conv1', 16)).toBe('conv1');
  const short = shortened('/model/layers.12/block3/MatMul', 16);
  expect(short).toHaveLength(16);
  expect(short.endsWith('3/MatMul')).toBe(true);
});

it('shows of a name what can be seen, and not more than fits', () => {
  expect(legible('model\u202egnp.exe\u0000', 100)).toBe('model\ufffdgnp.exe\ufffd');
  expect(legible('מודל/层', 100)).toBe('מודל/层');
  expect(legible('x'.repeat(2 ** 20), 100)).toHaveLength(100);
});
