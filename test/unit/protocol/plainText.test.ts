import { describe, expect, it } from 'vitest';

import { plainLines, plainText, unlinkedText } from '../../../src/protocol/plainText';

describe('text of others', () => {
  it.each([
    ['a line', 'a\nb', 'a\\u000ab'], ['a colour', '\x1b[31mred', '\\u001b[31mred'], ['a sequence of eight bits', '\x9b2J', '\\u009b2J'],
    ['a direction', 'a\u202eb', 'a\\u202eb'], ['isolates', '\u2066a\u2069', '\\u2066a\\u2069'], ['half a pair', 'a\ud800b', 'a\\ud800b'],
    ['a tag', '\u{e0041}', '\\udb40\\udc41'], ['a separator', 'a\u2028b', 'a\\u2028b'], ['a bell, a tab and a delete', '\x07\t\x7f', '\\u0007\\u0009\\u007f'],
  ])('shows %s as what it is', (_, text, expected) => { expect(plainText(text, 100)).toBe(expected); });
  it('that is seen stays', () => {
    const seen = 'layers.0.weight · σ² → 权重 بنية 👩‍👩‍👧 [x](y) \\u';
    expect(plainText(seen, 100)).toBe(seen);
  });
  it('has an end, and both of its ends are seen', () => {
    const cut = plainText(`begin${'x'.repeat(1e6)}end`, 30);
    expect(cut).toHaveLength(31);
    expect(cut).toMatch(/^beginx+…x+end$/);
    // No half of a pair is left at the cut.
    expect(plainText('👩'.repeat(100), 31)).toMatch(/^(👩)+(\\ud83d)?…(\\udc69)?(👩)+$/u);
  });
  it('in a notification is no link', () => {
    const shown = unlinkedText('model [Fix it](command:workbench.action.terminal.new "x").onnx\n[a]\u2060(command:b) [c](http://d)');
    // As VS Code finds them (vs/base/common/linkedText.ts).
    expect(shown).not.toMatch(/\[[^\]]+\]\((https?:\/\/|command:|file:)[^)\s]+/);
    expect(shown.replaceAll('\u2060', '')).toContain('[Fix it](command:workbench.action.terminal.new "x").onnx\\u000a[a]\\u2060(command:b)');
    expect(unlinkedText('x'.repeat(5000)).length).toBeLessThan(1100);
  });
  it('of many lines keeps them, and JSON stays JSON', () => {
    expect(plainLines('a\r\nb\nc\rd\x1b')).toBe('a\r\nb\nc\\u000dd\\u001b');
    const value = { 'na\u202eme': ['\x9b', '\u{e0041}', 'ok'] };
    const text = plainLines(JSON.stringify(value, null, 2));
    expect(text).not.toMatch(/[\u202e\x9b]/);
    expect(JSON.parse(text)).toEqual(value);
  });
});
