/** What stored tensors are for that are no weights. */
import { describe, expect, it } from 'vitest';

import { constantsOf } from '../../../../src/core/layers/constants';
import { detectLayers } from '../../../../src/core/layers/detect';
import { NetworkBuilder } from '../../support/graphs';

const [tokens, width] = [6, 8];

/** Reasons of the constants of a graph, by name. */
function reasons(build: (b: NetworkBuilder) => string): Readonly<Record<string, string>> {
  const builder = new NetworkBuilder();
  const graph = builder.finish(build(builder));
  return Object.fromEntries(constantsOf(graph, detectLayers(graph)).map(({ name, reason }) => [name, reason]));
}

const input = (b: NetworkBuilder): string => b.input('x', 'float32', ['n', tokens, width]);
const shifted = (b: NetworkBuilder, x: string): string => (
  b.add('Slice', [b.add('Pad', [x, b.ints([0, 1, 0, 0, 0, 0])]), b.ints([0]), b.ints([tokens]), b.ints([1])]));
const head = (b: NetworkBuilder, x: string): string => b.add('MatMul', [x, b.weight('head', [width, 4])]);

describe('the scores of attention', () => {
  /** One head over x, its scores as they come out of `change`. */
  const attention = (change: (b: NetworkBuilder, scores: string) => string) => (b: NetworkBuilder): string => {
    const [q, k, v] = ['q', 'k', 'v'].map((name) => b.add('MatMul', [input(b), b.weight(name, [width, width])]));
    const scores = b.add('MatMul', [q ?? '', b.add('Transpose', [k ?? ''], { perm: [0, 2, 1] })]);
    return head(b, b.add('MatMul', [b.add('Softmax', [change(b, scores)]), v ?? '']));
  };
  const added = 'it is added to the scores of attention before their softmax, as a mask or a bias of positions is';

  it.each<readonly [string, (b: NetworkBuilder, scores: string) => string, string]>([
    ['a mask', (b, s) => b.add('Add', [s, b.weight('c', [tokens, tokens])]), added],
    ['a mask that is cut to the sequence', (b, s) => (
      b.add('Add', [s, b.add('Slice', [b.weight('c', [99, 99]), b.ints([0, 0]), b.ints([tokens, tokens]), b.ints([0, 1])])])), added],
    ['a mask that is taken away, beside another', (b, s) => (
      b.add('Add', [b.add('Sub', [s, b.weight('c', [tokens, tokens])]), b.weight('d', [1, tokens])])), added],
    ['what masked scores are', (b, s) => b.add('Where', [b.input('seen', 'bool', [tokens, tokens]), s, b.weight('c', [tokens, tokens])]), added],
    ['slopes of distances', (b, s) => (
      b.add('Add', [s, b.add('Mul', [b.weight('c', [2, 1, 1]), b.constant('float32', [2], [1, 2])])])), added],
    ['a mask of ones and zeros', (b, s) => b.add('Mul', [s, b.weight('c', [tokens, tokens])]),
      'it multiplies the scores of attention before their softmax, as a mask or a temperature does'],
  ])('%s', (_, change, reason) => {
    expect(reasons(attention(change)).c).toBe(reason);
  });
});

describe('positions and tokens', () => {
  const rotary = 'it turns queries and keys by their position, as sines and cosines do (rotary embedding)';
  it('angles beside halves that change places', () => {
    expect(reasons((b) => {
      const x = input(b);
      const half = (from: number): string => b.add('Slice', [x, b.ints([from]), b.ints([from + width / 2]), b.ints([-1])]);
      const turned = b.add('Concat', [b.add('Neg', [half(width / 2)]), half(0)], { axis: -1 });
      return head(b, b.add('Add', [b.add('Mul', [x, b.weight('cos', [tokens, width])]), b.add('Mul', [turned, b.weight('sin', [tokens, width])])]));
    })).toEqual({ cos: rotary, sin: rotary });
  });

  it('shares of a token and the one before it, in both forms', () => {
    const mixing = 'it mixes each token with the one before it (token shift), by shares that its authors set for each channel and layer';
    expect(reasons((b) => {
      const x = input(b);
      const share = b.weight('time_mix', [1, 1, width]);
      const rest = b.add('Sub', [b.scalar(1), share]);
      return head(b, b.add('Add', [b.add('Mul', [x, share]), b.add('Mul', [shifted(b, x), rest])]));
    })).toEqual({ time_mix: mixing });
    expect(reasons((b) => {
      const x = input(b);
      return head(b, b.add('Add', [x, b.add('Mul', [b.add('Sub', [shifted(b, x), x]), b.weight('x_r', [1, 1, width])])]));
    })).toEqual({ x_r: mixing });
  });
});

describe('states', () => {
  it('rates of decays, logarithms, and what is added before an exponential', () => {
    const rate = 'it is the rate of a decay: what it multiplies is the argument of an exponential';
    expect(reasons((b) => {
      const logarithm = b.add('Neg', [b.add('Exp', [b.weight('log', [width])])]);
      const decayed = b.add('Mul', [b.add('Exp', [b.add('Mul', [input(b), logarithm])]), b.add('Exp', [b.weight('other_log', [width])])]);
      const second = b.add('Exp', [b.add('CumSum', [b.add('Mul', [input(b), b.weight('rate', [width])]), b.scalar(1)])]);
      return head(b, b.add('Add', [decayed, second]));
    })).toEqual({ log: rate, rate, other_log: 'it is the logarithm of what the graph computes with: a rate, or a step, of a state' });
  });
});

it('anything else is named by its operator', () => {
  expect(reasons((b) => head(b, b.add('Mul', [input(b), b.weight('c', [width])])))).toEqual({ c: 'it is a constant operand of Mul, not a weight' });
});
