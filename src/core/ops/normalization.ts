import type { Node } from '../graph/graph';
import { intAttribute } from '../graph/graph';
import type { OperatorSpec, RuleContext } from './spec';

/**
 * Every normalisation here is x̂ = (x − μ) / σ over some axes, σ = √(var + ε), then y = γ x̂ + β. With ĝ = γ dY and ⟨·⟩ the mean over the
 * same axes (Ioffe & Szegedy 2015, arXiv 1502.03167, section 3):
 *   dx = (ĝ − ⟨ĝ⟩ − x̂ ⟨ĝ x̂⟩) / σ,   dγ = Σ dY x̂,   dβ = Σ dY   (sums over the axes γ does not have).
 * Batch normalisation with stored statistics is affine: dx = γ dY / σ, dμ = −Σ γ dY / σ, dvar = −½ Σ γ dY x̂ / σ².
 */
interface Normalized {
  readonly standardized: string;
  /** 1 / σ */
  readonly inverse: string;
}

export function standardize(r: RuleContext, input: string, axes: readonly number[], epsilon = r.float('epsilon', 1e-5)): Normalized {
  const { m } = r;
  const centred = r.once('centred', () => m.sub(input, m.mean(input, axes)));
  const inverse = r.once('inverse', () => m.reciprocal(m.sqrt(m.plus(m.mean(m.square(centred), axes), epsilon))));
  return { inverse, standardized: r.once('standardized', () => m.mul(centred, inverse)) };
}

export function throughStandardize(
  { m }: RuleContext, cotangent: string, { standardized, inverse }: Normalized, axes: readonly number[],
): string {
  const inner = m.mul(standardized, m.mean(m.mul(cotangent, standardized), axes));
  return m.mul(m.sub(m.sub(cotangent, m.mean(cotangent, axes)), inner), inverse);
}

/** Batch statistics are over every axis but the channels, axis 1. */
function batchAxes(r: RuleContext): readonly number[] {
  return r.shapeOf(r.x('X')).flatMap((_, axis) => (axis === 1 ? [] : [axis]));
}

/** A per-channel vector [C] in the shape that broadcasts against [N, C, …]. */
function perChannel(r: RuleContext, vector: string): string {
  const shape = r.shapeOf(r.x('X'));
  return r.m.reshape(vector, shape.map((size, axis) => (axis === 1 ? size : 1)));
}

/**
 * With batch statistics, n elements per channel and c = x − μ: dβ = Σ dY, dγ = Σ dY c / σ, and dx is affine in dY and c,
 *   dx = a dY + b c − a dβ / n,   a = γ / σ,   b = −a dγ / (n σ).
 * Two sums and four passes over the data, where taking x̂ for itself needs four and eight.
 */
function batchSums(r: RuleContext): Readonly<Record<'inverse' | 'centred' | 'gamma' | 'beta', string>> {
  const { m } = r;
  const axes = batchAxes(r);
  return r.onceAll('sums', () => {
    const centred = m.sub(r.x('X'), m.mean(r.x('X'), axes));
    const inverse = m.reciprocal(m.sqrt(m.plus(m.mean(m.square(centred), axes), r.float('epsilon', 1e-5))));
    return { centred, inverse, beta: m.sum(r.dy('Y'), axes), gamma: m.mul(m.sum(m.mul(r.dy('Y'), centred), axes), inverse) };
  });
}

function throughBatch(r: RuleContext): string {
  const { m } = r;
  const { inverse, centred, gamma, beta } = batchSums(r);
  const shape = r.shapeOf(r.x('X'));
  const n = batchAxes(r).reduce((count, axis) => count * (shape[axis] ?? 1), 1);
  const a = m.mul(perChannel(r, r.x('scale')), inverse);
  const share = m.scale(a, -1 / n);
  const b = m.mul(m.mul(share, gamma), inverse);
  return m.add(m.mul(a, r.dy('Y')), m.add(m.mul(b, centred), m.mul(share, beta)));
}

/** A value per channel that was kept in the shape that broadcasts, as the vector [C]. */
const asVector = (r: RuleContext, value: string): string => r.m.reshape(value, [r.shapeOf(r.x('X'))[1] ?? 1]);

/** With stored statistics. */
function batchNormalized(r: RuleContext): Normalized {
  const { m } = r;
  const inverse = r.once('inverse', () => perChannel(r, m.reciprocal(m.sqrt(m.plus(r.x('input_var'), r.float('epsilon', 1e-5))))));
  const standardized = r.once('standardized', () => m.mul(m.sub(r.x('X'), perChannel(r, r.x('input_mean'))), inverse));
  return { inverse, standardized };
}

const isTraining = (node: Node): boolean => intAttribute(node, 'training_mode', 0) === 1;

/** A stored statistic, which does not enter Y in training mode. */
function ofStored(r: RuleContext, each: () => string): string {
  return isTraining(r.node) ? r.m.zeros([r.shapeOf(r.x('X'))[1] ?? 1]) : r.m.sum(each(), batchAxes(r), false);
}

const BatchNormalization: OperatorSpec = {
  op: 'BatchNormalization',
  inputs: ['X', 'scale', 'B', 'input_mean', 'input_var'],
  outputs: ['Y', 'running_mean', 'running_var'],
  gradient: {
    X: (r) => {
      if (isTraining(r.node)) return throughBatch(r);
      return r.m.mul(r.m.mul(r.dy('Y'), perChannel(r, r.x('scale'))), batchNormalized(r).inverse);
    },
    scale: (r) => {
      if (isTraining(r.node)) return asVector(r, batchSums(r).gamma);
      return r.m.sum(r.m.mul(r.dy('Y'), batchNormalized(r).standardized), batchAxes(r), false);
    },
    B: (r) => (isTraining(r.node) ? asVector(r, batchSums(r).beta) : r.m.sum(r.dy('Y'), batchAxes(r), false)),
    input_mean: (r) => ofStored(r, () => r.m.neg(r.m.mul(r.m.mul(r.dy('Y'), perChannel(r, r.x('scale'))), batchNormalized(r).inverse))),
    input_var: (r) => ofStored(r, () => {
      const { standardized, inverse } = batchNormalized(r);
      const cotangent = r.m.mul(r.dy('Y'), perChannel(r, r.x('scale')));
      return r.m.scale(r.m.mul(r.m.mul(cotangent, standardized), r.m.square(inverse)), -0.5);
    }),
  },
  parameters: {
    scale: { role: 'gamma' }, B: { role: 'beta' }, input_mean: { role: 'running mean' }, input_var: { role: 'running variance' },
  },
};

/** The axes from `axis` on. */
function layerAxes(r: RuleContext): readonly number[] {
  const rank = r.shapeOf(r.x('X')).length;
  const axis = r.int('axis', -1);
  const first = axis < 0 ? axis + rank : axis;
  return Array.from({ length: rank - first }, (_, i) => first + i);
}

const LayerNormalization: OperatorSpec = {
  op: 'LayerNormalization',
  inputs: ['X', 'Scale', 'B'],
  outputs: ['Y', 'Mean', 'InvStdDev'],
  gradient: {
    X: (r) => throughStandardize(r, r.m.mul(r.dy('Y'), r.x('Scale')), standardize(r, r.x('X'), layerAxes(r)), layerAxes(r)),
    Scale: (r) => ({ value: r.m.mul(r.dy('Y'), standardize(r, r.x('X'), layerAxes(r)).standardized), shape: r.shapeOf(r.x('X')) }),
    B: (r) => ({ value: r.dy('Y'), shape: r.shapeOf(r.x('X')) }),
  },
  parameters: { Scale: { role: 'gamma' }, B: { role: 'beta' } },
};

/** Y_i = e^{X_i} / Σ_j e^{X_j} along an axis, dX = Y (dY − Σ dY Y) */
const Softmax: OperatorSpec = {
  op: 'Softmax',
  inputs: ['input'],
  outputs: ['output'],
  gradient: {
    input: (r) => {
      const [y, dY] = [r.y('output'), r.dy('output')];
      return r.m.mul(y, r.m.sub(dY, r.m.sum(r.m.mul(dY, y), [r.int('axis', -1)])));
    },
  },
};

/** Y = X − log Σ e^X along an axis, dX = dY − e^Y Σ dY */
const LogSoftmax: OperatorSpec = {
  op: 'LogSoftmax',
  inputs: ['input'],
  outputs: ['output'],
  gradient: {
    input: (r) => r.m.sub(r.dy('output'), r.m.mul(r.m.exp(r.y('output')), r.m.sum(r.dy('output'), [r.int('axis', -1)]))),
  },
};

export const normalization: readonly OperatorSpec[] = [BatchNormalization, LayerNormalization, Softmax, LogSoftmax];
