/** Holds the Korean translation to the English that the sources and package.json say: complete, with the same places, and nothing left over. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { placesOf, readJson, readTexts, root, saidIn, sourcesBelow } from './said';

const korean = readTexts('l10n/bundle.l10n.ko.json');
const said = saidIn(sourcesBelow('src', 'webview'));
/** Told from the files that are copied, too. */
const templates = readdirSync(path.join(root, 'media/templates')).flatMap((name) => {
  const { name: title, description } = headOf(`media/templates/${name}`);
  return [title, description];
});

function headOf(name: string): { readonly name: string; readonly description: string } {
  const found = readJson(name);
  if (typeof found !== 'object' || found === null || !('name' in found) || !('description' in found)) throw new Error(`${name} has no name.`);
  return { name: String(found.name), description: String(found.description) };
}

describe('the texts of the code', () => {
  it('are many, and each has a Korean translation', () => {
    expect(said.length).toBeGreaterThan(100);
    expect([...said, ...templates.map((text) => ({ text, at: 'media/templates' }))].filter(({ text }) => korean[text] === undefined)
      .map(({ at, text }) => `${at}: ${text}`)).toEqual([]);
  });

  it('have no translation of what is not said', () => {
    const known = new Set([...said.map(({ text }) => text), ...templates]);
    expect(Object.keys(korean).filter((text) => !known.has(text))).toEqual([]);
  });

  it('have the same places in both languages, and a value for each', () => {
    expect(Object.entries(korean).filter(([english, text]) => placesOf(english) !== placesOf(text))).toEqual([]);
    const short = said.filter(({ text, values }) => values !== null && placesOf(text).split(' ').filter((place) => place !== '')
      .some((place) => Number(place.slice(1, -1)) >= values));
    expect(short.map(({ at, text }) => `${at}: ${text}`)).toEqual([]);
  });

  it('are Korean, but for names', () => {
    const withoutNames = (text: string): string => text.replace(/\{\d+\}|LSTM|ResNet-18|NaN|nat/g, '');
    expect(Object.entries(korean).filter(([, text]) => !/[가-힣]/.test(text) && /[A-Za-z]{2}/.test(withoutNames(text)))).toEqual([]);
  });

  it('leave no particle behind a value that fits only some', () => {
    // 을 or 를 by the sound that a value ends in, which nobody knows here.
    expect(Object.values(korean).filter((text) => /\}(을|를|은|는|이|가|과|와|으로|로)(?=[ ,.])/.test(text))).toEqual([]);
  });
});

describe('sentences that code looks into', () => {
  const found = saidIn(sourcesBelow('src/core/report')).filter(({ at }) => at.includes('/diagnose.ts:')).map(({ text }) => text);

  it('begin with the name of the weight in both languages, or in neither: by that it is known whom they are about', () => {
    const named = found.filter((text) => text.startsWith('{0} ') && text.endsWith('.') && !text.startsWith('{0} of '));
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((text) => korean[text]?.startsWith('{0}') !== true)).toEqual([]);
    const others = found.filter((text) => text.startsWith('{0} of '));
    expect(others.filter((text) => /^\{\d\}/.test(korean[text] ?? ''))).toEqual([]);
  });

  it('tell in front of a colon what they tell at length behind it, as the headline has it', () => {
    const long = found.filter((text) => text.includes(': ') && text.endsWith('.') && text.startsWith('{0}'));
    expect(long.length).toBeGreaterThan(5);
    expect(long.filter((text) => korean[text]?.includes(': ') !== true)).toEqual([]);
  });
});

describe('the texts of package.json', () => {
  const keys = [...JSON.stringify(readJson('package.json')).matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key ?? '');
  const [english, translated] = [readTexts('package.nls.json'), readTexts('package.nls.ko.json')];

  it('stand in both languages, and nothing else does', () => {
    const expected = [...new Set(keys)].sort();
    expect(expected.length).toBeGreaterThan(40);
    expect(Object.keys(english).sort()).toEqual(expected);
    expect(Object.keys(translated).sort()).toEqual(expected);
  });

  it('run the same commands from the walkthrough, and mark the same words', () => {
    const marks = (text: string | undefined): readonly string[] => [...(text ?? '').matchAll(/\]\(([^)]*)\)|`[^`]*`/g)].map(([mark]) => mark);
    for (const [key, text] of Object.entries(english)) expect([key, marks(translated[key])]).toEqual([key, marks(text)]);
    expect(Object.values(english).flatMap(marks).filter((mark) => mark.includes('command:')).length).toBeGreaterThan(8);
  });

  it('have a Korean page beside each page of a walkthrough', () => {
    const pages = readdirSync(path.join(root, 'media/walkthrough'));
    const english = pages.filter((name) => !name.includes('.nls.'));
    expect(pages.filter((name) => name.includes('.nls.')).sort()).toEqual(english.map((name) => name.replace(/\.md$/, '.nls.ko.md')).sort());
  });

  it('are Korean', () => {
    expect(Object.values(translated).filter((text) => !/[가-힣]/.test(text))).toEqual([]);
  });
});
