"""What Keras really starts its variables from: mean and standard deviation over many draws of every sample of keras_layers.py, and of every
named initialiser.

python keras_initializers.py FILE.json
"""
import json
import sys

import keras
import numpy as np
from keras import layers as L

from keras_layers import B, image, line, one, samples, steps

draws = 8
names = [
    "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal", "random_uniform", "random_normal", "truncated_normal",
    "zeros", "ones", "orthogonal",
]
scaled = [
    {"class_name": "VarianceScaling", "config": {"scale": scale, "mode": mode, "distribution": distribution, "seed": None}}
    for scale, mode, distribution in [
        (2.0, "fan_in", "untruncated_normal"), (0.5, "fan_out", "truncated_normal"), (3.0, "fan_avg", "uniform"), (1.0, "fan_in", "normal"),
    ]
]
own = {}
for initializer in [*names, *scaled]:
    key = initializer if isinstance(initializer, str) else "scaling_" + "_".join(str(initializer["config"][k]) for k in ("scale", "mode", "distribution"))
    get = lambda given=initializer: keras.initializers.get(given)
    own[f"dense {key}"] = lambda get=get: one(L.Dense(30, kernel_initializer=get()), (B, 20))
    own[f"conv {key}"] = lambda get=get: one(L.Conv2D(5, 3, kernel_initializer=get()), image)
    own[f"depthwise {key}"] = lambda get=get: one(L.DepthwiseConv2D(3, depth_multiplier=2, depthwise_initializer=get()), image)
    own[f"attention {key}"] = lambda get=get: one(L.EinsumDense("abc,cde->abde", output_shape=(None, 2, 3), kernel_initializer=get()), line)
    own[f"lstm {key}"] = lambda get=get: one(L.LSTM(4, kernel_initializer=get(), recurrent_initializer="orthogonal"), steps)
    own[f"lstm recurrent {key}"] = lambda get=get: one(L.LSTM(4, recurrent_initializer=get()), steps)
    own[f"gru recurrent {key}"] = lambda get=get: one(L.GRU(4, recurrent_initializer=get()), steps)
# With an open forget gate, what is before and behind it is drawn apart.
own["lstm bias"] = lambda: one(L.LSTM(64, bias_initializer="he_normal"), steps)
own["lstm bias closed"] = lambda: one(L.LSTM(64, bias_initializer="he_normal", unit_forget_bias=False), steps)

result = {}
for name, build in [*samples.items(), *own.items()]:
    if name == "random_flip":
        continue
    seen = {}
    config = None
    for i in range(draws):
        keras.backend.clear_session()
        keras.utils.set_random_seed(1000 + i)
        model = build()()
        config = config or json.loads(model.to_json())
        if not model.weights:
            break
        for v in model.variables:
            if v.dtype == "float32" and "seed" not in v.path and "vector_u" not in v.path:
                seen.setdefault((v.path, tuple(v.shape)), []).append(np.float64(v.numpy()).ravel())
    measured = []
    for (path, shape), values in seen.items():
        every = np.concatenate(values)
        measured.append([path, list(shape), float(f"{every.mean():.6g}"), float(f"{every.std():.6g}"), int(every.size)])
    # The configurations of the other samples are in keras_layers.json.
    result[name] = {"measured": measured, **({"config": config} if name in own else {})}
with open(sys.argv[1], "w") as file:
    file.write("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in result.items()) + "\n}\n")
print(len(result), "samples with Keras", keras.__version__)
