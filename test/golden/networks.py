"""Whole networks in PyTorch: an ONNX file evaluated in float64 node by node, with the gradient of every value."""
import hashlib

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from operators import run_node
from windows import pooled_windows

PROJECTIONS = 8
MASK = np.uint64(0xFFFFFFFF)


def as_tensor(array):
    tensor = torch.from_numpy(np.array(array))
    return tensor.double() if tensor.is_floating_point() else tensor


def attributes_of(node):
    read = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
    plain = lambda value: value.decode() if isinstance(value, bytes) else value  # noqa: E731
    return {name: [plain(each) for each in value] if isinstance(value, list) else plain(value) for name, value in read.items()}


def kink_distance(op, attributes, inputs):
    """How near the input of a node is to a point where its gradient jumps, in standard deviations: float32 must not land on the other side."""
    x = inputs[0].detach()
    kinks = {"Relu": [0.0], "LeakyRelu": [0.0], "PRelu": [0.0], "HardSwish": [-3.0, 3.0]}.get(op, [])
    if op == "Clip":
        kinks = [bound.item() for bound in inputs[1:] if bound is not None]
    distances = [(x - kink).abs().min() for kink in kinks]
    if op == "MaxPool":
        best = pooled_windows(x, attributes, -torch.inf).topk(2, -1).values
        distances.append((best[..., 0] - best[..., 1]).min())
    return float(min(distances) / x.std()) if distances else torch.inf


def evaluate(model, feeds, cotangents):
    """Every float value by name, its gradient by name, and the least distance from a kink. Batch normalisation in training mode."""
    graph = model.graph
    values = {init.name: as_tensor(numpy_helper.to_array(init)) for init in graph.initializer}
    values |= {name: as_tensor(array) for name, array in feeds.items()}
    for value in values.values():
        if value.is_floating_point():
            value.requires_grad_()
    distance = torch.inf
    for node in graph.node:
        attributes, inputs = attributes_of(node), [values[name] if name else None for name in node.input]
        if node.op_type == "Constant":
            values[node.output[0]] = as_tensor(numpy_helper.to_array(attributes["value"]))
            continue
        if node.op_type == "BatchNormalization":
            attributes["training_mode"] = 1
        if "axes" in attributes:  # before opset 18 of the reductions
            inputs.append(torch.tensor(attributes["axes"]))
        distance = min(distance, kink_distance(node.op_type, attributes, inputs))
        for name, output in zip(node.output, run_node(node.op_type, attributes, inputs)):
            values[name] = output
    floats = {name: value for name, value in values.items() if value.is_floating_point() and value.requires_grad}
    outputs = [values[output.name] for output in graph.output]
    seeds = [as_tensor(cotangents[output.name]) for output in graph.output]
    gradients = torch.autograd.grad(outputs, list(floats.values()), seeds, allow_unused=True)
    return floats, {name: g for name, g in zip(floats, gradients) if g is not None}, distance


def directions(count):
    """Numbers in [−½, ½) that are no function of anything a network could compute: a hash of the index."""
    for k in range(PROJECTIONS):
        h = (np.arange(count, dtype=np.uint64) + np.uint64(1 + k * 0x9E3779B1)) & MASK
        for factor, shift in ((2654435761, 15), (2246822519, 13), (3266489917, 16)):
            h = (h * np.uint64(factor)) & MASK
            h ^= h >> np.uint64(shift)
        yield h.astype(np.float64) / 2**32 - 0.5


def summary(value):
    """Count, mean, variance, norm, projections."""
    flat = value.detach().flatten().numpy()
    numbers = [flat.mean(), flat.var(), np.linalg.norm(flat), *(flat @ v for v in directions(len(flat)))]
    return [len(flat), *(float(f"{number:.9g}") for number in numbers)]


def golden_network(path, folder, make_feeds):
    """Tries seeds until no value is near a kink, writes what was fed, and returns the golden summary."""
    model = onnx.load(path)
    for seed in range(200):
        random = np.random.default_rng(seed)
        feeds = make_feeds(random)
        cotangents = {}
        for output in model.graph.output:
            shape = [d.dim_value or len(next(iter(feeds.values()))) for d in output.type.tensor_type.shape.dim]
            cotangents[output.name] = random.standard_normal(shape).astype(np.float32)
        values, gradients, distance = evaluate(model, feeds, cotangents)
        if distance > 1e-5:
            break
    else:
        raise ValueError(f"{path.name}: every seed comes too near a kink.")
    np.savez_compressed(folder / f"{path.stem}.input.npz", **feeds)
    np.savez_compressed(folder / f"{path.stem}.cotangent.npz", **cotangents)
    print(f"{path.name}: seed {seed}, {distance:.1e} from a kink")
    return {
        "model": hashlib.sha256(path.read_bytes()).hexdigest()[:12],
        "values": {name: summary(value) for name, value in values.items()},
        "gradients": {name: summary(value) for name, value in gradients.items()},
    }
