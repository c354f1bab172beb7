import { describe, expect, it } from 'vitest';

import { differentiate } from './differentiate';
import { cotangentOf, exactly, flags, sample, stored } from './samples/sample';

describe('dropout in training mode', () => {
  it.each([['its ratio', 0.25, { ratio: stored([], [0.25]) }], ['half by default', 0.5, { ratio: null }]] as const)(
    'gives the gradient to what was kept, scaled as it was: %s', async (_, ratio, given) => {
      const count = 400;
      const ones = exactly([count], Array.from({ length: count }, () => 1));
      const { outputs, gradients } = await differentiate(
        sample('Dropout', 'training', { data: ones, ...given, training_mode: flags([1], []) }, { seed: 1 }, { outputs: 2, unused: [1] }));
      const kept = Array.from(outputs[0]?.data ?? [], Number);
      const cotangent = cotangentOf(0, count);
      const gradient = Array.from(gradients.get('data')?.data ?? [], Number);
      const scale = 1 / (1 - ratio);
      const dropped = kept.filter((value) => value === 0).length / count;
      expect(Math.abs(dropped - ratio)).toBeLessThan(0.1);
      expect(new Set(kept.map((value) => value.toFixed(5)))).toEqual(new Set([(0).toFixed(5), scale.toFixed(5)]));
      expect(gradient.map((value, i) => Math.abs(value - (kept[i] ?? 0) * (cotangent[i] ?? 0)) < 1e-5)).toEqual(kept.map(() => true));
    });
});
