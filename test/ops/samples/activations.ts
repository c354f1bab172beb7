import { float } from '../../../src/core/graph/builder';
import { awayFrom, exactly, noise, sample, scalar } from './sample';
import type { Sample } from './sample';

/** Both tails and the middle. */
const wide = (kinks: readonly number[] = []): ReturnType<typeof awayFrom> => awayFrom([2, 3, 5], kinks, 2);

export const activations: readonly Sample[] = [
  sample('Relu', 'default', { X: wide([0]) }),
  sample('LeakyRelu', 'default', { X: wide([0]) }),
  sample('LeakyRelu', 'alpha', { X: wide([0]) }, { alpha: float(0.2) }),
  sample('LeakyRelu', 'negative alpha', { X: wide([0]) }, { alpha: float(-0.5) }),
  sample('Elu', 'default', { X: wide([0]) }),
  sample('Elu', 'alpha', { X: wide([0]) }, { alpha: float(0.5) }),
  sample('Celu', 'default', { X: wide([0]) }),
  sample('Celu', 'alpha', { X: wide([0]) }, { alpha: float(0.5) }),
  sample('ThresholdedRelu', 'default', { X: wide([1]) }),
  sample('ThresholdedRelu', 'alpha', { X: wide([-0.5]) }, { alpha: float(-0.5) }),
  sample('Shrink', 'default', { input: wide([-0.5, 0.5]) }),
  sample('Shrink', 'soft', { input: wide([-1, 1]) }, { lambd: float(1), bias: float(1) }),
  sample('Shrink', 'lambda and bias', { input: wide([-1.5, 1.5]) }, { lambd: float(1.5), bias: float(0.25) }),
  sample('Selu', 'default', { X: wide([0]) }),
  sample('Selu', 'alpha and gamma', { X: wide([0]) }, { alpha: float(0.5), gamma: float(2) }),
  sample('Sigmoid', 'default', { X: wide() }),
  sample('Tanh', 'default', { X: wide() }),
  sample('Softplus', 'default', { X: wide() }),
  sample('Softsign', 'default', { X: wide([0]) }),
  sample('HardSigmoid', 'default', { X: wide([-2.5, 2.5]) }),
  sample('HardSigmoid', 'alpha and beta', { X: wide([-0.5, 1.5]) }, { alpha: float(0.5), beta: float(0.25) }),
  sample('HardSwish', 'default', { X: wide([-3, 3]) }),
  sample('Gelu', 'exact', { X: wide() }),
  sample('Gelu', 'tanh', { X: wide() }, { approximate: 'tanh' }),
  sample('Mish', 'default', { X: wide() }),

  sample('PRelu', 'scalar slope', { X: awayFrom([3, 4], [0]), slope: scalar(0.25) }),
  sample('PRelu', 'slope per channel', { X: awayFrom([2, 3, 4, 2], [0]), slope: noise([3, 1, 1]) }),
  sample('PRelu', 'slope per element', { X: awayFrom([3, 4], [0]), slope: noise([3, 4]) }),
  sample('PRelu', 'slope of one element', { X: awayFrom([2, 3, 4], [0]), slope: exactly([1], [0.1]) }),
  sample('PRelu', 'negative slope', { X: awayFrom([5], [0]), slope: scalar(-0.5) }),

  sample('Clip', 'both bounds', { X: wide([-1, 1.5]), min: scalar(-1), max: scalar(1.5) }),
  sample('Clip', 'lower bound', { X: wide([0.5]), min: scalar(0.5) }),
  sample('Clip', 'upper bound', { X: wide([-0.5]), min: null, max: scalar(-0.5) }),
  sample('Clip', 'no bound', { X: wide() }),
];
