import { describe, expect, it } from 'vitest';

import { differentiableInputs, differentiate } from '../ops/differentiate';
import { loweredSamples, samples, titleOf } from '../ops/samples';
import { fingerprintOf } from './fingerprint';
import { distance, field, keysOf, listOf, numbersOf, readJson } from './goldens';

const goldens = readJson('operators.json');
const differentiable = [...samples, ...loweredSamples].filter((sample) => differentiableInputs(sample).length > 0);

describe('operators agree with PyTorch in float64', () => {
  it.each(differentiable.map((sample) => [titleOf(sample), sample] as const))('%s', async (title, sample) => {
    const golden = field(goldens, title);
    expect(field(golden, 'fingerprint'), 'the sample has changed: node test/golden/generate.mjs').toBe(fingerprintOf(sample));
    const { outputs, gradients } = await differentiate(sample);
    const found = new Map<string, number>();
    listOf(field(golden, 'outputs')).forEach((output, i) => found.set(`output ${i}`, distance(outputs[i]?.data ?? [], numbersOf(output))));
    const expected = field(golden, 'gradients');
    expect([...gradients.keys()].sort()).toEqual([...keysOf(expected)].sort());
    for (const [name, gradient] of gradients) found.set(`gradient of ${name}`, distance(gradient.data, numbersOf(field(expected, name))));
    expect([...found].filter(([, error]) => !(error <= 1))).toEqual([]);
  });

  it('has no golden values of samples that are gone', () => {
    expect([...keysOf(goldens)].sort()).toEqual(differentiable.map(titleOf).sort());
  });
});
