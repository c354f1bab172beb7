"""Networks of Keras as TensorFlow.js' own converter makes graph-models of them, and such as TensorFlow freezes before its optimiser works out
what a norm multiplies with and adds: python tf_networks.py FOLDER KERAS_FIXTURES GRAPH_FIXTURES.

Writes FOLDER/networks.json, of which `tf_graphs.mjs` makes golden values, and a graph-model of most networks in KERAS_FIXTURES.
Needs tensorflow and the files of tensorflowjs 4.22 on the path; what else that imports is not needed here."""
import json
import pathlib
import sys
import tempfile
import types

import keras
import numpy as np
import tensorflow as tf
from google.protobuf.json_format import MessageToDict
from keras import layers as l, ops
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

for name in ('tensorflow_decision_forests', 'tensorflow_hub', 'tf_keras'):
    sys.modules.setdefault(name, types.ModuleType(name))
for package in ('tensorflowjs', 'tensorflowjs.converters'):
    module = types.ModuleType(package)
    module.__path__ = [next(str(pathlib.Path(each, *package.split('.'))) for each in sys.path if pathlib.Path(each, 'tensorflowjs').is_dir())]
    sys.modules[package] = module
sys.modules['tensorflowjs'].__version__ = '4.22.0'
from tensorflowjs.converters.tf_saved_model_conversion_v2 import convert_tf_saved_model  # noqa: E402

folder, fixtures, graphs = (pathlib.Path(each) for each in sys.argv[1:4])
rng = np.random.default_rng(1)


def numbers(shape):
    return np.round(np.sin(1.7 * np.arange(int(np.prod(shape))) + 0.7).reshape(shape) * 2, 2).astype(np.float32)


def lived_in(model):
    """Norms that have seen data, and biases that are not zero: what is folded is to be seen."""
    for variable in model.weights:
        if len(variable.shape) == 1:
            low = 0.5 if 'variance' in variable.path or 'gamma' in variable.path or 'alpha' in variable.path else -0.5
            variable.assign(rng.uniform(low, 1, variable.shape).astype('float32'))
    return model


def gelu(x):
    """As older versions of Keras wrote it: the Erfc of today's is no operator of TensorFlow.js."""
    return 0.5 * x * (1 + ops.erf(x / np.float32(np.sqrt(2))))


def mlp():
    return keras.Sequential([keras.Input((6,)), l.Dense(12, activation='relu'), l.Dense(10), l.LeakyReLU(0.3), l.Dense(8, activation='elu'), l.Dense(3, activation='softmax')])


def fused():
    """Activations that the converter fuses, and TensorFlow.js then does not have."""
    return keras.Sequential([
        keras.Input((4,)), l.Dense(5, activation=gelu), l.Dense(4, activation='tanh'), l.Dense(5, activation=lambda x: keras.activations.gelu(x, approximate=True)), l.Dense(3),
    ])


def cnn():
    x = image = keras.Input((9, 8, 3))
    x = l.Conv2D(6, 3, strides=2, padding='same', activation='relu')(x)
    x = l.BatchNormalization()(x)
    x = l.BatchNormalization()(l.Conv2D(6, 3, padding='same', use_bias=False)(x))
    x = l.MaxPooling2D(2)(l.PReLU(shared_axes=[1, 2])(x))
    x = l.Conv2D(5, 1, activation='elu')(x)
    return keras.Model(image, l.Dense(4)(l.Flatten()(x)))


def mobile():
    def separated(x, filters, strides):
        y = l.ReLU(6)(l.BatchNormalization()(l.Conv2D(2 * x.shape[-1], 1, use_bias=False)(x)))
        y = l.ReLU(6)(l.BatchNormalization()(l.DepthwiseConv2D(3, strides=strides, padding='same', use_bias=False)(y)))
        y = l.BatchNormalization()(l.Conv2D(filters, 1, use_bias=False)(y))
        return l.Add()([x, y]) if strides == 1 and x.shape[-1] == filters else y
    x = image = keras.Input((12, 12, 3))
    x = l.ReLU(6)(l.BatchNormalization()(l.Conv2D(4, 3, strides=2, padding='same', use_bias=False)(l.ZeroPadding2D(((0, 1), (0, 1)))(x))))
    x = separated(separated(separated(x, 4, 1), 6, 2), 6, 1)
    return keras.Model(image, l.Dense(3)(l.GlobalAveragePooling2D()(x)))


def dilated():
    x = image = keras.Input((10, 10, 2))
    x = l.Conv2D(4, 3, dilation_rate=2, padding='same', activation='relu')(x)
    x = l.DepthwiseConv2D(3, dilation_rate=2, padding='same', depth_multiplier=2)(x)
    return keras.Model(image, l.Conv2D(3, 3, dilation_rate=3, activation='tanh')(x))


def causal():
    x = steps = keras.Input((12, 4))
    x = l.Conv1D(6, 3, padding='causal', dilation_rate=2, activation='relu')(x)
    x = l.Conv1D(5, 3, padding='same', dilation_rate=3, activation='tanh')(x)
    return keras.Model(steps, l.Dense(2)(l.Conv1D(5, 2, dilation_rate=2)(x)[:, -1]))


def transformer():
    x = tokens = keras.Input((5,), dtype='int32')
    x = l.Embedding(11, 8)(x) + l.Embedding(5, 8)(ops.arange(5))
    for _ in range(2):
        normed = l.LayerNormalization()(x)
        x = x + l.MultiHeadAttention(2, 4)(normed, normed)
        x = x + l.Dense(8)(l.Dense(16, activation=gelu)(l.LayerNormalization()(x)))
    return keras.Model(tokens, l.Dense(11)(x[:, -1]))


def unet():
    x = image = keras.Input((8, 8, 2))
    a = l.Conv2D(4, 3, padding='same', activation='relu')(x)
    b = l.Conv2D(6, 3, padding='same', activation='relu')(l.AveragePooling2D(2)(a))
    c = l.Conv2D(8, 3, padding='same', activation='swish')(l.MaxPooling2D()(b))
    x = l.Conv2D(6, 3, padding='same')(l.Concatenate()([l.UpSampling2D(2, interpolation='bilinear')(c), b]))
    x = l.Concatenate()([l.Conv2DTranspose(4, 3, strides=2, padding='same')(x), a, l.UpSampling2D(2)(b)])
    return keras.Model(image, l.Conv2D(1, 1, activation='sigmoid')(x))


def sequence():
    x = steps = keras.Input((4, 3))
    x = l.Conv1D(5, 2, padding='causal', activation='tanh')(x)
    x = l.LSTM(6, return_sequences=True, unroll=True)(x)
    return keras.Model(steps, l.Dense(2)(l.GRU(5, unroll=True)(x)))


def norms():
    """Norms of at most 8 channels, whose statistics are kept as they are: of what is given, of images, pooled, of vectors; without a scale, without a shift."""
    x = image = keras.Input((9, 8, 3))
    x = l.Conv2D(6, 3, strides=2, activation='relu')(l.BatchNormalization()(x))
    x = l.DepthwiseConv2D(2, use_bias=False)(l.BatchNormalization(epsilon=0.01)(x))
    x = l.BatchNormalization(center=False)(l.AveragePooling2D(2, 1)(l.ReLU(6)(l.BatchNormalization(scale=False)(x))))
    x = l.BatchNormalization()(l.Conv2DTranspose(5, 3, strides=2, padding='same')(x))
    x = l.BatchNormalization()(l.Dense(7, activation='tanh')(x))
    x = l.BatchNormalization(scale=False, center=False)(l.GlobalAveragePooling2D()(x))
    return keras.Model(image, l.BatchNormalization()(l.Dense(4)(x)))


def norms_of_steps():
    x = steps = keras.Input((7, 4))
    x = l.BatchNormalization()(l.Conv1D(6, 2)(l.BatchNormalization(axis=1)(x)))
    x = l.BatchNormalization()(l.MaxPooling1D(2)(l.Dense(5)(x)))
    return keras.Model(steps, l.Dense(2)(l.Flatten()(x)))


def frozen(model, shape):
    concrete = tf.function(lambda x: model(x, training=False)).get_concrete_function(tf.TensorSpec((None, *shape[1:]), tf.float32))
    graph = convert_variables_to_constants_v2(concrete)
    definition, values = graph.graph.as_graph_def(), {}
    for node in definition.node:
        if node.op == 'Const':
            array = tf.make_ndarray(node.attr['value'].tensor)
            values[node.name] = plain(array) if array.dtype == np.float32 else {'shape': list(array.shape), 'dtype': 'int32', 'values': [int(each) for each in array.ravel()]}
            del node.attr['value']
    names = {str(i): {'name': each.name} for i, each in enumerate(graph.outputs)}
    return {'modelTopology': MessageToDict(definition), 'signature': {'outputs': names}}, values, graph.inputs[0].name.split(':')[0]


def converted(model, target, **options):
    with tempfile.TemporaryDirectory() as saved:
        model.export(saved, verbose=False)
        convert_tf_saved_model(saved, str(target), **options)
    return json.loads((target / 'model.json').read_text())


def plain(array):
    return {'shape': list(array.shape), 'dtype': 'float32', 'values': [float(f'{each:.7g}') for each in array.ravel()]}


def read(target, manifest):
    data = b''.join((target / each).read_bytes() for group in manifest for each in group['paths'])
    values, at = {}, 0
    for weight in (each for group in manifest for each in group['weights']):
        dtype = {'float32': np.float32, 'int32': np.int32, 'bool': np.uint8}[weight['dtype']]
        count = int(np.prod(weight['shape'], dtype=int))
        array = np.frombuffer(data, dtype, count, at)
        at += array.nbytes
        listed = [float(f'{each:.7g}') if dtype == np.float32 else int(each) for each in array]
        values[weight['name']] = {'shape': weight['shape'], 'dtype': weight['dtype'], 'values': listed}
    return values


written = {}
for make in (mlp, fused, cnn, mobile, dilated, causal, transformer, unet, sequence):
    keras.utils.set_random_seed(1)
    model = lived_in(make())
    with tempfile.TemporaryDirectory() as place:
        target = pathlib.Path(place)
        json_model = converted(model, target)
        shape = [2, *model.inputs[0].shape[1:]]
        isWhole = 'int' in model.inputs[0].dtype
        values = np.abs(numbers(shape) * 5).astype(np.int32) if isWhole else numbers(shape)
        [key] = json_model['signature']['inputs'].values()
        written[make.__name__] = {
            'model': {'modelTopology': json_model['modelTopology'], 'signature': {'outputs': {k: {'name': v['name']} for k, v in json_model['signature']['outputs'].items()}}},
            'weights': read(target, json_model['weightsManifest']), 'tensorflow': [plain(model(values).numpy())],
            'inputs': {key['name'].split(':')[0]: {'shape': shape, 'dtype': 'int32' if isWhole else 'float32', 'values': [each.item() if isWhole else float(f'{each:.7g}') for each in values.ravel()]}},
        }
for make, shape in ((norms, (2, 9, 8, 3)), (norms_of_steps, (2, 7, 4))):
    keras.utils.set_random_seed(1)
    model, values = lived_in(make()), numbers(shape)
    frozen_model, weights, given = frozen(model, shape)
    written[make.__name__] = {'model': frozen_model, 'weights': weights, 'tensorflow': [plain(model(values).numpy())], 'inputs': {given: plain(values)}}
(folder / 'networks.json').write_text(json.dumps(written))

for file in sorted(fixtures.glob('*.keras')):
    # Loops; and of a layer that is called twice, the converter stores the kernel twice.
    if file.stem in ('lstm', 'gru', 'two_inputs'):
        continue
    target = graphs / file.stem
    # Erfc, which Keras 3 makes of its gelu, is no operator of TensorFlow.js.
    json_model = converted(keras.saving.load_model(file), target, skip_op_check=True)
    (target / 'model.json').write_text(json.dumps(json_model, separators=(',', ':'), sort_keys=True) + '\n')
