#!/usr/bin/env bash
# Keras 3.15.1: what an LSTM says at masked steps before the first one that is not masked depends on the backend. By TensorFlow it is 0, whatever state the
# layer was given; by JAX it is that state, which waits there in either. Later masked steps repeat the state in both. A network with an initial state and
# padding in front gives other numbers, and trains otherwise, where nothing but the backend is another.
# Seen, with an initial state of 0.5 and the mask F F T T F: 0, 0, … by TensorFlow 2.20.0, and 0.5, 0.5, … by JAX 0.7.2; the steps that are not masked agree.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet keras==3.15.1 jax==0.7.2 tensorflow-cpu==2.20.0 > /dev/null 2>&1
cat > run.py <<'PY'
import json

import keras
import numpy as np

layer = keras.layers.LSTM(2, return_sequences=True)
x = np.ones((1, 5, 3), "float32")
layer.build(x.shape)
layer.set_weights([np.linspace(-1, 1, weight.size).reshape(weight.shape) for weight in layer.get_weights()])
start = [np.full((1, 2), 0.5, "float32")] * 2
outputs = layer(x, initial_state=start, mask=np.array([[False, False, True, True, False]]))
print(json.dumps(keras.ops.convert_to_numpy(outputs)[0].round(5).tolist()))
PY
for backend in tensorflow jax; do KERAS_BACKEND=$backend TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python run.py 2> /dev/null > "$backend.json"; done
venv/bin/python - <<'PY'
import json
import sys

from importlib.metadata import version

tensorflow, jax = (json.load(open(f"{name}.json")) for name in ("tensorflow", "jax"))
print("keras", version("keras"), "tensorflow", tensorflow, "jax", jax)
differs = tensorflow[:2] == [[0, 0]] * 2 and jax[:2] == [[0.5, 0.5]] * 2
agrees = all(abs(a - b) < 1e-4 for one, other in zip(tensorflow[2:], jax[2:]) for a, b in zip(one, other))
sys.exit(0 if differs and agrees else 1)
PY
