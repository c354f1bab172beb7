// Networks of ConvNetJS, as their toJSON makes them: layers one after the other.

import { jsonFormat } from '../lowering/jsonFormat';
import { TextNetwork } from '../lowering/textNetwork';
import { layers } from './layers';
import type { Volume } from './volume';
import { flat, plain } from './volume';

export const convnetjsFormat = jsonFormat({
  recognises: (root) => {
    const list = root.find('layers');
    return list?.value.kind === 'array' && list.value.items.length > 0 && list.items().every((layer) => layer.find('layer_type')?.value.kind === 'string');
  },
  read(root) {
    // It computes in float64 (Float64Array), and draws its weights in it; what is written are decimals of float32.
    const network = new TextNetwork(root, 'float32');
    const [input, ...others] = root.get('layers').items();
    if (input?.get('layer_type').text() !== 'input') throw (input?.get('layer_type') ?? root).wrong('"input"');
    const [sx = 1, sy = 1, depth = 1] = ['out_sx', 'out_sy', 'out_depth'].map((name) => input.get(name).whole(1));
    let volume: Volume = { value: network.input('input', ['batch', sy, sx, depth]), isFirst: false, sx, sy, depth };
    for (const [i, layer] of others.entries()) {
      const type = layer.get('layer_type');
      const lower = Object.hasOwn(layers, type.text()) ? layers[type.text()] : undefined;
      if (!lower) throw type.wrong(`one of ${Object.keys(layers).join(', ')}`);
      const before = volume;
      volume = network.within(`layers.${i + 1}`, () => lower(network, layer, before));
    }
    network.output('output', volume.sx * volume.sy === 1 ? flat(network, volume) : plain(network, volume));
    return network.finish('convnetjs', 'ConvNetJS');
  },
});
