import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { openModelFile, tensorsById } from '../../../src/formats/openModel';
import { saveModel } from '../../../src/formats/saving/save';
import { refuseWrite } from '../../../src/formats/saving/tensorWrite';
import { drawn, elementsOf } from '../support/saving';
import { createFolder, createWriter } from '../support/temporary';

const write = createWriter(createFolder());
const floats = (...values: readonly number[]): string => Buffer.from(Float32Array.from(values).buffer).toString('base64');
const weight = { dims: ['2', '2'], dataType: 1, name: 'w', rawData: floats(1, 2, 3, 4) };
const value = (name: string): unknown => ({ name, type: { tensorType: { elemType: 1, shape: { dim: [{ dimParam: 'n' }, { dimValue: '2' }] } } } });

/** x · w */
function network(tensor: object = weight, more: object = {}, graph: object = {}): object {
  return {
    irVersion: '8', opsetImport: [{ domain: '', version: '21' }],
    graph: {
      node: [{ input: ['x', 'w'], output: ['y'], name: 'product', opType: 'MatMul' }], name: 'g', initializer: [tensor],
      input: [value('x')], output: [value('y')], ...graph,
    },
    ...more,
  };
}

let files = 0;
const fileOf = (model: unknown): string => write(`net${files++}.json`, typeof model === 'string' ? model : JSON.stringify(model));

function problemOf(model: unknown): string {
  const file = fileOf(model);
  try {
    const opened = openModelFile(file);
    return [...tensorsById(opened).values()].map((tensor) => refuseWrite(tensor) ?? 'fine').join();
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).replaceAll(file, 'net');
  }
}

describe('a model in JSON that is wrong is told so in a sentence', () => {
  it.each<readonly [string, unknown]>([
    ['net is not an ONNX model: it has no IR version.', network(weight, { irVersion: undefined })],
    ['graph.node[0] (line 1, column 80) is "MatMul" where an object, a NodeProto, was expected. Export it again.', network(weight, {}, { node: ['MatMul'] })],
    ['graph.initializer[0].dims[1] (line 1, column', network({ ...weight, dims: ['2', 'two'] })],
    ['is "two" where a whole number was expected', network({ ...weight, dims: ['2', 'two'] })],
    ['graph.initializer[0].dims (line 1, column', network({ ...weight, dims: [2, 2.5] })],
    ['is a list of 2 numbers where a list of whole numbers was expected', network({ ...weight, dims: [2, 2.5] })],
    ['is 5 where a text in base64, or a list of numbers, was expected', network({ ...weight, rawData: 5 })],
    ['is "LARGE" where one of UNDEFINED, FLOAT, INT', network(weight, {}, {
      node: [{ input: ['x', 'w'], output: ['y'], opType: 'MatMul', attribute: [{ name: 'a', type: 'LARGE' }] }],
    })],
    ['net is not a valid model: the value "y" is made twice', network(weight, {}, {
      node: [{ input: ['x', 'w'], output: ['y'], opType: 'MatMul' }, { input: ['x', 'w'], output: ['y'], opType: 'MatMul' }],
    })],
    ['is not valid JSON', JSON.stringify(network()).slice(0, -1)],
  ])('%s', (message, model) => expect(problemOf(model)).toContain(message));
  it.each<readonly [string, object]>([
    ['fine', weight],
    ['fine', { dims: [2, 2], data_type: '1', name: 'w', float_data: [1, 'NaN', '-Infinity', 4] }],
    ['fine', { ...weight, rawData: floats(1, 2, 3, 4).replace(/^..../, '$&\n') }],
    ['it stores 12 bytes where its shape needs 16', { ...weight, rawData: floats(1, 2, 3) }],
    ['it stores 3 numbers where its shape needs 4', { ...weight, rawData: undefined, floatData: [1, 2, 3] }],
    ['its values are written as the bits of them, one by one', { ...weight, dataType: 10, rawData: '', int32Data: [15360, 1, 2, 3] }],
    ['its values are in net.data, which is not beside the model',
      { ...weight, rawData: undefined, dataLocation: 'EXTERNAL', externalData: [{ key: 'location', value: 'net.data' }] }],
  ])('%s', (problem, tensor) => {
    const file = fileOf(network(tensor));
    const [found] = tensorsById(openModelFile(file)).values();
    expect(found?.problem ?? 'fine').toBe(problem);
  });
});

describe('a weight that is nowhere', () => {
  it('is stored in the text', async () => {
    const file = fileOf(network({ ...weight, rawData: undefined, dataLocation: 'EXTERNAL', externalData: [{ key: 'location', value: 'net.data' }] }));
    await saveModel({ opened: openModelFile(file), target: file, contents: drawn('w'), record: false });
    const { graph } = JSON.parse(readFileSync(file, 'utf8')) as { readonly graph: { readonly initializer: readonly Readonly<Record<string, unknown>>[] } };
    expect(Object.keys(graph.initializer[0] ?? {})).toEqual(['dims', 'dataType', 'name', 'rawData']);
    const before = fileOf(network());
    await saveModel({ opened: openModelFile(before), target: before, contents: drawn('w'), record: false });
    expect(elementsOf(file, 'w')).toEqual(elementsOf(before, 'w'));
  });
});

describe('the record is an entry of the metadata', () => {
  const own = { key: 'initscope.recipes', value: '[]' };
  const other = { key: 'author', value: 'me' };
  it.each<readonly [string, string]>([
    ['none, spelled as in C++', JSON.stringify(network())],
    ['none, spelled as in Python', JSON.stringify(network(), null, 2).replace('irVersion', 'ir_version').replace('opsetImport', 'opset_import')],
    ['an empty list', JSON.stringify(network(weight, { metadataProps: [] }))],
    ['an empty list with space in it', JSON.stringify(network()).replace(/\}$/, ', "metadata_props": [ \n ]}')],
    ['entries of others', JSON.stringify(network(weight, { metadataProps: [other, other] }), null, 2)],
  ])('beside %s, and is taken out again', async (_, text) => {
    const file = fileOf(text);
    await saveModel({ opened: openModelFile(file), target: file, contents: drawn('w'), record: true });
    const saved = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, readonly (typeof own)[]>>;
    expect((saved.metadataProps ?? saved.metadata_props ?? []).at(-1)?.key).toBe(own.key);
    expect(Object.keys(saved).some((key) => key === 'metadata_props')).toBe(text.includes('_'));
    await saveModel({ opened: openModelFile(file), target: file, contents: drawn('w'), record: true });
    expect(readFileSync(file, 'utf8').split(own.key)).toHaveLength(2);
    await saveModel({ opened: openModelFile(file), target: file, contents: new Map(), record: false });
    expect(readFileSync(file, 'utf8').replace(/"rawData": ?"[^"]*"/, '')).toBe(text.replace(/"rawData": ?"[^"]*"/, ''));
  });
  it('that stands before others goes with the comma behind it', async () => {
    const file = path.join(createFolder(), 'net.json');
    writeFileSync(file, JSON.stringify(network(weight, { metadataProps: [own, other] })));
    await saveModel({ opened: openModelFile(file), target: file, contents: new Map(), record: false });
    expect(readFileSync(file, 'utf8')).toBe(JSON.stringify(network(weight, { metadataProps: [other] })));
  });
});
