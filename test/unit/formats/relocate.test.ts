import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { externalFiles, openModelFile } from '../../../src/formats/openModel';
import { refuseWrite } from '../../../src/formats/saving/tensorWrite';
import {
  attribute, bareAttribute, call, concat, external, floatBytes, graph, int, localFunction, message, model, node, raw, reference, sparse, tensor, text, types,
  valueInfo,
} from '../support/protobuf';
import { present } from '../support/graphs';
import { contentsOf, createModel, drawn, elementsOf, weightIn, write } from '../support/saving';
import { createFolder } from '../support/temporary';

/** The files of a model below, one for each place in which onnx.proto lets a tensor stand. */
const files = [
  'initializer', 'values', 'indices', 'constant', 'tensors-0', 'tensors-1', 'sparse-values', 'sparse-indices', 'listed-values', 'listed-indices', 'branch',
  'graphs', 'body', 'default', 'default-values', 'default-indices', 'unused', 'initialization', 'algorithm', 'strange', 'deep/in/folders',
];

/** A model that names each of them in such a place, as `named` spells it; what nothing reads, too. */
function modelOf(named: (file: string) => string): Uint8Array {
  const stored = (file: string, name = '', type: number = types.float32): Uint8Array => (
    tensor(name, type, [1], external({ location: named(file), offset: '0', length: type === types.int64 ? '8' : '4', checksum: 'abc' })));
  const sparseOf = (file: string, name = ''): Uint8Array => sparse(stored(`${file}values`, name), stored(`${file}indices`, '', types.int64), [4]);
  const within = (file: string): Uint8Array => graph({ initializers: [stored(file, file)], outputs: [valueInfo(file, [1])] });
  const foreign = concat(node('Foreign', ['x'], ['z'], [
    attribute('one', 9, concat(message(10, stored('tensors-0')), message(10, stored('tensors-1')))),
    attribute('two', 11, message(22, sparseOf('sparse-'))), attribute('three', 12, message(23, sparseOf('listed-'))),
    attribute('four', 5, message(6, within('branch'))), attribute('five', 10, message(11, within('graphs'))),
  ]), text(7, 'somebody'));
  const constant = node('Constant', [], ['c'], [attribute('value', 4, message(5, stored('constant')))]);
  const body = node('Constant', [], ['w'], [attribute('value', 4, message(5, stored('body')))]);
  const held = localFunction({
    name: 'Held', inputs: ['x'], outputs: ['y'], nodes: [body, node('Mul', ['x', 'w'], ['y'])],
    defaults: [bareAttribute('one', 4, message(5, stored('default'))), bareAttribute('two', 11, message(22, sparseOf('default-')))],
  });
  const training = message(20, message(1, within('initialization')), message(2, within('algorithm')));
  const strange = tensor('strange', types.float32, [3], external({ location: named('strange'), length: '5' }));
  const weight = tensor('w', types.float32, [4, 4], raw(floatBytes(Array.from({ length: 16 }, (_, i) => i))));
  return model({
    nodes: [constant, foreign, call('Held', ['x'], ['h']), node('MatMul', ['x', 'w'], ['y'])],
    initializers: [weight, stored('initializer', 'i'), stored('unused', 'u'), stored('deep/in/folders', 'd'), strange], sparse: [sparseOf('', 's')],
    inputs: [valueInfo('x', [4, 4])], outputs: [valueInfo('y', [4, 4])],
  }, 17, message(8, text(1, 'local'), int(2, 1)), held, training);
}

function create(): string {
  const file = createModel(modelOf((name) => name));
  mkdirSync(path.join(path.dirname(file), 'deep/in'), { recursive: true });
  files.forEach((name, i) => writeFileSync(path.join(path.dirname(file), name), new Uint8Array(8).fill(i % 4)));
  return file;
}

describe('external data, wherever a model names it', () => {
  it('is known', () => {
    const file = create();
    expect(externalFiles(openModelFile(file).model).map((each) => path.relative(path.dirname(file), each)).sort()).toEqual(files.toSorted());
  });
  it('goes to another place with the model, every file of it', async () => {
    const file = create();
    const target = path.join(createFolder(), 'net.onnx');
    await write(file, drawn('w'), target);
    await write(file, drawn('w'));
    expect(readFileSync(target).equals(readFileSync(file))).toBe(true);
    files.forEach((name, i) => expect([...readFileSync(path.join(path.dirname(target), name))]).toEqual(Array.from({ length: 8 }, () => i % 4)));
  });
  it('is named anew in a copy beside it, and nothing else is', async () => {
    const file = create();
    const target = path.join(path.dirname(file), 'a copy with quite a long name.onnx');
    await write(file, new Map(), target);
    const renamed = (name: string): string => path.posix.join(path.posix.dirname(name), `a copy with quite a long name.${path.posix.basename(name)}`);
    expect(readFileSync(target).equals(modelOf(renamed))).toBe(true);
    files.forEach((name, i) => expect([...readFileSync(path.join(path.dirname(target), renamed(name)))]).toEqual(Array.from({ length: 8 }, () => i % 4)));
    expect(readFileSync(file).equals(modelOf((name) => name))).toBe(true);
  });
  it('that is not there keeps its name', async () => {
    const stored = tensor('gone', types.float32, [1], external({ location: 'gone.data' }));
    const weight = tensor('w', types.float32, [4, 4], raw(new Uint8Array(64)));
    const bytes = model({ nodes: [node('MatMul', ['x', 'w'], ['y'])], initializers: [weight, stored], inputs: [valueInfo('x', [4, 4])] });
    const target = path.join(createFolder(), 'copy.onnx');
    await write(createModel(bytes), new Map(), target);
    expect(readFileSync(target).equals(bytes)).toBe(true);
  });
});

describe.skipIf(process.platform === 'win32')('external data by two names, one of which is a symbolic link', () => {
  it('is one file, which takes what is written to either', async () => {
    const stored = (name: string, location: string, offset: number): Uint8Array => (
      tensor(name, types.float32, [4, 4], external({ location, offset: String(offset), length: '64' })));
    const nodes = [node('MatMul', ['x', 'a'], ['h']), node('MatMul', ['h', 'b'], ['y'])];
    const initializers = [stored('a', 'net.data', 0), stored('b', './link.data', 64)];
    const file = createModel(model({ nodes, initializers, inputs: [valueInfo('x', [4, 4])] }), new Uint8Array(128));
    symlinkSync('net.data', path.join(path.dirname(file), 'link.data'));
    const target = path.join(createFolder(), 'net.onnx');
    await write(file, drawn('a', 'b'), target);
    await write(file, drawn('a', 'b'));
    const data = present(contentsOf(file).get('net.data'));
    expect(present(contentsOf(file).get('link.data')).equals(data)).toBe(true);
    expect(contentsOf(target).get('net.data')).toEqual(data);
    expect([...contentsOf(target).keys()]).toEqual(['net.data', 'net.onnx']);
    for (const id of ['a', 'b']) {
      expect(new Set(elementsOf(file, id)).size).toBe(16);
      expect(elementsOf(target, id)).toEqual(elementsOf(file, id));
    }
  });
});

describe('a sparse argument of a function', () => {
  it('is refused, because the function takes no other', async () => {
    const value = sparse(tensor('', types.float32, [1], raw(floatBytes([5]))), tensor('', types.int64, [1], message(7, [6])), [4, 4]);
    const nodes = [node('Constant', [], ['w'], [reference('sparse_value', 11, 'weight')]), node('MatMul', ['x', 'w'], ['y'])];
    const linear = localFunction({ name: 'Linear', inputs: ['x'], outputs: ['y'], nodes, attributes: ['weight'] });
    const calls = [call('Linear', ['x'], ['y'], [attribute('weight', 11, message(22, value))], 'one')];
    const ends = { inputs: [valueInfo('x', [4, 4])], outputs: [valueInfo('y', [4, 4])] };
    const file = createModel(model({ nodes: calls, ...ends }, 17, message(8, text(1, 'local'), int(2, 1)), linear));
    const why = 'it is a sparse argument of a function, which takes no other';
    expect(refuseWrite(weightIn(file, 'one.weight'))).toBe(why);
    await expect(write(file, drawn('one.weight'))).rejects.toThrow(why);
  });
});
