// Restricted Boltzmann machines held to NumPy, mpmath and scikit-learn (test/golden/boltzmann.py).

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { divergenceOf, freeEnergy, pseudoLikelihood, stochasticPseudoLikelihood } from '../../src/core/learning/rbm/energy';
import type { Machine } from '../../src/core/learning/rbm/machine';
import { logPartition } from '../../src/core/learning/rbm/partition';
import type { StepForm } from '../../src/core/learning/rbm/stepGraph';
import { after, ratio, stepGraph, stepScalars, stepSequences, stepStates } from '../../src/core/learning/rbm/stepGraph';
import { encodeOwn, floats } from '../../src/engine/learning/rbm/graphs';
import type { Value } from '../../src/engine/runtime';
import { createSession } from '../../src/engine/runtime';
import { present } from '../unit/support/graphs';
import { learnBars } from '../unit/support/machines';

interface Steps extends Pick<StepForm, 'kind' | 'gibbs' | 'isPersistent' | 'hasHiddenBias' | 'batch'> {
  readonly decay: number;
  readonly target: number | null;
  readonly steps: number;
  readonly visible: number;
  readonly hidden: number;
  readonly rate: number;
  readonly momentum: number;
  readonly sparsityCost: number;
  readonly memory: number;
  readonly start: Readonly<Record<string, readonly number[]>>;
  readonly v: readonly number[];
  readonly uh: readonly (readonly number[])[];
  readonly uv: readonly (readonly number[])[];
  readonly end: Readonly<Record<string, readonly number[]>> & { readonly ratio: number };
}

interface Energies {
  readonly visible: number;
  readonly hidden: number;
  readonly W: readonly number[];
  readonly b: readonly number[];
  readonly c: readonly number[];
  readonly data: readonly number[];
  readonly freeEnergies: readonly number[];
  readonly pseudoLikelihood: number;
  readonly logPartition: number;
  readonly divergence: number;
}

interface Peer {
  readonly hidden: number;
  readonly batch: number;
  readonly epochs: number;
  readonly best: { readonly pseudoLikelihood: number };
}

const goldens = JSON.parse(readFileSync(path.join(import.meta.dirname, 'boltzmann.json'), 'utf8')) as {
  readonly steps: readonly Steps[]; readonly energies: readonly Energies[]; readonly scikitLearn: readonly Peer[];
};

const titleOf = ({ kind, gibbs, isPersistent, decay, target, hasHiddenBias }: Steps): string => (
  `${kind}, ${isPersistent ? 'P' : ''}CD-${gibbs}, decay ${decay}, sparsity ${target ?? 'free'}, ${hasHiddenBias ? '' : 'no '}hidden biases`);

describe('steps of contrastive divergence are those of NumPy with the same random numbers', () => {
  it.each(goldens.steps.map((golden) => [titleOf(golden), golden] as const))('%s', async (_, golden) => {
    const { batch, steps, visible, hidden } = golden;
    const form: StepForm = { ...golden, decays: golden.decay > 0, isSparse: golden.target !== null };
    const session = await createSession(encodeOwn(stepGraph(form)), { threads: 1, nodes: 100 });
    const feed = (shape: readonly number[], data: readonly number[]): Value => floats(shape, Float32Array.from(data));
    const shapes: Readonly<Record<string, readonly number[]>> = {
      W: [visible, hidden], dW: [visible, hidden], b: [visible], db: [visible], c: [hidden], dc: [hidden], chain: [batch, visible], activity: [hidden],
    };
    const first = { ...golden.start, activity: Array.from({ length: hidden }, () => golden.target ?? 0) };
    const feeds = new Map<string, Value>();
    for (const name of stepStates(form)) {
      const values = new Map<string, readonly number[]>(Object.entries(first)).get(name);
      feeds.set(name, values ? feed(shapes[name] ?? [], values) : floats(shapes[name] ?? []));
    }
    feeds.set('v', feed([steps, batch, visible], golden.v));
    const sequences = stepSequences(form);
    sequences.hidden.forEach((name, i) => feeds.set(name, feed([steps, batch, hidden], golden.uh[i] ?? [])));
    sequences.visible.forEach((name, i) => feeds.set(name, feed([steps, batch, visible], golden.uv[i] ?? [])));
    const scalars = new Map(Object.entries(golden).flatMap(([name, value]) => (typeof value === 'number' ? [[name, value] as const] : [])));
    for (const name of stepScalars(form)) feeds.set(name, feed([], [scalars.get(name) ?? NaN]));
    const results = await session.run(feeds, [...stepStates(form).map(after), ratio]);
    await session.release();
    for (const name of stepStates(form)) {
      const found = Array.from(results.get(after(name))?.data as Float32Array);
      const expected = present(golden.end[name]);
      expect(found).toHaveLength(expected.length);
      found.forEach((value, i) => expect(Math.abs(value - (expected[i] ?? NaN)), `${name}[${i}]`).toBeLessThan(2e-6));
    }
    expect(Number(results.get(ratio)?.data[0])).toBeCloseTo(golden.end.ratio, 5);
  });
});

describe('energies are those of mpmath', () => {
  it.each(goldens.energies.map((golden) => [`${golden.visible} × ${golden.hidden}`, golden] as const))('%s', (_, golden) => {
    const machine: Machine = {
      kind: 'bernoulli', visible: golden.visible, hidden: golden.hidden, weights: Float32Array.from(golden.W),
      visibleBias: Float32Array.from(golden.b), hiddenBias: Float32Array.from(golden.c),
    };
    const data = Float32Array.from(golden.data);
    const rows = data.length / golden.visible;
    golden.freeEnergies.forEach((expected, row) => {
      expect(freeEnergy(machine, data.subarray(row * golden.visible, (row + 1) * golden.visible))).toBeCloseTo(expected, 12);
    });
    expect(pseudoLikelihood(machine, data, rows)).toBeCloseTo(golden.pseudoLikelihood, 12);
    expect(logPartition(machine)).toBeCloseTo(golden.logPartition, 12);
    expect(divergenceOf(machine, data, logPartition(machine))).toBeCloseTo(golden.divergence, 12);
    // Of one unit for each sample the mean over all units is the sum.
    const drawn = Array.from({ length: golden.visible }, (_unused, unit) => (
      stochasticPseudoLikelihood(machine, data, rows, Array.from({ length: rows }, () => (unit + 0.5) / golden.visible))));
    expect(drawn.reduce((sum, value) => sum + value / golden.visible, 0)).toBeCloseTo(golden.pseudoLikelihood, 12);
  });
});

describe('scikit-learn, on the same data with the same hidden units and epochs,', () => {
  it.each(goldens.scikitLearn.map((golden) => [golden.hidden, golden.epochs, golden] as const))(
    'finds them no more probable: %i hidden units, %i epochs', async (hidden, epochs, { batch, best }) => {
      const { machine, data } = await learnBars({ side: 4, hidden, batch, epochs, gibbs: 1, rate: 0.1, momentum: 0.9, seed: 1 });
      expect(pseudoLikelihood(machine, data, 30)).toBeGreaterThan(best.pseudoLikelihood);
    });
});
