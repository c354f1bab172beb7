/** Texts that are wrong, odd or meant to cost much: each is refused in a sentence that says where, or read for what it is. */
import { describe, expect, it } from 'vitest';

import { mostLayers } from '../../../../src/formats/initscope/network';
import type { Json } from './networks';
import { network, openNetwork, openText, refusalOf } from './networks';

const refused = (value: Json): string => refusalOf(JSON.stringify(value));
const nested = (depth: number, inner: string, times: number): string => (
  `{"initscope": 1, "input": {"shape": [4]}, "layers": [${`{"repeat": ${times}, "layers": [`.repeat(depth)}${inner}${']}'.repeat(depth)}]}`);

describe('what would cost much', () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['10,000 nested blocks', nested(10_000, '{"dense": 4}', 1), /nests more than 512 lists and objects/],
    ['a billion times', nested(1, '{"dense": 4}', 1e9), /is 1000000000 where a whole number from 1 to 10000 was expected/],
    ['a thousand times a thousand times', nested(3, '{"dense": 4}', 1000), /would be layer 10001, and networks have at most 10000/],
    ['blocks of nothing but blocks', nested(200, '"relu"', 2), /would be layer 10001/],
    ['a vast layer', JSON.stringify(network([1_000_000], [{ dense: 1_000_000 }])), /a kernel of \[1000000, 1000000\], which is more than 2147483647 numbers/],
    ['a vast input', JSON.stringify(network([2_000_000_000, 2_000_000_000], ['relu'])), /a shape of at most 2147483647 numbers/],
    ['a vast upsampling', JSON.stringify(network([4, 1000, 1000], [{ upsample: 1000 }])), /is more than 2147483647 numbers/],
    ['a vast table of sines', JSON.stringify(network([100_000, 1000], ['sine-positions'])), /more than 4194304 sines/],
    ['a number beyond all sizes', '{"initscope": 1, "input": {"shape": [1e999]}, "layers": ["relu"]}', /is Infinity where a whole number from 1 on was expected/],
    ['a size that is no number', '{"initscope": 1, "input": {"shape": [NaN]}, "layers": ["relu"]}', /is NaN where a whole number from 1 on was expected/],
    ['a long name', JSON.stringify(network([4], [{ dense: 4, name: 'a'.repeat(200) }])), /Take 1 to 100 characters/],
    ['a long word', JSON.stringify(network([4], ['a'.repeat(10_000)])), /^.{1,1200}$/],
  ];
  it.each(cases)('%s', (_, text, expected) => {
    const message = refusalOf(text);
    expect(message).toMatch(expected);
    expect(message.length).toBeLessThan(1500);
  });
  it('the deepest network that is taken opens', () => {
    const { layers } = openText(nested(1, '{"dense": 4}, "relu"', mostLayers / 2 - 1));
    expect(layers).toHaveLength(mostLayers / 2 - 1);
  });
});

describe('what goes round in a circle', () => {
  it.each<readonly [string, Json, RegExp]>([
    ['a layer that reads itself', [{ dense: 4, name: 'a', input: 'a' }], /layers\[0\]\.input .* reads "a" before it is made/],
    ['a layer that reads a later one', [{ dense: 4, input: 'b' }, { dense: 4, name: 'b' }], /reads "b" before it is made/],
    ['two that read each other', [{ dense: 4, name: 'a', input: 'b' }, { dense: 4, name: 'b', input: 'a' }], /reads "b" before it is made/],
    ['a block that reads itself', [{ residual: [{ dense: 4 }, { add: ['a', 'input'] }], name: 'a' }], /reads "a" before it is made/],
    ['what nobody is called', [{ dense: 4, name: 'first' }, { dense: 4, input: 'frist' }], /reads "frist", and no layer is called that. Did you mean "first"\?/],
    ['a layer in a block, from outside', [{ repeat: 2, layers: [{ dense: 4, name: 'a' }, 'relu'] }, { add: ['a', 'input'] }], /from outside of its block.*"block\/layer"/],
    ['a name that is taken', [{ dense: 4, name: 'a' }, { dense: 4, name: 'a' }], /is "a", as something before is called/],
    ['a name of a repetition', [{ repeat: 2, name: 'a', layers: [{ dense: 4 }] }, { dense: 4, name: 'a' }], /is "a", as something before is called/],
    ['a name of the input', [{ dense: 4, name: 'input' }], /is "input", as something before is called/],
  ])('%s', (_, layers, expected) => {
    expect(refused(network([4], layers))).toMatch(expected);
  });
});

describe('what does not fit', () => {
  const text = { initscope: 1, input: { tokens: 10, length: 4 } };
  it.each<readonly [Json, RegExp]>([
    [network([3, 8, 8], [{ dense: 4 }]), /layers\[0\] \(line 1, column \d+\) takes a vector or a sequence, and is given an image \[3, 8, 8\]. Put "flatten"/],
    [network([8], [{ conv: 4 }]), /takes a sequence, an image or a volume, and is given a vector \[8\]/],
    [network([3, 2, 2], [{ conv: 4, kernel: 3, padding: 'valid' }]), /has a window of 3 over an axis of 2, which leaves nothing/],
    [network([3, 8, 8], [{ conv: 4, groups: 2 }]), /has 2 groups, which do not divide 3 channels into 4/],
    [network([3, 8, 8], [{ conv: 4, kernel: [3, 3, 3] }]), /is a list of 3 numbers where a whole number, or a list of 2, one for each axis was expected/],
    [network([3, 8, 8], [{ 'max-pool': 2, 'padding': 2 }]), /has a padding that its window of 2×2 fits into/],
    [network([8, 6], [{ attention: 4 }]), /has 4 heads, which do not divide 6 features/],
    [network([6, 8, 8], ['group-norm']), /has 32 groups, which do not divide 6 channels/], [network([6, 8, 8], ['layer-norm']), /takes a vector or a sequence/],
    [network([4, 6], [{ reshape: [5, 5] }]), /makes \[5, 5\] of a sequence \[4, 6\], which are 25 and 24 numbers/],
    [network([4, 6], [{ permute: [1, 1] }]), /each axis of a sequence \[4, 6\], from 1 to 2, once/],
    [network([4], [{ residual: [{ dense: 5 }] }]), /makes a vector \[5\] of a vector \[4\], which do not add up. Give it a "shortcut"/],
    [network([4], [{ residual: [{ dense: 5 }], shortcut: [{ dense: 6 }] }]), /would add a vector \[6\] and a vector \[5\]/],
    [network([4], [{ branches: [[{ dense: 5 }], [{ dense: 6 }]], merge: 'multiply' }]), /would multiply/],
    [network([3, 8, 8], [{ branches: [[{ conv: 2 }], ['max-pool']] }]), /would put an image \[2, 8, 8\] beside an image \[3, 4, 4\]/],
    [network([4, 4], [{ embedding: 3 }]), /looks tokens up, and is given a sequence \[4, 4\]/], [{ ...text, layers: ['relu'] }, /is given 4 tokens/],
    [{ ...text, layers: [{ embedding: 3, name: 'w' }, { add: ['w', 'input'] }] }, /reads 4 tokens, which are no numbers/],
    [{ ...text, layers: [{ residual: [{ embedding: 3 }] }] }, /adds to 4 tokens/],
    [{ ...text, layers: [{ embedding: 3 }, { dense: 4 }, { unembed: 'embedding1' }] }, /where the table has 3 numbers for each word/],
    [network([4], [{ dense: 4, name: 'a' }, { unembed: 'a' }]), /reads "a" before it is made, or from outside/],
  ])('%j', (value, expected) => {
    expect(refused(value)).toMatch(expected);
  });
});

describe('odd texts', () => {
  it('with keys of objects in general are texts like others', () => {
    expect(refusalOf('{"initscope": 1, "input": {"shape": [4]}, "layers": [{"dense": 4, "__proto__": {"name": "x"}}]}')).toMatch(/__proto__.*is nothing that/);
    expect(refused(network([4], ['constructor']))).toContain('is "constructor", which is no layer');
    expect(refused(network([4], [{ toString: 4 }]))).toContain('"toString" is none');
    expect(refused(network([4], ['relu'], { initializer: 'hasOwnProperty' }))).toContain('which is no scheme');
    expect(refused(network([4], [{ add: ['__proto__', 'constructor'] }]))).toContain('no layer is called that');
    expect(openNetwork(network([4], [{ dense: 4, name: '__proto__' }, { add: ['__proto__', 'input'] }])).layers.map(({ name }) => name)).toEqual(['__proto__']);
  });
  it('with a key twice are read by the last, and say so', () => {
    const { findings, layers } = openText('\ufeff{"initscope": 1, "input": {"shape": [4]}, "layers": [\r\n{"dense": 4, "dense": 5}]}');
    expect(findings.map(({ message }) => message)).toEqual(['The text has the key "dense" for the second time at line 2, column 14.']);
    expect(layers[0]?.weights[0]?.tensor.shape).toEqual([4, 5]);
  });
  it('with a layer that nobody reads say so', () => {
    const { findings } = openNetwork(network([4], [{ dense: 4, name: 'forgotten' }, { dense: 3, input: 'input' }]));
    expect(findings.map(({ message }) => message)).toEqual(['Nothing reads what forgotten makes: no gradient arrives there.']);
    expect(openNetwork(network([4, 4], [{ lstm: 3, returns: 'last' }])).findings).toEqual([]);
  });
  it('that are no JSON say where', () => {
    expect(refusalOf('{"initscope": 1, "layers": [}')).toMatch(/is not valid JSON: line 1, column 29/);
    expect(refusalOf('{"initscope": 1, // a comment\n "layers": []}')).toMatch(/JSON has no comments/);
  });
  it('that are JSON and no network say what is known', () => {
    expect(refusalOf('{"layers": [{"dense": 4}]}')).toMatch(/no network that is known: .* with the key "initscope"/);
  });
});
