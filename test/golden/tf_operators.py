"""Graphs of one operator each, as TensorFlow writes them, with inputs and with what TensorFlow computes: python tf_operators.py FOLDER.

`tf_graphs.mjs` turns them into golden values. Needs tensorflow."""
import json
import sys

import numpy as np
import tensorflow as tf
from google.protobuf.json_format import MessageToDict
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

raw = tf.raw_ops


def numbers(shape, phase=0.7, kind='float'):
    """The same everywhere: a sine of the position."""
    wave = np.sin(1.7 * np.arange(int(np.prod(shape, dtype=int))) + phase).reshape(shape)
    if kind == 'whole':
        return np.floor(np.abs(wave) * 7).astype(np.int32)
    if kind == 'bool':
        return wave > 0
    return np.round(np.abs(wave) + 0.25 if kind == 'positive' else wave * 0.9 if kind == 'inside' else wave * 2, 2).astype(np.float32)


X, ROW, IMAGE = (2, 3, 4), (4,), (2, 7, 6, 3)
samples = {}


def sample(name, function, *inputs):
    samples[name] = (function, inputs)


for op in ['Abs', 'Asinh', 'Atan', 'Ceil', 'Cos', 'Cosh', 'Elu', 'Erf', 'Erfc', 'Exp', 'Expm1', 'Floor', 'IsFinite', 'IsInf', 'IsNan', 'Neg', 'Reciprocal', 'Inv', 'Relu', 'Relu6', 'Rint',
           'Selu', 'Sigmoid', 'Sign', 'Sin', 'Sinh', 'Softplus', 'Softsign', 'Square', 'Tan', 'Tanh', 'Round']:
    argument = 'features' if op in ('Elu', 'Relu', 'Relu6', 'Selu', 'Softplus', 'Softsign') else 'x'
    if op != 'Rint':
        sample(op, lambda x, op=op, argument=argument: getattr(raw, op)(**{argument: x}), numbers(X))
for op in ['Acos', 'Asin', 'Atanh']:
    sample(op, lambda x, op=op: getattr(raw, op)(x=x), numbers(X, kind='inside'))
for op in ['Log', 'Log1p', 'Rsqrt', 'Sqrt']:
    sample(op, lambda x, op=op: getattr(raw, op)(x=x), numbers(X, kind='positive'))
sample('Acosh', lambda x: raw.Acosh(x=x + 1), numbers(X, kind='positive'))
sample('LeakyRelu', lambda x: raw.LeakyRelu(features=x, alpha=0.3), numbers(X))
for op in ['Add', 'AddV2', 'Sub', 'Mul', 'RealDiv', 'Div', 'FloorDiv', 'FloorMod', 'Maximum', 'Minimum', 'SquaredDifference', 'Equal', 'NotEqual', 'Greater',
           'GreaterEqual', 'Less', 'LessEqual', 'Atan2']:
    keys = ('y', 'x') if op == 'Atan2' else ('x', 'y')
    sample(op, lambda a, b, op=op, keys=keys: getattr(raw, op)(**dict(zip(keys, (a, b)))), numbers(X), numbers(ROW, 0.4))
sample('FloorDiv of whole numbers', lambda a, b: raw.FloorDiv(x=a - 3, y=b + 1), numbers(X, kind='whole'), numbers(ROW, 1, 'whole'))
sample('FloorMod of whole numbers', lambda a, b: raw.FloorMod(x=a - 3, y=b - 8), numbers(X, kind='whole'), numbers(ROW, 1, 'whole'))
sample('Mod', lambda a, b: raw.Mod(x=a, y=b), numbers(X, kind='positive'), numbers(ROW, 0.4, 'positive'))
sample('DivNoNan', lambda a, b: raw.DivNoNan(x=a, y=tf.maximum(b, 0.0)), numbers(X), numbers(ROW, 0.4))
sample('Pow', lambda a, b: raw.Pow(x=a, y=b), numbers(X, kind='positive'), numbers(ROW, 0.4))
sample('AddN', lambda a, b: raw.AddN(inputs=[a, b, a]), numbers(X), numbers(X, 1))
sample('LogicalAnd', lambda a, b: raw.LogicalAnd(x=a, y=b), numbers(X, kind='bool'), numbers(X, 1, 'bool'))
sample('LogicalOr', lambda a, b: raw.LogicalOr(x=a, y=b), numbers(X, kind='bool'), numbers(X, 1, 'bool'))
sample('LogicalNot', lambda a: raw.LogicalNot(x=a), numbers(X, kind='bool'))
sample('ClipByValue', lambda x: raw.ClipByValue(t=x, clip_value_min=-0.5, clip_value_max=0.7), numbers(X))
sample('Select', lambda c, a, b: raw.Select(condition=c, x=a, y=b), numbers((2,), kind='bool'), numbers(X), numbers(X, 1))
sample('SelectV2', lambda c, a, b: raw.SelectV2(condition=c, t=a, e=b), numbers((3, 1), kind='bool'), numbers(X), numbers(ROW, 1))
sample('Cast', lambda x: raw.Cast(x=raw.Cast(x=x, DstT=tf.int32), DstT=tf.float32), numbers(X))
sample('Cast to a condition', lambda x: raw.Cast(x=x, DstT=tf.bool), numbers(X, kind='whole'))

for name, options in {
    '': {}, ' with strides': {'strides': [1, 2, 2, 1]}, ' of VALID': {'padding': 'VALID'}, ' with dilations': {'dilations': [1, 2, 2, 1]},
    ' with explicit paddings': {'padding': 'EXPLICIT', 'explicit_paddings': [0, 0, 1, 2, 0, 3, 0, 0]},
}.items():
    own = {'strides': [1, 1, 1, 1], 'padding': 'SAME', **options}
    sample('Conv2D' + name, lambda x, own=own: raw.Conv2D(input=x, filter=numbers((3, 2, 3, 5), 1), **own), numbers(IMAGE))
sample('Conv2D of two inputs and a vector', lambda x: raw.BiasAdd(value=raw.Conv2D(input=x, filter=numbers((2, 2, 3, 4), 1), strides=[1, 2, 1, 1], padding='SAME') * numbers((4,), 2)
       + numbers((1, 1, 1, 4), 3), bias=numbers((4,), 4)), numbers(IMAGE))
sample('DepthwiseConv2dNative', lambda x: raw.DepthwiseConv2dNative(input=x, filter=numbers((3, 3, 3, 2), 1), strides=[1, 2, 2, 1], padding='SAME'), numbers(IMAGE))
sample('Conv3D', lambda x: raw.Conv3D(input=x, filter=numbers((2, 3, 2, 2, 3), 1), strides=[1, 1, 2, 1, 1], padding='SAME'), numbers((1, 4, 5, 4, 2)))
for padding, size in {'SAME': (2, 13, 12, 4), 'VALID': (2, 15, 13, 4)}.items():
    sample('Conv2DBackpropInput of ' + padding, lambda x, padding=padding, size=size: raw.Conv2DBackpropInput(input_sizes=size, filter=numbers((3, 2, 4, 3), 1), out_backprop=x,
           strides=[1, 2, 2, 1], padding=padding), numbers(IMAGE))
sample('Conv2DBackpropInput of open sizes', lambda x: raw.Conv2DBackpropInput(input_sizes=tf.stack([tf.shape(x)[0], 14, 12, 4]), filter=numbers((5, 4, 4, 3), 1), out_backprop=x,
       strides=[1, 2, 2, 1], padding='SAME'), numbers(IMAGE))
sample('Conv3DBackpropInputV2', lambda x: raw.Conv3DBackpropInputV2(input_sizes=(1, 8, 5, 8, 3), filter=numbers((2, 3, 2, 3, 2), 1), out_backprop=x, strides=[1, 2, 1, 2, 1],
       padding='SAME'), numbers((1, 4, 5, 4, 2)))
for op, argument in {'MaxPool': 'input', 'AvgPool': 'value'}.items():
    for padding in ('SAME', 'VALID'):
        sample(f'{op} of {padding}', lambda x, op=op, argument=argument, padding=padding: getattr(raw, op)(**{argument: x}, ksize=[1, 3, 2, 1], strides=[1, 2, 2, 1],
               padding=padding), numbers(IMAGE))
    sample(op + '3D', lambda x, op=op: getattr(raw, op + '3D')(input=x, ksize=[1, 2, 2, 2, 1], strides=[1, 2, 1, 2, 1], padding='SAME'), numbers((1, 4, 5, 4, 2)))
for op in ('FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3'):
    sample(op, lambda x, op=op: getattr(raw, op)(x=x, scale=numbers((3,), 1), offset=numbers((3,), 2), mean=numbers((3,), 3), variance=numbers((3,), 4, 'positive'),
           epsilon=1e-3, is_training=False)[0], numbers(IMAGE))
sample('LRN', lambda x: raw.LRN(input=x, depth_radius=1, bias=1.5, alpha=0.4, beta=0.7), numbers((1, 3, 3, 6)))

sample('MatMul', lambda a: raw.MatMul(a=a, b=numbers((4, 5), 1)), numbers((3, 4)))
sample('MatMul turned round', lambda a: raw.MatMul(a=a, b=numbers((5, 4), 1), transpose_a=True, transpose_b=True), numbers((4, 3)))
for op in ('BatchMatMul', 'BatchMatMulV2', 'BatchMatMulV3'):
    more = {'Tout': tf.float32} if op.endswith('V3') else {}
    sample(op, lambda a, b, op=op, more=more: getattr(raw, op)(x=a, y=b, adj_y=True, **more), numbers((2, 3, 4)), numbers((2, 5, 4), 1))
sample('Einsum', lambda a, b: raw.Einsum(inputs=[a, b], equation='abc,cd->abd'), numbers(X), numbers((4, 5), 1))
sample('Softmax', lambda x: raw.Softmax(logits=x), numbers((3, 4)))
sample('LogSoftmax', lambda x: raw.LogSoftmax(logits=x), numbers((3, 4)))
sample('BiasAdd', lambda x: raw.BiasAdd(value=x, bias=numbers((3,), 1)), numbers(IMAGE))
sample('BiasAddV1', lambda x: raw.BiasAddV1(value=x, bias=numbers((4,), 1)), numbers((3, 4)))
sample('TopKV2', lambda x: raw.TopKV2(input=x, k=2), numbers((3, 4)))
sample('Cumsum', lambda x: raw.Cumsum(x=x, axis=1, exclusive=True, reverse=True), numbers(X))

for op in ['Mean', 'Sum', 'Max', 'Min', 'Prod', 'EuclideanNorm']:
    sample(op, lambda x, op=op: getattr(raw, op)(input=x, axis=[1], keep_dims=True), numbers(X))
    sample(op + ' of all of an image', lambda x, op=op: getattr(raw, op)(input=raw.Relu(features=raw.Conv2D(input=x, filter=numbers((1, 1, 3, 4), 1), strides=[1] * 4,
           padding='VALID')) + 0.1, axis=[1, -2]), numbers((2, 3, 2, 3)))
sample('Sum of channels', lambda x: raw.Sum(input=raw.Conv2D(input=x, filter=numbers((1, 1, 3, 4), 1), strides=[1] * 4, padding='VALID'), axis=[3, 1], keep_dims=False), numbers(IMAGE))
sample('All', lambda x: raw.All(input=x, axis=[2]), numbers(X, kind='bool'))
sample('Any', lambda x: raw.Any(input=x, axis=[2], keep_dims=True), numbers(X, kind='bool'))
sample('ArgMax', lambda x: raw.ArgMax(input=x, dimension=1, output_type=tf.int32), numbers(X))
sample('ArgMin', lambda x: raw.ArgMin(input=x, dimension=-1, output_type=tf.int32), numbers(X))

for op in ('Identity', 'StopGradient', 'Snapshot', 'PreventGradient', 'CheckNumerics', 'EnsureShape'):
    more = {'CheckNumerics': {'message': ''}, 'EnsureShape': {'shape': [2, 3, 4]}}.get(op, {})
    key = {'CheckNumerics': 'tensor'}.get(op, 'input')
    sample(op, lambda x, op=op, key=key, more=more: getattr(raw, op)(**{key: x}, **more) + 1, numbers(X))
sample('IdentityN', lambda x: raw.IdentityN(input=[x, x + 1])[1], numbers(X))
sample('PlaceholderWithDefault', lambda x: x + raw.PlaceholderWithDefault(input=numbers((4,), 1), shape=[4]), numbers(X))
sample('FakeQuantWithMinMaxVars', lambda x: raw.FakeQuantWithMinMaxVars(inputs=x, min=-2.0, max=2.0), np.float32(np.round(numbers(X) * 4)) / 4)
sample('Reshape', lambda x: raw.Reshape(tensor=x, shape=[-1, 6]), numbers(X))
sample('Reshape by its own sizes', lambda x: tf.reshape(x, tf.stack([tf.shape(x)[0], tf.shape(x)[2] * 3])), numbers(X))
sample('Transpose', lambda x: raw.Transpose(x=x, perm=[2, 0, 1]), numbers(X))
sample('Transpose of an image', lambda x: raw.Transpose(x=raw.Conv2D(input=x, filter=numbers((1, 1, 3, 4), 1), strides=[1] * 4, padding='VALID'), perm=[0, 3, 1, 2]), numbers(IMAGE))
sample('Squeeze', lambda x: raw.Squeeze(input=x, axis=[1]), numbers((2, 1, 4)))
sample('Squeeze of all', lambda x: raw.Squeeze(input=x) + 1, numbers((2, 1, 4, 1)))
sample('ExpandDims', lambda x: raw.ExpandDims(input=x, axis=-2), numbers(X))
sample('Shape', lambda x: raw.Cast(x=raw.Shape(input=x), DstT=tf.float32) + 0.5, numbers(X))
sample('ShapeN', lambda x, y: raw.ShapeN(input=[x, y])[1] + raw.ShapeN(input=[x, y])[0][1], numbers(X), numbers((3,)))
sample('Size', lambda x: raw.Size(input=x) + 1, numbers(X))
sample('Rank', lambda x: raw.Rank(input=x) + 1, numbers(X))
sample('Tile', lambda x: raw.Tile(input=x, multiples=[1, 2, 3]), numbers(X))
sample('BroadcastTo', lambda x: raw.BroadcastTo(input=x, shape=[2, 3, 4]), numbers((3, 1)))

sample('ConcatV2', lambda a, b: raw.ConcatV2(values=[a, b], axis=-1), numbers(X), numbers((2, 3, 1), 1))
sample('Concat', lambda a, b: raw.Concat(concat_dim=1, values=[a, b]), numbers(X), numbers((2, 2, 4), 1))
sample('ConcatV2 of images', lambda x: raw.ConcatV2(values=[raw.MaxPool(input=x, ksize=[1] * 4, strides=[1] * 4, padding='VALID'), x], axis=3), numbers(IMAGE))
sample('Pack', lambda a, b: raw.Pack(values=[a, b], axis=1), numbers(X), numbers(X, 1))
sample('Unpack', lambda x: raw.Unpack(value=x, num=3, axis=1)[2], numbers(X))
sample('Split', lambda x: raw.Split(axis=2, value=x, num_split=2)[1], numbers(X))
sample('SplitV', lambda x: raw.SplitV(value=x, size_splits=[1, -1], axis=1, num_split=2)[1], numbers(X))
sample('Gather', lambda x: raw.Gather(params=numbers((5, 3), 1), indices=x), numbers((2, 2), kind='whole') % 5)
sample('GatherV2', lambda x: raw.GatherV2(params=numbers((2, 5, 3), 1), indices=x, axis=1), numbers((2, 2), kind='whole') % 5)
sample('GatherNd', lambda x: raw.GatherNd(params=numbers((5, 3), 1), indices=x), numbers((4, 2), kind='whole') % 3)
sample('ScatterNd', lambda x: raw.ScatterNd(indices=[[1], [3], [1]], updates=x, shape=[5, 4]), numbers((3, 4)))
sample('SparseToDense', lambda x: raw.SparseToDense(sparse_indices=[[0, 1], [2, 3]], output_shape=[3, 4], sparse_values=x, default_value=0.5), numbers((2,)))
sample('SparseToDense of a vector', lambda x: raw.SparseToDense(sparse_indices=[1, 3], output_shape=[5], sparse_values=x, default_value=0.5), numbers((2,)))
sample('TensorScatterUpdate', lambda x: raw.TensorScatterUpdate(tensor=x, indices=[[1]], updates=numbers((1, 3, 4), 1)), numbers(X))

sample('Slice', lambda x: raw.Slice(input=x, begin=[0, 1, 1], size=[-1, 2, 2]), numbers(X))
sample('Slice of open length', lambda x: tf.slice(x, [0, 1, 0], tf.stack([tf.shape(x)[0], tf.shape(x)[1] - 1, -1])), numbers(X))
for name, take in {
    'a stretch': lambda x: x[:, 1:3, ::2], 'backwards': lambda x: x[:, ::-1, -1:0:-2], 'one': lambda x: x[:, -1], 'an ellipsis': lambda x: x[..., 1:3],
    'a new axis': lambda x: x[:, tf.newaxis, ..., 2, tf.newaxis], 'open ends': lambda x: x[1:tf.shape(x)[0], :, :tf.shape(x)[2] - 1],
}.items():
    sample('StridedSlice of ' + name, lambda x, take=take: take(x), numbers(X))
sample('ReverseV2', lambda x: raw.ReverseV2(tensor=x, axis=[1, 2]), numbers(X))

sample('Pad', lambda x: raw.Pad(input=x, paddings=[[0, 0], [1, 2], [0, 1]]), numbers(X))
sample('PadV2', lambda x: raw.PadV2(input=x, paddings=[[0, 0], [1, 2], [0, 1]], constant_values=0.5), numbers(X))
sample('Pad of an image', lambda x: raw.Pad(input=raw.Relu(features=raw.Conv2D(input=x, filter=numbers((1, 1, 3, 4), 1), strides=[1] * 4, padding='VALID')),
       paddings=[[0, 0], [0, 1], [2, 0], [3, 0]]), numbers(IMAGE))
sample('MirrorPad', lambda x: raw.MirrorPad(input=x, paddings=[[0, 0], [1, 2], [0, 1]], mode='REFLECT'), numbers(X))
sample('MirrorPad with the border', lambda x: raw.MirrorPad(input=x, paddings=[[0, 0], [1, 1], [0, 1]], mode='SYMMETRIC'), numbers(X))
sample('SpaceToDepth', lambda x: raw.SpaceToDepth(input=x, block_size=2), numbers((2, 4, 6, 3)))
sample('DepthToSpace', lambda x: raw.DepthToSpace(input=x, block_size=2), numbers((2, 2, 3, 12)))
sample('SpaceToBatchND', lambda x: raw.SpaceToBatchND(input=x, block_shape=[2, 3], paddings=[[1, 0], [0, 3]]), numbers(IMAGE))
sample('BatchToSpaceND', lambda x: raw.BatchToSpaceND(input=x, block_shape=[2, 3], crops=[[1, 0], [0, 2]]), numbers((12, 3, 2, 3)))
for op in ('ResizeBilinear', 'ResizeNearestNeighbor'):
    for name, options in {'': {}, ' with corners': {'align_corners': True}, ' with half pixels': {'half_pixel_centers': True}}.items():
        sample(op + name, lambda x, op=op, options=options: getattr(raw, op)(images=x, size=[11, 4], **options), numbers(IMAGE))

sample('Fill', lambda x: raw.Fill(dims=tf.shape(x), value=0.5) + x, numbers(X))
sample('ZerosLike', lambda x: raw.ZerosLike(x=x) + 1, numbers(X))
sample('OnesLike', lambda x: raw.OnesLike(x=x) + x, numbers(X))
sample('Range', lambda x: raw.Cast(x=raw.Range(start=1, limit=tf.shape(x)[2] * 2, delta=2), DstT=tf.float32) + x, numbers(X))
sample('OneHot', lambda x: raw.OneHot(indices=x, depth=5, on_value=2.0, off_value=-1.0), numbers((2, 3), kind='whole'))
sample('Where', lambda x: raw.Where(condition=x), numbers((3, 4), kind='bool'))
sample('a function', lambda x: tf.function(lambda y: raw.TopKV2(input=tf.function(lambda z: -z)(y), k=2)[1])(x) + 1, numbers((3, 4)))


def graph_of(function, inputs):
    specs = [tf.TensorSpec([None, *each.shape[1:]], each.dtype) for each in inputs]
    concrete = tf.function(function).get_concrete_function(*specs)
    isolated = any(node.op in ('PartitionedCall', 'StatefulPartitionedCall') for node in concrete.graph.as_graph_def().node)
    graph = concrete.graph if isolated else convert_variables_to_constants_v2(concrete).graph
    definition = graph.as_graph_def()
    values = {}
    for nodes in [definition.node, *[each.node_def for each in definition.library.function]]:
        for node in nodes:
            for key in [key for key in node.attr if key.startswith('_') or key in ('config', 'config_proto', 'executor_type')]:
                del node.attr[key]
            if node.op == 'Const':
                values[node.name] = tf.make_ndarray(node.attr['value'].tensor)
                node.attr['value'].tensor.ClearField('tensor_content')
                for listed in ('float_val', 'int_val', 'int64_val', 'bool_val', 'double_val'):
                    node.attr['value'].tensor.ClearField(listed)
    outputs = {str(i): {'name': each.name} for i, each in enumerate(concrete.outputs)}
    topology = MessageToDict(definition)
    for each in topology.get('library', {}).get('function', []):
        each.pop('argAttr', None)
        each.pop('attr', None)
    results = function(*[tf.constant(each) for each in inputs])
    listed = list(results) if isinstance(results, (list, tuple)) else [results]
    return topology, values, [each.name.split(':')[0] for each in concrete.inputs], outputs, [each.numpy() for each in listed]


kinds = {'f': 'float32', 'i': 'int32', 'b': 'bool'}


def plain(array):
    return {'shape': list(array.shape), 'dtype': kinds[array.dtype.kind], 'values': [float(f'{each:.7g}') if array.dtype.kind == 'f' else int(each) for each in array.ravel()]}


written = {}
for name, (function, inputs) in samples.items():
    topology, values, names, outputs, results = graph_of(function, inputs)
    written[name] = {
        'model': {'format': 'graph-model', 'modelTopology': topology, 'signature': {'outputs': outputs}},
        'weights': {key: plain(each) for key, each in values.items()},
        'inputs': {key: plain(each) for key, each in zip(names, inputs)}, 'tensorflow': [plain(each) for each in results],
    }
with open(f'{sys.argv[1]}/operators.json', 'w') as file:
    json.dump(written, file)
