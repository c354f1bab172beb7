// WaveNet of Neural Amp Modeler: stacks of dilated layers, a condition that may be made by a network of its own, and a head behind them.

import type { JsonView } from '../json/view';
import { activate } from './activations';
import type { Building, Step } from './convolution';
import { convolution } from './convolution';
import type { ArrayShape } from './layerArray';
import { layerArray, readArrayShape } from './layerArray';

/** `condition`: what a network of its own makes of the input, where there is one. */
export function lowerWavenet(building: Building, input: string, condition: string | null): string {
  const { network, weights, config } = building;
  const views = config.get('layers').items();
  const shapes = views.map(readArrayShape);
  refuseMisfits(building, views, shapes);
  const arrays = shapes.map((shape, i) => network.within(`layer_arrays.${i}`, () => layerArray({ network, weights, config: views[i] ?? config }, shape)));
  const head = headOf(building, shapes.at(-1)?.head.size ?? 1);
  // The last weight is the scale; what the configuration says of it is not looked at.
  const scale = weights.take('head_scale', [], false);
  let [signal, gathered] = [input, null as string | null];
  for (const [i, array] of arrays.entries()) {
    const next = network.within(`layer_arrays.${i}`, () => array(signal, condition ?? input, gathered));
    [signal, gathered] = [next.signal, next.head];
  }
  return head(network.add('Mul', [gathered ?? signal, scale]));
}

/** Stacks take what those before give: the player refuses sizes that differ. */
function refuseMisfits({ network, config }: Building, views: readonly JsonView[], shapes: readonly ArrayShape[]): void {
  if (shapes.length === 0) throw config.get('layers').wrong('a list with at least one stack of layers');
  for (const [i, { inputSize, bottleneck, head1x1 }] of shapes.entries()) {
    const before = shapes[i - 1];
    if (!before) continue;
    const gathers = head1x1?.outputs ?? bottleneck;
    if (inputSize === before.channels && gathers === before.head.size) continue;
    const gives = `is given ${before.channels} channels and a head of ${before.head.size} by the stack before it`;
    throw network.refuse(views[i] ?? config, `${gives}, and takes ${inputSize} and ${gathers}`);
  }
}

/** Activations, each with a convolution behind it. */
function headOf(building: Building, inputs: number): Step {
  const { network, config } = building;
  const head = config.find('head');
  if (!head) return (value) => value;
  const [channels, outputs, activation] = [head.get('channels').whole(1), head.get('out_channels').whole(1), head.get('activation')];
  const kernels = head.get('kernel_sizes').list();
  const sizes = kernels.map((_, i) => [i === 0 ? inputs : channels, i === kernels.length - 1 ? outputs : channels] as const);
  const steps = sizes.map(([from, to], i) => convolution(building, `head.${i}`, [from, to], { kernel: kernels[i] ?? 1 }));
  return (value) => steps.reduce((each, step, i) => step(network.within(`head.${i}`, () => activate(network, each, activation, sizes[i]?.[0] ?? 1))), value);
}
