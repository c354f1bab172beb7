import { describe, expect, it } from 'vitest';

import { judge } from '../../../../src/core/verdict/verdict';
import type { LayerRun, LayerTheory, SchemeTheory, SimulationRun } from '../../../../src/protocol/simulation';

const moments = { count: 8, mean: 0, variance: 1, min: -1, max: 1, zeros: 0, nonFinite: 0 };
/** Layers in order, whose kernels get gradients of these sizes, for their own. */
const run = (ratios: readonly (number | null)[], more: Partial<LayerRun> = {}): SimulationRun => ({
  scheme: 'current', seed: 0, loss: null, layers: ratios.map((ratio, i) => ({
    name: `l${i}`, preactivation: moments, activation: moments, gradient: { preactivation: moments, activation: moments },
    weights: [{ name: `w${i}`, gradient: moments, ratio }], ...more,
  })),
});
const known = (scale: number | null) => (name: string): LayerTheory => ({
  name, preactivation: null, activation: null, gradient: { preactivation: null, activation: null, weight: null }, scale, steepest: null, inBranch: false,
  shut: null,
});
const theory = (count: number, scale: number | null = 1): readonly SchemeTheory[] => (
  [{ scheme: 'current', unpredicted: [], layers: Array.from({ length: count }, (_, i) => known(scale)(`l${i}`)) }]);

describe('gradients of kernels', () => {
  it('are told of where signal and gradient are in order', () => {
    const verdict = judge([run([1, 2, 0.5, 4, 1])], theory(5));
    expect(verdict?.text).toContain('for their size, kernels get gradients within 8×');
    expect(verdict?.severity).toBe('ok');
  });
  it('are too small of a kernel that the others leave behind', () => {
    const verdict = judge([run([1, 2, 1e-6, 4, 1])], theory(5));
    expect(verdict).toMatchObject({ kind: 'slow-kernel', at: 'l2', severity: 'warning' });
    expect(verdict?.text).toContain('the kernel of l2 turns 1.0e-6× as fast as the others, for its size');
  });
  it('are no matter of scales of norms, of few kernels, and of kernels of zeros', () => {
    expect(judge([run([1, 2, 1e-6, 4, 1])], theory(5, null))?.kind).toBe('fine');
    expect(judge([run([1, 2, 1e-6])], theory(3))?.kind).toBe('fine');
    expect(judge([run([1, 2, null, 4, 1])], theory(5))?.kind).toBe('fine');
  });
});

describe('tokens', () => {
  const collapsing = (cosines: readonly number[]): SimulationRun => {
    const { layers, ...rest } = run(cosines.map(() => 1));
    return { ...rest, layers: layers.map((layer, i) => ({ ...layer, tokenCosine: cosines[i] ?? 0, cosine: 0 })) };
  };
  it('that become alike are told of, from where on', () => {
    const verdict = judge([collapsing([0.1, 0.9, 0.995, 0.9973, 0.9973])], theory(5));
    expect(verdict).toMatchObject({ kind: 'alike', at: 'l2', severity: 'warning' });
    expect(judge([collapsing([0.1, 0.9, 0.9999, 0.9999, 0.9999])], theory(5))?.severity).toBe('error');
    expect(verdict?.text).toContain('all tokens become one direction: their cosine is 0.9973 at l3, and above 0.99 from l2 on');
  });
  it('that are alike to begin with, or come apart again, are not', () => {
    expect(judge([collapsing([0.95, 0.995, 0.999, 0.999, 0.999])], theory(5))?.kind).toBe('fine');
    expect(judge([collapsing([0.1, 0.999, 0.5, 0.5, 0.5])], theory(5))?.kind).toBe('fine');
  });
});
