import { copyFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { initscope } from '../support/command';
import { deepTanh } from '../support/models';
import { attribute, floatBytes, int, model, node, raw, tensor, text, types, valueInfo } from '../support/protobuf';
import { createFolder } from '../support/temporary';

/** A title for the terminal, a colour, a line of our own making, a change of direction; and as many characters as one likes. */
const hostile = '\x1b]0;owned\x07\x1b[31m\nerror: all is lost\r\x9b2J\u202egnp';
const long = 'n'.repeat(1 << 16);
const file = path.join(createFolder(), 'net.onnx');
const weight = (name: string): Uint8Array => tensor(name, types.float32, [2, 2], raw(floatBytes([1, 2, 3, 4])));
writeFileSync(file, Buffer.concat([model({
  nodes: [
    node('MatMul', [`x${hostile}`, `w${hostile}`], ['h'], [], `node${hostile}`),
    node(`Odd${hostile}`, ['h'], ['k'], [attribute(hostile, 2, int(3, 1))], hostile),
    node('MatMul', ['h', `w${long}`], [`y${hostile}`], [], `node${long}`),
  ],
  initializers: [weight(`w${hostile}`), weight(`w${long}`)],
  inputs: [valueInfo(`x${hostile}`, [`n${hostile}`, 2])], outputs: [valueInfo(`y${hostile}`, ['n', 2])],
}), text(2, `producer${hostile}`)]));

/** Everything but the ends of lines is seen. */
const unseen = /(?![\r\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

describe('names of a model', () => {
  it.each([
    ['inspect'], ['inspect', '--csv'], ['inspect', '--markdown'], ['inspect', '--json'], ['init', '--dry-run'], ['init', '--dry-run', '--scheme', 'pytorch'],
    ['init', '--dry-run', '--json'], ['simulate'], ['simulate', '--json'], ['init', '--dry-run', '--layer', 'none=zeros'],
    ['simulate', '--dim', 'none=3'],
  ])('do nothing to a terminal: %s %s', async (command, ...options) => {
    const { out, err } = await initscope(command, file, ...options);
    expect(out + err).not.toBe('');
    expect(out).not.toMatch(unseen);
    expect(err).not.toMatch(unseen);
    expect(out.split(/\r?\n/).filter((line) => line.startsWith('error: all is lost'))).toEqual([]);
    expect(err.split('\n').filter((line) => line.startsWith('error: all is lost'))).toEqual([]);
    if (!options.includes('--json')) expect(Math.max(...(out + err).split('\n').map((line) => line.length))).toBeLessThan(1 << 14);
  });
  it.skipIf(process.platform === 'win32')('nor do those of files', async () => {
    const named = path.join(createFolder(), `${hostile}.onnx`);
    for (const each of [await initscope('inspect', named), await initscope(hostile), await initscope('inspect', `--${hostile}`)]) {
      expect(each.code).not.toBe(0);
      expect(each.err).not.toMatch(unseen);
      expect(each.err).toContain('\\u001b');
    }
    copyFileSync(deepTanh, named);
    for (const options of [['init', named, '--in-place'], ['inspect', named], ['simulate', named]]) {
      const { code, out } = await initscope(...options);
      expect(code).toBe(0);
      expect(out).not.toMatch(unseen);
    }
  });
});
