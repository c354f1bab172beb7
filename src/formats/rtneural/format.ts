// RTNeural's JSON files: Keras networks by its own script, and state dictionaries of PyTorch, whose layers its users write in C++.

import type { ReadModel } from '../format';
import type { JsonView } from '../json/view';
import { jsonFormat } from '../lowering/jsonFormat';
import { TextNetwork } from '../lowering/textNetwork';
import { layers } from './layers';
import type { Signal } from './signal';
import { plain } from './signal';
import { isStateDict, readStateDict } from './stateDict';

export const rtneuralFormat = jsonFormat({
  recognises: (root) => isKeras(root) || isStateDict(root),
  read: (root) => (isKeras(root) ? readKeras(root) : readStateDict(root)),
});

function isKeras(root: JsonView): boolean {
  const [shape, list] = [root.find('in_shape'), root.find('layers')];
  return shape !== null && list?.value.kind === 'array' && list.value.items.every(({ kind }) => kind === 'object') && root.find('class_name') === null;
}

function readKeras(root: JsonView): ReadModel {
  const network = new TextNetwork(root, 'float32');
  let signal = inputOf(network, root.get('in_shape'));
  for (const [i, layer] of root.get('layers').items().entries()) {
    const type = layer.get('type');
    const name = type.text();
    const lower = Object.hasOwn(layers, name) ? layers[name] : undefined;
    if (!lower) network.note(`${type.path} is "${name}", which RTNeural leaves out without a word, and so does this reading of the file.`);
    const before = signal;
    if (lower) signal = network.within(`layers.${i}.${name}`, () => lower(network, layer, before));
  }
  network.output('output', plain(network, signal));
  return network.finish('rtneural', 'RTNeural, from Keras');
}

/** [batch, features], [batch, time, features] or [batch, time, features, channels]; what is null is open. */
function inputOf(network: TextNetwork, shape: JsonView): Signal {
  const sizes = shape.items();
  const [last, before] = [sizes.at(-1), sizes.at(-2)];
  if (!last || sizes.length < 2 || sizes.length > 4) throw shape.wrong('a list of 2 to 4 sizes');
  const width = last.whole(1);
  const features = sizes.length === 4 && before ? before.whole(1) : 1;
  const dimensions = sizes.length === 2 ? ['batch', width] : sizes.length === 3 ? ['batch', 'samples', width] : ['batch', 'samples', features, width];
  return { value: network.input('input', dimensions), isFirst: false, rank: sizes.length, width, features };
}
