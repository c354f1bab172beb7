/** What is said of networks that cannot learn, and of ones that can: by theory, by a run, and by the code that `check` ends with. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { initscope } from '../support/command';
import { realModelFiles, root } from '../support/models';
import { attribute, concat, floatBytes, int, model, node, raw, tensor, types, valueInfo } from '../support/protobuf';
import { createRandom } from '../support/random';
import { createFolder } from '../support/temporary';

interface Layer {
  readonly weights: Float32Array;
  readonly biases: Float32Array;
}

const width = 64;

function normal(random: () => number, std: number): number {
  return std * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A chain of layers fc0 … fc‹depth›, the last of which has ten units and no activation, as exporters write it. */
function chain(op: string, depth: number, gain: number, change: (layers: Layer[]) => void = () => undefined): string {
  const random = createRandom(7);
  const units = (at: number): number => (at === depth ? 10 : width);
  const layers = Array.from({ length: depth + 1 }, (_, at): Layer => ({
    weights: Float32Array.from({ length: units(at) * width }, () => normal(random, (at === depth ? 1 : gain) / Math.sqrt(width))),
    biases: new Float32Array(units(at)),
  }));
  change(layers);
  const file = path.join(createFolder(), 'chain.onnx');
  writeFileSync(file, model({
    nodes: layers.flatMap((_, at) => {
      const gemm = concat(node('Gemm', [at === 0 ? 'x' : `a${at - 1}`, `fc${at}.weight`, `fc${at}.bias`], [at === depth ? 'y' : `z${at}`], [
        attribute('transB', 2, int(3, 1))], `fc${at}`));
      return at === depth ? [gemm] : [gemm, node(op, [`z${at}`], [`a${at}`])];
    }),
    initializers: layers.flatMap(({ weights, biases }, at) => [
      tensor(`fc${at}.weight`, types.float32, [units(at), width], raw(floatBytes([...weights]))),
      tensor(`fc${at}.bias`, types.float32, [units(at)], raw(floatBytes([...biases]))),
    ]),
    inputs: [valueInfo('x', ['n', width])], outputs: [valueInfo('y', ['n', 10])],
  }));
  return file;
}

const scaled = (at: number, factor: number) => (layers: Layer[]): void => { layers[at]?.weights.forEach((value, i, all) => { all[i] = value * factor; }); };
const biased = (at: number, bias: number, units = width) => (layers: Layer[]): void => { layers[at]?.biases.fill(bias, 0, units); };

interface Answer {
  readonly code: number;
  readonly kind: string | null;
  readonly layer: string | null;
  readonly severity: string;
  readonly reason: string;
  readonly trained: boolean;
}

async function check(file: string, ...more: readonly string[]): Promise<Answer> {
  const { code, out, err } = await initscope('check', file, '--json', ...more);
  if (out === '') throw new Error(err);
  return { ...JSON.parse(out) as Omit<Answer, 'code'>, code };
}

const he = Math.SQRT2;

describe('networks that cannot learn, or only with one repair', () => {
  it.each<readonly [string, string, Partial<Answer>, RegExp]>([
    ['gradients that vanish with depth', chain('Relu', 30, he * 0.4), { code: 3, kind: 'vanishing', layer: null }, /shrinks 0\.\d+× per layer/],
    ['gradients that explode', chain('Relu', 30, he * 2.9), { code: 3, kind: 'exploding', layer: null }, /grows 2\.\d× per layer.*the signal grows/],
    ['one kernel that is too wide', chain('Relu', 10, he, scaled(4, 1000)), { code: 3, kind: 'one-layer', layer: 'fc4' }, /fc4, whose kernel is too wide/],
    ['one kernel that is too narrow', chain('Relu', 10, he, scaled(4, 1e-3)), { code: 3, kind: 'one-layer', layer: 'fc4' }, /fc4, whose kernel is too narrow/],
    ['units that biases saturate', chain('Tanh', 6, 1, biased(3, 8)), { code: 3, kind: 'saturated', layer: 'fc3' }, /fc3.*saturated.*8 ± 0\.\d/],
    ['62 dead units of 64', chain('Relu', 10, he, biased(4, -50, 62)), { kind: 'dead', layer: 'fc4' }, /9\d % .*fc4/],
    ['saturation by kernels', chain('Tanh', 3, 30), { code: 0, kind: 'saturated', layer: 'fc0', severity: 'warning' }, /98 % of the gradient stays at fc0/],
    ['samples that become one direction', chain('Relu', 60, he), { code: 0, kind: 'alike', severity: 'warning' }, /all samples become one direction/],
  ])('%s, measured', async (_, file, expected, reason) => {
    const answer = await check(file, '--run', '--seeds', '1');
    expect(answer).toMatchObject(expected);
    expect(answer.reason).toMatch(reason);
  });
  it.each<readonly [string, string, Partial<Answer>, RegExp]>([
    ['gradients that vanish with depth', chain('Relu', 30, he * 0.4), { code: 3, kind: 'vanishing', layer: null }, /By theory, .* shrinks 0\.4× per layer/],
    ['gradients that explode', chain('Relu', 30, he * 2.9), { code: 3, kind: 'exploding', layer: null }, /grows 2\.9× per layer.*the signal grows 2\.9×/],
    ['one kernel that is too wide', chain('Relu', 10, he, scaled(4, 1000)), { code: 3, kind: 'one-layer', layer: 'fc4' }, /fc4, whose kernel is too wide/],
    ['units that biases saturate', chain('Tanh', 6, 1, biased(3, 8)), { code: 3, kind: 'saturated', layer: 'fc3' }, /fc3/],
    ['62 dead units of 64', chain('Relu', 10, he, biased(4, -50, 62)), { kind: 'saturated', layer: 'fc4' },
      /97 % of the units of fc4 are shut by their biases/],
    ['a layer that is dead', chain('Relu', 10, he, biased(4, -50)), { code: 3, layer: 'fc4' }, /fc4/],
    ['saturation by kernels', chain('Tanh', 3, 30), { kind: 'saturated', layer: 'fc0', severity: 'warning' }, /saturated/],
    ['samples that become one direction', chain('Relu', 60, he), { code: 0, kind: 'alike', severity: 'warning' }, /one direction: their cosine is 0\.99/],
  ])('%s, by theory', async (_, file, expected, reason) => {
    const answer = await check(file);
    expect(answer).toMatchObject(expected);
    expect(answer.reason).toMatch(reason);
  });
  it('names the first layer at which nothing is finite, and does not speak of growth', async () => {
    const file = chain('Relu', 10, he, (layers) => { layers[3]?.weights.fill(NaN, 0, 1); });
    expect(await check(file, '--run')).toMatchObject({ code: 3, severity: 'error',
      reason: expect.stringMatching(/fc3\.weight holds 1 values? that/) as string });
    const { out } = await initscope('simulate', file);
    expect(out.split('\n')[0]).toBe('With the current weights the signal is not finite from fc3 on (1 seed).');
  });
  it('says of a kernel of zeros that it is one', async () => {
    expect(await check(chain('Relu', 10, he, scaled(4, 0)), '--run')).toMatchObject({ code: 3,
      reason: expect.stringMatching(/fc4\.weight is all zero/) as string });
    const { out } = await initscope('simulate', chain('Relu', 10, he, scaled(4, 0)));
    expect(out.split('\n')[0]).toMatch(/the signal is always the same from fc4 on, whose kernel is all zero/);
  });
});

describe('networks that can', () => {
  it.each<readonly [string, string, Partial<Answer>]>([
    ['He', chain('Relu', 10, he), { code: 0, severity: 'ok', kind: 'fine' }],
    ['a head of zeros', chain('Relu', 10, he, scaled(10, 0)), { code: 0, kind: 'zero-head', layer: 'fc10' }],
    ['a residual network', path.join(root, 'media/samples/residual-cnn.onnx'), { code: 0, severity: 'ok', kind: 'fine' }],
    ['a transformer', path.join(root, 'media/samples/transformer-block.onnx'), { code: 0, severity: 'ok', kind: 'fine' }],
  ])('%s', async (_, file, expected) => {
    expect(await check(file, '--run')).toMatchObject(expected);
    expect(await check(file)).toMatchObject({ code: 0, trained: false });
  });
  it.each(realModelFiles.filter((file) => !file.includes('light_')).map((file) => [path.basename(file), file]))('%s, which is trained', async (_, file) => {
    const answer = await check(file);
    expect(answer).toMatchObject({ code: 0, severity: 'info', trained: true });
    expect(answer.reason).toContain('Reinitializing throws that away.');
  });
});

describe('what check is told', () => {
  it('fails above a loss, and with --strict for warnings', async () => {
    const sample = path.join(root, 'media/samples/residual-cnn.onnx');
    expect(await check(sample, '--max-loss', '2.6')).toMatchObject({ code: 0, loss: expect.closeTo(Math.log(10), 0) as number });
    expect(await check(sample, '--max-loss', '1')).toMatchObject({ code: 3, reason: expect.stringContaining('where at most 1 is allowed') as string });
    const alike = chain('Relu', 60, he);
    expect(await check(alike, '--strict')).toMatchObject({ code: 3, severity: 'warning' });
  });
  it('says it in one line', async () => {
    const { out, code } = await initscope('check', chain('Relu', 30, he * 0.4));
    expect(code).toBe(3);
    expect(out).toMatch(/^chain\.onnx: cannot learn from here: By theory, with the current weights the gradient shrinks [^\n]*\n$/);
  });
  it.each([[['--loss', 'hinge']], [['--max-loss', 'low']], [['--seeds', '0']]])('%j is wrong usage', async (more) => {
    expect((await initscope('check', 'x.onnx', ...more)).code).toBe(2);
  });
});
