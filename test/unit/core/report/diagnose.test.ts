import { describe, expect, it } from 'vitest';

import { diagnoseLayer } from '../../../../src/core/report/diagnose';
import { headline } from '../../../../src/core/report/headline';
import { diagnoseNetwork } from '../../../../src/core/report/network';
import { createReport } from '../../../../src/core/report/report';
import { detectLayers } from '../../../../src/core/layers/detect';
import type { Diagnostic, LayerReport, WeightStatistics } from '../../../../src/protocol/report';
import { NetworkBuilder, modelOf, only } from '../../support/graphs';

const statistics = (more: Partial<WeightStatistics>): WeightStatistics => (
  { count: 4096, mean: 0, std: 0.1, min: -1, max: 1, zeros: 0, nonFinite: 0, ...more });

/** Reports on a chain of ReLU layers of width 64, whose kernels should have a standard deviation of √(2/64) ≈ 0.177. */
function reportOn(...kernels: readonly WeightStatistics[]): readonly LayerReport[] {
  return reportOnChain('Relu', kernels);
}

function reportOnChain(activation: string, kernels: readonly WeightStatistics[]): readonly LayerReport[] {
  const b = new NetworkBuilder();
  let x = b.input('x', 'float32', ['n', 64]);
  kernels.forEach((_, i) => { x = b.add(activation, [b.add('Gemm', [x, b.weight(`fc${i}.weight`, [64, 64]), b.weight(`fc${i}.bias`, [64])])]); });
  const graph = b.finish(x);
  const measured = new Map(kernels.map((each, i) => [`fc${i}.weight`, each]));
  return createReport({ model: modelOf(graph, 21), layers: detectLayers(graph), findings: [], statistics: measured, applied: new Map() }).layers;
}

const codes = (measured: WeightStatistics): readonly string[] => diagnoseLayer(only(reportOn(measured))).map((found) => `${found.severity} ${found.code}`);

describe('what is wrong with a network', () => {
  const chain = (activation: string, length: number): readonly LayerReport[] => (
    reportOnChain(activation, Array.from({ length }, () => statistics({ std: 0.125 }))));
  it('is a chain of sigmoids, whatever the weights', () => {
    const [found] = diagnoseNetwork(chain('Sigmoid', 6));
    expect(found).toMatchObject({ severity: 'warning', code: 'sigmoid-chain', layer: null });
    expect(found?.message).toContain('6 sigmoids in a row, with kernels of the usual scale, pass on at most 6.0e-8');
    expect(headline(chain('Sigmoid', 6), found ? [found] : [], {})).toMatchObject({ severity: 'warning', text: `${found?.message} ${found?.remedy}` });
  });
  it('is no chain where other layers lie between', () => {
    const [between] = chain('Relu', 1);
    expect(diagnoseNetwork(chain('Sigmoid', 9).flatMap((layer, i) => (i % 4 === 3 && between ? [layer, between] : [layer])))).toEqual([]);
  });
  it.each([['Sigmoid', 4], ['Tanh', 12], ['Relu', 12]])('is not %s %i times', (activation, length) => {
    expect(diagnoseNetwork(chain(activation, length))).toEqual([]);
  });
});

describe('what is wrong with a layer', () => {
  it.each<readonly [string, Partial<WeightStatistics>, readonly string[]]>([
    ['nothing', { std: 0.177 }, []], ['nothing much', { std: 0.08 }, []],
    ['values that are not finite', { nonFinite: 3, mean: null, std: null }, ['error non-finite-values']],
    ['all zero', { std: 0, min: 0, max: 0, zeros: 4096 }, ['error all-zero-kernel']],
    ['all the same', { std: 0, mean: 0.5 }, ['error constant-kernel']],
    ['too narrow', { std: 0.04 }, ['warning wrong-scale']], ['far too narrow', { std: 0.001 }, ['error wrong-scale']],
    ['too wide', { std: 0.6 }, ['warning wrong-scale']], ['far too wide', { std: 20 }, ['error wrong-scale']],
    ['too few to tell', { std: 20, count: 15 }, []],
  ])('%s', (_, more, expected) => expect(codes(statistics(more))).toEqual(expected));
  it('is said with numbers, and with what to do', () => {
    expect(diagnoseLayer(only(reportOn(statistics({ std: 0.01 }))))).toEqual([{
      severity: 'error', code: 'wrong-scale', layer: 'fc0', remedy: 'Reinitialize it: He normal.',
      message: 'fc0.weight is 17.7× too narrow for Relu: σ 0.01, recommended 0.177; 10 such layers scale the signal by 3.4e-13.',
    }]);
  });
  it('is not said of what is not measured, or is left alone', () => {
    const layer = only(reportOn(statistics({ std: 20 })));
    expect(diagnoseLayer({ ...layer, weights: layer.weights.map((weight) => ({ ...weight, statistics: null })) })).toEqual([]);
    expect(diagnoseLayer({ ...layer, weights: layer.weights.map((weight) => ({ ...weight, frozen: 'a reason' })) })).toEqual([]);
  });
});

describe('what else is told', () => {
  const layer = only(reportOn(statistics({ std: 0.177 })));
  const withKernel = (more: Partial<WeightStatistics>, changes: Partial<LayerReport> = {}): LayerReport => ({
    ...layer, ...changes,
    weights: layer.weights.map((weight) => (weight.role === 'kernel' ? { ...weight, statistics: statistics({ std: 0.177, ...more }) } : weight)),
  });
  it.each([[1, 'warning'], [31, 'warning'], [32, 'error']])('%d of 64 units that are alike', (duplicate, severity) => {
    expect(diagnoseLayer(withKernel({ units: { total: 64, duplicate, zero: 0 } }))).toMatchObject([{
      severity, code: 'duplicate-units', layer: 'fc0',
      message: `${duplicate} of 64 units of fc0.weight have the same weights as another: they compute and learn the same (symmetry).`,
    }]);
  });
  it.each([[3, 'info'], [40, 'warning']])('%d of 64 units without weights', (zero, severity) => {
    expect(diagnoseLayer(withKernel({ units: { total: 64, duplicate: 0, zero } }))).toMatchObject([{ severity, code: 'zero-units' }]);
  });
  it('fans that a library counts in its own way, by what they do to the spread', () => {
    const miscounted = { library: 'PyTorch', fans: { fanIn: 512, fanOut: 64 }, drawn: 0.0255, meant: 0.0361 };
    const found = diagnoseLayer(layer, new Map([['fc0.weight', { title: 'PyTorch’s default (bound 0.0442)', miscounted }]]));
    expect(found).toEqual([{
      severity: 'info', code: 'wrong-fan-convention', layer: 'fc0', remedy: 'Reinitialize it: He normal.',
      message: 'fc0.weight looks like PyTorch’s default (bound 0.0442): PyTorch counts fan_in 512, fan_out 64 where the operator has 64 and 64, '
        + 'so that σ is 1.42× too narrow for what was meant.',
    }]);
    const wide = new Map([['fc0.weight', { title: 'Xavier uniform', miscounted: { ...miscounted, drawn: 0.09 } }]]);
    expect(diagnoseLayer(layer, wide)).toMatchObject([{ severity: 'warning', code: 'wrong-fan-convention' }]);
  });
  it('a wrong scale behind which a norm restores the signal, as less', () => {
    const normalized = { normalization: 'BatchNormalization' };
    expect(diagnoseLayer(withKernel({ std: 0.03 }, normalized))).toMatchObject([{ severity: 'info', code: 'wrong-scale' }]);
    const [found] = diagnoseLayer(withKernel({ std: 0.001 }, normalized));
    expect(found).toMatchObject({ severity: 'warning' });
    expect(found?.message).toContain('the norm behind it restores the signal, and scales its gradient by 177.');
  });
  it('a scale that lets nothing pass, unless it closes a branch', () => {
    const gamma = { ...only(layer.weights.filter(({ role }) => role === 'kernel')), role: 'gamma', statistics: statistics({ std: 0, mean: 0 }) } as const;
    const scaled = { ...layer, weights: [gamma] };
    expect(diagnoseLayer(scaled)).toMatchObject([{ severity: 'error', code: 'all-zero-scale' }]);
    expect(diagnoseLayer({ ...scaled, residual: { addedBy: 'add', normalization: 'BatchNormalization', branches: 3 } })).toEqual([]);
  });
});

describe('the headline', () => {
  const of = (...kernels: readonly Partial<WeightStatistics>[]): ReturnType<typeof headline> => {
    const layers = reportOn(...kernels.map(statistics));
    return headline(layers, layers.flatMap((layer) => diagnoseLayer(layer)), {});
  };
  it('is fine', () => {
    expect(of({ std: 0.177 }, { std: 0.2 })).toEqual({ severity: 'ok', text: 'All 2 kernels are within 3× of the scale their layers need.' });
    expect(of({ std: 0.2 })).toEqual({ severity: 'ok', text: 'The kernel is within 3× of the scale its layer needs.' });
  });
  it('counts layers, and begins with the worst', () => {
    const found = of({ std: 0.177 }, { std: 0.05 }, { std: 0.001 });
    expect(found.severity).toBe('warning');
    expect(found.text).toMatch(/^2 of 3 layers do not start as they should: fc2\.weight is 177× too narrow/);
  });
  it('warns of what is only off', () => expect(of({ std: 0.05 })).toMatchObject({ severity: 'warning' }));
  it('counts layers that cannot be read, from two on', () => {
    const unreadable = (layer: string): Diagnostic => (
      { severity: 'error', code: 'unreadable-weight', layer, message: `${layer} cannot be read.`, remedy: 'Export it again.' });
    const judged = reportOn(statistics({ std: 0.1 }));
    expect(headline(judged, [unreadable('a')], {}).text).toBe('a cannot be read. Export it again.');
    expect(headline(judged, ['a', 'b'].map(unreadable), {}).text).toBe('Weights of 2 layers cannot be read. The first: a cannot be read. Export it again.');
  });
  it('says that there is nothing to do, or that it is not done yet', () => {
    expect(headline([], [], {})).toMatchObject({ severity: 'info' });
    expect(headline(reportOn(statistics({})), [], { isMeasuring: true }).text).toContain('measuring');
  });
});
