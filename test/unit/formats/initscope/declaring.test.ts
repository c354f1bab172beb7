/** Other initialisers put into a text of our language: what is read again starts exactly as it was to, or was said to be left, and why. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { isSameLaw } from '../../../../src/core/initializers/sameLaw';
import type { RecipeRequest } from '../../../../src/core/initializers/recipes';
import { createRecipes } from '../../../../src/core/initializers/recipes';
import { openBytes } from '../../../../src/formats/files/byteSource';
import { inOrder } from '../../../../src/formats/files/replacement';
import { tensorsById } from '../../../../src/formats/openModel';
import { declareIn } from '../../../../src/formats/saving/declared';
import type { Recipe } from '../../../../src/protocol/recipe';
import { schemeIds } from '../../../../src/protocol/schemes';
import { present } from '../../support/graphs';
import { isValid, openText, templates, textOf } from './networks';

interface Changed { readonly text: string; readonly left: ReadonlyMap<string, string>; readonly recipes: readonly Recipe[] }

function changed(text: string, request: Partial<RecipeRequest>): Changed {
  const opened = openText(text);
  const recipes = createRecipes(opened.layers, { scheme: 'recommended', seed: 0, ...request });
  const { replacements, left } = declareIn(openBytes('net.initscope.json', Buffer.from(text)), opened, recipes);
  let [after, from] = ['', 0];
  const bytes = Buffer.from(text);
  for (const { start, end, chunks } of inOrder(replacements, 'net.initscope.json')) {
    after += bytes.toString('utf8', from, start) + Buffer.concat([...chunks()]).toString('utf8');
    from = end;
  }
  return { text: after + bytes.toString('utf8', from), left, recipes };
}

/** Weights whose law is neither that of the recipe nor, where they were left or none was given, that of before. */
function wrong(before: string, { text, left, recipes }: Changed): readonly string[] {
  const [old, now] = [before, text].map((each) => tensorsById(openText(each)));
  const wanted = new Map(recipes.map(({ tensorId, blocks }) => [tensorId, blocks]));
  return [...present(now)].flatMap(([id, { declared, shape }]) => {
    const asked = left.has(id) ? undefined : wanted.get(id);
    const law = asked ?? present(present(old).get(id)?.declared).blocks;
    return isSameLaw(present(declared).blocks, law, shape) ? [] : [id];
  });
}

const nameOf = (file: string): string => path.basename(file, '.initscope.json');

describe.each(templates.map((file) => [nameOf(file), textOf(file)] as const))('of %s', (_, text) => {
  it.each(schemeIds)('weights start by %s, or are left', (scheme) => {
    const found = changed(text, { scheme });
    expect(wrong(text, found)).toEqual([]);
    expect(isValid(found.text)).toBe(true);
    expect(found.text).not.toContain('"recommended"');
    expect(found.text.split('\n').length).toBe(text.split('\n').length);
  });
});

/** A network with such layers, a line each. */
const net = (layers: readonly string[], more = ''): string => (
  `{ "initscope": 1, "input": { "shape": [8, 16] },${more}\n  "layers": [\n    ${layers.join(',\n    ')}\n  ] }\n`);
/** The lines that are others, and the clauses of what was left. */
function edited(text: string, request: Partial<RecipeRequest>): { readonly lines: readonly string[]; readonly left: readonly string[] } {
  const found = changed(text, request);
  expect(wrong(text, found)).toEqual([]);
  expect(isValid(found.text)).toBe(true);
  const before = text.split('\n');
  const lines = found.text.split('\n').flatMap((line, i) => (line === before[i] ? [] : [line.trim().replace(/,$/, '')]));
  return { lines, left: [...found.left].map(([id, reason]) => `${id}: ${reason}`) };
}
const only = (name: string): Partial<RecipeRequest> => ({ layers: new Set([name]) });

describe('what changes of a text is', () => {
  it.each<readonly [string, readonly string[], Partial<RecipeRequest>, readonly string[]]>([
    ['a word where one will do', ['{ "dense": 4 }', '"relu"'], { scheme: 'he-normal' }, ['{ "dense": 4, "initializer": "he-normal" }']],
    ['nothing where it starts so already', ['{ "dense": 4, "initializer": "he" }', '"relu"'], { scheme: 'he-normal' }, []],
    ['nothing where it starts so in other words', ['{ "dense": 4, "initializer": "randn-half-fan-in" }', '"relu"'], { scheme: 'recommended' }, []],
    ['a scheme with its parameters', ['{ "dense": 4 }'], { scheme: 'xavier-uniform', options: { gain: 2 } },
      ['{ "dense": 4, "initializer": { "scheme": "xavier-uniform", "gain": 2 } }']],
    ['another mode', ['{ "dense": 4 }'], { scheme: 'he-normal', options: { mode: 'fan_out' } },
      ['{ "dense": 4, "initializer": { "scheme": "he-normal", "mode": "fan_out" } }']],
    ['numbers', ['{ "dense": 4 }'], { scheme: 'normal', options: { std: 0.3 } }, ['{ "dense": 4, "initializer": { "scheme": "normal", "std": 0.3 } }']],
    ['the standard normal by its word', ['{ "dense": 4 }'], { scheme: 'normal', options: { std: 1 } }, ['{ "dense": 4, "initializer": "standard-normal" }']],
    ['bounds', ['{ "dense": 4 }'], { scheme: 'uniform', options: { low: -1, high: 2 } },
      ['{ "dense": 4, "initializer": { "scheme": "uniform", "low": -1, "high": 2 } }']],
    ['a cut', ['{ "dense": 4 }'], { scheme: 'truncated-normal', options: { std: 0.5, truncation: 3, mean: 1 } },
      ['{ "dense": 4, "initializer": { "scheme": "truncated-normal", "std": 0.5, "mean": 1, "truncation": 3 } }']],
    ['kernels and their biases together', ['{ "dense": 5, "activation": "sigmoid" }', '{ "dense": 4 }'], { scheme: 'centred-sigmoid' },
      ['{ "dense": 5, "activation": "sigmoid", "initializer": "centred-sigmoid" }', '{ "dense": 4, "initializer": "centred-sigmoid" }']],
    ['the value of an initializer that is there', ['{ "initializer": "he", "dense": 4 }'], { scheme: 'zeros' }, ['{ "initializer": "zeros", "dense": 4 }']],
    ['the value of a role that is there', ['{ "dense": 4, "initializer": {"kernel": "he", "bias": "ones"} }'], { scheme: 'lecun-uniform' },
      ['{ "dense": 4, "initializer": {"kernel": "lecun-uniform", "bias": "zeros"} }']],
    ['a role beside that of another', ['{ "lstm": 4, "initializer": { "recurrent": "identity" } }'], { scheme: 'identity' },
      ['{ "lstm": 4, "initializer": { "recurrent": "orthogonal", "kernel": "identity" } }']],
    ['roles that had one word', ['{ "dense": 4, "initializer": "pytorch" }'], { scheme: 'ones' }, ['{ "dense": 4, "initializer": "ones" }']],
    ['a layer that was a name alone', ['{ "residual": [{ "dense": 16 }, "layer-norm"] }'], { scheme: 'zero-gamma' },
      ['{ "residual": [{ "dense": 16, "initializer": "zero-gamma" }, { "layer-norm": true, "initializer": "zero-gamma" }] }']],
    ['and keeps a comment', ['{ "dense": 4, "initializer": { "scheme": "he", "comment": "why" } }'], { scheme: 'zeros' },
      ['{ "dense": 4, "initializer": { "scheme": "zeros", "comment": "why" } }']],
    ['for gates orthogonal matrices, and an open forget gate', ['{ "lstm": 4, "initializer": "zeros" }'], { scheme: 'recommended' },
      ['{ "lstm": 4, "initializer": "xavier-normal" }']],
    ['a forget gate that was closed', ['{ "lstm": 4, "initializer": { "kernel": "xavier", "bias": "zeros" } }'], { scheme: 'recommended' },
      ['{ "lstm": 4, "initializer": { "kernel": "xavier" } }']],
    ['all that an initializer was there for', ['{ "lstm": 4, "initializer": { "bias": "zeros" } }'], { scheme: 'xavier-uniform' }, ['{ "lstm": 4 }']],
  ])('%s', (_, layers, request, lines) => {
    expect(edited(net(layers), request)).toEqual({ lines, left: [] });
  });
  it.each<readonly [string, string, string, readonly string[], readonly string[]]>([
    ['in one place where all layers are to start so', '', 'he-normal', ['{ "dense": 4 }', '{ "dense": 4 }', '{ "dense": 4 }'],
      ['"initializer": "he-normal",']],
    ['in one place but for the layers that differ', '', 'recommended', ['{ "dense": 4 }', '"relu"', '{ "dense": 4 }', '"relu"', '{ "dense": 4 }', '"relu"',
      '{ "dense": 4 }', '"relu"', '{ "dense": 4, "initializer": "ones" }'], ['"initializer": "he-normal",',
      '{ "dense": 4, "initializer": { "scheme": "lecun-normal", "gain": 0.5773502691896257 } }']],
    ['in place of what the network said', ' "initializer": "standard-normal",', 'he-normal', ['{ "dense": 4 }', '{ "dense": 4 }'],
      ['{ "initscope": 1, "input": { "shape": [8, 16] }, "initializer": "he-normal",']],
    ['layer by layer where the network says what of them starts otherwise', ' "initializer": { "bias": "zeros" },', 'he-normal', ['{ "dense": 4 }',
      '{ "dense": 4 }', '{ "dense": 4 }'], Array.from({ length: 3 }, () => '{ "dense": 4, "initializer": "he-normal" }')],
  ])('said %s', (_, more, scheme, layers, lines) => {
    const text = net(layers, more);
    const { text: after, left } = changed(text, { scheme: present(schemeIds.find((id) => id === scheme)) });
    const before = new Set(text.split('\n').map((line) => line.trim().replace(/(?<=\}),$/, '')));
    expect(after.split('\n').map((line) => line.trim().replace(/(?<=\}),$/, '')).filter((line) => !before.has(line))).toEqual(lines);
    expect(left.size).toBe(0);
  });
  it('one scheme with the options that all layers have in common, and not with a gain for each that makes up for them', () => {
    const text = net(['{ "dense": 4 }', '{ "dense": 16 }', '{ "dense": 2 }']);
    const { text: after, left } = changed(text, { scheme: 'he-uniform', options: { mode: 'fan_out', gain: 1 } });
    expect(after).toContain('"initializer": { "scheme": "he-uniform", "mode": "fan_out", "gain": 1 }');
    expect(after.match(/he-uniform/g)).toHaveLength(1);
    expect(left.size).toBe(0);
  });
  it('nothing of a layer whose copies are to start differently, its biases with its kernels', () => {
    const text = net(['{ "repeat": 12, "layers": [{ "dense": 16, "activation": "silu" }] }']);
    const { text: after, left } = changed(text, { scheme: 'recommended' });
    expect(after).toBe(text);
    expect(new Set(left.values())).toEqual(new Set([
      'it is one of 12 copies that the text writes once, which are to start differently', 'it goes with the kernel of its layer, which stays',
    ]));
  });
  it('laid out as the text is', () => {
    const text = net(['{\r\n      "dense": 4,\r\n      "bias": false\r\n    }']);
    expect(changed(text, { scheme: 'zeros' }).text).toBe(text.replace('false\r\n', 'false,\r\n      "initializer": "zeros"\r\n'));
    const roles = net(['{ "dense": 4, "initializer": {\n      "kernel": {\n        "scheme": "he"\n      }\n    } }']);
    expect(changed(roles, { scheme: 'uniform', options: { low: 0 } }).text).toBe(roles.replace('"scheme": "he"', '"scheme": "uniform",\n        "low": 0'));
  });
  it('one word for copies that it gives each its own', () => {
    expect(edited(net(['{ "repeat": 3, "layers": [{ "dense": 4 }, "relu"] }'], '\n  "activation": "linear",'), { scheme: 'he-uniform' }))
      .toEqual({ lines: ['{ "repeat": 3, "layers": [{ "dense": 4, "initializer": "he-uniform" }, "relu"] }'], left: [] });
  });
});

describe('what is left is', () => {
  const copies = ['{ "repeat": 3, "layers": [{ "dense": 4 }, "relu"] }'];
  it('one of copies, where the others are to stay', () => {
    const why = 'it is one of 3 copies that the text writes once, and others of them are to stay';
    expect(edited(net(copies), { scheme: 'zeros', ...only('block2/dense1') })).toEqual({ lines: [], left: [`block2/dense1/kernel: ${why}`] });
  });
  it('one of copies that are to start differently', () => {
    const overrides = new Map([['block2/dense1', { scheme: 'zeros' } as const]]);
    const why = 'it is one of 3 copies that the text writes once, which are to start differently';
    expect(edited(net(copies), { scheme: 'he-normal', overrides }).left).toEqual([1, 2, 3].map((i) => `block${i}/dense1/kernel: ${why}`));
  });
  it('nothing of an attention whose output differs', () => {
    const overrides = new Map([['attention1/output', { scheme: 'zeros' } as const]]);
    expect(edited(net(['{ "attention": 2 }']), { scheme: 'he-normal', overrides }))
      .toEqual({ lines: ['{ "attention": 2, "initializer": { "kernel": "he-normal", "output": "zeros" } }'], left: [] });
    const back = edited(net(['{ "attention": 2, "initializer": "zeros" }'], '\n  "initializer": { "output": "deepnet" },'), only('attention1/query'));
    expect(back.left).toHaveLength(1);
    const alone = net(['{ "attention": 2, "initializer": { "kernel": "he", "output": "ones" } }']);
    expect(edited(alone, { scheme: 'he-normal', ...only('attention1/output') }))
      .toEqual({ lines: ['{ "attention": 2, "initializer": { "kernel": "he", "output": "he-normal" } }'], left: [] });
  });
  it('one of the kernels of an attention', () => {
    const overrides = new Map([['attention1/query', { scheme: 'zeros' } as const]]);
    const why = 'it is one of 3 weights that the text has one scheme for, which are to start differently';
    const found = edited(net(['{ "attention": 2 }']), { scheme: 'he-normal', overrides });
    expect(found.left.filter((line) => line.endsWith(why))).toHaveLength(3);
  });
  it('an open forget gate, where the network names a scheme for biases', () => {
    const found = edited(net(['{ "lstm": 4 }'], '\n  "initializer": { "bias": "zeros" },'), { scheme: 'recommended' });
    expect(found).toEqual({ lines: ['{ "lstm": 4, "initializer": "xavier-normal" }'], left: [
      'lstm1/bias: no scheme that a layer can name for its bias draws it so',
    ] });
  });
  it('a weight that the text has not any more', () => {
    const opened = openText(net(['{ "dense": 4 }', '{ "dense": 3 }']));
    const recipes = createRecipes(opened.layers, { scheme: 'zeros', seed: 0 });
    const now = net(['{ "dense": 4, "name": "first" }', '{ "dense": 3 }']);
    const { left, replacements } = declareIn(openBytes('net.initscope.json', Buffer.from(now)), opened, recipes);
    expect([...left.keys()]).toEqual(['dense2/kernel', 'dense2/bias']);
    expect(replacements).toHaveLength(1);
  });
});
