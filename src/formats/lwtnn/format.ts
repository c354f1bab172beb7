// Networks of lwtnn, which runs what Keras has trained in C++: chains of layers, and graphs of nodes.

import { jsonFormat } from '../lowering/jsonFormat';
import { TextNetwork } from '../lowering/textNetwork';
import { lowerGraph } from './graph';
import { lowerStack } from './stack';

export const lwtnnFormat = jsonFormat({
  recognises: (root) => {
    const [layers, inputs] = [root.find('layers'), root.find('inputs')];
    return inputs?.value.kind === 'array' && root.find('outputs') !== null && layers?.value.kind === 'array' && layers.value.items.length > 0
      && layers.items().every((layer) => layer.find('architecture')?.value.kind === 'string');
  },
  read(root) {
    // It computes in float64 or float32, as its user has it; what it reads was trained in float32.
    const network = new TextNetwork(root, 'float32');
    const isGraph = root.find('nodes') !== null;
    if (isGraph) lowerGraph(network, root);
    else lowerStack(network, root);
    return network.finish('lwtnn', `lwtnn, ${isGraph ? 'a graph' : 'a chain of layers'}`);
  },
});
