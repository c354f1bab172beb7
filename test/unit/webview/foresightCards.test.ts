/** What the details of a layer say of a stack of such, and of its steps. */
import { describe, expect, it } from 'vitest';

import type { LayerResponse } from '../../../src/protocol/simulation';
import { responseRows, stepRows } from '../../../webview/inspector/foresightCards';

const tanh: LayerResponse = {
  weights: 1, biases: 0.01, perpendicular: 0.84, parallel: 0.46, depthScale: 5.735, fixedPoint: { variance: 0.52, isStable: true }, stack: 'towards zero',
  toInput: 1, toOutput: 1, spread: 0,
};
const texts = (response: LayerResponse): readonly string[] => responseRows(response).map(({ term, text }) => `${term}: ${text}`);

describe('a stack of layers like one', () => {
  it('says what becomes of gradient, signal and variance, each with a title that explains it', () => {
    expect(texts(tanh)).toEqual([
      'Gradient: variance 0.840× per layer (χ⊥), e-fold in 5.74 layers', 'Signal: a change of its variance 0.460× per layer (χ∥)',
      'Comes to rest: at a variance of 0.520, which draws others to it',
    ]);
    expect(responseRows(tanh).every(({ title }) => title.length > 80)).toBe(true);
  });
  it('calls what hardly changes kept, and tells an unstable point and none from a stable one', () => {
    const relu: LayerResponse = { ...tanh, perpendicular: 1, parallel: 1, depthScale: Infinity, fixedPoint: null, stack: 'scale-invariant' };
    expect(texts(relu)[0]).toBe('Gradient: variance 1.00× per layer (χ⊥), kept over any depth');
    expect(texts(relu)[2]).toBe('Comes to rest: nowhere: it scales each variance alike');
    expect(texts({ ...tanh, fixedPoint: { variance: 1.2, isStable: false } })[2]).toBe('Comes to rest: at a variance of 1.20, from which others move away');
    expect(texts({ ...tanh, fixedPoint: null })[2]).toBe('Comes to rest: nowhere near');
  });
});

describe('the steps of a recurrent layer', () => {
  it.each([
    [{ steps: 64, arrived: 2.5e-5, perStep: 0.845, reach: 27 }, 'σ 0.845× per step, over 64 steps 2.50e-5×', 'after 27 of 64 steps'],
    [{ steps: 20, arrived: 0.04, perStep: 0.845, reach: 27 }, 'σ 0.845× per step, over 20 steps 0.0400×', 'after 27 steps, which is more than there are'],
    [{ steps: 1000, arrived: 1e-300, perStep: 0.5, reach: 7 }, 'σ 0.500× per step, over 1,000 steps less than 1.00e-12×', 'after 7 of 1,000 steps'],
    [{ steps: 50, arrived: 1.3e7, perStep: 1.4, reach: null }, 'σ 1.40× per step, over 50 steps 1.30e7×', 'never: it grows'],
    [{ steps: 50, arrived: 1, perStep: 1, reach: null }, 'σ 1.00× per step, over 50 steps 1.00×', 'not within any sequence'],
  ])('%o', (found, gradient, end) => {
    const rows = stepRows(found);
    expect(rows.map(({ text }) => text)).toEqual([gradient, end]);
    expect(rows.every(({ title }) => title.length > 60)).toBe(true);
  });
});
