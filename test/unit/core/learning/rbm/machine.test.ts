// Where machines start, what becomes of standardised data, and the pictures of what they learn.

import { describe, expect, it } from 'vitest';

import { baseRates, startMachine, streamOf } from '../../../../../src/core/learning/rbm/machine';
import { isEnumerable } from '../../../../../src/core/learning/rbm/partition';
import { filtersOf, pairsOf, squareOf } from '../../../../../src/core/learning/rbm/pictures';
import { decoderFor, encoderFor, standardOf, standardised } from '../../../../../src/core/learning/rbm/standardised';
import { drawnMachine } from '../../../support/machines';

describe('a machine starts', () => {
  const data = Float32Array.of(1, 0, 1, 0, 1, 1, 0, 0);

  it('by base rates, none of them infinite', () => {
    const [always = NaN, never = NaN] = baseRates({ kind: 'bernoulli', visible: 2 }, Float32Array.of(1, 0, 1, 0, 1, 0, 1, 0));
    expect(always).toBeCloseTo(Math.log(9), 5);
    expect(never).toBeCloseTo(-Math.log(9), 5);
    expect([...baseRates({ kind: 'bernoulli', visible: 2 }, data)].map((value) => Number(value.toFixed(4)))).toEqual([1.0986, -1.0986]);
    expect([...baseRates({ kind: 'gaussian', visible: 2 }, data)]).toEqual([0.75, 0.25]);
  });

  it('with weights of the spread that is asked for', () => {
    const many = new Float32Array(400).map((_, i) => i % 2);
    const spread = (start: 'guide' | 'xavier' | 'zeros'): number => {
      const { weights } = startMachine({ kind: 'bernoulli', visible: 100, hidden: 60 }, start, many, streamOf(1, 'w'));
      return Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0) / weights.length);
    };
    expect(spread('guide')).toBeCloseTo(0.01, 3);
    expect(spread('xavier')).toBeCloseTo(Math.sqrt(2 / 160), 2);
    expect(spread('zeros')).toBe(0);
  });

  it('is enumerated up to 20 units of a side', () => {
    expect(isEnumerable({ kind: 'bernoulli', visible: 784, hidden: 20 })).toBe(true);
    expect(isEnumerable({ kind: 'bernoulli', visible: 21, hidden: 21 })).toBe(false);
    expect(isEnumerable({ kind: 'gaussian', visible: 4, hidden: 4 })).toBe(false);
  });
});

describe('standardised data', () => {
  const data = Float32Array.of(1, 10, 5, 3, 30, 5, 5, 20, 5);
  const standard = standardOf(data, 3);
  const machine = { ...drawnMachine(3, 2, 1, 4), kind: 'gaussian' as const };

  it('have mean 0 and variance 1, but for what does not vary', () => {
    const { mean, std } = standardOf(standardised(data, standard), 3);
    mean.forEach((value) => expect(value).toBeCloseTo(0, 6));
    std.forEach((value) => expect(value).toBeCloseTo(1, 6));
    expect(standard.std[2]).toBe(1);
  });

  it('are what the weights undo', () => {
    const encoder = encoderFor(machine.weights, machine.hiddenBias, standard);
    const decoder = decoderFor(machine.weights, machine.visibleBias, standard);
    const apply = (x: Float32Array, weights: Float32Array, bias: Float32Array): number[] => Array.from(bias, (c, j) => (
      x.reduce((sum, value, i) => sum + value * (weights[i * bias.length + j] ?? 0), c)));
    const [raw, same] = [data.subarray(3, 6), standardised(data, standard).subarray(3, 6)];
    apply(raw, encoder.weights, encoder.bias).forEach((value, j) => expect(value).toBeCloseTo(apply(same, machine.weights, machine.hiddenBias)[j] ?? NaN, 5));
    const h = [0.3, 0.8];
    const decoded = (weights: Float32Array, bias: Float32Array): number[] => Array.from(bias, (b, i) => (
      h.reduce((sum, value, j) => sum + value * (weights[i * 2 + j] ?? 0), b)));
    decoded(decoder.weights, decoder.bias).forEach((value, i) => {
      const standardValue = decoded(machine.weights, machine.visibleBias)[i] ?? NaN;
      expect(value).toBeCloseTo(standardValue * (standard.std[i] ?? NaN) + (standard.mean[i] ?? NaN), 4);
    });
  });
});

describe('pictures', () => {
  it('are squares of units', () => {
    expect(squareOf(64)).toEqual({ width: 8, height: 8 });
    expect(squareOf(32)).toBeNull();
    expect(squareOf(1)).toBeNull();
  });

  it('show weights around grey, each hidden unit on its own scale', () => {
    const machine = { ...drawnMachine(5, 2, 1, 1), weights: Float32Array.of(1, 0, -1, 0, 0.5, 0, 0, 0, 9, 9) };
    expect(filtersOf(machine, { width: 2, height: 2 })).toEqual({
      width: 2, height: 2, images: [Uint8Array.of(255, 0, 191, 128), Uint8Array.of(128, 128, 128, 128)],
    });
  });

  it('show samples, each before what is decoded of it, and of large ones 28 by 28 pixels', () => {
    const pairs = pairsOf(Float32Array.of(0, 2, 4, 4), Float32Array.of(1, 2, 9, -3), 4, { width: 2, height: 2 });
    expect(pairs.images).toEqual([Uint8Array.of(0, 128, 255, 255), Uint8Array.of(64, 128, 255, 0)]);
    const large = filtersOf(drawnMachine(56 * 56, 70, 1, 1), { width: 56, height: 56 });
    expect([large.width, large.height, large.images.length, large.images[0]?.length]).toEqual([28, 28, 64, 784]);
  });
});
