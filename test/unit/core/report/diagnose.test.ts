import { describe, expect, it } from 'vitest';

import { diagnoseLayer } from '../../../../src/core/report/diagnose';
import { diagnoseNetwork, headline } from '../../../../src/core/report/network';
import { createReport } from '../../../../src/core/report/report';
import { detectLayers } from '../../../../src/core/layers/detect';
import type { LayerReport, WeightStatistics } from '../../../../src/protocol/report';
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
    expect(found?.message).toContain('6 sigmoids in a row pass on at most 6.0e-8');
    expect(headline(chain('Sigmoid', 6), found ? [found] : [], false)).toMatchObject({ severity: 'warning', text: `${found?.message} ${found?.remedy}` });
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

describe('the headline', () => {
  const of = (...kernels: readonly Partial<WeightStatistics>[]): ReturnType<typeof headline> => {
    const layers = reportOn(...kernels.map(statistics));
    return headline(layers, layers.flatMap((layer) => diagnoseLayer(layer)), false);
  };
  it('is fine', () => {
    expect(of({ std: 0.177 }, { std: 0.2 })).toEqual({ severity: 'ok', text: 'All 2 kernels are within 3× of the scale their layers need.' });
  });
  it('counts layers, and begins with the worst', () => {
    const found = of({ std: 0.177 }, { std: 0.05 }, { std: 0.001 });
    expect(found.severity).toBe('error');
    expect(found.text).toMatch(/^1 of 3 layers will not carry a signal at its scale: fc2\.weight is 177× too narrow/);
  });
  it('warns of what is only off', () => expect(of({ std: 0.05 })).toMatchObject({ severity: 'warning' }));
  it('says that there is nothing to do, or that it is not done yet', () => {
    expect(headline([], [], false)).toMatchObject({ severity: 'info' });
    expect(headline(reportOn(statistics({})), [], true).text).toContain('measuring');
  });
});
