import { describe, expect, it } from 'vitest';

import { openBytes } from '../../../../src/formats/files/byteSource';
import { scanJson } from '../../../../src/formats/json/scan';
import { JsonView } from '../../../../src/formats/json/view';

const viewOf = (text: string): JsonView => JsonView.of(scanJson(openBytes('net.json', Buffer.from(text))));

function messageOf(ask: () => unknown): string {
  try {
    ask();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'it is answered';
}

const text = `{
  "layers": [
    {"name": "in", "units": 8, "rate": 0.5, "on": true, "none": null, "shape": [[1, 2], [3, 4]]},
    {"units": "many", "kernel": {"a": 1, "b": null, "c": -2.5}, "typed": {"0": 1, "1": 2}, "empty": [], "names": ["x", "y"]}
  ],
  "__proto__": {"units": 1}, "two words": [NaN, 1e999, 7]
}`;
const net = viewOf(text);
const [first, second] = net.get('layers').items();
if (!first || !second) throw new Error('There are two layers.');

describe('a value', () => {
  it('is what it is asked for', () => {
    expect([first.get('name').text(), first.get('units').whole(), first.get('rate').number(), first.get('on').flag()]).toEqual(['in', 8, 0.5, true]);
    expect(second.get('names').items().map((each) => each.text())).toEqual(['x', 'y']);
    expect(first.entries().map(([key]) => key)).toEqual(['name', 'units', 'rate', 'on', 'none', 'shape']);
    expect(net.get('__proto__').get('units').whole()).toBe(1);
  });
  it('may be left out, or be null', () => {
    expect([first.find('none'), first.find('other'), net.find('toString')]).toEqual([null, null, null]);
  });
  it('has a path', () => {
    expect(first.get('shape').items().map((each) => each.path)).toEqual(['layers[0].shape[0]', 'layers[0].shape[1]']);
    expect(net.get('two words').path).toBe('["two words"]');
  });
});

describe('numbers', () => {
  it('are of a list, of lists in it, or of an object that holds nothing else', () => {
    expect(first.get('shape').numbers()).toMatchObject({ count: 4, shape: [2, 2] });
    expect(second.get('kernel').numbers()).toMatchObject({ count: 3, strange: 1 });
    expect(second.get('typed').numbers()).toMatchObject({ count: 2, strange: 0 });
    expect(second.get('empty').numbers()).toMatchObject({ count: 0, shape: [0] });
    expect(viewOf('[[1, null], [NaN, 2], [3, 4]]').numbers()).toMatchObject({ count: 6, shape: [3, 2], strange: 2 });
    expect(viewOf('[[1, null], [3]]').numbers()).toMatchObject({ count: 3, shape: null, strange: 1 });
  });
  it('are read where the list is short', () => {
    expect(first.get('shape').list()).toEqual([1, 2, 3, 4]);
    expect(second.get('kernel').list()).toEqual([1, NaN, -2.5]);
    expect(net.get('two words').list()).toEqual([NaN, Infinity, 7]);
    expect(second.get('empty').list()).toEqual([]);
  });
});

/** Where something stands in the text, as messages say it. */
function at(what: string): string {
  const before = text.slice(0, text.indexOf(what)).split('\n');
  return `(line ${before.length}, column ${(before.at(-1) ?? '').length + 1})`;
}

describe('a value of another kind', () => {
  it.each<readonly [string, () => unknown]>([
    ['net.json: layers[1].units (line 4, column 15) is "many" where a whole number from 1 on was expected. Export it again.',
      () => second.get('units').whole(1)],
    [`layers[0].rate ${at('0.5')} is 0.5 where a whole number from 0 on`, () => first.get('rate').whole()],
    [`layers[0].units ${at('8')} is 8 where a short text`, () => first.get('units').text()],
    [`layers[0].on ${at('true')} is true where a number`, () => first.get('on').number()],
    [`layers[0].name ${at('"in"')} is "in" where true or false`, () => first.get('name').flag()],
    [`layers[1] ${at('{"units": "many"')} is an object without it where an object with "rate"`, () => second.get('rate')],
    [`layers[0] ${at('{"name"')} is an object without it where an object with "none"`, () => first.get('none')],
    [`layers ${at('[')} is a list of 2 where an object with "rate"`, () => net.get('layers').get('rate')],
    [`layers[1].names ${at('["x"')} is a list of 2 where a list of numbers`, () => second.get('names').numbers()],
    [`layers[0] ${at('{"name"')} is an object where a list of numbers`, () => first.numbers()],
    [`layers[0].shape ${at('[[1')} is a list of 4 numbers where an object`, () => first.get('shape').entries()],
    ['The text (line 1, column 1) is an object where a list', () => net.items()],
    [`["two words"][0] ${at('NaN')} is NaN where a number`, () => net.get('two words').items()[0]?.number()],
  ])('%s', (message, ask) => expect(messageOf(ask)).toContain(message));
});
