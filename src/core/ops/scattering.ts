import { elementCount } from '../graph/dtype';
import { movedBack } from './layout';
import { productOfOthers } from './reduction';
import type { OperatorSpec, Rule, RuleContext } from './spec';

/** Operators that read or write elements at given indices (see indexing.ts for why sums are made by ScatterElements alone). */

/** What an operator does with its indices, as two words. */
interface Places {
  /** The elements of a tensor of the data's shape that the updates go to, in the updates' shape. */
  readonly gather: (value: string) => string;
  /** Updates written into a tensor of the data's shape, by a reduction. */
  readonly scatter: (into: string, updates: string, reduction: string) => string;
}

/**
 * Y is X, but at the indices what the reduction makes of X and the updates U; with ↓ for reading there:
 *   none: dX = dY but 0 where U went, dU = ↓dY;   add: dX = dY, dU = ↓dY;
 *   mul: dX = dY · Π U, dU = ↓(dY X) · Π of the other U that went there;
 *   max, min: each gets dY where it equals Y.
 * Two updates of one place have no order with `none`, so that no gradient is right; the specification forbids them.
 */
function scattering(op: string, places: (r: RuleContext) => Places): OperatorSpec {
  const data: Rule = (r) => {
    const { m, x, y, dy, string, shapeOf } = r;
    const { scatter } = places(r);
    const reduction = string('reduction', 'none');
    if (reduction === 'add') return dy('output');
    if (reduction === 'none') return scatter(dy('output'), m.zeros(shapeOf(x('updates'))), 'none');
    if (reduction === 'mul') return m.mul(dy('output'), scatter(ones(r, 'data'), x('updates'), 'mul'));
    return m.masked(m.equal(x('data'), y('output')), dy('output'));
  };
  const updates: Rule = (r) => {
    const { m, x, y, dy, string, shapeOf } = r;
    const { gather, scatter } = places(r);
    const reduction = string('reduction', 'none');
    if (reduction === 'none' || reduction === 'add') return gather(dy('output'));
    if (reduction !== 'mul') return m.masked(m.equal(x('updates'), gather(y('output'))), gather(dy('output')));
    const others = productOfOthers(m, x('updates'), (factors) => gather(scatter(ones(r, 'data'), factors, 'mul')),
      (summands) => gather(scatter(m.zeros(shapeOf(x('data'))), summands, 'add')));
    return m.mul(gather(m.mul(dy('output'), x('data'))), others);
  };
  return { op, inputs: ['data', 'indices', 'updates'], outputs: ['output'], gradient: { data, indices: 'non-differentiable', updates } };
}

const ones = ({ m, x, shapeOf }: RuleContext, formal: string): string => m.expand(m.constant(1), shapeOf(x(formal)));

/** Along an axis. */
function alongAxis({ m, x, int }: RuleContext): Places {
  const axis = int('axis', 0);
  return {
    gather: (value) => m.graph.add('GatherElements', [value, x('indices')], { axis }),
    scatter: (into, updates, reduction) => m.graph.add('ScatterElements', [into, x('indices'), updates], { axis, reduction }),
  };
}

/** By the first coordinates, a whole slice at each: as flat indices, one for each element of the updates. */
function byCoordinates(r: RuleContext): Places {
  const { m, x, shapeOf } = r;
  const shape = shapeOf(x('data'));
  const flat = r.once('flat', () => m.reshape(m.graph.add('GatherND', [m.flatIndices(shape), x('indices')]), [elementCount(shapeOf(x('updates')))]));
  return {
    gather: (value) => m.graph.add('GatherND', [value, x('indices')]),
    scatter: (into, updates, reduction) => m.reshape(
      m.graph.add('ScatterElements', [m.reshape(into, [-1]), flat, m.reshape(updates, [-1])], { axis: 0, reduction }), shape),
  };
}

export const scatterings: readonly OperatorSpec[] = [
  // Y_i = X at indices_i along an axis
  {
    op: 'GatherElements',
    inputs: ['data', 'indices'],
    outputs: ['output'],
    gradient: {
      data: ({ m, x, dy, int, shapeOf }) => (
        m.graph.add('ScatterElements', [m.zeros(shapeOf(x('data'))), x('indices'), dy('output')], { axis: int('axis', 0), reduction: 'add' })),
      indices: 'non-differentiable',
    },
  },
  { op: 'GatherND', inputs: ['data', 'indices'], outputs: ['output'], gradient: { data: movedBack('data', 'output'), indices: 'non-differentiable' } },
  scattering('ScatterElements', alongAxis),
  scattering('ScatterND', byCoordinates),
  // The largest or smallest, each from one place along the axis, which the second output names
  {
    op: 'TopK',
    inputs: ['X', 'K'],
    outputs: ['Values', 'Indices'],
    outputType: (_, output) => (output === 1 ? 'int64' : undefined),
    gradient: {
      X: ({ m, x, y, dy, int, shapeOf }) => (
        m.graph.add('ScatterElements', [m.zeros(shapeOf(x('X'))), y('Indices'), dy('Values')], { axis: int('axis', -1) })),
      K: 'non-differentiable',
    },
  },
];
