/** Channels at residual sums, against PyTorch's own hooks (signal_propagation.py): in the quick form, and where only the exact one is right. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { elementCount } from '../../src/core/graph/dtype';
import type { Graph } from '../../src/core/graph/graph';
import { createTensor } from '../../src/core/graph/tensor';
import { simulate } from '../../src/engine/running/simulate';
import { writeNpz } from '../../src/formats/numpy/npz';
import { CancellationSource } from '../../src/protocol/rpc';
import type { ChannelMoments, JoinRun } from '../../src/protocol/simulation';
import { defaultOptions } from '../../src/protocol/simulation';
import { NetworkBuilder, encode, only, present } from '../unit/support/graphs';
import { createFolder, createWriter } from '../unit/support/temporary';

type Moments = readonly [squaredMean: number, variance: number];
type Golden = Readonly<Record<string, readonly { readonly branch: Moments; readonly sum: Moments }[]>>;

const golden = JSON.parse(readFileSync(path.join(import.meta.dirname, 'signal_propagation.json'), 'utf8')) as Golden;
const folder = createFolder();
const write = createWriter(folder);

/** The same numbers as the generator's. */
function numbers(seed: number, count: number, scale: number): Float32Array {
  const times = (a: number, b: number): number => Math.imul(a, b) >>> 0;
  return Float32Array.from({ length: count }, (_, i) => {
    const hashed = (times(i + 1, 2654435761) + times(times(seed, 40503), 65537)) >>> 0;
    return Math.fround((times((hashed ^ (hashed >>> 15)) >>> 0, 2246822519) >>> 8) / 2 ** 24 - 0.5) * Math.fround(scale);
  });
}

class Given extends NetworkBuilder {
  given(name: string, seed: number, shape: readonly number[], scale: number): string {
    this.initializer(name, { ...createTensor('float32', shape, Array.from(numbers(seed, elementCount(shape), scale))), id: name });
    return name;
  }
}

function resnet(): Graph {
  const b = new Given();
  const conv = (x: string, name: string, seed: number, shape: readonly number[], stride = 1): string => {
    const [, inputs = 1, size = 1] = shape;
    const pad = (size - 1) / 2;
    const scale = seed === 1 ? Math.sqrt(12 / 27) : Math.sqrt(24 / (inputs * size * size));
    return b.add('Conv', [x, b.given(name, seed, shape, scale)], { strides: [stride, stride], pads: [pad, pad, pad, pad], kernel_shape: [size, size] });
  };
  let x = conv(b.input('x', 'float32', [4, 3, 32, 32]), 'stem', 1, [12, 3, 3, 3]);
  let inputs = 12;
  for (const [at, [width, stride]] of ([[12, 1], [12, 1], [20, 2], [20, 1]] as const).entries()) {
    const seed = 10 * (at + 1);
    const open = b.add('Relu', [x]);
    const way = stride > 1 || inputs !== width ? conv(open, `skip${at}`, seed + 2, [width, inputs, 1, 1], stride) : x;
    const inner = b.add('Relu', [conv(open, `first${at}`, seed, [width, inputs, 3, 3], stride)]);
    x = b.add('Add', [way, conv(inner, `second${at}`, seed + 1, [width, width, 3, 3])]);
    inputs = width;
  }
  return b.finish(x);
}

function transformer(): Graph {
  const b = new Given();
  const [ones, zeros] = [['ones', 1], ['zeros', 0]].map(([name, value]) => {
    b.initializer(String(name), { ...createTensor('float32', [48], Array.from({ length: 48 }, () => Number(value))), id: String(name) });
    return String(name);
  });
  let x = b.input('x', 'float32', [4, 96, 48]);
  for (const seed of [10, 20]) {
    const norm = b.add('LayerNormalization', [x, ones ?? '', zeros ?? ''], { axis: -1 });
    const up = b.add('Tanh', [b.add('MatMul', [norm, b.given(`up${seed}`, seed, [48, 96], 0.5)])]);
    x = b.add('Add', [x, b.add('MatMul', [up, b.given(`down${seed}`, seed + 1, [96, 48], 0.3)])]);
  }
  return b.finish(x);
}

async function joinsOf(name: string, graph: Graph, input: Float32Array): Promise<readonly JoinRun[]> {
  const file = write(`${name}.onnx`, encode(graph));
  const given = path.join(folder, `${name}.npz`);
  const { shape } = only(graph.inputs);
  await writeNpz(given, new Map([['x', { shape: (shape ?? []).map(Number), data: input }]]));
  const request = { path: file, files: { input: given }, recipes: [], restored: [], joins: true, options: { ...defaultOptions, threads: 1 } };
  const { runs } = await simulate(request, { planned: () => undefined, ran: () => undefined }, new CancellationSource());
  return only(runs).joins ?? [];
}

const cases = [
  ['resnet', resnet(), numbers(0, 4 * 3 * 32 * 32, 2)],
  ['resnet, 1e-24 as wide', resnet(), numbers(0, 4 * 3 * 32 * 32, 2e-24)],
  ['transformer', transformer(), numbers(0, 4 * 96 * 48, 2)],
  ['transformer, far from zero', transformer(), numbers(0, 4 * 96 * 48, 2).map((value) => value + 300)],
] as const;

describe.each(cases)('%s', (name, graph, input) => {
  it('has the channel moments that PyTorch has, at every residual sum and branch', async () => {
    const joins = await joinsOf(name, graph, input);
    const expected = golden[name] ?? [];
    expect(joins).toHaveLength(expected.length);
    const agrees = (found: ChannelMoments | null, [squaredMean, variance]: Moments): void => {
      expect(present(present(found).squaredMean) / squaredMean).toBeCloseTo(1, 3);
      expect(present(present(found).variance) / variance).toBeCloseTo(1, 4);
    };
    joins.forEach(({ sum, branch }, at) => {
      agrees(sum, present(expected[at]).sum);
      agrees(branch, present(expected[at]).branch);
    });
  });
});
