#!/usr/bin/env bash
# tf2onnx 1.17.0 with TensorFlow 2.21.0: the exact GELU (tf.nn.gelu, and so every Keras layer with activation="gelu") is made of erfc there, and
# the converter hands that on as an operator Erfc of the default domain, which no ONNX operator set has. The conversion ends well; the file is
# refused by onnx.checker and by ONNX Runtime. With approximate=True (tanh) it is not.
# Seen: operators Mul, Neg, Erfc; "No Op registered for Erfc"; the approximate one passes the checker.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv v && ./v/bin/pip -q install tensorflow-cpu==2.21.0 tf2onnx==1.17.0 onnx==1.23.2
TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES='' ./v/bin/python - <<'PY'
import numpy as np
# Names that the converter still asks NumPy for, which has dropped them.
for name, stand in (("object", object), ("bool", bool), ("cast", {})):
    if not hasattr(np, name): setattr(np, name, stand)
import onnx, tensorflow as tf, tf2onnx

def convert(approximate):
    function = tf.function(lambda x: tf.nn.gelu(x, approximate=approximate))
    return tf2onnx.convert.from_function(function, [tf.TensorSpec([None, 4], "float32", name="x")], opset=18)[0]

def problem(model):
    try: onnx.checker.check_model(model)
    except onnx.checker.ValidationError as error: return str(error).splitlines()[0]
    return None

exact, approximate = convert(False), convert(True)
operators = sorted({node.op_type for node in exact.graph.node})
print("exact:", operators, "|", problem(exact))
print("approximate:", problem(approximate))
assert "Erfc" in operators and all(node.domain == "" for node in exact.graph.node)
assert "Erfc" in (problem(exact) or "") and problem(approximate) is None
PY
