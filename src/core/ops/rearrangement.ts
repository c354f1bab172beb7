import { elementCount } from '../graph/dtype';
import { movedBack } from './layout';
import type { OperatorSpec, RuleContext } from './spec';

/** Operators that put the elements of their input in other places, each at most once. */

/** X [N, C·b², H, W] → Y [N, C, H·b, W·b]; CRD has the blocks behind the channels, where SpaceToDepth does not put them. */
function ofDepthToSpace({ m, x, dy, int, string, shapeOf }: RuleContext): string {
  const shape = shapeOf(x('input'));
  const size = int('blocksize', 1);
  if (string('mode', 'DCR') === 'DCR') return m.graph.add('SpaceToDepth', [dy('output')], { blocksize: size });
  const [N = 1, C = 1, H = 1, W = 1] = shape;
  const blocks = m.reshape(dy('output'), [N, C / size ** 2, H, size, W, size]);
  return m.reshape(m.transpose(blocks, [0, 1, 3, 5, 2, 4]), shape);
}

/** Y is X cut and zero-padded about the middle: flat indices from 1 on go the same way, and 0 marks what has come from nowhere. */
function ofCentre({ m, node, x, dy, shapeOf }: RuleContext): string {
  const shape = shapeOf(x('input_data'));
  const count = elementCount(shape);
  const counted = m.add(m.flatIndices(shape), m.graph.constant('int64', [], [1]));
  const moved = m.graph.add('CenterCropPad', [counted, x('shape')], node.attributes);
  return m.reshape(m.slice(m.scatterAdd([count + 1], moved, dy('output_data')), [0], [1], [count + 1], [1]), shape);
}

export const rearrangements: readonly OperatorSpec[] = [
  { op: 'DepthToSpace', inputs: ['input'], outputs: ['output'], gradient: { input: (r) => ofDepthToSpace(r) } },
  {
    op: 'SpaceToDepth',
    inputs: ['input'],
    outputs: ['output'],
    gradient: { input: ({ m, dy, int }) => m.graph.add('DepthToSpace', [dy('output')], { blocksize: int('blocksize', 1), mode: 'DCR' }) },
  },
  {
    op: 'CenterCropPad',
    inputs: ['input_data', 'shape'],
    outputs: ['output_data'],
    gradient: { input_data: (r) => ofCentre(r), shape: 'non-differentiable' },
  },
  // Reversing twice is the identity.
  {
    op: 'ReverseSequence',
    inputs: ['input', 'sequence_lens'],
    outputs: ['Y'],
    gradient: {
      input: ({ m, node, x, dy }) => m.graph.add('ReverseSequence', [dy('Y'), x('sequence_lens')], node.attributes),
      sequence_lens: 'non-differentiable',
    },
  },
  // Y is X on one side of a diagonal and 0 on the other, and so is dX of dY.
  {
    op: 'Trilu',
    inputs: ['input', 'k'],
    outputs: ['output'],
    gradient: {
      input: ({ m, node, x, has, dy }) => m.graph.add('Trilu', [dy('output'), ...(has('k') ? [x('k')] : [])], node.attributes),
      k: 'non-differentiable',
    },
  },
  {
    op: 'Compress',
    inputs: ['input', 'condition'],
    outputs: ['output'],
    gradient: { input: movedBack('input', 'output'), condition: 'non-differentiable' },
  },
];
