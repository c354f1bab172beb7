import { describe, expect, it } from 'vitest';
import type { LayerMark } from '../../../src/protocol/comparison';
import type { LayerReport, ModelReport, Recommendation, WeightReport, WeightStatistics } from '../../../src/protocol/report';
import { browse, nextSort, type Browsing } from '../../../webview/inspector/browsing';
import { commonRange, densities, expectedOf } from '../../../webview/inspector/density';
import { markWords } from '../../../webview/inspector/differences';
import { healthOf, principalWeight } from '../../../webview/inspector/health';
import { createModelView } from '../../../webview/inspector/modelView';
import { groupedConventions, partLines, quantizationSentence, tieSentence } from '../../../webview/inspector/weightWording';
import { followedAtLength, followedBy, ratioLabel, recommendationFormula, recommendationLabel } from '../../../webview/inspector/wording';
import { rebin } from '../../../webview/ui/sparkline';

const he: Recommendation = {
  scheme: 'he-normal', mode: 'fan_in', distribution: 'normal', gain: Math.SQRT2, std: 0.05, bound: null, title: 'He normal', reason: '', source: '',
};

function measured(std: number, change: Partial<WeightStatistics> = {}): WeightStatistics {
  return { count: 100, mean: 0, std, min: -3 * std, max: 3 * std, zeros: 0, nonFinite: 0, ...change };
}

function weight(name: string, change: Partial<WeightReport> = {}): WeightReport {
  return {
    id: name, name, role: 'kernel', dtype: 'float32', shape: [10, 10], storage: 'raw', place: null, parameters: 100, fanIn: 10, fanOut: 10,
    conventions: [], parts: [], tied: [], statistics: measured(0.05), looksLike: null, recommendation: he, ...change,
  };
}

function layer(name: string, ...weights: readonly WeightReport[]): LayerReport {
  return { name, op: 'Gemm', detail: '', scope: '', activation: 'Relu', normalization: null, residual: null, isHead: false, weights };
}

const report: ModelReport = {
  file: 'm.onnx', format: 'onnx', producer: '', opset: 17, parameters: 0, storedFloats: 0, storedBytes: 0, inputs: [], outputs: [],
  layers: [
    layer('fc10', weight('a')),
    layer('fc9', weight('b', { statistics: measured(1.55) })),
    layer('zero', weight('c', { statistics: measured(0, { zeros: 100 }) })),
    layer('basis', weight('d', { role: 'frozen', frozen: 'A Fourier basis', recommendation: null })),
    layer('broken', weight('e', { statistics: measured(1, { std: null, nonFinite: 3 }) })),
    layer('pending', weight('f', { statistics: null })),
    layer('said', weight('bias', { role: 'bias' }), weight('g')),
  ],
  constants: [], diagnostics: [
    ...['fc9', 'zero'].map((name) => ({ severity: 'warning' as const, code: 'w', layer: name, message: 'm', remedy: 'r' })),
    ...['broken', 'said'].map((name) => ({ severity: 'error' as const, code: 'x', layer: name, message: 'm', remedy: 'r' })),
    { severity: 'info', code: 'y', layer: null, message: '', remedy: '' },
  ],
};
const { views } = createModelView(report);
const none = new Map<string, never>();
const all: Browsing = { text: '', segment: 'all', sort: null };
const names = (browsing: Partial<Browsing>): readonly string[] => browse(views, { ...all, ...browsing }, none).map((view) => view.layer.name);

function view(): never {
  throw new Error('There is no such layer.');
}

describe('health', () => {
  it('is what the diagnostics say', () => {
    expect(views.map((view) => healthOf(view, none))).toEqual(['ok', 'warning', 'warning', 'frozen', 'error', 'unmeasured', 'error']);
  });
  it('is the same when layers come one after the other', () => {
    const [first, ...others] = report.layers;
    const ofFirst = report.diagnostics.filter((diagnostic) => diagnostic.layer === null || diagnostic.layer === first?.name);
    const model = createModelView({ layers: first ? [first] : [], diagnostics: ofFirst });
    expect(model.find('fc9')).toBeUndefined();
    model.append({ layers: others, diagnostics: report.diagnostics.filter((diagnostic) => !ofFirst.includes(diagnostic)) });
    expect(model.views).toEqual(views);
    const touched = model.measure([{ id: 'g', statistics: measured(0.1), looksLike: null }], []);
    expect([...touched].map(({ layer: { name } }) => name)).toEqual(['said']);
  });
  it('has marks of what differs from another model, also of layers that come later, and shows these alone', () => {
    const [first, ...others] = report.layers;
    const model = createModelView({ layers: first ? [first] : [], diagnostics: [] });
    const differing = (): readonly string[] => browse(model.views, { ...all, segment: 'differs' }, none).map(({ layer: { name } }) => name);
    expect(differing()).toEqual(['fc10']);
    const mark = (name: string | null): LayerMark => ({ layer: name, partner: name, change: 'changed', aspects: ['values'] });
    expect([...model.mark([mark('fc9'), mark(null)])].map(({ layer: { name } }) => name)).toEqual(['fc10']);
    expect(differing()).toEqual([]);
    model.append({ layers: others, diagnostics: [] });
    expect(differing()).toEqual(['fc9']);
    expect(model.mark([mark('fc9'), mark('fc10')]).size).toBe(1);
    expect(differing()).toEqual(['fc10', 'fc9']);
    expect(model.mark(null).size).toBe(report.layers.length);
    expect(differing()).toHaveLength(report.layers.length);
    expect(markWords({ ...mark('fc9'), aspects: ['shape', 'values'] })).toBe('Changed: shape, values');
  });
  it('follows what is measured, said and forgotten', () => {
    const model = createModelView(report);
    const health = (name: string): string => healthOf(model.find(name) ?? view(), model.measurements);
    const assessments = ['fc9', 'fc10'].map((name) => ({ layer: name, diagnostics: [] }));
    const touched = model.measure([{ id: 'f', statistics: measured(0.05), looksLike: 'He normal' }], assessments);
    expect([...touched].map(({ layer: { name } }) => name)).toEqual(['pending', 'fc9']);
    expect([health('pending'), health('fc9')]).toEqual(['ok', 'ok']);
    const bare = layer('fc9', weight('b', { statistics: null, fanIn: 3 }));
    model.change({ layers: [bare], assessments: [], forgotten: ['f'] });
    expect([health('pending'), health('fc9'), model.find('fc9')?.weight?.fanIn]).toEqual(['unmeasured', 'unmeasured', 3]);
  });
  it('speaks of the kernel first, then of what recurs, then of the embedding', () => {
    const [bias, kernel, recurrent, embedding] = (['bias', 'kernel', 'recurrent', 'embedding'] as const).map((role) => weight(role, { role }));
    const principal = (...weights: (WeightReport | undefined)[]): string | undefined => (
      principalWeight(layer('l', ...weights.filter((found) => found !== undefined)))?.id);
    expect([principal(bias, recurrent, kernel), principal(bias, embedding, recurrent), principal(bias, embedding), principal(bias), principal()])
      .toEqual(['kernel', 'recurrent', 'embedding', 'bias', undefined]);
  });
});

describe('browsing', () => {
  it('filters by every word, and by segment', () => {
    expect(names({ text: 'FC relu' })).toEqual(['fc10', 'fc9']);
    expect(names({ segment: 'attention' })).toEqual(['fc9', 'zero', 'broken', 'said']);
    expect(names({ segment: 'frozen' })).toEqual(['basis']);
    expect(names({ segment: 'kernels' })).not.toContain('basis');
  });
  it('sorts names as people count, and leaves what has no value at the end both ways', () => {
    expect(names({ text: 'fc', sort: { column: 'layer', descending: false } })).toEqual(['fc9', 'fc10']);
    expect(names({ sort: { column: 'is', descending: false } }).slice(-2)).toEqual(['broken', 'pending']);
    expect(names({ sort: { column: 'is', descending: true } }).slice(-2)).toEqual(['broken', 'pending']);
    expect(names({ sort: { column: 'should', descending: true } }).slice(0, 2)).toEqual(['zero', 'fc9']);
  });
  it('goes from ascending over descending back to the order of the model', () => {
    const first = nextSort(null, 'fanIn');
    const second = nextSort(first, 'fanIn');
    expect([first?.descending, second?.descending, nextSort(second, 'fanIn')]).toEqual([false, true, null]);
  });
});

describe('wording', () => {
  it('puts the recommendation beside what is there', () => {
    expect(recommendationLabel(weight('w'))).toBe('He .0500');
    expect(ratioLabel(weight('w', { statistics: measured(1.55) }), none)).toBe('31.0×');
    expect(ratioLabel(weight('w'), none)).toBe('');
    expect(recommendationFormula(he)).toBe('He normal, fan_in, gain 1.41, σ 0.0500');
    expect(recommendationLabel(weight('w', { recommendation: { ...he, scheme: 'ones', distribution: 'constant', std: 0, bound: 1 } }))).toBe('all 1');
  });
});

describe('what there is to say of a tensor', () => {
  it('says once what two libraries count alike', () => {
    const alike = { fanIn: 257, fanOut: 512, reason: '4 gates in one tensor are counted as one.' };
    const other = { library: 'Keras', fanIn: 9, fanOut: 512, reason: 'another' } as const;
    expect(groupedConventions([{ library: 'PyTorch', ...alike }, { library: 'Keras', ...alike }, other])).toEqual([
      { libraries: ['PyTorch', 'Keras'], ...alike }, { libraries: ['Keras'], fanIn: 9, fanOut: 512, reason: 'another' },
    ]);
    expect(groupedConventions([])).toEqual([]);
  });
  it('puts parts that should be the same on one line', () => {
    const gates = ['input gate', 'output gate', 'forget gate'].map((name) => ({ name, recommendation: name === 'forget gate' ? 'Ones' : 'Zeros' }));
    expect(partLines(gates)).toEqual([{ names: 'input, output gate', recommendation: 'Zeros' }, { names: 'forget gate', recommendation: 'Ones' }]);
    const projections = ['query', 'key', 'value'].map((name) => ({ name, recommendation: null }));
    expect(partLines(projections)).toEqual([{ names: 'query, key, value', recommendation: 'left alone' }]);
  });
  it('names the tensors it is tied to, and the scales it is stored with', () => {
    expect(tieSentence({ layer: 'head', weight: 'head.weight', how: 'transposed' })).toBe('Holds, transposed, the values of head.weight (layer head)');
    expect(quantizationSentence({ scales: { count: 1, min: 0.5, max: 0.5 }, axis: null }, [2])).toBe('Scale 0.500');
    expect(quantizationSentence({ scales: { count: 64, min: 0.001, max: 0.25 }, axis: 0 }, [64, 3])).toBe('64 scales along axis 0 (64 long), 0.00100 to 0.250');
    expect(quantizationSentence({ scales: null, axis: null }, [])).toContain('computed');
  });
  it('says that a residual branch ends there', () => {
    const last = { ...layer('l'), normalization: 'BatchNormalization', residual: { addedBy: 'Add_1', normalization: null, branches: 16 } };
    expect(followedBy(last)).toBe('BN → + → Relu');
    expect(followedAtLength(last)).toContain('one of 16 residual branches, added by Add_1');
  });
});

describe('distributions', () => {
  it('have the area of a probability', () => {
    const heights = densities({ min: -1, max: 3, counts: [1, 5, 3, 1] });
    expect(heights.reduce((sum, height) => sum + height, 0)).toBeCloseTo(1, 12);
  });
  it('draw a constant as a line and a uniform one with its edges', () => {
    expect(expectedOf({ ...he, distribution: 'constant', std: 0, bound: 1 })).toEqual({ kind: 'line', at: 1 });
    const uniform = expectedOf({ ...he, distribution: 'uniform', std: 1 / Math.sqrt(3), bound: 1 });
    expect(uniform.kind === 'curve' && [uniform.density(0.9), uniform.density(1.1)]).toEqual([0.5, 0]);
  });
  it('share an axis that spans both, even if every element is zero', () => {
    const zero = commonRange({ min: 0, max: 0, counts: [4] }, null);
    expect(zero.low).toBeLessThan(0);
    expect(zero.high).toBeGreaterThan(0);
    const both = commonRange({ min: -9, max: 9, counts: [1, 1] }, expectedOf(he));
    expect([both.low < -9, both.high > 9]).toEqual([true, true]);
  });
  it('keep their total when bins are merged', () => {
    expect(rebin([1, 2, 3, 4, 5], 3).reduce((sum, count) => sum + count, 0)).toBeCloseTo(15, 12);
  });
});
