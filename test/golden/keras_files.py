"""Small Keras networks in every file that Keras, TensorFlow and tf2onnx make of them.

python keras_files.py FOLDER: NAME.json, NAME.keras and NAME.onnx of each network, and NAME.h5 of some, all with the same weights.
"""
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import json

import keras
import numpy as np
import tensorflow as tf
import tf2onnx
from keras import layers as L


def mlp():
    return keras.Sequential([keras.Input((8,)), L.Dense(12, activation="relu"), L.Dense(10, activation="tanh"), L.Dense(3)])


def cnn():
    return keras.Sequential([
        keras.Input((12, 12, 3)), L.Conv2D(6, 3, activation="relu"), L.MaxPooling2D(), L.Conv2D(8, 3, strides=2, padding="same", use_bias=False),
        L.BatchNormalization(), L.ReLU(), L.Flatten(), L.Dense(4, activation="softmax"),
    ])


def residual():
    x = keras.Input((8, 8, 4))
    y = L.Conv2D(4, 3, padding="same", activation="relu")(x)
    y = L.Conv2D(4, 3, padding="same")(y)
    z = L.GlobalAveragePooling2D()(L.ReLU()(L.Add()([x, y])))
    return keras.Model(x, L.Dense(2)(z))


def depthwise():
    x = keras.Input((8, 8, 4))
    y = L.DepthwiseConv2D(3, padding="same", activation="relu")(x)
    y = L.SeparableConv2D(6, 3)(y)
    return keras.Model(x, L.Dense(2)(L.Flatten()(y)))


def lstm():
    x = keras.Input((6,), dtype="int32")
    y = L.LSTM(5, return_sequences=True)(L.Embedding(20, 7)(x))
    return keras.Model(x, L.Dense(3)(L.LSTM(4)(y)))


def gru():
    x = keras.Input((6, 3))
    return keras.Model(x, L.Dense(2)(L.Bidirectional(L.GRU(4))(x)))


def attention():
    x = keras.Input((5, 6))
    y = L.LayerNormalization()(L.Add()([x, L.MultiHeadAttention(2, 3)(x, x)]))
    y = L.LayerNormalization()(L.Add()([y, L.Dense(6)(L.Dense(12, activation="gelu")(y))]))
    return keras.Model(x, y)


def transposed():
    x = keras.Input((4, 4, 3))
    return keras.Model(x, L.Conv2DTranspose(2, 3, strides=2, padding="same", activation="sigmoid")(L.Conv2D(5, 3, padding="same", activation="selu")(x)))


def two_inputs():
    x, y = keras.Input((4,), name="left"), keras.Input((3,), name="right")
    shared = L.Dense(5, activation="elu", name="shared")
    both = L.Concatenate()([shared(x), shared(L.Dense(4, name="lift")(y))])
    return keras.Model([x, y], L.Dense(2, name="out")(both))


folder = sys.argv[1]
for name, build in [(f.__name__, f) for f in (mlp, cnn, residual, depthwise, lstm, gru, attention, transposed, two_inputs)]:
    keras.backend.clear_session()
    keras.utils.set_random_seed(7)
    model = build()
    path = os.path.join(folder, name)
    with open(f"{path}.json", "w") as file:
        json.dump(json.loads(model.to_json()), file, indent=2)
        file.write("\n")
    model.save(f"{path}.keras")
    if name in ("mlp", "lstm", "attention"):
        model.save(f"{path}.h5")
    inputs = [tf.TensorSpec([None, *x.shape[1:]], x.dtype, name=x.name) for x in model.inputs]
    run = tf.function(lambda *given: model(list(given) if len(given) > 1 else given[0], training=False), input_signature=inputs)
    tf2onnx.convert.from_function(run, input_signature=inputs, opset=17, output_path=f"{path}.onnx")
