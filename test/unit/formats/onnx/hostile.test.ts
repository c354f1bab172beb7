import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import type { Tensor } from '../../../../src/core/graph/tensor';
import { openBytes, openFile } from '../../../../src/formats/files/byteSource';
import { openModel, openModelFile } from '../../../../src/formats/openModel';
import { present } from '../../support/graphs';
import { attribute, external, floatBytes, graph, int, message, model, node, packedInts, raw, tensor, text, types, valueInfo } from '../../support/protobuf';
import { createFolder } from '../../support/temporary';

const stamp = { size: 0, mtimeMs: 0 };
const open = (bytes: Uint8Array): ReturnType<typeof openModel> => openModel(openBytes('net.onnx', bytes), stamp);

describe('words of a file that mean something in JavaScript mean nothing here', () => {
  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf'])('%s as an operator, a value, an attribute and a dimension', (word) => {
    const w = tensor(word, types.float32, [2, 2], raw(floatBytes([1, 2, 3, 4])));
    const odd = node(word, ['x'], ['h'], [attribute(word, 2, int(3, 1))], word);
    const nodes = [odd, node('MatMul', ['h', word], ['y'], [attribute(word, 7, packedInts(8, [1]))])];
    const opened = open(model({ nodes, initializers: [w], inputs: [valueInfo('x', [word, 2])], outputs: [valueInfo('y', [word, 2])] }, 9));
    expect(opened.layers.map((layer) => layer.weights.map((weight) => weight.name))).toEqual([[word]]);
    expect(opened.findings.map((found) => found.message)).toEqual([expect.stringContaining(`A node calls ${word}, which`)]);
  });
});

describe('chains that lead nowhere', () => {
  it('thirty thousand rearrangements of a weight, more than a stack holds, do not overflow it', () => {
    const nodes = Array.from({ length: 30_000 }, (_, i) => node('Identity', [i === 0 ? 'w' : `v${i - 1}`], [`v${i}`]));
    const w = tensor('w', types.float32, [2, 2], raw(floatBytes([1, 2, 3, 4])));
    const opened = open(model({ nodes: [...nodes, node('MatMul', ['x', 'v29999'], ['y'])], initializers: [w], inputs: [valueInfo('x', [1, 2])] }));
    // Followed for a while, and then taken for computed.
    expect(opened.layers).toHaveLength(0);
  });
});

describe('graphs in graphs', () => {
  const branch = (nodes: readonly Uint8Array[], output: string): Uint8Array => (
    attribute('then_branch', 5, message(6, graph({ nodes, outputs: [text(1, output)] }))));
  it('that go round in a circle are refused like any other', () => {
    const circle = branch([node('Relu', ['b'], ['a'], [], 'one'), node('Relu', ['a'], ['b'], [], 'two')], 'b');
    expect(() => open(model({ nodes: [node('If', ['c'], ['y'], [circle])] }))).toThrow(/one, two depend on each other in a circle/);
  });
  it('that read what their own node makes are refused too', () => {
    const own = branch([node('Relu', ['y'], ['b'], [], 'inner')], 'b');
    expect(() => open(model({ nodes: [node('If', ['c'], ['y'], [own], 'choice')] }))).toThrow(/choice depend on each other in a circle/);
  });
});

describe.skipIf(process.platform === 'win32')('a file that is none', () => {
  const pipeIn = (folder: string): string => {
    const pipe = path.join(folder, 'pipe.bin');
    execFileSync('mkfifo', [pipe]);
    return pipe;
  };
  const outside = (folder: string): Tensor => {
    const file = path.join(folder, 'net.onnx');
    writeFileSync(file, model({ initializers: [tensor('w', types.float32, [64], external({ location: 'pipe.bin' }))] }));
    return present(openModelFile(file).graph.initializers.get('w'));
  };
  it('a named pipe is refused instead of waited for', () => expect(() => openFile(pipeIn(createFolder()))).toThrow(/special file/));
  it('also where weights are said to be in it', () => {
    const folder = createFolder();
    pipeIn(folder);
    expect(outside(folder).problem).toContain('pipe.bin, which is not a file');
  });
  it('a link that leads to itself holds no weights', () => {
    const folder = createFolder();
    symlinkSync('pipe.bin', path.join(folder, 'pipe.bin'));
    expect(outside(folder).problem).toContain('which is not beside the model');
  });
  it('a Git LFS pointer in place of the weights is told from a file cut short', () => {
    const folder = createFolder();
    writeFileSync(path.join(folder, 'pipe.bin'), 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 256\n');
    expect(outside(folder).problem).toBe('pipe.bin is a Git LFS pointer: fetch it with "git lfs pull"');
  });
  it('a folder is no model', () => expect(() => openFile(createFolder())).toThrow(/is a directory, not a model file/));
});
