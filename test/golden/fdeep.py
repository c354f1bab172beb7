"""
python fdeep.py <the keras_export folder of frugally-deep> fdeep.json: networks of Keras as frugally-deep's own converter writes them, with what Keras
makes of numbers. TensorFlow is the backend. The tests need neither.
"""
import json
import sys

folder, written = sys.argv[1:]
sys.path.insert(0, folder)

import keras
import numpy as np
from keras import layers as L
import convert_model

keras.utils.set_random_seed(4)
rng = np.random.default_rng(4)


def image():
    given = keras.Input((9, 8, 2), name='image')
    x = L.Conv2D(3, (3, 2), activation='relu', name='conv')(given)
    x = L.BatchNormalization(name='norm')(x)
    x = L.DepthwiseConv2D(2, padding='same', name='depthwise')(x)
    x = L.SeparableConv2D(4, 2, name='separable')(x)
    x = L.Conv2DTranspose(2, 3, strides=2, name='transposed')(x)
    x = L.PReLU(shared_axes=[1, 2], name='slopes')(x)
    return keras.Model(given, L.Dense(2, name='head')(L.GlobalAveragePooling2D()(x)))


def sequence():
    given = keras.Input((7, 3), name='steps')
    x = L.Conv1D(4, 2, padding='causal', name='conv')(given)
    x = L.Bidirectional(L.LSTM(3, return_sequences=True), name='both')(x)
    x = L.GRU(4, return_sequences=True, name='gru')(x)
    x = L.LayerNormalization(name='norm')(x)
    x = L.MultiHeadAttention(2, 3, name='attention')(x, x)
    x = L.SimpleRNN(5, name='rnn')(x)
    vector = keras.Input((5,), name='vector')
    inner = keras.Model(vector, L.Dense(2, name='narrow')(L.Dense(260, activation='tanh', name='wide')(vector)), name='inner')
    return keras.Model(given, inner(x))


found = {}
for name, model in {'image': image(), 'sequence': sequence()}.items():
    for variable in model.variables:
        if 'seed' in variable.path:
            continue
        spread = np.abs(rng.normal(0, 0.4, variable.shape)) + 0.2 if 'variance' in variable.path else rng.normal(0, 0.4, variable.shape)
        variable.assign(spread.astype(np.float32))
    model_json = convert_model.model_to_fdeep_json(model)
    shape = [1, *model.inputs[0].shape[1:]]
    given = rng.normal(size=shape).astype(np.float32)
    output = np.asarray(model.predict(given, verbose=0))
    found[name] = {'model': json.loads(json.dumps(model_json)), 'shape': shape, 'input': given.flatten().tolist(), 'output': output.flatten().tolist()}
with open(written, 'w') as file:
    json.dump(found, file, separators=(',', ':'))
    file.write('\n')
