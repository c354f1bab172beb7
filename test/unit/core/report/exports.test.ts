import { describe, expect, it } from 'vitest';

import { exportReport } from '../../../../src/core/report/exports';
import type { ModelReport, WeightReport } from '../../../../src/protocol/report';

const weight: WeightReport = {
  id: 'w', name: '=HYPERLINK("x"), w', role: 'kernel', dtype: 'float32', shape: [3, 2], storage: 'raw', place: null, parameters: 6, fanIn: 2, fanOut: 3,
  conventions: [], parts: [], tied: [], looksLike: null,
  statistics: { count: 6, mean: -0.25, std: 0.123456, min: -1, max: 1, zeros: 0, nonFinite: 0 },
  recommendation: {
    scheme: 'he-normal', mode: 'fan_in', distribution: 'normal', gain: Math.SQRT2, std: 1, bound: null, title: 'He normal',
    reason: 'ReLU follows.', source: 'He',
  },
};
const report: ModelReport = {
  file: '/models/a_b.onnx', format: 'onnx', producer: '', opset: 17, parameters: 6, storedFloats: 6, storedBytes: 24, inputs: [], outputs: [],
  layers: [{
    name: 'fc|1<b>', op: 'Gemm', detail: '', scope: '', activation: 'Relu', normalization: null, residual: null, isHead: false,
    weights: [weight, { ...weight, name: 'b', role: 'bias', statistics: { count: 1, mean: NaN, std: null, min: null, max: null, zeros: 0, nonFinite: 1 } }],
  }],
  diagnostics: [{ severity: 'warning', code: 'scale', layer: 'fc|1<b>', message: 'Too\nnarrow.', remedy: 'Use He.' }],
};
const said = { text: 'It *cannot* learn.', severity: 'warning' } as const;

describe('a report', () => {
  it('as CSV has one row per weight, quoted as RFC 4180 says, and no formulas', () => {
    const [header = '', first = '', second = '', end] = exportReport(report, said, 'csv').split('\r\n');
    expect(header.split(',').slice(0, 4)).toEqual(['layer', 'operator', 'scope', 'weight']);
    expect(first).toBe('fc|1<b>,Gemm,,"\'=HYPERLINK(""x""), w",kernel,float32,"[3, 2]",6,raw,2,3,Relu,-0.25,0.123456,-1,1,0,0,,,He normal,1,'
      + 'ReLU follows.,He,Too\\u000anarrow.');
    expect(second.split(',')[3]).toBe('b');
    expect(end).toBe('');
  });
  it('as Markdown is a table in which names are no markup', () => {
    const lines = exportReport(report, said, 'markdown').split('\n');
    expect(lines.slice(0, 3)).toEqual(['# a\\_b.onnx', '', 'It \\*cannot\\* learn.']);
    expect(lines[6]).toBe('| fc\\|1\\<b\\> | Gemm | =HYPERLINK("x"), w | kernel | \\[3, 2\\] | 2 | 3 | Relu | 0.1235 |  | He normal | 1 |');
    expect(lines).toContain('- **warning** fc\\|1\\<b\\>: Too narrow. Use He.');
  });
  it('as JSON is the report, with words for what is no number', () => {
    const read = JSON.parse(exportReport(report, said, 'json')) as ModelReport;
    expect(read.layers[0]?.weights[0]).toEqual(weight);
    expect(read.layers[0]?.weights[1]?.statistics?.mean).toBe('NaN');
  });
});
