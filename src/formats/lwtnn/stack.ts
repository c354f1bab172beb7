// A layer of lwtnn by its architecture, and networks that are a chain of them (LightweightNeuralNetwork.tcc).

import type { JsonView } from '../json/view';
import type { TextNetwork } from '../lowering/textNetwork';
import type { Signal } from './layers';
import { stackLayers } from './layers';
import { sequenceLayers } from './sequences';
import { readVariables } from './variables';

export function lowerLayer(network: TextNetwork, layer: JsonView, at: number, signal: Signal, table: typeof stackLayers): Signal {
  const architecture = layer.get('architecture');
  const name = architecture.text();
  const lower = Object.hasOwn(table, name) ? table[name] : undefined;
  if (!lower) throw architecture.wrong(`one of ${Object.keys(table).join(', ')}`);
  return network.within(`layers.${at}`, () => lower(network, layer, signal));
}

export const lastStep = (network: TextNetwork, steps: Signal): Signal => (
  { ...steps, value: network.add('Gather', [steps.value, network.builder.constant('int64', [], [-1])], { axis: 1 }), isSequence: false });

/** Wherever they stand, layers that see sequences come first, and the others see the last step (ReductionStack). */
export function lowerStack(network: TextNetwork, root: JsonView): void {
  const layers = root.get('layers').items().map((layer, at) => ({ layer, at }));
  const isOfSequences = ({ layer }: { readonly layer: JsonView }): boolean => Object.hasOwn(sequenceLayers, layer.get('architecture').text());
  const [first, second] = [layers.filter(isOfSequences), layers.filter((each) => !isOfSequences(each))];
  let signal = readVariables(network, 'inputs', root.get('inputs'), first.length > 0);
  for (const { layer, at } of first) signal = lowerLayer(network, layer, at, signal, sequenceLayers);
  if (first.length > 0) signal = lastStep(network, signal);
  for (const { layer, at } of second) signal = lowerLayer(network, layer, at, signal, stackLayers);
  const labels = root.get('outputs');
  if (labels.items().length !== signal.width) throw labels.wrong(`a list of ${signal.width} labels`);
  network.output('outputs', signal.value);
}
