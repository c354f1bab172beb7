#!/usr/bin/env bash
# brain.js 1.6.1, which npm gives without a version: the activation "leaky-relu" is 0 below 0 and 0.01 x above, the two sides of a leaky ReLU exchanged
# and one of them lost. So every such layer shrinks what passes by a hundred, whatever its weights are, and nothing negative leaks. "relu" beside it is right.
# Seen: relu 0.5 for a sum of 0.5, leaky-relu 0.005 for 0.5 and 0 for -0.5.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --silent --ignore-scripts brain.js@1.6.1 > /dev/null 2>&1
cat > run.js <<'JS'
const { NeuralNetwork } = require('./node_modules/brain.js/dist/neural-network.js');
const Network = NeuralNetwork ?? require('./node_modules/brain.js/dist/neural-network.js').default;
const output = (activation, weight) => {
  const network = new Network({ hiddenLayers: [1], activation });
  network.sizes = [1, 1];
  network.initialize();
  network.setActivation(activation);
  network.weights[1] = [[weight]];
  network.biases[1] = [0];
  return network.runInput([1])[0];
};
const seen = { relu: output('relu', 0.5), above: output('leaky-relu', 0.5), below: output('leaky-relu', -0.5) };
console.log(seen);
if (Math.abs(seen.relu - 0.5) > 1e-6 || Math.abs(seen.above - 0.005) > 1e-6 || seen.below !== 0) process.exit(1);
JS
node run.js
