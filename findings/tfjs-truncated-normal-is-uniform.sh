#!/usr/bin/env bash
# TensorFlow.js 4.22.0: VarianceScaling with the distribution "truncatedNormal" draws a uniform. So does every topology in which Keras wrote
# "truncated_normal", as tf.keras of TensorFlow 1.10 to 2.1 does of he_normal. "normal" draws the normal that is cut at two σ, and does not correct for it.
# Seen for scale 1 and a fan of 100, σ 0.1 by its own formula: truncatedNormal kurtosis 1.80, σ 0.100, largest 0.173 = √3 · 0.1, a uniform;
# normal kurtosis 2.37, σ 0.088, largest 0.200.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --silent --ignore-scripts @tensorflow/tfjs@4.22.0 > /dev/null 2>&1
cat > run.js <<'JS'
const tf = require('@tensorflow/tfjs');
const drawn = (distribution) => {
  const layer = tf.layers.dense({ units: 2000, kernelInitializer: tf.initializers.varianceScaling({ scale: 1, mode: 'fanIn', distribution, seed: 7 }) });
  layer.build([null, 100]);
  const values = Array.from(layer.getWeights()[0].dataSync());
  const moment = (power) => values.reduce((sum, value) => sum + value ** power, 0) / values.length;
  return { std: Math.sqrt(moment(2)), kurtosis: moment(4) / moment(2) ** 2, largest: values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) };
};
const seen = { truncatedNormal: drawn('truncatedNormal'), normal: drawn('normal'), uniform: drawn('uniform') };
console.log('TensorFlow.js', tf.version.tfjs, seen);
const near = (value, expected) => Math.abs(value / expected - 1) < 0.02;
const isUniform = ({ std, kurtosis, largest }) => near(std, 0.1) && near(kurtosis, 1.8) && near(largest, Math.sqrt(3) / 10);
const isShort = near(seen.normal.std, 0.08796) && near(seen.normal.kurtosis, 2.3655) && near(seen.normal.largest, 0.2);
if (!isUniform(seen.truncatedNormal) || !isUniform(seen.uniform) || !isShort) process.exit(1);
JS
node run.js
