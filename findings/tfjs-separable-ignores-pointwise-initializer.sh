#!/usr/bin/env bash
# TensorFlow.js 4.22.0: separableConv2d takes the initialiser of its depthwise kernel for the pointwise one, too, and looks at pointwiseInitializer nowhere
# (SeparableConv's constructor: `this.pointwiseInitializer = getInitializer(config.depthwiseInitializer || …)`). So a topology that says how the pointwise
# kernel starts is not heard, and is written back with another.
# Seen: depthwiseInitializer ones, pointwiseInitializer zeros: both kernels are all 1, and "pointwise_initializer" is Ones.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --silent --ignore-scripts @tensorflow/tfjs@4.22.0 > /dev/null 2>&1
cat > run.js <<'JS'
const tf = require('@tensorflow/tfjs');
const layer = tf.layers.separableConv2d({
  filters: 2, kernelSize: 2, inputShape: [4, 4, 3], depthwiseInitializer: 'ones', pointwiseInitializer: 'zeros', biasInitializer: 'zeros',
});
const model = tf.sequential({ layers: [layer] });
const [depthwise, pointwise] = model.getWeights().map((weight) => [...new Set(weight.dataSync())].join(' '));
const seen = { depthwise, pointwise, written: model.toJSON(null, false).config.layers[0].config.pointwise_initializer.class_name };
console.log('TensorFlow.js', tf.version.tfjs, seen);
if (seen.depthwise !== '1' || seen.pointwise !== '1' || seen.written !== 'Ones') process.exit(1);
JS
node run.js
