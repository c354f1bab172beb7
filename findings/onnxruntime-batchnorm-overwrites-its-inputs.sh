#!/usr/bin/env bash
# onnxruntime-node 1.30.0: BatchNormalization in training mode writes its updated statistics over the input tensors that it was given for the
# stored ones, that is into the caller's own array. A model whose scale and running variance are one value (as exporters merge equal
# tensors) then computes with a scale that changes while it runs.
# Seen: the array fed for both, ones, is another after one run; the output differs from that of the same numbers fed apart.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv v && ./v/bin/pip -q install onnx==1.23.2 numpy
ONNXRUNTIME_NODE_INSTALL=skip npm install --silent --no-audit --no-fund onnxruntime-node@1.30.0
./v/bin/python - <<'PY'
import onnx
from onnx import helper as h, TensorProto as T
def info(name, shape): return h.make_tensor_value_info(name, T.FLOAT, shape)
for name, inputs in (("merged", ["one", "zero", "zero", "one"]), ("apart", ["g", "b", "m", "v"])):
    node = h.make_node("BatchNormalization", ["x", *inputs], ["y", "mean", "var"], training_mode=1)
    graph = h.make_graph([node], name, [info("x", [2, 3, 4]), *[info(i, [3]) for i in dict.fromkeys(inputs)]], [info("y", [2, 3, 4])])
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, f"{name}.onnx")
PY
cat > run.cjs <<'JS'
const { InferenceSession, Tensor } = require('onnxruntime-node');
const x = Float32Array.from({ length: 24 }, (_, i) => 3 * Math.sin(i));
const vector = (value) => new Float32Array(3).fill(value);
async function run(name, arrays) {
  const session = await InferenceSession.create(`${name}.onnx`);
  const feeds = { x: new Tensor('float32', x, [2, 3, 4]) };
  for (const [key, array] of Object.entries(arrays)) feeds[key] = new Tensor('float32', array, [3]);
  return (await session.run(feeds, ['y'])).y.data;
}
(async () => {
  const one = vector(1);
  const merged = await run('merged', { one, zero: vector(0) });
  const apart = await run('apart', { g: vector(1), b: vector(0), m: vector(0), v: vector(1) });
  const differs = merged.some((value, i) => Math.abs(value - apart[i]) > 1e-3);
  console.log('fed ones are now', [...one], 'outputs differ', differs);
  process.exit(one.some((value) => value !== 1) && differs ? 0 : 1);
})();
JS
node run.cjs
