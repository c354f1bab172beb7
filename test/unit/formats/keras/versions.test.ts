/** The same law in the words of each version of Keras: what they draw from these, and what is written for them (read in the sources of these releases). */
import { describe, expect, it } from 'vitest';

import type { Sampler } from '../../../../src/protocol/recipe';
import { openBytes } from '../../../../src/formats/files/byteSource';
import type { OpenedModel } from '../../../../src/formats/openModel';
import { openModel } from '../../../../src/formats/openModel';
import { declareIn } from '../../../../src/formats/saving/declared';

const cut = 0.879_625_661_034_239_78;
const fan = 8;
const scaling = (distribution: string): unknown => ({ class_name: 'VarianceScaling', config: { scale: 2, mode: 'fan_in', distribution, seed: null } });

const textOf = (version: string, fields: object, className = 'Dense'): string => JSON.stringify({
  class_name: 'Sequential', ...(version === '' ? {} : { keras_version: version }),
  config: { name: 'net', layers: [{ class_name: className, config: {
    name: 'd', units: 4, batch_input_shape: className === 'Dense' ? [null, fan] : [null, 5, fan], use_bias: false, ...fields,
  } }] },
});
const open = (text: string): OpenedModel => openModel(openBytes('model.json', Buffer.from(text)), { size: 0, mtimeMs: 0 });

function samplerIn(text: string, name = 'd/kernel'): Sampler | string | undefined {
  const tensor = open(text).graph.initializers.get(name);
  return tensor?.declared?.blocks[0]?.sampler ?? tensor?.problem;
}

/** Writes the initialiser of the kernel over by one that draws so, and returns the field. */
function written(version: string, sampler: Sampler, className = 'Dense', name = 'd/kernel'): unknown {
  const text = textOf(version, {}, className);
  const source = openBytes('model.json', Buffer.from(text));
  const recipe = { version: 1, tensorId: name, seed: 0, blocks: [{ sampler }], origin: { scheme: 'normal', title: '' } } as const;
  const { replacements, left } = declareIn(source, open(text), [recipe]);
  const [change] = replacements;
  if (!change) return left.get(name);
  const bytes = Buffer.from(text);
  const after = Buffer.concat([bytes.subarray(0, change.start), ...change.chunks(), bytes.subarray(change.end)]).toString('utf8');
  // What is written is read as what was meant.
  expect(samplerIn(after, name)).toEqual(near(sampler));
  const config = (JSON.parse(after) as { readonly config: { readonly layers: readonly [{ readonly config: Readonly<Record<string, unknown>> }] } });
  return Object.entries(config.config.layers[0].config).find(([key]) => key === (name === 'd/kernel' ? 'kernel_initializer' : 'recurrent_initializer'))?.[1];
}

const near = (sampler: Sampler): unknown => Object.fromEntries(Object.entries(sampler).map(([key, value]) => (
  [key, typeof value === 'number' ? expect.closeTo(value, 12) as unknown : value])));

const truncated = (std: number): Sampler => ({ kind: 'truncated-normal', mean: 0, std, tail: 0.022_750_131_948_179_21 });
const normal: Sampler = { kind: 'normal', mean: 0, std: 0.5 };
const plainNormal = { class_name: 'RandomNormal', config: { mean: 0, stddev: 0.5, seed: null } };

/** Versions of which "normal" is a normal that is cut and not corrected for it, corrected, and whose words are those of today. */
const kinds = {
  short: ['2.0.0', '2.0.8-tf', '2.1.0', '2.1.2-tf', '2.1.5-tf', '2.1.6'], alone: ['2.2.0', '2.2.2', '2.2.3', '2.2.4', '2.3.0', '2.3.1'],
  early: ['2.2.4-tf', '2.3.0-tf'], present: ['', '2.4.0', '2.15.0', '2.16.0-tf'],
};

describe.each(Object.entries(kinds).flatMap(([kind, versions]) => versions.map((version) => [version, kind] as const)))('Keras %s, %s', (version, kind) => {
  it('cuts normals at two standard deviations, and corrects for it since 2.2.0', () => {
    const own = truncated(kind === 'short' ? 0.5 : 0.5 / cut);
    expect(samplerIn(textOf(version, { kernel_initializer: scaling('normal') }))).toEqual(near(own));
    expect(samplerIn(textOf(version, { kernel_initializer: 'he_normal' }))).toEqual(near(own));
  });
  it('is given the words that it knows', () => {
    const knows = kind === 'early' || kind === 'present';
    const more = samplerIn(textOf(version, { kernel_initializer: scaling('untruncated_normal') }));
    expect(more).toEqual(knows ? near(normal) : 'its initialiser VarianceScaling is none of Keras that can be drawn in that shape');
    expect(written(version, normal)).toEqual(knows ? scaling('untruncated_normal') : plainNormal);
    const heNormal = kind === 'present' ? { class_name: 'HeNormal', config: { seed: null } } : scaling(kind === 'early' ? 'truncated_normal' : 'normal');
    expect(written(version, truncated(kind === 'short' ? 0.5 : 0.5 / cut))).toEqual(heNormal);
  });
});

describe('Keras 2.1.6-tf', () => {
  it('is TensorFlow 1.9, which knows no "truncated_normal", or 1.10 to 1.12, which write it: of two meanings neither is written', () => {
    expect(samplerIn(textOf('2.1.6-tf', { kernel_initializer: scaling('normal') }))).toEqual(near(truncated(0.5)));
    expect(samplerIn(textOf('2.1.6-tf', { kernel_initializer: scaling('truncated_normal') }))).toEqual(near(truncated(0.5 / cut)));
    expect(written('2.1.6-tf', truncated(0.5))).toEqual({ class_name: 'TruncatedNormal', config: { mean: 0, stddev: 0.5, seed: null } });
    expect(written('2.1.6-tf', normal)).toEqual(plainNormal);
    expect(written('2.1.6-tf', { kind: 'uniform', low: -Math.sqrt(0.75), high: Math.sqrt(0.75) })).toEqual(scaling('uniform'));
  });
});

describe('Keras 1', () => {
  it('cuts no normals, and makes orthogonal matrices longer by a tenth', () => {
    const config = { class_name: 'LSTM', config: { name: 'd', output_dim: 4, init: 'he_normal', batch_input_shape: [null, 5, fan] } };
    const text = JSON.stringify({ class_name: 'Sequential', keras_version: '1.2.2', config: [config] });
    expect(samplerIn(text)).toEqual(normal);
    expect(samplerIn(text, 'd/recurrent_kernel')).toMatchObject({ kind: 'orthogonal', gain: 1.1 });
  });
});

describe('a recurrent kernel', () => {
  it.each(['2.2.4', '2.15.0', ''])('is declared in the field that Keras %s has for it', (version) => {
    expect(samplerIn(textOf(version, { recurrent_initializer: 'zeros' }, 'LSTM'), 'd/recurrent_kernel')).toEqual({ kind: 'constant', value: 0 });
    expect(written(version, { kind: 'constant', value: 1 }, 'GRU', 'd/recurrent_kernel')).toEqual({ class_name: 'Ones', config: {} });
  });
});
