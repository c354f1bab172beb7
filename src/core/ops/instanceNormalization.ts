import { throughStandardize, standardize } from './normalization';
import type { OperatorSpec, RuleContext } from './spec';

/** Normalisations of one example at a time (see normalization.ts for the equations), over its pixels or over groups of its channels. */

/** All axes but the first `leading`. */
const axesFrom = (leading: number, shape: readonly number[]): readonly number[] => shape.flatMap((_, axis) => (axis < leading ? [] : [axis]));
/** All axes but the channels, axis 1. */
const others = (shape: readonly number[]): readonly number[] => shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));

/** A per-channel vector [C] in the shape that broadcasts against [N, C, …]. */
function perChannel({ m }: RuleContext, vector: string, shape: readonly number[]): string {
  return m.reshape(vector, shape.map((size, axis) => (axis === 1 ? size : 1)));
}

/** x̂ over the pixels of each channel, y = γ x̂ + β (Ulyanov, Vedaldi & Lempitsky 2016, arXiv 1607.08022). */
const InstanceNormalization: OperatorSpec = {
  op: 'InstanceNormalization',
  inputs: ['input', 'scale', 'B'],
  outputs: ['output'],
  gradient: {
    input: (r) => {
      const shape = r.shapeOf(r.x('input'));
      const axes = axesFrom(2, shape);
      return throughStandardize(r, r.m.mul(r.dy('output'), perChannel(r, r.x('scale'), shape)), standardize(r, r.x('input'), axes), axes);
    },
    scale: (r) => {
      const shape = r.shapeOf(r.x('input'));
      return r.m.sum(r.m.mul(r.dy('output'), standardize(r, r.x('input'), axesFrom(2, shape)).standardized), others(shape), false);
    },
    B: (r) => r.m.sum(r.dy('output'), others(r.shapeOf(r.x('input'))), false),
  },
  parameters: { scale: { role: 'gamma' }, B: { role: 'beta' } },
};

/** X as [N, groups, C/groups, …], whose axes from 2 on are normalised over. */
function grouped(r: RuleContext): { readonly input: string; readonly shape: readonly number[]; readonly axes: readonly number[] } {
  const [N = 1, C = 1, ...rest] = r.shapeOf(r.x('X'));
  const groups = r.int('num_groups', 1);
  const shape = [N, groups, C / groups, ...rest];
  return { shape, axes: axesFrom(2, shape), input: r.once('grouped', () => r.m.reshape(r.x('X'), shape)) };
}

/** x̂ over the pixels and channels of each group, y = γ x̂ + β with γ and β per channel (Wu & He 2018, arXiv 1803.08494). */
const GroupNormalization: OperatorSpec = {
  op: 'GroupNormalization',
  inputs: ['X', 'scale', 'bias'],
  outputs: ['Y'],
  gradient: {
    X: (r) => {
      const { input, shape, axes } = grouped(r);
      const cotangent = r.m.reshape(r.m.mul(r.dy('Y'), perChannel(r, r.x('scale'), r.shapeOf(r.x('X')))), shape);
      return r.m.reshape(throughStandardize(r, cotangent, standardize(r, input, axes), axes), r.shapeOf(r.x('X')));
    },
    scale: (r) => {
      const { input, axes } = grouped(r);
      const standardized = r.m.reshape(standardize(r, input, axes).standardized, r.shapeOf(r.x('X')));
      return r.m.sum(r.m.mul(r.dy('Y'), standardized), others(r.shapeOf(r.x('X'))), false);
    },
    bias: (r) => r.m.sum(r.dy('Y'), others(r.shapeOf(r.x('X'))), false),
  },
  parameters: { scale: { role: 'gamma' }, bias: { role: 'beta' } },
};

/** Y = x̂, without parameters; the specification adds 1e-9 to σ rather than to the variance. */
const MeanVarianceNormalization: OperatorSpec = {
  op: 'MeanVarianceNormalization',
  inputs: ['X'],
  outputs: ['Y'],
  gradient: {
    X: (r) => {
      const rank = r.shapeOf(r.x('X')).length;
      const axes = (r.ints('axes') ?? [0, 2, 3]).map((axis) => (axis < 0 ? axis + rank : axis));
      return throughStandardize(r, r.dy('Y'), standardize(r, r.x('X'), axes, 1e-18), axes);
    },
  },
};

export const instanceNormalizations: readonly OperatorSpec[] = [InstanceNormalization, GroupNormalization, MeanVarianceNormalization];
