import path from 'node:path';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { openBytes, openFile } from '../../../../src/formats/files/byteSource';
import type { ByteSource } from '../../../../src/formats/files/byteSource';
import { scanJson } from '../../../../src/formats/json/scan';
import { cutNumbers, numberTokens } from '../../../../src/formats/json/tokens';
import { JsonView } from '../../../../src/formats/json/view';
import { createFolder } from '../../support/temporary';

const sourceOf = (text: string): ByteSource => openBytes('net.json', Buffer.from(text));

function tokensOf(source: ByteSource, offset = 0, length = source.size): readonly string[] {
  const found: string[] = [];
  for (const { bytes, starts, ends, count } of numberTokens(source, offset, length)) {
    for (let i = 0; i < count; i++) found.push(Buffer.from(bytes).toString('latin1', starts[i], ends[i]));
  }
  return found;
}

describe('the numbers of a text', () => {
  it('are found whatever stands between them', () => {
    expect(tokensOf(sourceOf('[[1, -2.5e-3],\r\n\t[NaN,-Infinity , null]]'))).toEqual(['1', '-2.5e-3', 'NaN', '-Infinity', 'null']);
    expect(tokensOf(sourceOf('1.5, 2'))).toEqual(['1.5', '2']);
    expect(tokensOf(sourceOf('["1", "-2"]'))).toEqual(['1', '-2']);
    expect(tokensOf(sourceOf('{"0": 1, "a\\"1, 2": 3, "\\\\": 4}'))).toEqual(['1', '3', '4']);
    expect(tokensOf(sourceOf('[]'))).toEqual([]);
  });
  it('are whole, and every byte is in one window, also where a window ends within a number or a key', () => {
    const file = path.join(createFolder(), 'long.json');
    for (let shift = 0; shift < 24; shift++) {
      const filler = ' '.repeat((1 << 18) - 12 - shift);
      const text = `{"0":${filler}-1.25e-3, "k\\"1": 10.5, "2": 7}`;
      writeFileSync(file, text);
      const source = openFile(file);
      expect(tokensOf(source)).toEqual(['-1.25e-3', '10.5', '7']);
      const windows = [...numberTokens(source, 0, source.size)].map(({ position, bytes }) => [position, position + bytes.length]);
      expect(windows.flat()).toEqual([0, ...windows.slice(1).flatMap(([start]) => [start, start]), text.length]);
      source.close();
    }
  });
});

describe('pieces of a list', () => {
  const cut = (text: string, counts: readonly number[]): readonly string[] => {
    const source = sourceOf(text);
    const numbers = JsonView.of(scanJson(source)).numbers();
    return cutNumbers(source, numbers, counts).map(({ start, end }) => text.slice(start, end));
  };
  it('are from their first number to their last', () => {
    expect(cut('[1, 2.5, -3, 4 , 5, 6]', [2, 1, 3])).toEqual(['1, 2.5', '-3', '4 , 5, 6']);
    expect(cut('[[1, 2], [3]]', [3])).toEqual(['1, 2], [3']);
  });
  it('may be none, and are fewer where there are not as many numbers', () => {
    expect(cut('[1, 2, 3]', [0, 1, 0, 0, 2, 0])).toEqual(['', '1', '', '', '2, 3', '']);
    expect(cut('[1, 2, 3]', [2, 2])).toEqual(['1, 2']);
    expect(cut('[1, 2, 3]', [1])).toEqual(['1']);
    expect(cut('[]', [0, 1])).toEqual(['']);
  });
});
