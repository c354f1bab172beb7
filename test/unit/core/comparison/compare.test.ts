/** What is a difference, and what is none: rounding, layouts, names; and what is said of it in a sentence. */
import { describe, expect, it } from 'vitest';

import { compareModels } from '../../../../src/core/comparison/compare';
import { aspectsOf, comparisonSentence } from '../../../../src/core/comparison/sentence';
import type { LayerReport, ModelReport, WeightReport, WeightStatistics } from '../../../../src/protocol/report';

const measured: WeightStatistics = { count: 200, mean: 0.01, std: 0.05, min: -0.2, max: 0.25, zeros: 0, nonFinite: 0 };

function kernel(change: Partial<WeightReport> = {}): WeightReport {
  return {
    id: 'w', name: 'w', role: 'kernel', dtype: 'float32', shape: [10, 20], storage: 'raw', place: null, parameters: 200, fanIn: 10, fanOut: 20,
    conventions: [], parts: [], tied: [], statistics: measured, looksLike: null, recommendation: null, ...change,
  };
}

function layer(name: string, weights: readonly WeightReport[], change: Partial<LayerReport> = {}): LayerReport {
  return { name, op: 'Gemm', detail: '', scope: '', activation: 'Relu', normalization: null, residual: null, isHead: false, weights, ...change };
}

function model(file: string, layers: readonly LayerReport[], change: Partial<ModelReport> = {}): { readonly report: ModelReport; readonly verdict: string } {
  return {
    verdict: 'Well.',
    report: {
      file, format: 'onnx', producer: '', opset: 17, parameters: 0, storedFloats: 0, storedBytes: 0, layers, constants: [], diagnostics: [],
      inputs: [{ name: 'x', dtype: 'float32', shape: ['n', 10] }], outputs: [{ name: 'y', dtype: 'float32', shape: ['n', 20] }], ...change,
    },
  };
}

const both = (left: WeightReport, right: WeightReport, change: Partial<LayerReport> = {}): ReturnType<typeof compareModels> => (
  compareModels(model('a', [layer('fc', [left])]), model('b', [layer('fc', [right], change)])));
const facts = ({ layers }: ReturnType<typeof compareModels>): readonly string[] => layers.flatMap(({ differs, weights }) => (
  [...differs, ...weights.flatMap((weight) => weight.differs)].map(({ fact }) => fact)));

describe('a difference', () => {
  it('is not the order in which a kernel is stored, nor who adds the bias, nor a sum’s rounding', () => {
    const stored = kernel({ shape: [20, 10], statistics: { ...measured, mean: measured.mean === null ? null : measured.mean * (1 + 1e-12) } });
    const found = both(kernel(), stored, { op: 'MatMul' });
    expect(facts(found)).toEqual([]);
    expect(found.counts.same).toBe(1);
  });
  it('is another size, fan, bound, zero or moment, and what was and is is told', () => {
    expect(facts(both(kernel(), kernel({ shape: [10, 21], fanOut: 21 })))).toEqual(['shape', 'fan out']);
    expect(facts(both(kernel(), kernel({ fanIn: 20, fanOut: 10 })))).toEqual(['fan in', 'fan out']);
    const weight = both(kernel(), kernel({ statistics: { ...measured, std: 0.06, zeros: 3 } })).layers[0]?.weights[0];
    expect(weight?.differs).toEqual([{ fact: 'std', was: 0.05, is: 0.06 }, { fact: 'zeros', was: 0, is: 3 }]);
    expect(weight?.sameValues).toBe(false);
  });
  it('is not known of what is not measured, on either side', () => {
    const found = both(kernel(), kernel({ statistics: null }));
    expect(found.layers[0]).toMatchObject({ change: 'same', weights: [{ sameValues: null }] });
    expect(found.counts.unmeasured).toBe(1);
    expect(comparisonSentence(found)).toBe('No layer differs. 1 weight is not compared yet.');
  });
  it('is one of the network, too: not by the names of inputs or open sizes, but by what goes in', () => {
    const same = compareModels(model('a', []), model('b', [], { inputs: [{ name: 'in', dtype: 'float32', shape: ['batch', 10] }] }));
    expect(same.network).toEqual([]);
    const other = compareModels(model('a', []), model('b', [], { inputs: [{ name: 'x', dtype: 'float32', shape: ['n', 12] }], opset: 18 }));
    expect(other.network).toEqual([
      { fact: 'opset', was: 17, is: 18 }, { fact: 'inputs', was: 'float32 [?, 10]', is: 'float32 [?, 12]' },
    ]);
    expect(comparisonSentence(other)).toBe('No layer differs. The inputs differ.');
  });
});

describe('the sentence on a comparison', () => {
  it('names the first layers and in what they differ, and those of one side', () => {
    const wide = { ...measured, std: 0.5 };
    const left = [layer('a', [kernel()]), layer('b', [kernel()]), layer('c', [kernel()]), layer('d', [kernel()]), layer('e', [kernel()])];
    const right = [
      layer('a', [kernel({ statistics: wide })]), layer('b', [kernel()], { activation: 'Tanh' }), layer('x', [], { op: 'Conv' }), ...left.slice(2, 4),
    ];
    const found = compareModels(model('was.onnx', left), model('is.onnx', right));
    expect(comparisonSentence(found)).toBe('4 of 6 layers differ: a (values), b (what follows), x (only in is.onnx) and 1 more.');
    expect(found.layers.map(aspectsOf)).toEqual([['values'], ['then'], [], [], [], []]);
  });
  it('says that another name is none, and shows nothing of a name that it does not', () => {
    const found = compareModels(model('a', [layer('one', [kernel()])]), model('b', [layer('two', [kernel()])]));
    expect(comparisonSentence(found)).toBe('No layer differs. 1 layer has another name.');
    const hostile = compareModels(model('a', [layer('\u202e\n', [kernel()])]), model('b', []));
    expect(comparisonSentence(hostile)).toBe('1 of 1 layers differs: \\u202e\\u000a (only in a).');
  });
});
