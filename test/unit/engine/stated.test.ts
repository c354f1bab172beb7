import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { refuseStated } from '../../../src/engine/planning/memory';
import { encodeNpz, readNpz } from '../../../src/formats/numpy/npz';
import { initscope } from '../support/command';
import { attribute, floatBytes, graph, int, message, model, node, packedInts, raw, tensor, types, valueInfo } from '../support/protobuf';
import { createFolder, createWriter } from '../support/temporary';

const folder = createFolder();
const write = createWriter(folder);
const square = tensor('w', types.float32, [4, 4], raw(floatBytes(Array.from({ length: 16 }, (_, i) => i / 16))));
const whole = (name: string, values: readonly (number | bigint)[], shape = [values.length]): Uint8Array => tensor(name, types.int64, shape,
  packedInts(7, values));
const huge = 2 ** 40;

/** An If whose first branch makes what nobody has memory for. */
function choice(condition: 0 | 1): Uint8Array {
  const large = graph({ nodes: [node('Expand', ['x', 's'], ['e'], [], 'wide'), node('MatMul', ['e', 'w'], ['a'])], outputs: [valueInfo('a', ['m', 4])] });
  const small = graph({ nodes: [node('MatMul', ['x', 'w'], ['b'])], outputs: [valueInfo('b', ['m', 4])] });
  const branches = [attribute('then_branch', 5, message(6, large)), attribute('else_branch', 5, message(6, small))];
  return model({
    nodes: [node('If', ['which'], ['y'], branches, 'choice')],
    initializers: [square, whole('s', [huge, 4]), tensor('which', types.bool, [], int(5, condition))],
    inputs: [valueInfo('x', [1, 4])], outputs: [valueInfo('y', ['m', 4])],
  });
}

describe('what a file states is refused before it is taken, in a sentence', () => {
  const nodes = [node('MatMul', ['x', 'w'], ['y'])];
  it.each([
    ['an input', model({ nodes, initializers: [square], inputs: [valueInfo('x', [huge, 4])], outputs: [valueInfo('y', [huge, 4])] }), 'the input x'],
    ['an input of indices', model({
      nodes: [node('Gather', ['w', 'x'], ['y'])], initializers: [square], inputs: [valueInfo('x', [huge], types.int64)], outputs: [valueInfo('y', [huge,
        4])],
    }), 'the input x'],
    ['a weight that is computed', model({
      nodes: [node('ConstantOfShape', ['s'], ['c']), node('MatMul', ['x', 'c'], ['y'])], initializers: [whole('s', [4, huge])],
      inputs: [valueInfo('x', [2, 4])], outputs: [valueInfo('y', [2, huge])],
    }), 'the weight c'],
    ['what an operator makes', model({
      nodes: [node('Expand', ['x', 's'], ['e'], [], 'wide'), node('MatMul', ['e', 'w'], ['y'])], initializers: [square, whole('s', [huge, 4])],
      inputs: [valueInfo('x', [1, 4])], outputs: [valueInfo('y', [huge, 4])],
    }), 'what Expand wide makes'],
    ['what is repeated', model({
      nodes: [node('Relu', ['x'], ['r']), node('Tile', ['r', 's'], ['t'], [], 'many'), node('MatMul', ['t', 'w'], ['y'])],
      initializers: [square, whole('s', [huge, 1])], inputs: [valueInfo('x', [1, 4])], outputs: [valueInfo('y', [huge, 4])],
    }), 'what Tile many makes'],
    ['what is counted', model({
      nodes: [node('Range', ['zero', 's', 'one'], ['r'], [], 'long'), node('Gather', ['w', 'r'], ['y'])],
      initializers: [square, whole('zero', [0], []), whole('s', [huge], []), whole('one', [1], [])],
      inputs: [valueInfo('x', [1, 4])], outputs: [valueInfo('y', [huge, 4])],
    }), 'what Range long makes'],
    ['what is padded', model({
      nodes: [node('Pad', ['x', 's'], ['p'], [], 'wide'), node('MatMul', ['p', 'w'], ['y'])], initializers: [square, whole('s', [0, 0, huge - 1, 0])],
      inputs: [valueInfo('x', [1, 4])], outputs: [valueInfo('y', [huge, 4])],
    }), 'what Pad wide makes'],
    ['what is enlarged', model({
      nodes: [node('Resize', ['x', '', 's'], ['e'], [], 'large'), node('MatMul', ['e', 'w'], ['y'])],
      initializers: [square, tensor('s', types.float32, [2], raw(floatBytes([huge, 1])))],
      inputs: [valueInfo('x', [1, 4])], outputs: [valueInfo('y', [huge, 4])],
    }), 'what Resize large makes'],
    ['a column beside a row', model({
      nodes: [node('Expand', ['x', 's'], ['e']), node('Expand', ['x', 't'], ['f']), node('Add', ['e', 'f'], ['a'], [], 'outer'), node('MatMul',
        ['a', 'w'], ['y'])],
      initializers: [square, whole('s', [2 ** 20, 1, 1]), whole('t', [1, 2 ** 20, 1])], inputs: [valueInfo('x', [1, 1, 4])],
      outputs: [valueInfo('y', [2 ** 20, 2 ** 20, 4])],
    }), 'what Add outer makes'],
    ['the branch that is taken', choice(1), 'what Expand choice.then_branch/wide makes'],
    ['a class for each index', model({
      nodes: [node('OneHot', ['x', 's', 'values'], ['o'], [], 'wide'), node('MatMul', ['o', 'w'], ['y'])],
      initializers: [square, whole('s', [huge], []), tensor('values', types.float32, [2], raw(floatBytes([0, 1])))],
      inputs: [valueInfo('x', [2], types.int64)], outputs: [valueInfo('y', [2, 4])],
    }), 'what OneHot wide makes'],
  ])('%s', async (name, bytes, thing) => {
    const file = write(`${name}.onnx`, bytes);
    const { code, out, err } = await initscope('simulate', file);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err.startsWith(`initscope: ${file}: ${thing} is stated as [`)).toBe(true);
    expect(err).toMatch(/\b(1099511627776|1048576, 1048576)\b.*\], which takes about .* GB, and .* GB are free\. Give smaller sizes/);
  });
  it('but not what a branch would make that is not taken', async () => {
    const { code, err } = await initscope('simulate', write('not taken.onnx', choice(0)));
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });
  it('only where there is not enough memory', () => {
    const stated = [{ thing: 'the input x', shape: [10], bytes: 80 }, { thing: 'the weight w', shape: [20], bytes: 160 }];
    expect(() => refuseStated('net.onnx', stated, 240)).not.toThrow();
    expect(() => refuseStated('net.onnx', stated, 239)).toThrow(/^net\.onnx: the weight w is stated as \[20\]/);
  });
});

describe('an .npz', () => {
  it('that unpacks to more than there is memory is refused', () => {
    const file = path.join(folder, 'large.npz');
    writeFileSync(file, encodeNpz(new Map([['a', { shape: [1000], data: new Float32Array(1000) }]])));
    expect(readNpz(file, 1e4).size).toBe(1);
    expect(() => readNpz(file, 4000)).toThrow(`${file}: its arrays unpack to 0.0 GB, and 0.0 GB of memory are free. Give fewer or smaller arrays.`);
  });
});

describe('a loop of more steps than anybody waits for', () => {
  it.each([['stated', 'steps'], ['without an end', '']])('%s is not run to count them', async (name, steps) => {
    const body = graph({
      nodes: [node('MatMul', ['h', 'w'], ['next']), node('Identity', ['go'], ['on'])], inputs: [valueInfo('i', [], types.int64), valueInfo('go', [],
        types.bool), valueInfo('h', [1, 4])],
      outputs: [valueInfo('on', [], types.bool), valueInfo('next', [1, 4])],
    });
    const file = write(`${name}.onnx`, model({
      nodes: [node('MatMul', ['x', 'w'], ['first']), node('Loop', [steps, 'true', 'first'], ['last'], [attribute('body', 5, message(6, body))], 'loop'),
        node('MatMul', ['x', 'w'], ['y'])],
      initializers: [square, whole('steps', [2n ** 31n], []), tensor('true', types.bool, [], int(5, 1))],
      inputs: [valueInfo('x', [1, 4])], outputs: [valueInfo('y', [1, 4]), valueInfo('last', [1, 4])],
    }));
    const { code, out } = await initscope('simulate', file);
    expect(code).toBe(0);
    expect(out).toContain('unsupported: loop: it runs more than 512 steps, and loops are followed for up to 512');
  });
});
