import { describe, expect, it } from 'vitest';

import { extendTo, nothingSelected, selectAll, selectOne, toggle, type Selection } from '../../../webview/inspector/selection';

const shown = ['a', 'b', 'c', 'd', 'e'];
const described = ({ active, chosen }: Selection): string => `${[...chosen].sort().join('')} ${active ?? '-'}`;

describe('a selection of layers', () => {
  it('is one, or none', () => {
    expect(described(selectOne('b'))).toBe('b b');
    expect(selectOne(null)).toEqual(nothingSelected);
  });
  it('grows and shrinks by one layer; what is left is active', () => {
    const two = toggle(selectOne('b'), 'd');
    expect(described(two)).toBe('bd d');
    expect(described(toggle(two, 'd'))).toBe('b b');
    expect(described(toggle(selectOne('b'), 'b'))).toBe(' -');
  });
  it('reaches from where it began to where it is now, in both directions', () => {
    const down = extendTo(selectOne('b'), 'd', shown);
    expect(described(down)).toBe('bcd d');
    expect(described(extendTo(down, 'a', shown))).toBe('ab a');
    expect(described(extendTo(toggle(selectOne('a'), 'c'), 'e', shown))).toBe('cde e');
  });
  it('begins anew where its beginning is not shown any more', () => {
    expect(described(extendTo(selectOne('z'), 'c', shown))).toBe('c c');
    expect(described(extendTo(nothingSelected, 'c', shown))).toBe('c c');
  });
  it('takes all that is shown, and keeps the active one', () => {
    expect(described(selectAll(selectOne('c'), shown))).toBe('abcde c');
    expect(described(selectAll(selectOne('z'), shown))).toBe('abcde a');
    expect(described(selectAll(nothingSelected, []))).toBe(' -');
  });
});
