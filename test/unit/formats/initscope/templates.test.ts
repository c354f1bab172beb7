/** The templates of "New Network…": each is a valid network, opens, and shows what it says. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { elementCount } from '../../../../src/core/graph/dtype';
import { tensorsById } from '../../../../src/formats/openModel';
import { present } from '../../support/graphs';
import { createFolder, createWriter } from '../../support/temporary';
import { gradientsOf, isValid, openText, runsOf, templates, textOf } from './networks';

/** Numbers that are learned. ResNet-18 of torchvision has as many (11 689 512), running statistics not counted. */
const parameters: Readonly<Record<string, number>> = {
  'deep-sigmoid': 784 * 128 + 9 * 128 * 128 + 10 * 128 + 128 * 10 + 10,
  'deep-relu': 784 * 128 + 19 * 128 * 128 + 20 * 128 + 128 * 10 + 10,
  'cnn': 896 + 9248 + 18496 + 36928 + 73856 + 147584 + 1290,
  'resnet': 11_689_512,
  'lstm': 5000 * 64 + 4 * 128 * (64 + 128 + 2) + 4 * 128 * (128 + 128 + 2) + 1290,
  // Words, positions, six blocks of two norms, attention and a feed-forward part, and a norm.
  'transformer': 1000 * 128 + 64 * 128 + 6 * (4 * 128 + 4 * (128 * 128 + 128) + 128 * 512 + 512 + 512 * 128 + 128) + 2 * 128,
  'deep-belief-net': 784 * 500 + 500 + 500 * 500 + 500 + 500 * 2000 + 2000 + 2000 * 10 + 10,
};
const nameOf = (file: string): string => path.basename(file, '.initscope.json');
const write = createWriter(createFolder());

describe.each(templates.map((file) => [nameOf(file), file] as const))('%s', (name, file) => {
  const opened = openText(textOf(file));
  it('is valid, and fits on a page', () => {
    expect(isValid(textOf(file))).toBe(true);
    expect(textOf(file).split('\n').length).toBeLessThan(40);
    const said = JSON.parse(textOf(file)) as Readonly<Record<string, unknown>>;
    expect(said.name).toEqual(expect.stringMatching(/\w/));
    expect(said.description).toEqual(expect.stringMatching(/\.$/));
  });
  it('has all its weights, and each a law', () => {
    const tensors = [...tensorsById(opened).values()];
    const learned = opened.layers.flatMap(({ weights }) => weights).filter(({ role }) => role !== 'running mean' && role !== 'running variance');
    const counted = new Map(learned.map(({ id, tensor }) => [id, elementCount(tensor.shape)]));
    expect([...counted.values()].reduce((sum, count) => sum + count, 0)).toBe(parameters[name]);
    expect(tensors.filter(({ declared, problem }) => !declared || problem !== undefined)).toEqual([]);
    expect(opened.findings).toEqual([]);
  });
  it('runs, and draws anew for each seed', async () => {
    const runs = await runsOf(write(`${name}.initscope.json`, textOf(file)), { seeds: 2, batch: 2 });
    const [first, second] = runs.map(gradientsOf);
    expect(present(first).first).toBeGreaterThan(0);
    expect(present(first).first).not.toBe(present(second).first);
  });
});

/** A template with something in place of something else. */
const changed = (name: string, from: string, to: string): string => {
  const text = textOf(present(templates.find((file) => nameOf(file) === name)));
  expect(text).toContain(from);
  return write(`${name}-changed.initscope.json`, text.replace(from, to));
};

describe('what students are to see', () => {
  const ratio = async (file: string): Promise<number> => {
    const [run] = await runsOf(file, { batch: 32 });
    const { first, last } = gradientsOf(present(run));
    return first / last;
  };
  it('the gradient of sigmoid layers vanishes', async () => {
    expect(await ratio(changed('deep-sigmoid', '"xavier"', '"xavier"'))).toBeLessThan(1e-10);
    expect(await ratio(changed('deep-sigmoid', '"xavier"', '"normal"'))).toBeLessThan(1e-20);
  });
  it('He keeps that of ReLU layers, which 0.01 makes vanish', async () => {
    const kept = await ratio(changed('deep-relu', '"he"', '"he"'));
    expect(kept).toBeGreaterThan(1e-4);
    expect(kept).toBeLessThan(1);
    expect(await ratio(changed('deep-relu', '"he"', '"normal"'))).toBeLessThan(1e-30);
  });
  it('N(0, 1) makes the signal explode, so that a softmax is certain, and nothing comes back', async () => {
    const [run] = await runsOf(changed('deep-relu', '"he"', '"standard-normal"'), { batch: 32 });
    const [first, ...others] = present(run).layers;
    expect(present(others.at(-2)?.activation?.variance)).toBeGreaterThan(1e20);
    expect(present(first?.gradient.activation).variance).toBe(0);
  });
  it('no gradient arrives where all is zero', async () => {
    const [run] = await runsOf(changed('deep-relu', '"he"', '"zeros"'), { batch: 4 });
    const hidden = present(run).layers.filter(({ name }) => name.startsWith('hidden'));
    expect(hidden).toHaveLength(20);
    for (const layer of hidden.slice(0, -1)) expect(layer.gradient.preactivation).toMatchObject({ variance: 0, mean: 0 });
  });
});
