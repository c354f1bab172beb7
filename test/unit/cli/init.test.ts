import { copyFileSync, existsSync, readFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { at, initscope } from '../support/command';
import { deepTanh, residualCnn, root } from '../support/models';
import { createFolder } from '../support/temporary';

const folder = createFolder();
const file = (name: string): string => path.join(folder, name);
const word = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
const stdOf = async (model: string, layer: number): Promise<number> => {
  const { out } = await initscope('inspect', model, '--json');
  return Number(at(out, 'layers', layer, 'weights', 0, 'statistics', 'std'));
};

describe('init', () => {
  it('replaces a file that is there only where that is asked for', async () => {
    const target = file('there.onnx');
    writeFileSync(target, 'precious');
    const { code, err } = await initscope('init', deepTanh, '--output', target);
    expect(code).toBe(2);
    expect(err).toContain(`${target} is there already; say --force to replace it.`);
    expect(readFileSync(target, 'utf8')).toBe('precious');
    expect((await initscope('init', deepTanh, '--output', target, '--dry-run')).code).toBe(0);
    expect(readFileSync(target, 'utf8')).toBe('precious');
    expect((await initscope('init', deepTanh, '--output', target, '--force')).code).toBe(0);
    expect((await initscope('inspect', target)).out).toContain('seed 0');
    expect((await initscope('init', deepTanh, '--in-place', '--force')).err).toContain('--force is about the file of --output');
  });
  it('draws what is recommended into a copy, and says what it did', async () => {
    const before = readFileSync(deepTanh);
    const { code, out } = await initscope('init', deepTanh, '--output', file('new.onnx'), '--seed', '3');
    expect(code).toBe(0);
    expect(out).toMatch(/layers\.0\.weight +recommended +0\.015\d* +0\.(19|20)\d* +Xavier normal, gain 1\.38, fan_avg, seed 3/);
    expect(out).toContain(`Wrote ${file('new.onnx')}.`);
    expect(readFileSync(deepTanh).equals(before)).toBe(true);
    expect(Math.abs((await stdOf(file('new.onnx'), 1)) - 0.172)).toBeLessThan(0.01);
    const { out: json } = await initscope('inspect', file('new.onnx'), '--json');
    expect(at(json, 'layers', 0, 'weights', 0, 'applied')).toEqual({
      scheme: 'recommended', seed: 3, title: 'Xavier normal, gain 1.38, fan_avg, seed 3', picked: false, saved: true,
    });
    expect(at(json, 'diagnostics')).toEqual([]);
  });
  it('says that an earlier save was interrupted', async () => {
    const model = file('interrupted.onnx');
    copyFileSync(deepTanh, model);
    const left = `${model}.00000000-1-0123456789ab.initscope-tmp`;
    for (const options of [['--dry-run'], ['--dry-run', '--json']]) {
      writeFileSync(left, 'unfinished');
      utimesSync(left, 1e9, 1e9);
      expect((await initscope('init', model, ...options)).out).toContain('A save of interrupted.onnx had been interrupted before it changed anything');
      expect(existsSync(left)).toBe(false);
    }
  });
  it('changes the model itself on request, the same bits for the same seed', async () => {
    for (const name of ['one.onnx', 'two.onnx', 'three.onnx']) copyFileSync(deepTanh, file(name));
    for (const [name, seed] of [['one.onnx', '1'], ['two.onnx', '1'], ['three.onnx', '2']] as const) {
      expect((await initscope('init', file(name), '--in-place', '--seed', seed, '--no-record')).code).toBe(0);
    }
    const [one, two, three] = ['one.onnx', 'two.onnx', 'three.onnx'].map((name) => readFileSync(file(name)));
    expect([two, three].map((bytes) => bytes?.equals(one ?? Buffer.alloc(0)))).toEqual([true, false]);
    expect(one?.length).toBe(readFileSync(deepTanh).length);
    expect(readdirSync(folder).filter((name) => name.includes('tmp'))).toEqual([]);
  });
  it('writes nothing in a dry run', async () => {
    const { code, out } = await initscope('init', deepTanh, '--dry-run', '--output', file('dry.onnx'));
    expect([code, existsSync(file('dry.onnx'))]).toEqual([0, false]);
    expect(out).toContain('Nothing was written (dry run).');
  });
  it('takes a scheme for all and others by glob, the last that matches', async () => {
    const overrides = ['stage?.*=xavier-uniform', 'stage1.0.conv1=zeros', 'fc=normal'].flatMap((layer) => ['--layer', layer]);
    const { out } = await initscope('init', residualCnn, '--dry-run', '--json', '--scheme', 'he-normal', ...overrides);
    const schemes = new Map<string, string>();
    for (let i = 0; at(out, 'weights', i) !== undefined; i++) {
      if (at(out, 'weights', i, 'role') === 'kernel') schemes.set(word(at(out, 'weights', i, 'layer')), word(at(out, 'weights', i, 'scheme')));
    }
    expect(Object.fromEntries(schemes)).toMatchObject({
      'stem.conv': 'he-normal', 'stage1.0.conv1': 'zeros', 'stage1.0.conv2': 'xavier-uniform', 'stage3.1.conv2': 'xavier-uniform', 'fc': 'normal',
    });
  });
  it('prints JSON with numbers before and after', async () => {
    const { out } = await initscope('init', deepTanh, '--dry-run', '--json', '--scheme', 'he-uniform', '--gain', '1', '--seed', '5');
    expect(at(out, 'output')).toBeNull();
    expect(at(out, 'weights', 0)).toMatchObject({
      name: 'layers.0.weight', layer: 'layers.0', role: 'kernel', scheme: 'he-uniform', title: 'He uniform, gain 1, fan_in, seed 5', mode: 'fan_in',
      distribution: 'uniform', gain: 1, seed: 5,
    });
    expect(Math.abs(Number(at(out, 'weights', 0, 'stdAfter')) - 1 / Math.sqrt(32))).toBeLessThan(0.01);
  });
  it('takes the parameters of a scheme', async () => {
    const spread = async (...options: readonly string[]): Promise<number> => {
      const { code, out, err } = await initscope('init', deepTanh, '--dry-run', '--json', ...options);
      expect([code, err]).toEqual([0, '']);
      return Number(at(out, 'weights', 2, 'stdAfter'));
    };
    expect(Math.abs((await spread('--scheme', 'normal', '--std', '2', '--mean', '1')) - 2)).toBeLessThan(0.1);
    expect(await spread('--scheme', 'constant', '--value', '3')).toBe(0);
    expect(Math.abs((await spread('--scheme', 'uniform', '--low', '-1', '--high', '2')) - 3 / Math.sqrt(12))).toBeLessThan(0.05);
    expect(Math.abs((await spread('--scheme', 'variance-scaling', '--mode', 'fan_out', '--distribution', 'uniform')) - 1 / 8)).toBeLessThan(0.01);
    expect(Math.abs((await spread('--layer', 'layers.*=he-normal', '--mode', 'fan_avg', '--gain', '4')) - 0.5)).toBeLessThan(0.05);
  });
  it('says what of a scheme the network cannot have', async () => {
    const { out } = await initscope('init', deepTanh, '--dry-run', '--scheme', 'fixup');
    expect(out).toContain('No residual branch was found');
    const { out: json } = await initscope('init', deepTanh, '--dry-run', '--json', '--scheme', 'fixup');
    expect(at(json, 'notes', 0)).toContain('No residual branch was found');
  });
  it.each<readonly [string, readonly string[], RegExp]>([
    ['a wrong scheme', ['--scheme', 'best'], /there is no scheme "best"; choose from recommended, xavier-normal,/],
    ['a wrong scheme for a layer', ['--layer', 'layers.0=best'], /there is no scheme "best"/],
    ['a glob without a match', ['--layer', 'conv*=zeros'], /--layer conv\*: no layer has such a name/],
    ['a parameter of other schemes', ['--scheme', 'zeros', '--gain', '2'], /--gain: zeros takes none; xavier-normal, .* do\./],
    ['a gain that is none', ['--scheme', 'he-normal', '--gain', '-1'], /--gain takes a positive number, not "-1"/],
    ['a mode that is none', ['--scheme', 'he-normal', '--mode', 'fan'], /--mode takes fan_in, fan_out, fan_avg, not "fan"/],
    ['bounds the wrong way round', ['--scheme', 'uniform', '--low', '2', '--high', '1'], /low \(2\) is above high \(1\)/],
  ])('refuses %s', async (_, options, message) => {
    const { code, out, err } = await initscope('init', deepTanh, '--dry-run', ...options);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
  });
});

describe('init of a text that declares how a network starts', () => {
  const template = (name: string): string => path.join(root, `media/templates/${name}.initscope.json`);
  it.each(['cnn', 'deep-belief-net', 'deep-relu', 'deep-sigmoid', 'lstm', 'resnet', 'transformer'])('puts what is recommended into %s', async (name) => {
    const target = file(`${name}.initscope.json`);
    const { code, out } = await initscope('init', template(name), '--output', target, '--json');
    expect(code).toBe(0);
    const { out: inspected } = await initscope('inspect', target, '--json');
    const kernels = (JSON.parse(inspected) as { readonly layers: readonly { readonly weights: readonly Weight[] }[] }).layers.flatMap(({ weights }) => weights)
      .filter(({ role }) => role === 'kernel' || role === 'recurrent');
    expect(kernels.length).toBeGreaterThan(3);
    for (const { name: kernel, statistics, recommendation } of kernels) {
      expect([kernel, statistics.std]).toEqual([kernel, expect.closeTo(recommendation.std, 12)]);
    }
    // What the table promised is what the file has, and no one draw.
    const { weights: promised } = JSON.parse(out) as { readonly weights: readonly { readonly name: string; readonly stdAfter: number; readonly seed: null }[] };
    for (const { name: kernel, statistics } of kernels) {
      expect(promised.find((row) => row.name === kernel)).toMatchObject({ stdAfter: expect.closeTo(statistics.std, 12) as number, seed: null });
    }
  });
  it('writes nothing where nothing can be said, and says so', async () => {
    const model = file('open.initscope.json');
    const text = { initscope: 1, input: { shape: [4] }, layers: [{ repeat: 2, layers: [{ residual: [{ dense: 4 }] }] }] };
    writeFileSync(model, JSON.stringify(text));
    const given = ['init', model, '--scheme', 'zeros', '--layer', 'block2/dense1=keras'];
    const { code, err } = await initscope(...given, '--output', file('nothing.json'));
    expect(code).toBe(1);
    expect(err).toContain('open.initscope.json can be set as asked, so nothing was written. block1/dense1/kernel stays'
      + ' as it is: it is one of 2 copies');
    expect(existsSync(file('nothing.json'))).toBe(false);
    const { code: dry, out } = await initscope(...given, '--dry-run');
    expect(dry).toBe(0);
    expect(out).toMatch(/block2\/dense1\/kernel .* it is one of 2 copies that the text writes once, which are to start differently/);
  });
});

interface Weight {
  readonly name: string;
  readonly role: string;
  readonly statistics: { readonly std: number };
  readonly recommendation: { readonly std: number };
}
