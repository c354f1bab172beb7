"""What the onnx package writes of models in JSON, and what it reads of them when Initscope has saved them.

python onnx_json.py write ../fixtures/exports ../fixtures/onnxJson: models of the one folder in JSON, and one that stores tensors in every way, in each
of the spellings that protobuf has. python onnx_json.py check FOLDER onnx_json.json: FOLDER has copies of both folders, through which
`initscope init --scheme pytorch --seed 3 --in-place` has gone; says where a model in JSON is not what the .onnx beside it is, and writes digests of the files.
"""
import hashlib
import json
import os
import sys

import numpy as np
import onnx
from google.protobuf import json_format
from onnx import TensorProto, helper, numpy_helper

exports = ['gru-two.script13', 'lstm.script11', 'norms.dynamo21', 'residual-train.script18', 'residual.dynamo18', 'separable.script11', 'tied.dynamo18']
rng = np.random.default_rng(5)


def typed(name, shape, kind=TensorProto.FLOAT, values=None):
    numbers = rng.normal(size=shape) if values is None else np.array(values)
    return helper.make_tensor(name, kind, shape, numbers.flatten().tolist())


def raw(name, shape):
    return numpy_helper.from_array(rng.normal(size=shape).astype(np.float32), name)


def info(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def stored():
    """Raw, typed, quantized, sparse and external tensors, those of constants, of a branch and of a function."""
    outside = raw('outside', [4, 4])
    data = outside.raw_data
    outside.ClearField('raw_data')
    outside.data_location = TensorProto.EXTERNAL
    outside.external_data.add(key='location', value='stored.data')
    outside.external_data.add(key='length', value=str(len(data)))
    sparse = helper.make_sparse_tensor(typed('sparse', [3]), typed('', [3], TensorProto.INT64, [1, 6, 11]), [4, 4])
    branch = lambda name: helper.make_graph([helper.make_node('MatMul', ['t', f'{name}.w'], [f'{name}.y'])], name, [], [info(f'{name}.y', ['n', 4])], [raw(f'{name}.w', [4, 4])])
    nodes = [
        helper.make_node('Gemm', ['x', 'raw', 'bias'], ['a'], transB=1),
        helper.make_node('MatMul', ['a', 'typed'], ['b']),
        helper.make_node('Constant', [], ['shift'], value_floats=[0.5, -1.25, 3.0, 1e-7]),
        helper.make_node('Add', ['b', 'shift'], ['c']),
        helper.make_node('LeakyRelu', ['c'], ['d'], alpha=0.2),
        helper.make_node('Constant', [], ['kernel'], value=raw('', [4, 4])),
        helper.make_node('MatMul', ['d', 'kernel'], ['e']),
        helper.make_node('MatMul', ['e', 'outside'], ['f']),
        helper.make_node('DequantizeLinear', ['codes', 'scale'], ['whole']),
        helper.make_node('MatMul', ['f', 'whole'], ['g']),
        helper.make_node('MatMul', ['g', 'sparse'], ['h']),
        helper.make_node('Reshape', ['h', 'sizes'], ['t']),
        helper.make_node('If', ['decides'], ['i'], then_branch=branch('then'), else_branch=branch('else')),
        helper.make_node('Scaled', ['i', 'last'], ['y'], domain='local', name='scaled'),
    ]
    weights = [raw('raw', [4, 4]), raw('bias', [4]), typed('typed', [4, 4]), outside, typed('codes', [4, 4], TensorProto.INT8, rng.integers(-99, 99, [4, 4])),
               typed('scale', [], values=0.01), typed('sizes', [2], TensorProto.INT64, [-1, 4]), raw('last', [4, 4])]
    graph = helper.make_graph(nodes, 'stored', [info('x', ['n', 4]), helper.make_tensor_value_info('decides', TensorProto.BOOL, [])], [info('y', ['n', 4])],
                              weights, sparse_initializer=[sparse])
    body = [helper.make_node('Constant', [], ['by'], value_float=0.5), helper.make_node('MatMul', ['in', 'w'], ['p']), helper.make_node('Mul', ['p', 'by'], ['out'])]
    opsets = [helper.make_opsetid('', 21), helper.make_opsetid('local', 1)]
    function = helper.make_function('local', 'Scaled', ['in', 'w'], ['out'], body, opsets)
    model = helper.make_model(graph, opset_imports=opsets, functions=[function], ir_version=10, producer_name='a "maker"')
    model.metadata_props.add(key='note', value='ä\nnote')
    return model, data


def merged():
    """One tensor of zeros for the biases of layers of other fans, an initializer of two and a constant of two, as exporters make it of what is fresh."""
    nodes = [helper.make_node('Constant', [], ['offset'], value=numpy_helper.from_array(np.zeros(6, np.float32), ''))]
    widths = [3, 4, 4, 6, 6]
    for i, bias in enumerate(['zeros', 'zeros', 'offset', 'offset']):
        nodes += [helper.make_node('Gemm', [f'x{i}', f'w{i}', bias], [f'a{i}'], name=f'fc{i}', transB=1), helper.make_node('Relu', [f'a{i}'], [f'x{i + 1}'])]
    weights = [raw(f'w{i}', [widths[i + 1], widths[i]]) for i in range(4)] + [numpy_helper.from_array(np.zeros(4, np.float32), 'zeros')]
    graph = helper.make_graph(nodes, 'merged', [info('x0', ['n', 3])], [info('x4', ['n', 6])], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid('', 21)], ir_version=10)


def write(source, folder):
    os.makedirs(folder, exist_ok=True)
    for name in exports:
        onnx.save(onnx.load(f'{source}/{name}.onnx'), f'{folder}/{name}.json', format='json')
    model = merged()
    onnx.save(model, f'{folder}/merged.onnx')
    onnx.save(model, f'{folder}/merged.json', format='json')
    model, data = stored()
    with open(f'{folder}/stored.data', 'wb') as file:
        file.write(data)
    with open(f'{folder}/stored.onnx', 'wb') as file:
        file.write(model.SerializeToString())
    forms = {'': {'preserving_proto_field_name': True}, '.camel': {}, '.numbers': {'use_integers_for_enums': True, 'indent': None}}
    for form, options in forms.items():
        with open(f'{folder}/stored{form}.json', 'w') as file:
            file.write(json_format.MessageToJson(model, **options))


def tensors(model, folder):
    found = {}

    def take(name, tensor):
        found[name] = numpy_helper.to_array(tensor, folder).tobytes()

    def walk(nodes):
        for node in nodes:
            for attribute in node.attribute:
                if attribute.HasField('t'):
                    take(node.output[0], attribute.t)
                if attribute.HasField('g'):
                    graph(attribute.g)
                if attribute.floats:
                    found[node.output[0]] = np.array(attribute.floats, np.float32).tobytes()

    def graph(each):
        walk(each.node)
        for tensor in each.initializer:
            take(tensor.name, tensor)
        for sparse in each.sparse_initializer:
            take(sparse.values.name, sparse.values)

    graph(model.graph)
    return found


def check(folder, written):
    digests = {}
    for name in sorted(name for name in os.listdir(folder) if name.endswith('.json')):
        text, binary = f'{folder}/{name}', f'{folder}/{name.split(".json")[0].replace(".camel", "").replace(".numbers", "")}.onnx'
        read, beside = (onnx.load(file, format=form, load_external_data=False) for file, form in [(text, 'json'), (binary, 'protobuf')])
        values, expected = tensors(read, folder), tensors(beside, folder)
        wrong = [key for key in {*values, *expected} if values.get(key) != expected.get(key)]
        inputs = [[list(node.input) for node in model.graph.node if node.op_type != 'Constant'] for model in [read, beside]]
        props = [{entry.key: entry.value for entry in model.metadata_props} for model in [read, beside]]
        print(name, len(values), 'tensors', wrong or 'equal', inputs[0] == inputs[1], props[0] == props[1])
        with open(text, 'rb') as file:
            digests[name] = hashlib.sha256(file.read()).hexdigest()
    with open(written, 'w') as file:
        json.dump(digests, file, indent=1)
        file.write('\n')


{'write': write, 'check': check}[sys.argv[1]](*sys.argv[2:])
