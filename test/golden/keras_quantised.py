"""A network that Keras has quantised to int8, one to int4, and what their integers stand for.

python keras_quantised.py FOLDER OUT.json writes quantised_int8.keras and quantised_int4.keras.
"""
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import keras
import numpy as np

L = keras.layers


def network():
    keras.utils.set_random_seed(7)
    return keras.Sequential([
        keras.Input((6,), dtype="int32"), L.Embedding(11, 4, name="table"),
        L.EinsumDense("abc,cde->abde", output_shape=(None, 2, 3), bias_axes="de", name="heads"),
        L.EinsumDense("abde,dec->abc", output_shape=(None, 5), name="joined"),
        L.GlobalAveragePooling1D(), L.Dense(3, activation="relu", name="dense"),
    ])


stds = {}
for mode in ["int8", "int4"]:
    model = network()
    model.quantize(mode)
    model.save(os.path.join(sys.argv[1], f"quantised_{mode}.keras"))
    for layer in model.layers if mode == "int8" else []:
        table = layer.name == "table"
        if not hasattr(layer, "kernel_scale") and not table:
            continue
        integers = np.float64(layer._embeddings if table else layer._kernel)
        scale = np.float64(layer.embeddings_scale if table else layer.kernel_scale)
        scale = scale[:, None] if table else scale.reshape(scale.shape[-(2 if layer.name == "heads" else 1):])
        stds[f"{layer.name}/{'embeddings' if table else 'kernel'}"] = float((integers / scale).std())
with open(sys.argv[2], "w") as file:
    json.dump({"keras": keras.__version__, "std": stds}, file)
