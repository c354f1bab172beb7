/** What `initscope diff` says of real pairs: equal, drawn anew, changed by hand, reordered, of two formats, and what is no model. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import type { LayerComparison, ModelComparison } from '../../../src/protocol/comparison';
import { initscope } from '../support/command';
import { denseModel, mlp, withLayer, type Dense } from '../support/dense';
import { root, samples } from '../support/models';
import { createFolder } from '../support/temporary';

function write(layers: readonly Dense[], name = 'net.onnx'): string {
  const file = path.join(createFolder(), name);
  writeFileSync(file, denseModel(layers));
  return file;
}

async function compare(left: string, right: string): Promise<ModelComparison & { readonly equal: boolean; readonly code: number }> {
  const { code, out, err } = await initscope('diff', left, right, '--json');
  if (out === '') throw new Error(err);
  return { ...JSON.parse(out) as ModelComparison & { readonly equal: boolean }, code };
}

const facts = ({ differs, weights }: LayerComparison): readonly string[] => [
  ...differs.map(({ fact }) => fact), ...weights.flatMap((weight) => (
    weight.left === null || weight.right === null ? [`${weight.role} ${weight.change}`] : weight.differs.map(({ fact }) => `${weight.role} ${fact}`))),
];
const changed = ({ layers }: ModelComparison): readonly (readonly [string | null, readonly string[]])[] => (
  layers.filter((layer) => layer.change !== 'same').map((layer) => [layer.right ?? layer.left, facts(layer)]));

describe('initscope diff', () => {
  it('says that equal models are equal, and ends with 0', async () => {
    const found = await compare(write(mlp), write(mlp, 'copy.onnx'));
    expect(found).toMatchObject({
      code: 0, equal: true, left: 'net.onnx', right: 'copy.onnx', network: [], counts: { same: 3, changed: 0, added: 0, removed: 0, renamed: 0, unmeasured: 0 },
    });
    expect((await initscope('diff', write(mlp), write(mlp))).out).toBe('net.onnx → net.onnx\nNo layer differs.\n');
  });
  it('finds layers under other names, which are no difference', async () => {
    const found = await compare(write(mlp), write(mlp.map((each, i) => ({ ...each, name: `dense_${i}` }))));
    expect(found).toMatchObject({ code: 0, equal: true, counts: { same: 3, renamed: 3 } });
    expect(found.layers.map(({ left, right }) => [left, right])).toEqual([['fc1', 'dense_0'], ['fc2', 'dense_1'], ['fc3', 'dense_2']]);
  });
  it('tells a layer that was put in, and one that was taken out', async () => {
    const more = [...mlp.slice(0, 1), { name: 'extra', into: 16, out: 16, activation: 'Relu' }, ...mlp.slice(1)];
    const [added, removed] = [await compare(write(mlp), write(more)), await compare(write(more), write(mlp))];
    expect(added).toMatchObject({ code: 3, equal: false, counts: { same: 3, added: 1, removed: 0 } });
    expect(added.layers[1]).toMatchObject({ change: 'added', left: null, right: 'extra' });
    expect(removed).toMatchObject({ code: 3, counts: { same: 3, added: 0, removed: 1 } });
    expect(removed.layers[1]).toMatchObject({ change: 'removed', left: 'extra', right: null });
    const { out } = await initscope('diff', write(mlp, 'a.onnx'), write(more, 'b.onnx'));
    expect(out).toContain('1 of 4 layers differs: extra (only in b.onnx).');
    expect(out).toMatch(/^added +extra$/m);
  });
  it('tells another activation, width and bias by the layer', async () => {
    const otherwise = await compare(write(mlp), write(withLayer(mlp, 'fc2', { activation: 'Sigmoid' })));
    expect(changed(otherwise)).toEqual([['fc2', ['activation']]]);
    // What follows a sigmoid should be something else, and is what it was.
    expect(otherwise.layers[2]).toMatchObject({ change: 'same', weights: [{ change: 'same', differs: [{ fact: 'should be' }] }, { differs: [] }] });
    expect(changed(await compare(write(mlp), write(withLayer(mlp, 'fc2', { bias: false }))))).toEqual([['fc2', ['bias removed']]]);
    const wider = await compare(write(mlp), write(withLayer(withLayer(mlp, 'fc1', { out: 20 }), 'fc2', { into: 20 })));
    expect(changed(wider).map(([name]) => name)).toEqual(['fc1', 'fc2']);
    expect(wider.layers[0]?.weights[0]?.differs.slice(0, 2)).toEqual([
      { fact: 'shape', was: '[16, 8]', is: '[20, 8]' }, { fact: 'fan out', was: 16, is: 20 },
    ]);
    expect(wider.network.find(({ fact }) => fact === 'parameters')).toEqual({ fact: 'parameters', was: 400, is: 484 });
  });
  it('tells elements in another order, which no statistic shows', async () => {
    const swapped = withLayer(mlp, 'fc2', { change: (weights) => [...weights.slice(1), ...weights.slice(0, 1)] });
    const found = await compare(write(mlp), write(swapped));
    expect(changed(found)).toEqual([['fc2', ['kernel order']]]);
    expect(found.layers[1]?.weights[0]?.sameValues).toBe(false);
  });
  it('tells the same network drawn anew by the recipe, its numbers, and what they look like', async () => {
    const [, sample = ''] = samples;
    const drawn = path.join(createFolder(), 'drawn.onnx');
    expect((await initscope('init', sample, '--scheme', 'he-normal', '--layer', '*=he-normal', '--output', drawn, '--no-run')).code).toBe(0);
    const found = await compare(sample, drawn);
    expect(found.counts).toMatchObject({ added: 0, removed: 0, renamed: 0 });
    const [first] = found.layers;
    expect(first?.weights[0]?.differs.at(-1)).toEqual({ fact: 'drawn by', was: null, is: 'He normal, fan_in, seed 0' });
    const [is, was] = await Promise.all([drawn, sample].map(async (file) => {
      const { layers } = JSON.parse((await initscope('inspect', file, '--json')).out) as { readonly layers: readonly { readonly weights: readonly {
        readonly statistics: { readonly std: number } }[] }[] };
      return layers[0]?.weights[0]?.statistics.std;
    }));
    expect(first?.weights[0]?.differs.find(({ fact }) => fact === 'std')).toEqual({ fact: 'std', was, is });
    expect(found.network.map(({ fact }) => fact)).toEqual(['verdict']);
  });
  it('compares a network over two formats', async () => {
    const keras = (name: string): string => path.join(root, 'test/fixtures/keras', name);
    expect(await compare(keras('mlp.keras'), keras('mlp.h5'))).toMatchObject({ code: 0, equal: true, counts: { same: 3 } });
  });
  it('asks for two files, and says which cannot be read', async () => {
    const alone = await initscope('diff', write(mlp));
    expect([alone.code, alone.err.split('\n')[0]]).toEqual([2, 'initscope: initscope diff needs two model files.']);
    const three = await initscope('diff', 'a.onnx', 'b.onnx', 'c.onnx');
    expect([three.code, three.err.split('\n')[0]]).toEqual([2, 'initscope: initscope diff takes two model files, not also c.onnx.']);
    const missing = await initscope('diff', write(mlp), '/no/such.onnx');
    expect(missing.code).toBe(1);
    expect(missing.err).toContain('such.onnx');
  });
});
