// Inputs of a network of lwtnn: variables by their names, each with an offset and a scale of its own (InputPreprocessor.tcc).

import type { JsonView } from '../json/view';
import type { TextNetwork } from '../lowering/textNetwork';
import type { Signal } from './layers';

/** (x + offset) · scale, of [batch, variables] or [batch, time, variables]. */
export function readVariables(network: TextNetwork, name: string, list: JsonView, isSequence: boolean): Signal {
  const variables = list.items();
  const width = variables.length;
  if (width === 0) throw list.wrong('a list with at least one variable');
  const [offsets, scales] = ['offset', 'scale'].map((key) => variables.map((variable) => variable.get(key).number()));
  let value = network.input(name, isSequence ? ['batch', 'time', width] : ['batch', width]);
  if (offsets?.some((each) => each !== 0) === true) value = network.add('Add', [value, network.builder.constant('float32', [width], offsets)]);
  if (scales?.some((each) => each !== 1) === true) value = network.add('Mul', [value, network.builder.constant('float32', [width], scales)]);
  return { value, width, isSequence };
}
