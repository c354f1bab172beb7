import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { openBytes, openFile } from '../../../../src/formats/byteSource';
import { openModel } from '../../../../src/formats/openModel';
import { attribute, floatBytes, int, model, node, packedInts, raw, tensor, types, valueInfo } from '../../support/protobuf';
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
    expect(opened.findings).toEqual([]);
  });
});

describe('chains that lead nowhere', () => {
  it('a hundred thousand rearrangements of a weight do not overflow the stack', () => {
    const nodes = Array.from({ length: 100_000 }, (_, i) => node('Identity', [i === 0 ? 'w' : `v${i - 1}`], [`v${i}`]));
    const w = tensor('w', types.float32, [2, 2], raw(floatBytes([1, 2, 3, 4])));
    const opened = open(model({ nodes: [...nodes, node('MatMul', ['x', 'v99999'], ['y'])], initializers: [w], inputs: [valueInfo('x', [1, 2])] }));
    // Followed for a while, and then taken for computed.
    expect(opened.layers).toHaveLength(0);
  });
});

describe.skipIf(process.platform === 'win32')('a file that is none', () => {
  it('a named pipe is refused instead of waited for', () => {
    const pipe = path.join(createFolder(), 'pipe.onnx');
    execFileSync('mkfifo', [pipe]);
    expect(() => openFile(pipe)).toThrow(/special file/);
  });
});
