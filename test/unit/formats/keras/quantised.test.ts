/** Archives that Keras has quantised: kernels are shown by what their integers stand for, and keep their values. */
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { simulate } from '../../../../src/engine/running/simulate';
import { openModelFile } from '../../../../src/formats/openModel';
import type { OpenedModel } from '../../../../src/formats/openModel';
import { refuseWrite } from '../../../../src/formats/saving/tensorWrite';
import { FilePool } from '../../../../src/formats/tensors/content';
import { measureWeight, runNow } from '../../../../src/formats/tensors/measure';
import { CancellationSource } from '../../../../src/protocol/rpc';
import { defaultOptions } from '../../../../src/protocol/simulation';
import { field, keysOf, numberOf, readJson } from '../../../golden/goldens';
import { present } from '../../support/graphs';
import { kerasFixtures } from '../../support/tfjs';

const open = (mode: string): OpenedModel => openModelFile(path.join(kerasFixtures, `quantised_${mode}.keras`));
const isKernel = ({ role }: { readonly role: string }): boolean => role === 'kernel' || role === 'embedding';

describe('int8', () => {
  const { layers } = open('int8');
  const kernels = layers.flatMap(({ weights }) => weights.filter(isKernel));

  it('has the kernels of the float network, with its fans, and the σ that Keras makes of integers and scales', () => {
    const expected = field(readJson('keras_quantised.json'), 'std');
    const pool = new FilePool();
    const stds = new Map(kernels.map((weight) => [weight.name, runNow(measureWeight(pool, weight, {})).std]));
    pool.close();
    expect([...stds.keys()].sort()).toEqual([...keysOf(expected)].sort());
    for (const [name, std] of stds) expect(std, name).toBeCloseTo(numberOf(field(expected, name)), 6);
    expect(kernels.map(({ fans }) => fans?.fanIn)).toEqual([1, 4, 6, 5]);
  });
  it('keeps its values, and says what to do', () => {
    for (const { frozen, tensor } of kernels) {
      expect(frozen).toContain('it is quantised to int8');
      expect(frozen).toContain('Reinitialize the float model it was made from');
      expect(refuseWrite(tensor)).toBe('its element type is int8');
    }
    const scales = layers.flatMap(({ weights }) => weights.filter(({ name }) => name.endsWith('_scale')));
    expect(scales.map(({ frozen }) => frozen)).toEqual(scales.map(() => 'it holds the scales of a quantised weight'));
  });
  it('is run as it is', async () => {
    const result = await simulate({
      path: path.join(kerasFixtures, 'quantised_int8.keras'), recipes: [], restored: [], files: {},
      options: { ...defaultOptions, threads: 1, schemes: ['current'], seeds: 1 },
    }, { planned: () => undefined, ran: () => undefined }, new CancellationSource());
    expect(result.unsupported).toEqual([]);
    const variances = present(result.runs[0]).layers.map(({ gradient }) => gradient.preactivation?.variance ?? 0);
    expect(Math.min(...variances)).toBeGreaterThan(0);
  });
});

describe('int4', () => {
  it('is shown with its fans, and said to be unread', () => {
    const kernels = open('int4').layers.flatMap(({ weights }) => weights.filter(isKernel));
    expect(kernels.map(({ fans }) => fans?.fanIn)).toEqual([1, 4, 6, 5]);
    for (const { frozen } of kernels) expect(frozen).toContain('its layer is quantised ("int4") in a way that is not read');
  });
});
