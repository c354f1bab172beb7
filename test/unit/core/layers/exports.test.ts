import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import type { Layer, LayerWeight } from '../../../../src/core/layers/layer';
import { createReport } from '../../../../src/core/report/report';
import { openModelFile } from '../../../../src/formats/openModel';
import type { Json } from '../../../golden/goldens';
import { field, keysOf, listOf, readJson } from '../../../golden/goldens';
import { root } from '../../support/models';

const folder = path.join(root, 'test/fixtures/exports');
const goldens = readJson('exports.json');
const files = readdirSync(folder).filter((name) => name.endsWith('.onnx')).sort();

/** What carries a signal in a layer: kernels and tables, not biases. */
const carries = ({ role }: LayerWeight): boolean => role === 'kernel' || role === 'recurrent' || role === 'embedding';

function described(layer: Layer): Json {
  const weights = layer.weights.filter(carries).map(({ role, fans, parts }): Json => (
    { role, fans: role === 'embedding' ? [1, null] : fans && [fans.fanIn, fans.fanOut], parts: parts.length > 1 ? parts.length : 0 }));
  const { activation, normalization, residual, feedsProduct, readsProduct } = layer;
  return { weights, activation: activation?.name ?? 'linear', normalization, residual: residual !== null, feedsProduct, readsProduct };
}

describe('a module is read alike, whatever exporter wrote it in whatever operator set', () => {
  it.each(files)('%s', (name) => {
    const opened = openModelFile(path.join(folder, name));
    const golden = field(goldens, name);
    expect(opened.layers.filter((layer) => layer.weights.some(carries)).map(described)).toEqual(listOf(field(golden, 'layers')));
    const report = createReport({ ...opened, statistics: new Map(), applied: new Map() });
    expect(report.parameters).toBe(field(golden, 'parameters'));
    // Initial states, masks, and the ones and zeros of a normalisation that is written out are constants, and everything else is a parameter.
    const left = opened.layers.flatMap((layer) => layer.weights.filter((weight) => weight.frozen !== null));
    expect(left.filter(({ role, frozen }) => role !== 'frozen' || !/initial state|position table|one or the zero/.test(frozen ?? ''))).toEqual([]);
  });
  it('and every golden value has its file', () => expect(files).toEqual([...keysOf(goldens)].sort()));
});
