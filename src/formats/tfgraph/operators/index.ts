// The operators of TensorFlow that are put into those of ONNX, by family.

import type { Rules } from '../operation';
import { convolutions } from './convolution';
import { creation } from './creation';
import { elementwise } from './elementwise';
import { joining } from './joining';
import { matrices } from './matrices';
import { reductions } from './reductions';
import { shapes } from './shapes';
import { slicing } from './slicing';
import { space } from './space';

export const operators: Rules = {
  ...elementwise, ...convolutions, ...matrices, ...reductions, ...shapes, ...joining, ...slicing, ...space, ...creation,
};
