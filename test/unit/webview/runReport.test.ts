/** Reports of a run: self-contained, with all numbers, and with names of models as nothing but text. */
import { describe, expect, it } from 'vitest';
import { toHtml, toMarkdown, type RunReport } from '../../../webview/panel/figure/runReport';

const report: RunReport = {
  file: 'a|b<script>.onnx', language: 'en', verdict: 'With the current weights the gradient shrinks 0.1× per layer & is lost.', caption: ['a: seeds 0 to 2.'],
  notes: ['n_1 (NonZero): it is *not* supported'],
  charts: [{
    title: 'Variance of gradients, ← backward', content: {
      layers: ['fc|1', '<img src=x>'], unsupported: [], quantity: 'variance σ²', titleOf: ({ scheme }) => scheme, series: [
        { scheme: 'current', kind: 'measured', seeds: 3, points: [{ median: 1.5e-8, low: 1e-8, high: 2e-8 }, null] },
        { scheme: 'zeros', kind: 'measured', seeds: 3, points: [{ median: 0, low: 0, high: 0 }, { median: NaN, low: NaN, high: NaN }] },
      ],
    },
  }],
};

describe('a report as HTML', () => {
  const html = toHtml(report);
  it('holds pictures and numbers, and asks for nothing from elsewhere', () => {
    expect(html).toContain('<svg xmlns="http://www.w3.org/2000/svg"');
    expect(html).toContain('<td>1.50e-8 (1.00e-8–2.00e-8)</td><td>0</td>');
    expect(html).toContain('<td>–</td><td>NaN</td>');
    expect(html).not.toMatch(/<(img|script|link|iframe)|href=|url\(/);
    expect(html).toContain('0.1× per layer &amp; is lost.');
  });
  it('shows names of the model as text', () => {
    expect(html).toContain('<th scope="row">&lt;img src=x&gt;</th>');
    expect(html).toContain('a|b&lt;script&gt;.onnx');
  });
});

describe('a report as Markdown', () => {
  const lines = toMarkdown(report).split('\n');
  it('has a table with a row for each layer, whose cells stay what they are', () => {
    expect(lines).toContain('| Layer | current | zeros |');
    expect(lines).toContain('| --- | ---: | ---: |');
    expect(lines).toContain('| fc\\|1 | 1.50e-8 (1.00e-8–2.00e-8) | 0 |');
    expect(lines).toContain('| \\<img src=x\\> | – | NaN |');
  });
  it('has the verdict first, and what was left out last', () => {
    expect(lines[0]).toBe('# a\\|b\\<script\\>.onnx: signal and gradient');
    expect(lines[2]).toBe('> With the current weights the gradient shrinks 0.1× per layer & is lost.');
    expect(lines).toContain('- n\\_1 (NonZero): it is \\*not\\* supported');
  });
});
