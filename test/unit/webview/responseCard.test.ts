/** What the details of a layer say of a stack of such. */
import { describe, expect, it } from 'vitest';

import type { LayerResponse } from '../../../src/protocol/simulation';
import { rowsOf } from '../../../webview/inspector/responseCard';

const tanh: LayerResponse = {
  perpendicular: 0.84, parallel: 0.46, depthScale: 5.735, fixedPoint: { variance: 0.52, isStable: true }, stack: 'towards zero',
  toInput: 1, toOutput: 1, spread: 0,
};
const texts = (response: LayerResponse): readonly string[] => rowsOf(response).map(({ term, text }) => `${term}: ${text}`);

describe('a stack of layers like one', () => {
  it('says what becomes of gradient, signal and variance, each with a title that explains it', () => {
    expect(texts(tanh)).toEqual([
      'Gradient: variance 0.840× per layer (χ⊥), e-fold in 5.74 layers', 'Signal: a change of its variance 0.460× per layer (χ∥)',
      'Comes to rest: at a variance of 0.520, which draws others to it',
    ]);
    expect(rowsOf(tanh).every(({ title }) => title.length > 80)).toBe(true);
  });
  it('calls what hardly changes kept, and tells an unstable point and none from a stable one', () => {
    const relu: LayerResponse = { ...tanh, perpendicular: 1, parallel: 1, depthScale: Infinity, fixedPoint: null, stack: 'scale-invariant' };
    expect(texts(relu)[0]).toBe('Gradient: variance 1.00× per layer (χ⊥), kept over any depth');
    expect(texts(relu)[2]).toBe('Comes to rest: nowhere: it scales each variance alike');
    expect(texts({ ...tanh, fixedPoint: { variance: 1.2, isStable: false } })[2]).toBe('Comes to rest: at a variance of 1.20, from which others move away');
    expect(texts({ ...tanh, fixedPoint: null })[2]).toBe('Comes to rest: nowhere near');
  });
});
