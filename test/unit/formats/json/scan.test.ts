import path from 'node:path';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { openBytes, openFile } from '../../../../src/formats/files/byteSource';
import type { ByteSource } from '../../../../src/formats/files/byteSource';
import { looksLikeJson, partsOf, scanJson } from '../../../../src/formats/json/scan';
import type { JsonNumbers, JsonValue } from '../../../../src/formats/json/value';
import { createFolder } from '../../support/temporary';

const sourceOf = (text: string | Uint8Array): ByteSource => openBytes('net.json', typeof text === 'string' ? Buffer.from(text) : text);
const rootOf = (text: string): JsonValue => scanJson(sourceOf(text)).root;

/** What JSON.parse makes of the same, lists of numbers read from their bytes. */
function plain(text: string, value: JsonValue): unknown {
  switch (value.kind) {
    case 'object': return Object.fromEntries([...value.entries].map(([key, entry]) => [key, plain(text, entry.value)]));
    case 'array': return value.items.map((each) => plain(text, each));
    case 'numbers': return JSON.parse(Buffer.from(text).subarray(value.start, value.end).toString());
    case 'string': return value.text;
    default: return value.value;
  }
}

function messageOf(text: string | Uint8Array): string {
  try {
    scanJson(sourceOf(text));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'it is read';
}

function numbersIn(text: string): JsonNumbers {
  const root = rootOf(text);
  if (root.kind !== 'numbers') throw new Error(`It is ${root.kind}.`);
  return root;
}

/** Texts of every kind, from a small generator whose seed is the number of the text. */
function randomText(seed: number): string {
  let state = seed * 2654435761 + 1;
  const pick = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const space = (): string => ['', '', '', ' ', '\n  ', '\r\n\t'][pick(6)] ?? '';
  const number = (): string => ['0', '-0', '1', '-1.5', '0.25e-3', '1E+5', '12345678901234567890', '3e-320'][pick(8)] ?? '';
  const string = (): string => ['""', '"a"', '"\\u00e9\\n"', '"\u20ac"', '"\\"[1,2]"', '"__proto__"'][pick(6)] ?? '';
  const value = (depth: number): string => {
    const kind = pick(depth > 4 ? 4 : 9);
    if (kind < 2) return number();
    if (kind === 2) return string();
    if (kind === 3) return ['true', 'false', 'null'][pick(3)] ?? '';
    const list = (each: () => string): string => Array.from({ length: pick(5) }, () => `${space()}${each()}${space()}`).join(',');
    if (kind === 4) {
      const [numbers, comma, last] = [Array.from({ length: pick(150) }, number), pick(9) === 0 ? '' : ',', ['1', 'null', '"x"', '[2]'][pick(4)] ?? ''];
      return `[${numbers.join(`,${space()}`)}${comma}${last}]`.replace('[,', '[');
    }
    if (kind < 7) return `[${list(() => value(depth + 1))}${space()}]`;
    if (kind === 7) return `{${Array.from({ length: pick(150) }, (_, i) => `"${i}":${number()}`).join()}}`;
    const keys = ['"a"', '"b"', '"0"', '"1"', '"\\u0061b"'];
    return `{${keys.slice(0, pick(6)).map((key) => `${space()}${key}${space()}:${space()}${value(depth + 1)}`).join()}${space()}}`;
  };
  return `${space()}${value(0)}${space()}`;
}

describe('a JSON text', () => {
  it('is read as JSON.parse reads it, whatever stands in it', () => {
    let texts = 0;
    for (let seed = 1; seed <= 3000; seed++) {
      const text = randomText(seed);
      let expected: unknown;
      try {
        expected = JSON.parse(text);
      } catch {
        expect(messageOf(text), text).toMatch(/^net\.json is not valid JSON: line \d+, column \d+ has /);
        continue;
      }
      texts++;
      expect(plain(text, rootOf(text)), text).toEqual(expected);
    }
    expect(texts).toBeGreaterThan(2500);
  });
  it('has values that know their bytes', () => {
    const text = '{"a" : [true, "x"], "b":-1.5e3 }';
    const root = rootOf(text);
    if (root.kind !== 'object') throw new Error(root.kind);
    const spans = [...root.entries.values()].flatMap(({ key, value }) => [key, value]).map(({ start, end }) => text.slice(start, end));
    expect(spans).toEqual(['"a"', '[true, "x"]', '"b"', '-1.5e3']);
  });
  it('may begin with a byte order mark, and have lines as Windows ends them', () => {
    const document = scanJson(sourceOf(Buffer.from('\ufeff{\r\n  "a": 1\r\n}\r\n')));
    expect(document.root.kind).toBe('object');
    expect(messageOf('\ufeff{\r\n "a": ?\r\n}')).toContain('line 2, column 7 has "?" where a value was expected');
  });
  it('takes of a key that is there twice the last value, and says so; __proto__ is a key', () => {
    const { root, notes } = scanJson(sourceOf('{"a": 1, "__proto__": {"b": 2},\n "a": 3}'));
    if (root.kind !== 'object') throw new Error(root.kind);
    expect([...root.entries.keys()]).toEqual(['a', '__proto__']);
    expect(root.entries.get('a')?.value).toMatchObject({ value: 3 });
    expect(notes).toEqual(['the key "a" for the second time at line 2, column 2']);
  });
  it('may hold NaN and Infinity as Python writes them, and numbers that are too large', () => {
    const { root, notes } = scanJson(sourceOf('{"loss": NaN, "best": -Infinity, "large": 1e999, "w": [NaN, 1, -Infinity, Infinity]}'));
    if (root.kind !== 'object') throw new Error(root.kind);
    expect(['loss', 'best', 'large'].map((key) => root.entries.get(key)?.value)).toMatchObject([{ value: NaN }, { value: -Infinity }, { value: Infinity }]);
    expect(root.entries.get('w')?.value).toMatchObject({ kind: 'numbers', count: 4, strange: 3 });
    expect(notes.map((note) => note.slice(0, 20))).toEqual(['NaN, which JSON does', '-Infinity, which JSO', 'Infinity, which JSON']);
  });
  it('is read through a window, also where that ends in the middle of something', () => {
    const file = path.join(createFolder(), 'long.json');
    for (let shift = 0; shift < 40; shift++) {
      const filler = ' '.repeat((1 << 18) - 20 - shift);
      const text = `{${filler}"k\u00e9y\\u0041": [1.25e-3, -7, 10.5], "t": true, "n": null, "s": "text", "o": {"a": [[1, 2], [3]]}}`;
      writeFileSync(file, text);
      const source = openFile(file);
      expect(plain(text, scanJson(source).root)).toEqual(JSON.parse(text));
      source.close();
    }
  });
});

describe('lists of numbers', () => {
  it('are passed over, with their shape', () => {
    expect(numbersIn('[1, 2.5, -3e4]')).toEqual({ kind: 'numbers', start: 0, end: 14, count: 3, shape: [3], strange: 0 });
    expect(numbersIn('[[1, 2], [3, 4], [5, 6]]')).toMatchObject({ count: 6, shape: [3, 2] });
    expect(numbersIn('[[[1], [2]], [[3], [4]]]')).toMatchObject({ count: 4, shape: [2, 2, 1] });
    expect(numbersIn('[[1, 2], [3]]')).toMatchObject({ count: 3, shape: null });
    expect(numbersIn('[[1, 2], []]')).toMatchObject({ count: 2, shape: null });
    expect(numbersIn(`[null,${'1,'.repeat(99)}2]`)).toMatchObject({ count: 101, strange: 1 });
  });
  it('are of their parts, which are told apart when they are asked for', () => {
    const source = sourceOf('[[1, 2], [], [[3], [4]]]');
    const root = scanJson(source).root;
    if (root.kind !== 'numbers') throw new Error(root.kind);
    expect(partsOf(source, root)).toMatchObject([{ kind: 'numbers', shape: [2] }, { kind: 'array', items: [] }, { kind: 'numbers', shape: [2, 1], start: 13 }]);
  });
  it('are typed arrays as JSON.stringify writes them, unless they are short', () => {
    expect(numbersIn(JSON.stringify(new Float32Array(65)))).toMatchObject({ count: 65, shape: [65] });
    expect(rootOf(JSON.stringify(new Float32Array(64))).kind).toBe('object');
    const late = rootOf(`{${Array.from({ length: 100 }, (_, i) => `"${i}":${i}`).join()},"length":100}`);
    if (late.kind !== 'object') throw new Error(late.kind);
    expect([...late.entries.keys()]).toEqual([...Array.from({ length: 100 }, (_, i) => String(i)), 'length']);
  });
  it('are lists of values as soon as something else is in them', () => {
    expect(rootOf('[]')).toMatchObject({ kind: 'array', items: [] });
    expect(rootOf('[[], []]')).toMatchObject({ kind: 'array' });
    expect(rootOf('[null, 28, 28, 1]')).toMatchObject({ kind: 'array', items: [{ value: null }, { value: 28 }, { value: 28 }, { value: 1 }] });
    expect(rootOf('[1, [2], 3]')).toMatchObject({ kind: 'array', items: [{ value: 1 }, { kind: 'numbers' }, { value: 3 }] });
    expect(rootOf('[[1], [2], "x"]')).toMatchObject({ kind: 'array', items: [{ shape: [1] }, { shape: [1] }, { text: 'x' }] });
  });
});

describe('what is no JSON', () => {
  it.each([
    ['', 'net.json is empty where a JSON text was expected. Export it again.'],
    ['{"a": 1', 'net.json is not valid JSON: line 1, column 8 has the end of the file where "," or "}" was expected. It was cut off: copy or export it again.'],
    ['[1, 2,]', 'line 1, column 7 has "]" where a value was expected behind a comma. Remove the comma.'],
    ['{"a": 1,}', 'column 9 has "}" where a key was expected behind a comma. Remove the comma.'],
    ['{\n // weights\n "a": 1}', 'line 2, column 2 has "/" where a key in double quotes was expected. JSON has no comments: remove them.'],
    ['{"a": /* x */ 1}', 'column 7 has "/" where a value was expected. JSON has no comments: remove them.'],
    ["{'a': 1}", 'has "\'" where a key in double quotes was expected. JSON has double quotes alone'],
    ['{a: 1}', 'column 2 has "a" where a key in double quotes was expected'],
    ['{"a" 1}', 'column 6 has "1" where ":" was expected'],
    ['[1 2]', 'column 4 has "2" where "," or "]" was expected'],
    ['[01]', 'column 3 has "1" where "," or "]" was expected'],
    ['[1.]', 'column 4 has "]" where a digit was expected'],
    ['[1, 2, -]', 'column 9 has "]" where a digit was expected'],
    ['[.5]', 'column 2 has "." where a value was expected'],
    ['[+5]', 'column 2 has "+" where a value was expected'],
    ['[1, nul]', 'column 5 has "n" where a value was expected'],
    ['[True]', 'column 2 has "T" where a value was expected'],
    ['{"a": trie}', 'column 7 has a word that is not true'],
    ['{"a": "b', 'column 7 has a text that never ends: the file stops within it'],
    ['{"a": "b\nc"}', 'column 9 has the byte 0x0A inside of a text, where JSON needs it escaped'],
    ['{"a": "\\x41"}', 'column 9 has "x" behind a backslash, where JSON has one of "\\/bfnrtu'],
    ['{"a": "\\u00g1"}', 'column 12 has "g" where a hexadecimal digit was expected'],
    ['{"a": 1} {"b": 2}', 'column 10 has "{" where nothing was expected after the end of its value'],
    ['{"a": \u20ac}', 'column 7 has "\u20ac" where a value was expected'],
    ['{"\u{1f600}\u20ac": ?}', 'column 9 has "?" where a value was expected'],
    [`[${'9'.repeat(2000)}]`, 'column 2 has a number of more than 1024 characters'],
    [`{"${'k'.repeat(70_000)}": 1}`, 'column 2 has a key of more than 65536 characters'],
  ])('%.40s', (text, message) => {
    expect(messageOf(text)).toContain(message);
  });
  it('is text in other encodings', () => {
    expect(messageOf(Buffer.from('\ufeff{"a": 1}', 'utf16le'))).toContain('has text in UTF-16. Save the file as UTF-8.');
    expect(messageOf(Buffer.from('{"a": "\u00e9"}', 'latin1'))).toContain('line 1, column 7 has a text that is not UTF-8. Save the file as UTF-8.');
    expect(messageOf(Buffer.from('{"a": \u00e9}', 'latin1'))).toContain('has the byte 0xE9 where a value was expected');
  });
  it('is what begins neither like an object nor like a list', () => {
    expect(['{', ' \r\n[', '\u00ef\u00bb\u00bf {', '\xff\xfe{\0', '\xfe\xff\0['].map(looksLikeJson)).toEqual([true, true, true, true, true]);
    expect(['', '\x08\x07\x12', '"a"', '1', 'PK\x03\x04', '\xff\xfe\x08\x07'].map(looksLikeJson)).toEqual(Array(6).fill(false));
  });
});

describe('a hostile text', () => {
  it('may nest as deeply as it likes', () => {
    for (const [open, close] of [['[', ']'], ['{"a":', '}'], ['[1,[', ']]']] as const) {
      expect(messageOf(`${open.repeat(10_000)}1${close.repeat(10_000)}`)).toMatch(/^net\.json nests more than 512 lists and objects at line 1, column \d+, where/);
    }
    expect(messageOf(`${'['.repeat(512)}1${']'.repeat(512)}`)).toBe('it is read');
  });
  it('may hold as many values as it likes', () => {
    expect(messageOf(`[${'{},'.repeat(1_100_000)}{}]`)).toContain('holds more than 1048576 values besides lists of numbers');
    expect(messageOf(`["x",${'1,'.repeat(1_100_000)}1]`)).toContain('holds more than 1048576 values besides lists of numbers');
    expect(messageOf(`[${'1,'.repeat(1_100_000)}"x"]`)).toContain('holds more than 1048576 values besides lists of numbers');
  });
  it('is passed over at most twice, however its lists turn out to be none', () => {
    const leaf = `"${'x'.repeat(1 << 19)}"`;
    for (const [open, close] of [['[[1],', ']'], ['[1,', ']'], [`{${Array.from({ length: 70 }, (_, i) => `"${i}":0`).join()},"a":`, '}']] as const) {
      const text = `[${Array.from({ length: 4 }, () => `${open.repeat(400)}${leaf}${close.repeat(400)}`).join()}]`;
      const source = sourceOf(text);
      let read = 0;
      scanJson({ ...source, read: (offset, length) => {
        const bytes = source.read(offset, length);
        read += bytes.length;
        return bytes;
      } });
      expect(read).toBeLessThan(2 * text.length + 2 ** 18);
    }
  });
  it('may have a text of any length, which stays where it is', () => {
    const text = `{"a": "${'A'.repeat(1 << 20)}", "b": "${'\\/'.repeat(1 << 19)}"}`;
    const root = rootOf(text);
    if (root.kind !== 'object') throw new Error(root.kind);
    expect(root.entries.get('a')?.value).toEqual({ kind: 'string', start: 6, end: 1_048_584, text: null });
    expect(root.entries.get('b')?.value).toMatchObject({ kind: 'string', text: null, end: text.length - 1 });
  });
});
