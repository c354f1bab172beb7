// ConvNet and Linear of Neural Amp Modeler.

import { float } from '../../core/graph/builder';
import { activate } from './activations';
import type { Building } from './convolution';
import { convolution } from './convolution';

/** Its convolutions have two taps, whatever a configuration says (NeuralAmpModelerCore, convnet.cpp). */
const taps = 2;

export function lowerConvnet(building: Building, input: string, inputs: number): string {
  const { network, config } = building;
  const [channels, outputs, groups] = [config.get('channels').whole(1), config.find('out_channels')?.whole(1) ?? 1, config.find('groups')?.whole(1) ?? 1];
  const [isNormalised, activation] = [config.get('batchnorm').flag(), config.get('activation')];
  let value = input;
  for (const [i, dilation] of config.get('dilations').list().entries()) {
    const from = i === 0 ? inputs : channels;
    value = network.within(`block_${i}`, () => {
      const made = convolution(building, 'conv', [from, channels], { kernel: taps, dilation, groups, bias: !isNormalised })(value);
      return activate(network, isNormalised ? normalise(building, made, channels) : made, activation, channels);
    });
  }
  return convolution(building, 'head', [channels, outputs])(value);
}

/** Mean, variance, scale, shift, and behind them the ε that the square root is taken with. */
function normalise({ network, weights }: Building, value: string, channels: number): string {
  return network.within('batchnorm', () => {
    const [mean, variance] = [weights.take('running_mean', [channels], false), weights.take('running_var', [channels], false)];
    const [scale, shift] = [weights.take('weight', [channels]), weights.take('bias', [channels])];
    const epsilon = weights.read();
    return network.add('BatchNormalization', [value, scale, shift, mean, variance], { epsilon: float(epsilon) });
  });
}

/** y[t] = Σ w[j] x[t − j] + b: the list begins with the present (linear.cpp), where the kernel of a convolution ends with it. */
export function lowerLinear({ network, weights, config }: Building, input: string, channels: number): string {
  const count = config.get('receptive_field').whole(1);
  if (channels !== 1) throw network.refuse(config, `has ${channels} channels, over which one kernel runs apart`, 'Export a Linear of one.');
  const kernel = weights.take('weight', [count]);
  const bias = config.get('bias').flag() ? [weights.take('bias', [1])] : [];
  const turned = network.add('Slice', [kernel, network.ints([-1]), network.ints([-(2 ** 31)]), network.ints([0]), network.ints([-1])]);
  const shaped = network.add('Reshape', [turned, network.ints([1, 1, count])]);
  return network.add('Conv', [input, shaped, ...bias], { kernel_shape: [count], pads: [count - 1, 0] });
}
