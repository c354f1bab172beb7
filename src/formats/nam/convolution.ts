// Convolutions of Neural Amp Modeler: along time, seeing nothing of the future, weights in the order of PyTorch.

import type { JsonView } from '../json/view';
import type { TextNetwork } from '../lowering/textNetwork';
import type { WeightList } from './weights';

export interface Window {
  readonly kernel?: number;
  readonly dilation?: number;
  readonly groups?: number;
  readonly bias?: boolean;
}

/** What all parts of a network are built with. */
export interface Building {
  readonly network: TextNetwork;
  readonly weights: WeightList;
  /** Where messages say that sizes do not fit. */
  readonly config: JsonView;
}

/** What makes a value of a value. */
export type Step = (value: string) => string;

/**
 * Takes the kernel [out, in / groups, taps], whose last tap meets the present sample, and the bias (NeuralAmpModelerCore, conv1d.cpp). Weights
 * are in the order in which they are taken, which is not the order in which they are applied.
 */
export function convolution({ network, weights, config }: Building, name: string, [from, to]: readonly [number, number], window: Window = {}): Step {
  const { kernel = 1, dilation = 1, groups = 1, bias = true } = window;
  if (from % groups !== 0 || to % groups !== 0) throw network.refuse(config, `has ${groups} groups in ${name}, which do not divide ${from} and ${to} channels`);
  return network.within(name, () => {
    const taken = [weights.take('weight', [to, from / groups, kernel]), ...(bias ? [weights.take('bias', [to])] : [])];
    const attributes = { kernel_shape: [kernel], dilations: [dilation], group: groups, pads: [(kernel - 1) * dilation, 0] };
    return (value) => network.within(name, () => network.add('Conv', [value, ...taken], attributes));
  });
}
