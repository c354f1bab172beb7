"""Counts what every ONNX model below a folder stores, with the onnx package alone: python counts.py <folder of models> <golden file>

Floating-point values of float16, bfloat16, float32 and float64 tensors: initializers, sparse ones by what they store, and Constant nodes, in
subgraphs too and in functions once. And the nodes of each operator that takes weights, wherever they are; of MatMul those with a stored operand.
"""
import json
import sys
from collections import Counter
from math import prod
from pathlib import Path

import onnx
from onnx import TensorProto

FLOATS = {TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.DOUBLE}
#: Operators that are a layer by themselves wherever their weights are stored.
LAYERS = {"Conv", "ConvTranspose", "Gemm", "BatchNormalization", "InstanceNormalization", "PRelu", "LSTM", "GRU", "RNN", "MatMul"}


def elements(tensor):
    return prod(tensor.dims) if tensor.data_type in FLOATS else 0


def constant(node):
    for attribute in node.attribute:
        if attribute.name == "value":
            return elements(attribute.t)
        if attribute.name == "sparse_value":
            return elements(attribute.sparse_tensor.values)
        if attribute.name == "value_float":
            return 1
        if attribute.name == "value_floats":
            return len(attribute.floats)
    return 0


def count(nodes, stored):
    floats, operators, stored = 0, Counter(), set(stored)
    for node in nodes:
        if node.op_type == "Constant" and node.domain in ("", "ai.onnx"):
            floats += constant(node)
            stored.add(node.output[0])
            continue
        if node.op_type != "MatMul" or stored & set(node.input):
            operators[node.op_type] += 1
        for attribute in node.attribute:
            for graph in [attribute.g] if attribute.type == onnx.AttributeProto.GRAPH else attribute.graphs:
                inner, more = walk(graph, stored)
                floats, operators = floats + inner, operators + more
    return floats, operators


def walk(graph, around=frozenset()):
    stored = {tensor.name: elements(tensor) for tensor in graph.initializer}
    floats, operators = count(graph.node, around | stored.keys())
    return floats + sum(stored.values()) + sum(elements(sparse.values) for sparse in graph.sparse_initializer), operators


def golden(path):
    model = onnx.load(path, load_external_data=False)
    floats, operators = walk(model.graph)
    for function in model.functions:
        inner, more = count(function.node, ())
        floats, operators = floats + inner, operators + more
    return {"storedFloats": floats, "layers": {op: operators[op] for op in sorted(LAYERS & operators.keys())}}


folder, target = Path(sys.argv[1]), Path(sys.argv[2])
goldens = {path.relative_to(folder).as_posix(): golden(path) for path in sorted(folder.rglob("*.onnx"))}
lines = [f"{json.dumps(name)}:{json.dumps(entry, separators=(',', ':'))}" for name, entry in goldens.items()]
target.write_text("{\n" + ",\n".join(lines) + "\n}\n")
