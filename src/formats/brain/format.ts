// What brain.js writes by toJSON, in both of its versions.

import { jsonFormat } from '../lowering/jsonFormat';
import { TextNetwork } from '../lowering/textNetwork';
import { lowerFeedForward } from './feedForward';
import { lowerRecurrent, recurrentTypes } from './recurrent';

const feedForwardTypes = ['NeuralNetwork', 'NeuralNetworkGPU'];

export const brainFormat = jsonFormat({
  recognises: (root) => {
    const isRecurrent = root.find('hiddenLayers')?.value.kind === 'array' && root.find('outputConnector') !== null;
    return isRecurrent || (root.find('sizes')?.value.kind === 'numbers' && root.find('layers')?.value.kind === 'array');
  },
  read(root) {
    // The library holds its weights in Float32Array.
    const network = new TextNetwork(root, 'float32');
    const type = root.find('type');
    const name = type?.text() ?? feedForwardTypes[0] ?? '';
    const isRecurrent = recurrentTypes.includes(name);
    if (type && !isRecurrent && !feedForwardTypes.includes(name)) throw type.wrong(`one of ${[...feedForwardTypes, ...recurrentTypes].join(', ')}`);
    network.output(isRecurrent ? 'result' : 'output', isRecurrent ? lowerRecurrent(network, root) : lowerFeedForward(network, root));
    return network.finish('brainjs', `brain.js ${type ? name : 'NeuralNetwork'}`);
  },
});
