import { describe, expect, it } from 'vitest';

import { storedFloats } from '../../../../src/core/report/stored';
import { openModelFile } from '../../../../src/formats/openModel';
import { field, keysOf, numberOf, readJson } from '../../../golden/goldens';
import { hasRealModels, realModel } from '../../support/models';

const goldens = readJson('counts.json');

/** What the `onnx` Python package counts in the same files (test/golden/counts.py). */
describe.skipIf(!hasRealModels)('real models hold what an independent reader finds in them', () => {
  it.each(keysOf(goldens))('%s', (name) => {
    const { model, layers, findings } = openModelFile(realModel(name));
    const golden = field(goldens, name);
    const expected = field(golden, 'layers');
    const found = Object.fromEntries(keysOf(expected).map((op) => [op, layers.filter((layer) => layer.op === op).length]));
    expect({ storedFloats: storedFloats(model).elements, layers: found }).toEqual({ storedFloats: numberOf(field(golden, 'storedFloats')), layers: expected });
    // One was exported for inference, which is nothing wrong with reading it.
    expect(findings.filter(({ code }) => code !== 'inference-export')).toEqual([]);
  });
});
