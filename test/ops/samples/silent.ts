import { awayFrom, bytes, coins, distinct, exactly, ints, noise, sample, scalar, stored } from './sample';
import type { Sample } from './sample';

/** Whole numbers and halves are where rounding jumps. */
const offJumps = awayFrom([3, 4], [-3, -2.5, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3]);

export const silent: readonly Sample[] = [
  sample('Shape', 'matrix', { data: noise([2, 3]) }),
  sample('Size', 'matrix', { data: noise([2, 3]) }),
  sample('ConstantOfShape', 'zeros', { input: ints([2, 3]) }),
  sample('ArgMax', 'rows', { data: distinct([3, 4]) }, { axis: 1 }),
  sample('ArgMin', 'rows', { data: distinct([3, 4]) }, { axis: 1 }),
  sample('NonZero', 'matrix', { X: exactly([2, 2], [1, 0, 0, 2]) }),
  sample('EyeLike', 'matrix', { input: noise([3, 3]) }, { dtype: 1 }),
  ...['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'].map((op) => sample(op, 'row', { A: noise([2, 3]), B: noise([3]) })),
  ...['And', 'Or', 'Xor'].map((op) => sample(op, 'row', { A: coins([2, 3]), B: coins([3]) })),
  sample('Not', 'matrix', { X: coins([2, 3]) }),
  sample('IsNaN', 'matrix', { X: noise([2, 3]) }),
  sample('IsInf', 'matrix', { X: noise([2, 3]) }),
  sample('Hardmax', 'rows', { input: distinct([2, 4]) }),
  sample('BitwiseNot', 'bytes', { X: bytes([1, 2]) }),
  ...['BitwiseAnd', 'BitwiseOr', 'BitwiseXor'].map((op) => sample(op, 'bytes', { A: bytes([1, 2]), B: bytes([3, 4]) })),
  sample('BitShift', 'bytes', { X: bytes([1, 2]), Y: bytes([3, 4]) }, { direction: 'LEFT' }),
  sample('NonMaxSuppression', 'one class', {
    boxes: exactly([1, 3, 4], [0, 0, 1, 1, 0, 0.125, 1, 1.125, 0, 2, 1, 3]), scores: exactly([1, 1, 3], [0.875, 0.75, 0.5]),
    max_output_boxes_per_class: ints([3]), iou_threshold: stored([1], [0.5]), score_threshold: stored([1], [0]),
  }),
  ...['RandomNormal', 'RandomUniform'].map((op) => sample(op, 'matrix', {}, { shape: [2, 3] })),
  ...['RandomNormalLike', 'RandomUniformLike', 'Bernoulli', 'Multinomial'].map((op) => sample(op, 'matrix', { input: stored([1, 2], [0.5, 0.25]) })),
  ...['HannWindow', 'HammingWindow', 'BlackmanWindow'].map((op) => sample(op, 'eight', { size: ints([8], []) })),
  ...['Floor', 'Ceil', 'Round', 'Sign'].map((op) => sample(op, 'matrix', { X: offJumps })),
  sample('Sign', 'scalar', { X: scalar(-0.75) }),
];
