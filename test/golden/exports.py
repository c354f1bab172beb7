"""Exports the modules of exported_networks.py by both exporters of PyTorch at every operator set they know:
python exports.py <folder for fixtures> <golden file>

Of graphs that differ, the one of the lowest and the one of the highest operator set are kept. Needs torch, onnx and onnxscript; the tests need none of it.
"""
import contextlib
import copy
import io
import itertools
import json
import logging
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path

import onnx
import torch
from torch import nn

from exported_networks import DYNAMIC, NETWORKS, SCRIPT_ONLY, TRAINED, Tied

#: By exporter: torch.export's knows none before 18.
OPSETS = {False: range(11, 24), True: range(18, 24)}
logging.disable(logging.CRITICAL)


def create(name):
    """A module whose tensors are all different: an exporter stores equal ones once, and leaves zeros out."""
    torch.manual_seed(0)
    module = NETWORKS[name]()
    for each in module.parameters():
        nn.init.normal_(each, 0.1, 0.5)
    return module


def export(module, opset, dynamo, variant):
    module.train(variant == "train")
    inputs = module.inputs()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / "net.onnx"
        if dynamo:
            shapes = {"dynamic_shapes": ({0: torch.export.Dim("batch")},)} if variant == "batch" else {}
            torch.onnx.export(module, inputs, path, opset_version=opset, dynamo=True, external_data=False, verbose=False, **shapes)
        else:
            mode = torch.onnx.TrainingMode.TRAINING if variant == "train" else torch.onnx.TrainingMode.EVAL
            shapes = {"dynamic_axes": {"x": {0: "batch"}}} if variant == "batch" else {}
            options = {"training": mode, "do_constant_folding": variant != "train", "input_names": ["x"], **shapes}
            torch.onnx.export(module, inputs, path, opset_version=opset, dynamo=False, **options)
        return onnx.load(path)


def strip(message):
    """Without what says where and by whom it was made: traces, shapes in between, documentation."""
    if isinstance(message, onnx.ModelProto):
        for each in (message, message.graph, *message.functions):
            del each.metadata_props[:]
        message.doc_string = ""
    graph = message.graph if isinstance(message, onnx.ModelProto) else message
    graph.doc_string = ""
    del graph.value_info[:]
    nodes = [*graph.node, *(node for function in getattr(message, "functions", []) for node in function.node)]
    for node in nodes:
        del node.metadata_props[:]
        node.doc_string = ""
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                del attribute.g.metadata_props[:]
                strip(attribute.g)
    for value in (*graph.input, *graph.output, *graph.initializer):
        del value.metadata_props[:]
        value.doc_string = ""
    return message


def shorten(model):
    """With short names for what a node makes: paths of modules are most of a small file."""
    kept = {value.name for value in (*model.graph.input, *model.graph.output, *model.graph.initializer)} | {""}
    names = {}
    for node in model.graph.node:
        node.name = ""
        for output in node.output:
            if output not in kept:
                names[output] = f"v{len(names)}"
        node.input[:] = [names.get(each, each) for each in node.input]
        node.output[:] = [names.get(each, each) for each in node.output]
    return model


def opset_of(model):
    return next(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))


def shape_of(model):
    """Which operators with how many inputs there are: what opsets change."""
    nodes = [node for graph in (model.graph, *model.functions) for node in graph.node]
    return tuple(sorted(Counter((node.domain, node.op_type, len(node.input)) for node in nodes if node.op_type != "Constant").items()))


def folded(module):
    """The module with every batch normalisation folded into the convolution before it."""
    module = copy.deepcopy(module).eval()
    for name, child in list(module.named_modules()):
        if isinstance(child, nn.Sequential) and len(child) == 2 and isinstance(child[1], nn.BatchNorm2d):
            child[0], child[1] = nn.utils.fusion.fuse_conv_bn_eval(child[0], child[1]), nn.Identity()
    return module


def parameters(module):
    return sum(each.numel() for each in module.parameters())


def golden(module, model):
    operators = {node.op_type for node in model.graph.node}
    if hasattr(module, "unrolled") and "RNN" not in operators:
        return {"parameters": parameters(module), "layers": module.unrolled}
    if isinstance(module, Tied) and "Transpose" not in operators:
        # Both exporters store the transposed table once more.
        return {"parameters": parameters(module) + module.table.weight.numel(), "layers": module.expected}
    normalised = any(isinstance(each, nn.BatchNorm2d) for each in module.modules())
    if not normalised or "BatchNormalization" in operators:
        return {"parameters": parameters(module), "layers": module.expected}
    layers = [{**each, "normalization": None} for each in module.expected]
    return {"parameters": parameters(folded(module)), "layers": layers}


def main():
    folder, target = map(Path, sys.argv[1:3])
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.onnx"):
        old.unlink()
    goldens, seen, groups = {}, set(), {}
    for name, dynamo in itertools.product(NETWORKS, (False, True)):
        if dynamo and name in SCRIPT_ONLY:
            continue
        variants = ["", *(["train"] if name in TRAINED else []), *(["batch"] if name in DYNAMIC else [])]
        for variant, opset in itertools.product(variants, OPSETS[dynamo]):
            module = create(name)
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    model = shorten(strip(export(module, opset, dynamo, variant)))
            except Exception as error:
                print(f"{name}, {'dynamo' if dynamo else 'script'}{opset}: {type(error).__name__} {str(error).strip().splitlines()[:1]}", flush=True)
                continue
            label = f"{name}{'-' if variant else ''}{variant}.{'dynamo' if dynamo else 'script'}{opset_of(model)}.onnx"
            key = (name, variant, dynamo, shape_of(model))
            if label in goldens or key in seen:
                continue
            seen.add(key)
            groups.setdefault(key[:3], []).append(label)
            (folder / label).write_bytes(model.SerializeToString(deterministic=True))
            goldens[label] = golden(module, model)
    for group in groups.values():
        for label in group[1:-1]:
            (folder / label).unlink()
            del goldens[label]
    lines = [f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in goldens.items()]
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{len(goldens)} files, {sum(each.stat().st_size for each in folder.glob('*.onnx')) // 1024} KB")


if __name__ == "__main__":
    main()
