/** State spaces whose steps depend on the input: what is done with their tensors tells them, and not their names. */
import { describe, expect, it } from 'vitest';

import { createRecipes } from '../../../../src/core/initializers/recipes';
import { recommend } from '../../../../src/core/initializers/recommendation';
import { sampleElements } from '../../../../src/core/initializers/sampling';
import type { Layer } from '../../../../src/core/layers/layer';
import type { NetworkBuilder } from '../../support/graphs';
import { layersOf, present } from '../../support/graphs';

const [channels, states, rank, steps] = [6, 4, 2, 3];
/** Names that say nothing. */
const [A, D, kernel, bias] = ['t0', 't1', 't2', 't3'];

interface Written {
  /** The graph takes −exp of what is stored, or the exporter has. */
  readonly isFolded?: boolean;
  /** One rate for each head. */
  readonly isOfHeads?: boolean;
  /** exp(ΔA) of each step, or of their sum up to it. */
  readonly isSummed?: boolean;
  /** PyTorch's softplus, which large arguments pass by. */
  readonly isCut?: boolean;
}

/** Mamba's selective scan over u [n, steps, channels], its steps Δ = softplus(W · + b) written out, or as sums of all before them. */
function scan(b: NetworkBuilder, { isFolded = false, isOfHeads = false, isSummed = false, isCut = false }: Written = {}): string {
  const u = b.add('Relu', [b.add('MatMul', [b.input('x', 'float32', ['n', steps, 5]), b.weight('in', [5, channels])])]);
  const narrow = b.add('MatMul', [u, b.weight('narrow', [channels, rank])]);
  const raw = isOfHeads ? b.add('Slice', [u, b.ints([0]), b.ints([channels]), b.ints([2])]) : b.add('MatMul', [narrow, b.weight(kernel, [rank, channels])]);
  const biased = b.add('Add', [raw, b.weight(bias, [channels])]);
  const positive = b.add('Softplus', [biased]);
  const delta = b.add('Unsqueeze', [isCut ? b.add('Where', [b.add('Greater', [biased, b.scalar(20)]), biased, positive]) : positive, b.ints([3])]);
  const stored = b.weight(A, isOfHeads ? [channels, 1] : [channels, states]);
  const rates = b.add('Mul', [delta, isFolded ? stored : b.add('Neg', [b.add('Exp', [stored])])]);
  const driven = b.add('Mul', [delta, b.add('Unsqueeze', [u, b.ints([3])])]);
  const state = isSummed ? b.add('Mul', [b.add('Exp', [b.add('CumSum', [rates, b.scalar(1)])]), driven]) : unrolled(b, b.add('Exp', [rates]), driven);
  const seen = b.add('ReduceSum', [state, b.ints([3])], { keepdims: 0 });
  const out = b.add('Add', [seen, b.add('Mul', [u, b.weight(D, [channels])])]);
  return b.add('MatMul', [out, b.weight('head', [channels, 3])]);
}

function unrolled(b: NetworkBuilder, decays: string, driven: string): string {
  const at = (value: string, t: number): string => b.add('Slice', [value, b.ints([t]), b.ints([t + 1]), b.ints([1])]);
  let state = at(driven, 0);
  const all = [state];
  for (let t = 1; t < steps; t++) {
    state = b.add('Add', [b.add('Mul', [at(decays, t), state]), at(driven, t)]);
    all.push(state);
  }
  return b.add('Concat', all, { axis: 1 });
}

/** Role and start of each weight by its name. */
function advised(layers: readonly Layer[]): Readonly<Record<string, string>> {
  return Object.fromEntries(layers.flatMap((layer) => layer.weights.map((weight) => (
    [weight.name, `${weight.role}: ${recommend(layer, weight)?.recommendation.title ?? weight.frozen ?? ''}`]))));
}

const rest = { [D]: 'gain: Ones', [kernel]: 'kernel: U(±0.707)', [bias]: 'step: U(-6.91, -2.25)' };

describe('a state space', () => {
  it.each<readonly [string, Written, string]>([
    ['as it is written', {}, 'decay: ln 1 to ln 4'], ['with its rates computed', { isFolded: true }, 'decay: −1 to −4'],
    ['as PyTorch computes its softplus', { isCut: true }, 'decay: ln 1 to ln 4'], ['by sums of its steps', { isSummed: true }, 'decay: ln 1 to ln 4'],
  ])('%s', (_, written, decay) => {
    expect(advised(layersOf((b) => scan(b, written)))).toMatchObject({ ...rest, [A]: decay, in: expect.stringMatching(/^kernel: He/) as string });
  });

  it('of heads, whose steps no product of their own makes', () => {
    expect(advised(layersOf((b) => scan(b, { isOfHeads: true })))).toMatchObject({
      [D]: 'gain: Ones', [bias]: 'step: U(-6.91, -2.25)', [A]: expect.stringMatching(/^decay: it holds the rates/) as string,
    });
  });

  it('is none where no exponential is taken: a softplus between two layers', () => {
    const layers = layersOf((b) => {
      const hidden = b.add('MatMul', [b.input('x', 'float32', ['n', 5]), b.weight('w', [5, 4])]);
      const bent = b.add('Softplus', [b.add('Add', [hidden, b.weight('b', [4])])]);
      return b.add('MatMul', [b.add('Mul', [bent, b.weight('scale', [4])]), b.weight('head', [4, 3])]);
    });
    expect(advised(layers)).toMatchObject({ w: expect.stringMatching(/^kernel: LeCun/) as string, b: 'bias: Zeros' });
  });

  it.each(['he-normal', 'pytorch', 'zeros', 'fixup'] as const)('keeps its rates and steps under %s', (scheme) => {
    const recipes = createRecipes(layersOf(scan), { scheme, seed: 0 });
    const blocks = new Map(recipes.map(({ tensorId, blocks: own }) => [tensorId, own.map(({ sampler }) => sampler)]));
    expect(blocks.get(A)).toEqual([1, 2, 3, 4].map((n) => ({ kind: 'constant', value: Math.log(n) })));
    expect(blocks.get(bias)).toEqual([{ kind: 'uniform', low: Math.log(Math.expm1(0.001)), high: Math.log(Math.expm1(0.1)) }]);
  });

  it('forgets at the rates of its states in every channel', () => {
    const recipe = present(createRecipes(layersOf(scan), { scheme: 'recommended', seed: 0 }).find(({ tensorId }) => tensorId === A));
    const row = [0, Math.log(2), Math.log(3), Math.log(4)];
    expect(Array.from(sampleElements(recipe, [channels, states], 0, channels * states))).toEqual(Array.from({ length: channels }, () => row).flat());
  });

  it('has steps that are log-uniform within half a percent', () => {
    const [low, high] = [Math.log(Math.expm1(0.001)), Math.log(Math.expm1(0.1))];
    const furthest = Math.max(...Array.from({ length: 1001 }, (_, i) => {
      const share = i / 1000;
      const before = Math.log(Math.expm1(Math.exp(Math.log(0.001) + share * Math.log(100))));
      return Math.abs((before - low) / (high - low) - share);
    }));
    expect(furthest).toBeLessThan(0.005);
  });
});
