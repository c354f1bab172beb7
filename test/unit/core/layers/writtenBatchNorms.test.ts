import { describe, expect, it } from 'vitest';

import type { GraphBuilder } from '../../../../src/core/graph/builder';
import type { Graph } from '../../../../src/core/graph/graph';
import { createTensor } from '../../../../src/core/graph/tensor';
import { detectLayers } from '../../../../src/core/layers/detect';
import { createSession } from '../../../../src/engine/runtime';
import { restoreBatchNorms } from '../../../../src/core/layers/writtenBatchNorms';
import { NetworkBuilder, encode, present } from '../../support/graphs';

const channels = 3;
const epsilon = 1e-3;
const names = ['gamma', 'beta', 'mean', 'variance'] as const;
type Name = typeof names[number];

/** The stored vectors as they meet the signal, and 1/√(Var + ε). */
interface Stored extends Readonly<Record<Name, string>> {
  readonly inverse: () => string;
}

/** Ways of writing it: what of the four there is, and the formula. */
const ways: Readonly<Record<string, { readonly has: readonly Name[]; readonly write: (b: GraphBuilder, x: string, s: Stored) => string }>> = {
  'x g + (β − E g), as jax2onnx writes Keras’': {
    has: names, write: (b, x, s) => {
      const g = b.add('Mul', [s.inverse(), s.gamma]);
      return b.add('Add', [b.add('Mul', [x, g]), b.add('Add', [b.add('Mul', [b.add('Neg', [s.mean]), g]), s.beta])]);
    },
  },
  'x g + (β − E g), with a difference': {
    has: names, write: (b, x, s) => {
      const g = b.add('Mul', [s.gamma, s.inverse()]);
      return b.add('Add', [b.add('Sub', [s.beta, b.add('Mul', [g, s.mean])]), b.add('Mul', [g, x])]);
    },
  },
  'x g − E g, without a shift': {
    has: ['gamma', 'mean', 'variance'], write: (b, x, s) => {
      const g = b.add('Mul', [s.inverse(), s.gamma]);
      return b.add('Add', [b.add('Mul', [x, g]), b.add('Neg', [b.add('Mul', [s.mean, g])])]);
    },
  },
  'x / √… + (β − E / √…), without a scale': {
    has: ['beta', 'mean', 'variance'],
    write: (b, x, s) => {
      const inverse = s.inverse();
      return b.add('Add', [b.add('Mul', [x, inverse]), b.add('Sub', [s.beta, b.add('Mul', [s.mean, inverse])])]);
    },
  },
  '(x − E) g + β, as Flax has it': {
    has: names, write: (b, x, s) => b.add('Add', [b.add('Mul', [b.add('Sub', [x, s.mean]), b.add('Mul', [s.inverse(), s.gamma])]), s.beta]),
  },
  '((x − E) / √…) γ + β': {
    has: names, write: (b, x, s) => {
      const root = b.add('Pow', [b.add('Add', [s.variance, b.scalar(epsilon)]), b.scalar(0.5)]);
      return b.add('Add', [b.add('Mul', [b.add('Div', [b.add('Sub', [x, s.mean]), root]), s.gamma]), s.beta]);
    },
  },
  '(x − E) / √…, without either': {
    has: ['mean', 'variance'], write: (b, x, s) => b.add('Mul', [b.add('Sub', [x, s.mean]), b.add('Reciprocal', [b.add('Sqrt', [b.add('Add', [
      s.variance, b.scalar(epsilon)])])])]),
  },
};

/** Where the channels are, and the shape that the vectors are given to meet them. */
const layouts: Readonly<Record<string, { readonly input: readonly number[]; readonly shape: readonly number[] | null }>> = {
  'channels last': { input: [2, 4, 5, channels], shape: [1, 1, 1, channels] },
  'channels second': { input: [2, channels, 4, 5], shape: [1, channels, 1, 1] },
  'channels second, without the first axis': { input: [2, channels, 4, 5], shape: [channels, 1, 1] },
  'a matrix': { input: [7, channels], shape: null },
};

const valuesOf: Readonly<Record<Name, readonly number[]>> = { gamma: [0.5, -1.5, 2], beta: [0.25, 0, -3], mean: [1, -2, 0.5], variance: [0.3, 1, 4] };

/** `isGiven`: what has neither scale nor shift is of the input itself. */
function networkOf({ has, write }: (typeof ways)[string], { input, shape }: (typeof layouts)[string], isGiven = false): Graph {
  const b = new NetworkBuilder();
  const met = (name: Name): string => {
    if (!has.includes(name)) return '';
    b.initializer(name, { ...createTensor('float32', [channels], valuesOf[name]), id: name });
    return shape ? b.add('Reshape', [name, b.ints(shape)]) : name;
  };
  const [gamma = '', beta = '', mean = '', variance = ''] = names.map(met);
  const inverse = (): string => b.add('Div', [b.scalar(1), b.add('Sqrt', [b.add('Add', [variance, b.scalar(epsilon)])])]);
  const x = b.input('x', 'float32', input);
  return b.finish(b.add('Relu', [write(b, has.length === 2 && !isGiven ? b.add('Tanh', [x]) : x, { gamma, beta, mean, variance, inverse })]));
}

async function outputOf(graph: Graph, shape: readonly number[]): Promise<readonly number[]> {
  const session = await createSession(encode(graph), { threads: 1, nodes: null });
  const data = Float32Array.from({ length: shape.reduce((all, size) => all * size, 1) }, (_, i) => Math.sin(i * 1.7) * 3);
  try {
    return Array.from(present((await session.run(new Map([['x', { dtype: 'float32', shape, data }]]), ['y'])).get('y')).data as Float32Array);
  } finally {
    await session.release();
  }
}

const cases = Object.entries(ways).flatMap(([way, own]) => Object.entries(layouts).map(([layout, place]) => ({ name: `${way}, ${layout}`, own, place })));

describe('a batch normalisation that is written out with its statistics', () => {
  it.each(cases)('becomes the operator again, which gives the same: $name', async ({ own, place }) => {
    const written = networkOf(own, place);
    const restored = restoreBatchNorms(written);
    expect(restored.nodes.filter(({ op }) => op === 'BatchNormalization')).toHaveLength(1);
    expect(restored.nodes.some(({ op }) => op === 'Sqrt' || op === 'Add' || op === 'Mul')).toBe(false);
    const [now, then] = [await outputOf(restored, place.input), await outputOf(written, place.input)];
    const largest = Math.max(...then.map(Math.abs));
    expect(now).toHaveLength(then.length);
    for (const [i, value] of now.entries()) expect(Math.abs(value - (then[i] ?? NaN)) / largest).toBeLessThan(1e-6);
  });
  it.each(cases)('is a layer, whose tensors have their roles, and no others: $name', ({ own, place }) => {
    const [layer, ...others] = detectLayers(restoreBatchNorms(networkOf(own, place)));
    expect(others).toEqual([]);
    const roles = { gamma: 'gamma', beta: 'beta', mean: 'running mean', variance: 'running variance' };
    expect(present(layer).weights.map(({ name, role }) => [name, role])).toEqual(own.has.map((name) => [name, roles[name]]));
    expect(present(layer).activation?.name).toBe('Relu');
  });
});

/** Worked out of plain vectors, and only then shaped to meet a signal whose channels come second, as graph-models of TensorFlow.js are read. */
function shapedLate(factorShape: readonly number[], shiftShape: readonly number[]): Graph {
  const b = new NetworkBuilder();
  for (const name of names) b.initializer(name, { ...createTensor('float32', [channels], valuesOf[name]), id: name });
  const g = b.add('Mul', [b.add('Reciprocal', [b.add('Sqrt', [b.add('Add', ['variance', b.scalar(epsilon)])])]), 'gamma']);
  const shift = b.add('Sub', ['beta', b.add('Mul', ['mean', g])]);
  const scaled = b.add('Mul', [b.input('x', 'float32', [2, channels, channels, 5]), b.add('Reshape', [g, b.ints(factorShape)])]);
  return b.finish(b.add('Add', [scaled, b.add('Reshape', [shift, b.ints(shiftShape)])]));
}

describe('a batch normalisation whose factor and shift are shaped when they are worked out', () => {
  it('becomes the operator again, which gives the same', async () => {
    const written = shapedLate([-1, 1, 1], [1, channels, 1, 1]);
    const restored = restoreBatchNorms(written);
    expect(restored.nodes.slice(0, -1).map(({ op, inputs }) => [op, inputs])).toEqual([['BatchNormalization', ['x', ...names]]]);
    const [now, then] = [await outputOf(restored, [2, channels, channels, 5]), await outputOf(written, [2, channels, channels, 5])];
    for (const [i, value] of now.entries()) expect(value).toBeCloseTo(then[i] ?? NaN, 5);
  });
  it('is left as it is where they meet the signal along different axes', () => {
    const graph = shapedLate([-1, 1, 1], [-1, 1]);
    expect(restoreBatchNorms(graph).nodes).toEqual(graph.nodes);
  });
});

describe('what is no batch normalisation', () => {
  const elsewhere = [['of rows', [1, channels, 1]], ['of columns', [channels, 1]]] as const;
  it.each(elsewhere)('is left as it is: by statistics %s of a signal of four axes', (_, shape) => {
    const graph = networkOf(present(ways['(x − E) g + β, as Flax has it']), { input: [2, 4, channels, 5], shape });
    expect(restoreBatchNorms(graph).nodes).toEqual(graph.nodes);
  });
  it('is left as it is: the standardisation of what the network is given', () => {
    const graph = networkOf(present(ways['(x − E) / √…, without either']), { input: [7, channels], shape: null }, true);
    expect(restoreBatchNorms(graph).nodes).toEqual(graph.nodes);
  });
  it('is left as it is: a scale and a shift of stored vectors alone', () => {
    const b = new NetworkBuilder();
    for (const name of ['scale', 'shift']) b.weight(name, [channels]);
    const graph = b.finish(b.add('Add', [b.add('Mul', [b.input('x', 'float32', [2, channels]), 'scale']), 'shift']));
    expect(restoreBatchNorms(graph).nodes).toEqual(graph.nodes);
  });
  it('is left as it is: another mean in the shift than in the scale’s place', () => {
    const b = new NetworkBuilder();
    for (const name of ['gamma', 'other', 'beta', 'mean', 'variance']) b.weight(name, [channels]);
    const inverse = b.add('Div', [b.scalar(1), b.add('Sqrt', [b.add('Add', ['variance', b.scalar(epsilon)])])]);
    const shift = b.add('Sub', ['beta', b.add('Mul', ['mean', b.add('Mul', [inverse, 'other'])])]);
    const graph = b.finish(b.add('Add', [b.add('Mul', [b.input('x', 'float32', [2, channels]), b.add('Mul', [inverse, 'gamma'])]), shift]));
    expect(restoreBatchNorms(graph).nodes).toEqual(graph.nodes);
  });
});
