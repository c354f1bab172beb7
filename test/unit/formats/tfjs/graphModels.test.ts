/** What is said of a graph-model that is not as it should be, what an unknown operator costs, and what becomes of weights that are stored in fewer bits. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { readRecord, recordKey } from '../../../../src/core/edits/record';
import { createRecipes } from '../../../../src/core/initializers/recipes';
import type { OpenedModel } from '../../../../src/formats/openModel';
import { openModelFile } from '../../../../src/formats/openModel';
import { saveModel } from '../../../../src/formats/saving/save';
import { FilePool } from '../../../../src/formats/tensors/content';
import { measureWeight, runNow } from '../../../../src/formats/tensors/measure';
import { present } from '../../support/graphs';
import { createFolder } from '../../support/temporary';

interface Node { name: string; op: string; input?: readonly string[]; attr?: object }
interface Weight { readonly name: string; readonly shape: readonly number[]; readonly dtype: string; readonly quantization?: object }

const float = { dtype: { type: 'DT_FLOAT' } };
const text = (value: string): object => ({ s: Buffer.from(value).toString('base64') });
const constant = (name: string, type = 'DT_FLOAT'): Node => ({ name, op: 'Const', attr: { dtype: { type } } });
const x: Node = { name: 'x', op: 'Placeholder', attr: { ...float, shape: { shape: { dim: [{ size: '-1' }, { size: '4' }] } } } };
const product: Node = { name: 'y', op: 'MatMul', input: ['x', 'w'] };
const kernel: Weight = { name: 'w', shape: [4, 3], dtype: 'float32' };

function write(node: readonly Node[], weights: readonly Weight[] = [kernel], more: object = {}, bytes: Uint8Array = new Uint8Array(48)): string {
  const file = path.join(createFolder(), 'model.json');
  writeFileSync(path.join(path.dirname(file), 'w.bin'), bytes);
  writeFileSync(file, JSON.stringify({ modelTopology: { node, ...more }, weightsManifest: [{ paths: ['w.bin'], weights }] }));
  return file;
}

const said = ({ findings }: OpenedModel): string => findings.map(({ message }) => message).join('\n');
const image = (attr: object): Node => ({ name: 'y', op: 'Conv2D', input: ['x', 'w'], attr });
const picture: Node = { name: 'x', op: 'Placeholder', attr: { ...float, shape: { shape: { dim: ['-1', '8', '8', '3'].map((size) => ({ size })) } } } };
const window: Weight = { name: 'w', shape: [1, 1, 3, 4], dtype: 'float32' };
const window2 = { strides: { list: { i: ['1', '1', '1', '1'] } }, padding: text('SAME') };
const loop = { function: [{ signature: { name: 'f', inputArg: [{ name: 'a' }], outputArg: [{ name: 'b' }] },
  nodeDef: [{ name: 'again', op: 'PartitionedCall', input: ['a'], attr: { f: { func: { name: 'f' } } } }], ret: { b: 'again:output:0' } }] };

describe('a graph', () => {
  it.each<[message: RegExp, nodes: readonly Node[], weights?: readonly Weight[], more?: object]>([
    [/node y \(MatMul\) reads v, where the name of a node of the graph was expected\. Convert the model again\.$/, [x, { ...product, input: ['x', 'v'] }]],
    [/node [ab] \(Relu\) reads what is made of its own output, where an order was expected/, [{ name: 'a', op: 'Relu', input: ['b'] },
      { name: 'b', op: 'Relu', input: ['a'] }, { name: 'c', op: 'Relu', input: ['b'] }]],
    [/modelTopology\.node\[1\]\.name \(line 1, column \d+\) is "x" where a name of its own was expected/, [x, { ...x }]],
    [/node y \(MatMul\) has 1 inputs where at least 2 were expected/, [x, { ...product, input: ['x'] }]],
    [/input\[0\] .* is "x:a" where the name of a node, with the number of an output was expected/, [x, { ...product, input: ['x:a', 'w'] }]],
    [/node y \(Relu\) reads output 2 of x \(Placeholder\), where one of 1 was expected/, [x, { name: 'y', op: 'Relu', input: ['x:2'] }]],
    [/the graph has 1 nodes and no output/, [x]],
    [/node\[2\]\.attr\.padding .* is an object without it where an object with "s" was expected/, [picture, constant('w'),
      image({ ...window2, padding: { i: '1' } })], [window]],
    [/has the padding "HALF" where SAME, VALID or EXPLICIT was expected/, [picture, constant('w'), image({ ...window2, padding: text('HALF') })], [window]],
    [/has strides \[0, 0, 0, 0\] where 4 whole numbers from 1 on were expected/, [picture, constant('w'),
      image({ ...window2, strides: { list: { i: ['0', '0', '0', '0'] } } })], [window]],
    [/strides\.list\.i\[0\] .* is "many" where a whole number was expected/, [picture, constant('w'),
      image({ ...window2, strides: { list: { i: ['many', '1', '1', '1'] } } })], [window]],
    [/has a kernel of 2 axes where 4 were expected/, [picture, constant('w'), image(window2)]],
    [/is given a signal of shape \[\?, 4\] where one of 4 axes was expected/, [x, constant('w'), image(window2)], [window]],
    [/node y \(Unpack\) makes 99999999 pieces where a whole number from 1 to 4096 was expected/, [x, { name: 'y', op: 'Unpack', input: ['x'],
      attr: { num: { i: '99999999' } } }]],
    [/functions are nested more than 32 deep/, [x, { name: 'y', op: 'PartitionedCall', input: ['x'], attr: { f: { func: { name: 'f' } } } }], [],
      { library: loop }],
  ])('is refused in a sentence: %s', (message, nodes, weights, more) => {
    expect(() => openModelFile(write(nodes, weights, more))).toThrow(message);
  });
  it('whose manifest lacks a weight is read but for that', () => {
    const stored = { ...constant('w'), attr: { ...float, value: { tensor: { dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: '4' }, { size: '3' }] } } } } };
    const opened = openModelFile(write([x, stored, product], []));
    expect(said(opened)).toContain('w cannot be read: the manifest lists no weight of its name');
    expect(opened.layers.map(({ weights }) => weights[0]?.fans)).toEqual([{ fanIn: 4, fanOut: 3 }]);
  });
  it('with an operator that nobody knows is read but for that, which is named', () => {
    const own: readonly Node[] = [x, constant('w'), product, { name: 'odd', op: 'Oddity', input: ['y'] }, { name: 'z', op: 'MatMul', input: ['odd:1', 'w'] }];
    const opened = openModelFile(write(own));
    expect(said(opened)).toMatch(/A node calls tensorflow\.Oddity, which Initscope does not know/);
    expect(opened.layers[0]?.weights[0]?.fans).toEqual({ fanIn: 4, fanOut: 3 });
  });
  it('of many nodes in a row is read, however deep it is', () => {
    const chain = Array.from({ length: 20_000 }, (_, i): Node => ({ name: `r${i}`, op: 'Relu', input: [i === 0 ? 'x' : `r${i - 1}`] }));
    expect(openModelFile(write([...chain.toReversed(), x])).graph.nodes).toHaveLength(20_001);
  });
  it('is not led astray by names that objects have anyway', () => {
    expect(said(openModelFile(write([x, { name: 'constructor', op: 'toString', input: ['x'] }])))).toMatch(/tensorflow\.toString/);
  });
});

describe('weights', () => {
  const spread = (file: string): readonly unknown[] => {
    const pool = new FilePool();
    const { mean, std } = runNow(measureWeight(pool, present(openModelFile(file).layers[0]?.weights[0]), {}));
    pool.close();
    return [mean, std];
  };
  const nodes = [x, constant('w'), product];
  it('of 8 bits are the floats that they stand for', () => {
    const bytes = Uint8Array.from({ length: 12 }, (_, i) => 128 + (i % 2 === 0 ? 50 : -50));
    const file = write(nodes, [{ ...kernel, quantization: { dtype: 'uint8', scale: 0.01, min: -1.28 } }], {}, bytes);
    expect(spread(file)).toEqual([expect.closeTo(0, 6), expect.closeTo(0.5, 6)]);
  });
  it.each(['uint8', 'uint16'])('of %s, shifted by no whole number of steps, are the floats that they stand for, which keep their values', (dtype) => {
    const integers = Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? 250 : 50));
    const bytes = dtype === 'uint8' ? Uint8Array.from(integers) : new Uint8Array(Uint16Array.from(integers).buffer);
    const file = write(nodes, [{ ...kernel, quantization: { dtype, scale: 0.01, min: -1.4567 } }], {}, bytes);
    expect(spread(file)).toEqual([expect.closeTo(0.0433, 6), expect.closeTo(1, 6)]);
    const { layers } = openModelFile(file);
    expect(layers.map(({ weights }) => weights.map(({ name, role, tensor }) => [name, role, tensor.dtype]))).toEqual([[['w', 'kernel', dtype]]]);
    expect(layers[0]?.weights[0]?.frozen).toMatch(/^it is quantised to uint/);
  });
  it('of 16 bits are cast, and can be drawn', () => {
    const file = write(nodes, [{ ...kernel, quantization: { dtype: 'float16' } }], {}, new Uint8Array(Uint16Array.from({ length: 12 }, () => 0x3800).buffer));
    expect(spread(file)).toEqual([0.5, 0]);
    const opened = openModelFile(file);
    expect(createRecipes(opened.layers, { scheme: 'he-normal', seed: 1 }).map(({ tensorId }) => tensorId)).toEqual(['w']);
  });
  it('of a type that nobody knows cannot be read, nor can those behind them, and no operator is blamed', () => {
    const added: Node = { name: 'z', op: 'BiasAdd', input: ['y', 'b'] };
    const opened = openModelFile(write([...nodes, constant('b'), added], [{ ...kernel, dtype: 'float33' }, { name: 'b', shape: [3], dtype: 'float32' }]));
    const problem = 'its type in the manifest is float33, which is none of TensorFlow.js';
    expect(said(opened).split('\n')).toEqual([`w cannot be read: ${problem}.`,
      `b cannot be read: its place in the shards is not known, because it stands behind w: ${problem}.`]);
  });
  it('that are sizes are worked with, in whatever bits they are', () => {
    const reshape: Node = { name: 'z', op: 'Reshape', input: ['y', 'sizes'] };
    const sizes: Weight = { name: 'sizes', shape: [3], dtype: 'int32', quantization: { dtype: 'uint8', scale: 2, min: -1 } };
    const bytes = Buffer.concat([new Uint8Array(48), Uint8Array.from([0, 1, 2])]);
    const { graph } = openModelFile(write([...nodes, constant('sizes', 'DT_INT32'), reshape], [kernel, sizes], {}, bytes));
    expect(graph.outputs[0]?.shape).toEqual(['batch', 1, 3]);
  });
  it('are written into their shards, and what was drawn into the metadata', async () => {
    const folder = createFolder();
    cpSync(path.join(import.meta.dirname, '../../../fixtures/tfgraph/cnn'), folder, { recursive: true });
    const file = path.join(folder, 'model.json');
    const opened = openModelFile(file);
    const recipes = createRecipes(opened.layers, { scheme: 'he-normal', seed: 3 });
    const contents = new Map(recipes.map((recipe) => [recipe.tensorId, { kind: 'recipe', recipe } as const]));
    const before = readFileSync(file, 'utf8');
    await saveModel({ opened, target: file, contents, record: true });
    const after = openModelFile(file);
    expect(readRecord(after.model.metadata.get(recordKey))).toHaveLength(recipes.length);
    const { userDefinedMetadata, ...rest } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    expect(userDefinedMetadata).toHaveProperty([recordKey]);
    expect(rest).toEqual(JSON.parse(before));
    const pool = new FilePool();
    const [weight, recipe] = [present(after.layers[0]?.weights[0]), present(recipes[0])];
    expect(runNow(measureWeight(pool, weight, {})).std).toBeCloseTo(runNow(measureWeight(pool, weight, { recipe })).std ?? NaN, 7);
    pool.close();
  });
});
