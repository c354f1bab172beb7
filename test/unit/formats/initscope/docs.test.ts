/** The page that documents the language: its examples are what it says they are, and every word of the language is on it. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { roles } from '../../../../src/formats/initscope/initializers';
import { layerTypes } from '../../../../src/formats/initscope/layers';
import { keysOf } from '../../../../src/formats/initscope/layers/table';
import { root } from '../../support/models';
import { isValid, openText, textOf } from './networks';

const page = textOf(path.join(root, 'docs/initscope-format.md'));
const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = '']) => text);

describe('the page of the language', () => {
  it('has examples', () => {
    expect(examples.length).toBeGreaterThanOrEqual(4);
  });
  it.each(examples.map((text, i) => [i, text] as const))('example %i is valid, and opens', (_, text) => {
    expect(isValid(text)).toBe(true);
    expect(openText(text).layers.length).toBeGreaterThan(3);
  });
  it('has every layer, every option and every role', () => {
    const words = Object.entries(layerTypes).flatMap(([type, layer]) => keysOf(type, layer));
    expect([...new Set([...words, ...roles])].filter((word) => !page.includes(`\`${word}\``) && !page.includes(`"${word}"`))).toEqual([]);
  });
});
