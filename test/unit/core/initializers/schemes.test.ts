import { describe, expect, it } from 'vitest';

import { sampleElements } from '../../../../src/core/initializers/sampling';
import { schemeDescriptions, schemeOf, schemes } from '../../../../src/core/initializers/schemes';
import type { Scheme } from '../../../../src/core/initializers/schemes';
import type { Sampler } from '../../../../src/protocol/recipe';
import { isSchemeId, schemeIds } from '../../../../src/protocol/schemes';

/** Variance by its closed form, for the scheme's own gain and for a gain of 3. A scheme that is not in this table fails. */
const closedForms: Readonly<Record<Scheme['id'], (fanIn: number, fanOut: number, gain: number | null) => number>> = {
  'zeros': () => 0,
  'normal': () => 1e-4,
  'xavier-normal': (fanIn, fanOut, gain) => ((gain ?? 1) ** 2 * 2) / (fanIn + fanOut),
  'xavier-uniform': (fanIn, fanOut, gain) => ((gain ?? 1) ** 2 * 2) / (fanIn + fanOut),
  'he-normal': (fanIn, _, gain) => (gain === null ? 2 : gain ** 2) / fanIn,
  'he-uniform': (fanIn, _, gain) => (gain === null ? 2 : gain ** 2) / fanIn,
  'lecun-normal': (fanIn, _, gain) => (gain ?? 1) ** 2 / fanIn,
};

function varianceOf(sampler: Sampler): number {
  switch (sampler.kind) {
    case 'constant': return 0;
    case 'normal': return sampler.std ** 2;
    case 'uniform': return (sampler.high - sampler.low) ** 2 / 12;
    case 'orthogonal': return sampler.gain ** 2 / Math.max(sampler.rows, sampler.columns);
  }
}

describe('the list of schemes', () => {
  it('is the protocol’s, but for the one that is a choice among them', () => {
    expect(schemes.map((scheme) => scheme.id)).toEqual(schemeIds.filter((id) => id !== 'recommended'));
    expect(schemeDescriptions.map((scheme) => scheme.id)).toEqual(['current', ...schemeIds]);
    expect(Object.keys(closedForms).toSorted()).toEqual(schemes.map((scheme) => scheme.id).toSorted());
  });
  it('knows its own and nothing else', () => {
    for (const { id } of schemes) expect(schemeOf(id).id).toBe(id);
    expect(['current', 'constructor', 'He normal', ''].filter(isSchemeId)).toEqual([]);
  });
  it.each(schemeDescriptions)('$title says what it is, when to use it and by whom', ({ id, title, formula, when, source }) => {
    expect([title, formula].every((text) => text.trim() !== '')).toBe(true);
    expect(when).toMatch(/^[A-Z].*\.$/);
    if (id !== 'current') expect(source).toMatch(/\b(19|20)\d\d\b/);
  });
});

describe.each(schemes)('$title', ({ id, resolve }) => {
  it.each([[1, 1], [784, 10], [64, 64], [576, 1152], [0.25, 7], [9, 4.5]])('has its variance for fans %d and %d', (fanIn, fanOut) => {
    for (const gain of [null, 3]) {
      const resolved = gain === null ? resolve({ fanIn, fanOut }) : resolve({ fanIn, fanOut }, gain);
      const expected = closedForms[id](fanIn, fanOut, gain);
      expect(Math.abs(varianceOf(resolved.sampler) - expected)).toBeLessThanOrEqual(1e-14 * expected);
      expect(Math.abs(resolved.std ** 2 - expected)).toBeLessThanOrEqual(1e-14 * expected);
      if (resolved.sampler.kind === 'uniform') expect([resolved.sampler.high, -resolved.sampler.low]).toEqual([resolved.bound, resolved.bound]);
      if (gain !== null && resolved.gain !== null) expect(resolved.gain).toBe(3);
    }
  });
  it('is drawn with that standard deviation, to 0.3 % in a million', () => {
    const count = 1_000_000;
    const { sampler, std } = resolve({ fanIn: 300, fanOut: 500 });
    const recipe = { version: 1, tensorId: 'w', seed: 1, blocks: [{ sampler }], origin: { scheme: id, title: '' } } as const;
    const values = sampleElements(recipe, [count], 0, count);
    let squares = 0;
    for (const value of values) squares += value * value;
    expect(Math.abs(Math.sqrt(squares / count) - std)).toBeLessThanOrEqual(0.003 * std);
  });
});
