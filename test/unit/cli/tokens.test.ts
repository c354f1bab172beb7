import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import type { Graph } from '../../../src/core/graph/graph';
import { readNpz } from '../../../src/formats/numpy/npz';
import type { SimulationResult } from '../../../src/protocol/simulation';
import { initscope } from '../support/command';
import { NetworkBuilder, encode, modelOf } from '../support/graphs';
import { createFolder } from '../support/temporary';

const [tokens, features] = [12, 32];
const folder = createFolder();

/** Attention over attention, each behind a norm; with skips around it, or without. */
function attention(layers: number, hasSkips: boolean): Graph {
  const b = new NetworkBuilder();
  let x = b.input('x', 'float32', [4, tokens, features]);
  for (let i = 0; i < layers; i++) {
    const project = (name: string, value: string): string => b.add('MatMul', [value, b.weight(`${name}${i}`, [features, features])]);
    const products = b.add('MatMul', [project('q', x), b.add('Transpose', [project('k', x)], { perm: [0, 2, 1] })]);
    const scores = b.add('Div', [products, b.scalar(Math.sqrt(features))]);
    const mixed = project('o', b.add('MatMul', [b.add('Softmax', [scores], { axis: -1 }), project('v', x)]));
    x = b.add('LayerNormalization', [hasSkips ? b.add('Add', [x, mixed]) : mixed, b.weight(`g${i}`, [features]), b.weight(`s${i}`, [features])]);
  }
  return b.finish(b.add('MatMul', [x, b.weight('head', [features, 5])]));
}

const file = (name: string, graph: Graph): string => {
  const target = path.join(folder, name);
  writeFileSync(target, encode(modelOf(graph, 21).graph));
  return target;
};

const simulated = async (model: string, ...more: readonly string[]): Promise<SimulationResult> => {
  const { out, err } = await initscope('simulate', model, '--scheme', 'xavier-normal', '--json', ...more);
  expect(err).toBe('');
  return JSON.parse(out) as SimulationResult;
};

/** Mean cosine between two rows of a matrix. */
function meanCosine(rows: readonly (readonly number[])[]): number {
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
  const pairs = rows.flatMap((a, i) => rows.slice(0, i).map((b) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))));
  return pairs.reduce((sum, each) => sum + each, 0) / pairs.length;
}

describe('how alike tokens are', () => {
  it('is the mean cosine between two of the same sample, as computed from the values', async () => {
    const model = file('skips.onnx', attention(2, true));
    const values = path.join(folder, 'values.npz');
    const { runs } = await simulated(model, '--values', values);
    const stored = new Map(readNpz(values));
    const norm = runs[0]?.layers.find(({ name }) => name.startsWith('g1') || name.toLowerCase().includes('layernorm'));
    expect(norm?.tokenCosine).toBeDefined();
    const normalised = [...stored].filter(([name, { shape }]) => !name.startsWith('d/') && shape.join() === [4, tokens, features].join());
    const cosines = normalised.map(([, { data }]) => {
      const numbers = Array.from(data as ArrayLike<number>, Number);
      const row = (i: number): readonly number[] => numbers.slice(i * features, (i + 1) * features);
      const ofSample = (s: number): number => meanCosine(Array.from({ length: tokens }, (_, t) => row(s * tokens + t)));
      return [0, 1, 2, 3].reduce((sum, s) => sum + ofSample(s), 0) / 4;
    });
    expect(cosines.some((cosine) => Math.abs(cosine - (norm?.tokenCosine ?? NaN)) < 1e-5)).toBe(true);
  });
  it('is said where attention without skips has made one of all, and not with skips', async () => {
    const collapsed = await initscope('simulate', file('collapsed.onnx', attention(5, false)), '--scheme', 'xavier-normal');
    expect(collapsed.out).toMatch(/all tokens become one direction: their cosine is [\d.−e-]+ at .*, and above 0\.99 from/);
    const kept = await initscope('simulate', file('kept.onnx', attention(5, true)), '--scheme', 'xavier-normal');
    expect(kept.out).not.toContain('tokens become one');
  });
});
