/** Moments and critical points of activations, against mpmath (criticality.py). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { operators } from '../../src/core/ops/registry';
import { activationMoments } from '../../src/core/ops/quadrature';
import type { Activation } from '../../src/core/ops/spec';
import { swish } from '../../src/core/layers/patterns';
import { criticalityOf, responseAt, varianceSlope } from '../../src/core/theory/criticality';

interface Golden {
  readonly moments: Readonly<Record<string, { readonly second: number; readonly slope: number; readonly varianceSlope: number }>>;
  readonly critical?: { readonly variance: number; readonly weights: number; readonly biases: number };
}

const goldens = JSON.parse(readFileSync(path.join(import.meta.dirname, 'criticality.json'), 'utf8')) as Readonly<Record<string, Golden>>;

function named(op: string): Activation {
  const node = { op, domain: '', name: op, inputs: ['x'], outputs: ['y'], attributes: {} };
  const found = op === 'Silu' ? swish(1) : operators.get(op)?.activation?.(node, () => null);
  if (!found) throw new Error(`${op} is no activation.`);
  return found;
}

const near = (value: number, expected: number, tolerance = 1e-9): void => expect(Math.abs(value / expected - 1)).toBeLessThan(tolerance);

describe.each(Object.entries(goldens))('%s', (op, { moments, critical }) => {
  const activation = named(op);
  it.each(Object.entries(moments))('has its moments at variance %s', (variance, { second, slope, varianceSlope: expected }) => {
    const found = activationMoments(activation, Math.sqrt(Number(variance)));
    near(found.second, second);
    near(found.slope, slope);
    near(varianceSlope(activation, Number(variance)), expected);
  });
  if (critical) it('is critical where both responses are 1', () => {
    const found = criticalityOf(activation);
    expect(found.kind).toBe('half-stable');
    near(found.variance ?? NaN, critical.variance, 1e-7);
    near(found.weights, critical.weights, 1e-9);
    near(found.biases, critical.biases, 1e-7);
    const { parallel, perpendicular } = responseAt(activation, critical.variance, critical.weights);
    near(parallel, 1, 1e-9);
    near(perpendicular, 1, 1e-9);
  });
});

describe('universality classes', () => {
  it.each([
    ['Relu', 'scale-invariant'], ['LeakyRelu', 'scale-invariant'], ['Tanh', 'towards zero'], ['Softsign', 'towards zero'], ['Elu', 'towards zero'],
    ['Gelu', 'half-stable'], ['Silu', 'half-stable'], ['Mish', 'half-stable'], ['HardSwish', 'half-stable'], ['Sigmoid', 'none'], ['Softplus', 'none'],
  ])('%s is %s', (op, kind) => expect(criticalityOf(named(op)).kind).toBe(kind));
});
