import { awayFrom, between, coins, distinct, exactly, flags, ints, noise, positive, sample, scalar, stored } from './sample';
import type { Fill, Sample } from './sample';

/** The ways two shapes are broadcast: not at all, a row, a scalar, each against the other, by rank and by size. */
const broadcasts: readonly (readonly [string, readonly number[], readonly number[]])[] = [
  ['same shape', [3, 4], [3, 4]],
  ['row', [2, 3, 4], [4]],
  ['scalar', [2, 3], []],
  ['both ways', [2, 1, 4], [3, 1]],
  ['lower rank first', [4], [2, 3, 4]],
  ['ones kept', [1, 3], [2, 1, 1]],
];

function binary(op: string, A: (shape: readonly number[]) => Fill, B: (shape: readonly number[]) => Fill): readonly Sample[] {
  return broadcasts.map(([name, a, b]) => sample(op, name, { A: A(a), B: B(b) }));
}

const onNoise = ['Neg', 'Exp', 'Erf', 'Sin', 'Cos', 'Identity', 'Sinh', 'Cosh', 'Atan', 'Asinh'];
/** Within the domains of inverse functions, and off their ends. */
const onUnit = ['Tan', 'Asin', 'Acos', 'Atanh'];
const onPositive = ['Log', 'Sqrt'];

/** The mask is no float, and has no cotangent. */
const masked = { outputs: 2, unused: [1] };

export const elementwise: readonly Sample[] = [
  ...binary('Add', noise, noise),
  ...binary('Sub', noise, noise),
  ...binary('Mul', noise, noise),
  ...binary('Div', noise, (shape) => awayFrom(shape, [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3])),
  ...binary('Pow', positive, noise),
  sample('Pow', 'negative base, whole exponent', { A: awayFrom([3, 4], [0]), B: stored([], [3]) }),
  sample('Pow', 'integer exponent', { A: awayFrom([3, 4], [0]), B: ints([3], []) }),
  sample('Pow', 'integer exponents by column', { A: awayFrom([2, 3], [0]), B: ints([1, 2, 3]) }),

  sample('Mod', 'same shape', { A: exactly([2, 3], [3.25, -3.25, 7.5, -0.75, 5.125, -6.5]), B: exactly([2, 3], [1.5, 1.5, -2, 2, 1.25, -2.25]) }, { fmod: 1 }),
  sample('Mod', 'broadcast', { A: exactly([2, 1, 2], [4.25, -2.5, 0.5, 5.75]), B: exactly([2, 1], [1.5, -1.75]) }, { fmod: 1 }),
  sample('Mod', 'integers', { A: ints([5, -3]), B: ints([3]) }),

  sample('Sum', 'one', { inputs: [noise([2, 3])] }),
  sample('Sum', 'three, broadcast', { inputs: [noise([2, 3]), noise([3]), noise([2, 1])] }),
  sample('Mean', 'two', { inputs: [noise([2, 3]), noise([2, 3])] }),
  sample('Mean', 'three, broadcast', { inputs: [noise([2, 1, 3]), noise([4, 1]), noise([])] }),
  ...['Max', 'Min'].flatMap((op) => [
    sample(op, 'two', { inputs: [awayFrom([3, 4], [0]), exactly([], [0])] }),
    // Offsets of 1/24 keep the three apart.
    sample(op, 'three, broadcast', {
      inputs: [distinct([2, 3]), between([3], -0.04, 0.02), exactly([2, 1], [-0.203125, 0.296875])],
    }),
  ]),

  ...onNoise.map((op) => sample(op, 'matrix', { X: noise([3, 5]) })),
  ...onUnit.map((op) => sample(op, 'matrix', { X: between([3, 5], -0.875, 0.875) })),
  sample('Acosh', 'matrix', { X: between([3, 5], 1.25, 3) }),
  ...onPositive.map((op) => sample(op, 'matrix', { X: positive([3, 5]) })),
  sample('Exp', 'scalar', { X: scalar(0.75) }),
  sample('Erf', 'tails', { X: noise([12], 2) }),
  sample('Abs', 'matrix', { X: awayFrom([3, 5], [0]) }),
  sample('Reciprocal', 'matrix', { X: awayFrom([3, 5], [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]) }),
  sample('Cast', 'to float32', { X: noise([2, 3]) }, { to: 1 }),

  sample('CastLike', 'float32', { input: noise([2, 3]), target_type: stored([1], [0]) }),
  sample('Dropout', 'mask, off', { data: noise([3, 4]) }, {}, masked),
  sample('Dropout', 'mask, off by its input', { data: noise([3, 4]), ratio: stored([], [0.25]), training_mode: flags([0], []) }, {}, masked),
  sample('Dropout', 'training, nothing dropped', { data: noise([3, 4]), ratio: stored([], [0]), training_mode: flags([1], []) }, {}, masked),
  sample('Where', 'same shape', { condition: coins([3, 4]), X: noise([3, 4]), Z: noise([3, 4]) }),
  sample('Where', 'broadcast', { condition: coins([3, 1]), X: noise([2, 1, 4]), Z: noise([]) }),
  sample('Where', 'condition is widest', { condition: coins([2, 3, 4]), X: noise([4]), Z: noise([3, 1]) }),
];
