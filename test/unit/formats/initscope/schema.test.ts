/** The schema that VS Code completes and checks by, held to the reader: the same types, keys and words, and the same texts refused. */
import { describe, expect, it } from 'vitest';

import { networkKeys } from '../../../../src/formats/initscope/format';
import { fixedNumbers, roles, schemeWords } from '../../../../src/formats/initscope/initializers';
import { inputKeys } from '../../../../src/formats/initscope/inputs';
import { blockTypes, layerTypes } from '../../../../src/formats/initscope/layers';
import { activationNames } from '../../../../src/formats/initscope/layers/activations';
import { keysOf } from '../../../../src/formats/initscope/layers/table';
import { present } from '../../support/graphs';
import type { Json } from './networks';
import { isValid, network, openText, refusalOf, schema } from './networks';

function at(value: Json | undefined, ...way: readonly (string | number)[]): Json | undefined {
  return way.reduce<Json | undefined>((inner, key) => (
    typeof inner === 'object' && inner !== null ? (inner as Readonly<Record<string, Json>>)[key] : undefined), value);
}
const definition = (name: string, ...way: readonly (string | number)[]): Json | undefined => at(schema, 'definitions', name, ...way);
const keys = (value: Json | undefined): readonly string[] => Object.keys(present(value)).sort();
const sorted = (words: readonly string[]): readonly string[] => [...words].sort();

describe('the schema knows', () => {
  it.each(Object.keys(layerTypes))('the keys of %s', (type) => {
    const known = present(layerTypes[type]);
    expect(keys(definition(type, 'properties'))).toEqual(sorted(keysOf(type, known)));
    expect(at(schema, 'definitions', type, 'required')).toEqual([type]);
  });
  it.each(Object.entries(blockTypes))('the keys of a block %s', (type, options) => {
    expect(keys(definition(type, 'properties'))).toEqual(sorted([type, ...options]));
  });
  it('every layer, and which of them stand alone', () => {
    const [bare, ...objects] = definition('layer', 'anyOf') as readonly Json[];
    expect(sorted(at(bare, 'enum') as readonly string[])).toEqual(sorted(Object.keys(layerTypes).filter((type) => layerTypes[type]?.isComplete)));
    expect(objects).toEqual([...Object.keys(layerTypes), ...Object.keys(blockTypes)].map((type) => ({ $ref: `#/definitions/${type}` })));
    expect((at(bare, 'enum') as readonly string[]).length).toBe((at(bare, 'enumDescriptions') as readonly string[]).length);
  });
  it('the keys of a network, of its inputs and initializers, and the words for them', () => {
    expect(keys(schema.properties)).toEqual(sorted(networkKeys));
    expect(sorted([...new Set([0, 1].flatMap((i) => keys(definition('input', 'anyOf', i, 'properties'))))])).toEqual(sorted(inputKeys));
    expect(definition('activation', 'enum')).toEqual(activationNames);
    expect(sorted(definition('scheme', 'anyOf', 0, 'enum') as readonly string[])).toEqual(sorted(schemeWords));
    expect(sorted(definition('fixed-scheme', 'anyOf', 0, 'enum') as readonly string[])).toEqual(sorted([...fixedNumbers, 'standard-normal']));
    expect(keys(definition('initializer', 'anyOf', 1, 'properties'))).toEqual(sorted([...roles, 'comment']));
  });
  it.each(Object.entries(layerTypes))('that %s is written as its example says, and that the reader takes it', (type, { example, isComplete }) => {
    const text = (layer: Json): string => JSON.stringify(network([4, 8, 8], [layer]));
    const main = JSON.parse(example) as Json;
    expect(isValid(text({ [type]: main, name: 'x', comment: 'why' }))).toBe(true);
    expect(isValid(text(type))).toBe(isComplete);
    expect(isValid(text({ [type]: false }))).toBe(false);
    expect(refusalOf(text({ [type]: false }))).toMatch(/is false where|takes|looks tokens up/);
  });
});

const dense: Json = { dense: 4 };
describe('both refuse', () => {
  it.each<readonly [string, Json]>([
    ['a key that nobody knows', network([4], [{ dense: 4, unitz: 3 }])], ['a layer that nobody knows', network([4], [{ dens: 4 }])],
    ['a word that nobody knows', network([4], ['reluu'])], ['a layer without its number', network([4], ['dense'])],
    ['half a unit', network([4], [{ dense: 1.5 }])],
    ['no units', network([4], [{ dense: 0 }])],
    ['a text for a number', network([4], [{ dense: '4' }])], ['null', network([4], [{ dense: 4, name: null }])],
    ['two layers in one', network([4], [{ dense: 4, conv: 3 }])], ['no layers', network([4], [])], ['no input', { initscope: 1, layers: [dense] }],
    ['two kinds of input', { initscope: 1, input: { shape: [4] }, inputs: { a: { shape: [4] } }, layers: [dense] }],
    ['another version', { ...network([4], [dense]), initscope: 2 }], ['an activation that nobody knows', network([4], [dense], { activation: 'relux' })],
    ['a scheme that nobody knows', network([4], [dense], { initializer: 'hee' })], ['recommended', network([4], [dense], { initializer: 'recommended' })],
    ['an option that a scheme has not', network([4], [dense], { initializer: { scheme: 'he', std: 1 } })],
    ['a scheme of fans for a bias', network([4], [{ dense: 4, initializer: { bias: 'he' } }])],
    ['a role that a layer has not', network([4], [{ dense: 4, initializer: { recurrent: 'zeros' } }])], ['a shape of zeros', network([0], [dense])],
    ['a shape of five axes', network([2, 2, 2, 2, 2], [dense])], ['a text with a shape', { initscope: 1, input: { tokens: 4, shape: [4] }, layers: [dense] }],
    ['a text without a length', { initscope: 1, input: { tokens: 4 }, layers: [{ embedding: 3 }] }], ['a repetition of nothing', network([4], [{ repeat: 3 }])],
    ['a repetition a billion times', network([4], [{ repeat: 1_000_000_000, layers: [dense] }])],
    ['a name with a slash', network([4], [{ dense: 4, name: 'a/b' }])],
    ['an empty name', network([4], [{ dense: 4, name: ' ' }])], ['an input beside names', network([4], [{ add: ['a', 'b'], input: 'a' }])],
    ['a number for a flag', network([4], [{ relu: 3 }])],
    ['a distribution that nobody knows', { initscope: 1, input: { shape: [4], data: 'gauss' }, layers: [dense] }],
    ['a number for a layer', network([4], [3])], ['a list for a layer', network([4], [[dense]])], ['no outputs', network([4], [dense], { outputs: [] })],
    ['a negative rate', network([4], [{ dropout: -0.1 }])], ['a branch that is none', network([4], [{ branches: [dense] }])],
  ])('%s', (_, value) => {
    const text = JSON.stringify(value, null, 2);
    expect(isValid(text)).toBe(false);
    expect(refusalOf(text)).toMatch(/^net\.initscope\.json: .+ \(line \d+, column \d+\) .+[.?]$/);
  });
  it('nothing that the other takes, of what is odd and right', () => {
    const text = JSON.stringify({
      $schema: 'x', initscope: 1, name: '', comment: '', inputs: { 'a b': { shape: [4], comment: '' } }, initializer: { kernel: 'he', comment: '' },
      layers: [{ 'leaky-relu': 0 }, { residual: [{ dense: 4, initializer: { scheme: 'he', gain: 1, comment: '' } }], comment: '' }, { dropout: true }],
      outputs: ['leaky-relu1'],
    });
    expect(isValid(text)).toBe(true);
    expect(openText(text).layers).toHaveLength(1);
  });
});
