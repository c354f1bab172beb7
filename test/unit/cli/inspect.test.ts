import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { NetworkBuilder, encode } from '../support/graphs';
import { isColoured } from '../../../src/cli/colour';
import { commandNames } from '../../../src/cli/help';
import { at, initscope, initscopeWith } from '../support/command';
import { deepTanh, residualCnn, root } from '../support/models';
import { floatBytes, model, node, raw, tensor, types, valueInfo } from '../support/protobuf';
import { createFolder, createWriter } from '../support/temporary';

const folder = createFolder();
const write = createWriter(folder);

describe('the command line', () => {
  it('explains itself', async () => {
    for (const help of [['--help'], ['-h'], ['help']]) {
      const { code, out, err } = await initscope(...help);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toMatch(/^Usage: initscope COMMAND/);
    }
    for (const name of ['inspect', 'init', 'simulate']) {
      for (const help of [[name, '--help'], [name, '-h'], ['help', name], [name, 'net.onnx', '--json', '--help']]) {
        const { code, out, err } = await initscope(...help);
        expect({ code, err }).toEqual({ code: 0, err: '' });
        expect(out).toMatch(new RegExp(`^Usage: initscope ${name} MODEL`));
      }
    }
  });
  it('names every option that a command takes in its help', async () => {
    const taken = {
      inspect: ['json', 'csv', 'markdown'],
      init: [
        'scheme', 'mode', 'direction', 'distribution', 'gain', 'mean', 'std', 'low', 'high', 'truncation', 'value', 'sparsity',
        'omega', 'base', 'seed', 'layer', 'output', 'force', 'in-place', 'dry-run', 'no-record', 'no-run', 'input', 'batch', 'dim', 'keep-structure',
        'json',
      ],
      simulate: [
        'scheme', 'seeds', 'seed', 'batch', 'dim', 'data', 'input', 'loss', 'deepen', 'cotangent',
        'target', 'batch-norm', 'dropout', 'input-mean', 'input-variance',
        'gain', 'weights', 'values', 'force', 'joins', 'threads', 'json',
      ],
      diff: ['json'],
      train: [
        'data', 'scheme', 'seeds', 'seed', 'steps', 'optimizer', 'lr', 'batch', 'dim', 'loss', 'samples', 'snapshots', 'dropout', 'weights',
        'keep', 'threads', 'json',
      ],
      pretrain: [
        'data', 'samples', 'layers', 'cd', 'persistent', 'epochs', 'lr', 'schedule', 'batch', 'momentum', 'decay', 'sparsity', 'visible', 'start', 'seed',
        'threads', 'output', 'force', 'no-record', 'json',
      ],
    };
    for (const [name, options] of Object.entries(taken)) {
      const { out } = await initscope(name, '--help');
      const named = [...new Set([...out.matchAll(/--([a-z-]+)/g)].map(([, option]) => option))].filter((option) => option !== 'help');
      expect(named.toSorted(), name).toEqual(options.toSorted());
    }
  });
  it('says its version', async () => {
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { readonly version: string };
    expect(await initscope('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });
  it('is coloured where the user says so, and not into a pipe', async () => {
    const escapes = async (env: NodeJS.ProcessEnv): Promise<boolean> => (await initscopeWith(env, 'inspect', deepTanh)).out.includes('\x1b[');
    expect(await escapes({})).toBe(false);
    expect(await escapes({ FORCE_COLOR: '1' })).toBe(true);
    expect(await escapes({ FORCE_COLOR: '0' })).toBe(false);
    expect(await escapes({ FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(true);
    const terminal = { isTTY: true };
    expect(isColoured(terminal, {})).toBe(true);
    expect(isColoured(terminal, { NO_COLOR: '1' })).toBe(false);
    expect(isColoured(terminal, { NO_COLOR: '' })).toBe(true);
    expect(isColoured(terminal, { TERM: 'dumb' })).toBe(false);
    expect((await initscopeWith({ FORCE_COLOR: '1' }, 'inspect', deepTanh, '--json')).out).not.toContain('\x1b[');
  });
  it.each([
    [[], `Name a command: ${commandNames.join(', ')}.`], [['frobnicate'], 'There is no command "frobnicate".'],
    [['constructor', 'x'], 'There is no command "constructor".'],
    [['inspect'], 'initscope inspect needs a model file.'], [['inspect', 'a', 'b'], 'takes one model file, not also b'],
    [['inspect', 'a', '--frob'], '--frob'], [['init', 'a', '--seed', '-1', '--in-place'], '--seed'],
    [['init', 'a', '--seed=1.5', '--in-place'], 'whole number'], [['init', 'a', '--gain', '0', '--in-place'], 'positive number'],
    [['init', 'a'], 'Say where to write'], [['init', 'a', '--output', 'b', '--in-place'], 'not both'],
    [['init', deepTanh, '--scheme', 'best', '--dry-run'], 'there is no scheme "best"'], [['init', deepTanh, '--layer', 'head', '--dry-run'], 'GLOB=SCHEME'],
    [['init', deepTanh, '--layer', 'nothing*=zeros', '--dry-run'], 'no layer has such a name'], [['init', deepTanh, '--output', deepTanh], 'say --in-place'],
    [['simulate', 'a', '--scheme', 'best'], 'there is no scheme "best"'], [['simulate', 'a', '--loss', 'l1'], '--loss takes noise, cross-entropy, mse'],
    [['simulate', 'a', '--dim', 'n'], 'NAME=N'], [['simulate', 'a', '--seeds', '0'], 'at least 1'],
    [['simulate', 'a', '--values', 'v.npz', '--seeds', '2'], '--values writes one run'],
  ])('%j is wrong usage: exit code 2', async (args, said) => {
    const { code, out, err } = await initscope(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    const [first, second, ...rest] = err.trimEnd().split('\n');
    expect(first).toMatch(/^initscope: /);
    expect(first).toContain(said);
    const asked = ['inspect', 'init', 'simulate'].includes(args[0] ?? '') ? `initscope ${args[0]} --help` : 'initscope --help';
    expect([second, rest]).toEqual([`Run "${asked}" for what it takes.`, []]);
  });
  it.each([
    ['missing', path.join(folder, 'gone.onnx'), /there is no such file/], ['a folder', folder, /is a directory/],
    ['empty', write('empty.onnx', ''), /is empty \(0 bytes\)/], ['text', write('text.onnx', '<a/>'), /is not an ONNX model but text/],
    ['another text', write('other.json', '{"a": 1}'), /is JSON, and no network that is known/],
  ])('a file that is %s: exit code 1, one line', async (_, file, said) => {
    for (const command of [['inspect'], ['init', '--dry-run'], ['simulate']]) {
      const { code, out, err } = await initscope(...command, file);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toMatch(/^initscope: [^\n]*\n$/);
      expect(err).toMatch(said);
      expect(err).toContain(file);
    }
  });
});

describe('inspect', () => {
  it('prints a table for people', async () => {
    const { code, out } = await initscope('inspect', residualCnn);
    expect(code).toBe(0);
    expect(out).toMatch(/^residual-cnn\.onnx · .*opset 21 · \d+ parameters\nimages \[batch, 3, 32, 32\] → logits/);
    expect(out).toMatch(/\njudged +layer +operator +weight +role +shape +fan in/);
    expect(out).toMatch(/\nok +stage2\.0\.conv1 +Conv 3×3, stride 2 .* 0\.99\d× +LeCun normal, gain 0\.577/);
    expect(out).toMatch(/\nok +stage2\.0\.bn1 +BatchNormalization .* gamma .* all 1 +all 1 +Ones/);
  });
  it('says nothing of operator sets where a format has none', async () => {
    const { out } = await initscope('inspect', path.join(root, 'test/fixtures/keras/mlp.json'));
    expect(out).toMatch(/^mlp\.json · Keras [^·]* · \d+ parameters\n/);
  });
  it('prints everything as JSON', async () => {
    const { out } = await initscope('inspect', deepTanh, '--json');
    expect(at(out, 'layers', 0)).toMatchObject({
      name: 'layers.0', op: 'Gemm', activation: 'Tanh', normalization: null,
      weights: [{
        id: 'layers.0.weight', role: 'kernel', dtype: 'float32', shape: [64, 32], storage: 'raw', parameters: 2048, fanIn: 32, fanOut: 64,
        statistics: { count: 2048, nonFinite: 0 }, recommendation: { scheme: 'xavier-normal', mode: 'fan_avg', distribution: 'normal' },
      }, { role: 'bias' }],
    });
    expect(at(out, 'layers', 0, 'weights', 0, 'statistics', 'histogram')).toBeUndefined();
    expect(at(out, 'inputs')).toEqual([{ name: 'x', dtype: 'float32', shape: ['batch', 32] }]);
    expect(at(out, 'diagnostics', 0, 'code')).toBe('wrong-scale');
    expect(at(out, 'format')).toBe('onnx');
  });
  it('tells values that are not finite, as null and a diagnostic, and infinities as words', async () => {
    const w = tensor('w', types.float32, [2, 2], raw(floatBytes([1, NaN, Infinity, 2])));
    const file = write('nan.onnx', model({
      nodes: [node('MatMul', ['x', 'w'], ['y'])], initializers: [w], inputs: [valueInfo('x', ['n', 2])], outputs: [valueInfo('y', ['n', 2])],
    }));
    const { out } = await initscope('inspect', file, '--json');
    expect(at(out, 'layers', 0, 'weights', 0, 'statistics')).toMatchObject({ mean: null, std: null, min: 1, max: 2, nonFinite: 2 });
    expect(at(out, 'diagnostics', 0)).toMatchObject({ code: 'non-finite-values', severity: 'error' });
  });
  it('tells a missing external file as a diagnostic, and goes on', async () => {
    const b = new NetworkBuilder();
    const graph = b.finish(b.add('MatMul', [b.input('x', 'float32', [1, 4]), b.weight('w', [4, 4])]));
    expect((await initscope('inspect', write('whole.onnx', encode(graph)))).code).toBe(0);
  });
});
