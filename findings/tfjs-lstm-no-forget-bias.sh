#!/usr/bin/env bash
# TensorFlow.js 4.22.0: an LSTM starts with a forget gate that is not open, where nothing is said. Keras, whose layers and topologies it takes over, has
# unit_forget_bias true by default (as has every version since 1.0); here the layer leaves it undefined, writes it as null, and adds nothing.
# Seen: bias all 0, "unit_forget_bias":null; with unitForgetBias: true ones in the second quarter alone.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --silent --ignore-scripts @tensorflow/tfjs@4.22.0 > /dev/null 2>&1
cat > run.js <<'JS'
const tf = require('@tensorflow/tfjs');
const made = (more) => {
  const model = tf.sequential({ layers: [tf.layers.lstm({ units: 2, inputShape: [3, 4], ...more })] });
  const { unit_forget_bias: written } = model.toJSON(null, false).config.layers[0].config;
  return { written, bias: Array.from(model.getWeights()[2].dataSync()).join(' ') };
};
const seen = { 'nothing said': made({}), true: made({ unitForgetBias: true }) };
console.log('TensorFlow.js', tf.version.tfjs, seen);
const isClosed = seen['nothing said'].written === null && seen['nothing said'].bias === '0 0 0 0 0 0 0 0';
if (!isClosed || seen.true.bias !== '0 0 1 1 0 0 0 0') process.exit(1);
JS
node run.js
