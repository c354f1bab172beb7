/** Order, chaos and the edge between: of tanh as published, of ReLU as its formula says, and the same on the edge from both sides. */
import { describe, expect, it } from 'vitest';
import { activationIntegrals } from '../../../../src/core/theory/activationIntegrals';
import { phasePlane } from '../../../../src/core/theory/phaseDiagram';
import type { Activation } from '../../../../src/core/ops/spec';

const tanh: Activation = { f: Math.tanh, df: (x) => 1 / Math.cosh(x) ** 2, kinks: [] };
const relu: Activation = { f: (x) => Math.max(0, x), df: (x) => Number(x > 0), kinks: [0] };
const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
const sigmoid: Activation = { f: logistic, df: (x) => logistic(x) * (1 - logistic(x)), kinks: [] };
const nowhere = { weights: 0, biases: 0 };

describe('the plane of an activation', () => {
  it('has the edge of tanh begin at (1, 0), and lean to larger kernels with larger biases', () => {
    const { edge, critical } = phasePlane(tanh, { weights: 4, biases: 0.3 });
    expect(critical).toEqual({ weights: 1, biases: 0 });
    expect(edge[0]?.weights).toBeCloseTo(1, 3);
    expect(edge[0]?.biases).toBeCloseTo(0, 6);
    expect(edge.every(({ weights, biases }, at) => at === 0 || (weights > (edge[at - 1]?.weights ?? 0) && biases > (edge[at - 1]?.biases ?? 0)))).toBe(true);
    // Pennington et al. 2017 run tanh at σ_w² = 1.05, σ_b² = 2.01e-5, on the edge.
    const [low, high] = [edge.findLast(({ weights }) => weights < 1.05), edge.find(({ weights }) => weights >= 1.05)];
    expect(low?.biases).toBeLessThan(2.01e-5 * 1.15);
    expect(high?.biases).toBeGreaterThan(2.01e-5 * 0.85);
  });

  it('is ordered on the side of small kernels, and chaotic on the other', () => {
    const { perpendicular, columns, reach, edge } = phasePlane(tanh, { weights: 4, biases: 0.3 });
    const rows = perpendicular.length / columns;
    let looked = 0;
    for (let row = 1; row < rows; row++) {
      const biases = row / (rows - 1) * reach.biases;
      const behind = edge.findIndex((point) => point.biases >= biases);
      const [low, high] = [edge[behind - 1], edge[behind]];
      if (!low || !high) continue;
      const weights = low.weights + (high.weights - low.weights) * (biases - low.biases) / (high.biases - low.biases);
      const column = weights / reach.weights * (columns - 1);
      expect(perpendicular[row * columns + Math.floor(column - 0.5)]).toBeLessThan(1);
      expect(perpendicular[row * columns + Math.ceil(column + 0.5)]).toBeGreaterThan(1);
      looked++;
    }
    expect(looked).toBeGreaterThan(15);
    expect(perpendicular.every((each) => Number.isFinite(each) && each >= 0)).toBe(true);
  });

  it('of ReLU is halved by kernels of 2, whatever the biases', () => {
    const { perpendicular, columns, reach, edge, critical } = phasePlane(relu, nowhere);
    expect(critical?.weights).toBeCloseTo(2, 9);
    expect(edge.every(({ weights }) => Math.abs(weights - 2) < 1e-9)).toBe(true);
    perpendicular.forEach((each, at) => expect(each).toBeCloseTo((at % columns) / (columns - 1) * reach.weights / 2, 6));
  });

  it('of sigmoid has no edge near zero: gradients of a stack vanish unless kernels are large', () => {
    const { perpendicular, columns, reach } = phasePlane(sigmoid, nowhere);
    const [, slope] = [0, activationIntegrals(sigmoid, 1e-3, 0).slope];
    expect(slope).toBeCloseTo(1 / 16, 4);
    const lowest = perpendicular.slice(0, columns);
    expect(lowest.every((each, at) => each <= at / (columns - 1) * reach.weights / 16 + 1e-9)).toBe(true);
  });

  it('reaches as far as it is asked to, and not so far that the edge is a line at its side', () => {
    expect(phasePlane(tanh, { weights: 3, biases: 1 }).reach).toEqual({ weights: 1.15 * 3, biases: 1.15 });
    expect(phasePlane(tanh, { weights: 300, biases: 100 }).reach).toEqual({ weights: 4, biases: 2 });
  });
});
