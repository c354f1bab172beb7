"""ONNX operators in PyTorch, from their specification: what the project's graphs and gradients are compared with."""
import math

import numpy as np
import torch
import torch.nn.functional as F

from fused import FUSED
from moving import MOVING
from normalizations import NORMALIZATIONS
from recurrent import RECURRENT
from resampling import RESAMPLING
from windows import average_pool, conv, conv_transpose, lp_pool, max_pool


def gemm(node, a, b, c=None):
    a, b = a.T if node.get("transA", 0) else a, b.T if node.get("transB", 0) else b
    y = node.get("alpha", 1.0) * torch.einsum("mk,kn->mn", a, b)
    return y if c is None else y + node.get("beta", 1.0) * c


def reduction(run):
    def reduce(node, x, axes=None):
        axes = [] if axes is None else axes.tolist()
        if not axes:
            if node.get("noop_with_empty_axes", 0):
                return run(x.unsqueeze(-1), [-1], False)
            axes = list(range(x.dim()))
        return run(x, axes, node.get("keepdims", 1) == 1)
    return reduce


def product(x, axes, keep):
    for axis in sorted((axis % x.dim() for axis in axes), reverse=True):
        x = x.prod(axis, keepdim=keep)
    return x


def selected(x, axis, positions):
    return x.index_select(axis, torch.as_tensor(np.ascontiguousarray(positions)))


def slice_(node, x, starts, ends, axes=None, steps=None):
    axes = range(len(starts)) if axes is None else axes.tolist()
    steps = [1] * len(starts) if steps is None else steps.tolist()
    for axis, start, end, step in zip(axes, starts.tolist(), ends.tolist(), steps):
        x = selected(x, axis % x.dim(), np.arange(x.shape[axis])[start:end:step])
    return x


def pad(node, x, pads, value=None, axes=None):
    axes = list(range(x.dim())) if axes is None else [axis % x.dim() for axis in axes.tolist()]
    mode = node.get("mode", "constant")
    for axis, begin, end in zip(axes, pads.tolist()[:len(axes)], pads.tolist()[len(axes):]):
        n = x.shape[axis]
        x = x.narrow(axis, max(0, -begin), n - max(0, -begin) - max(0, -end))
        begin, end = max(0, begin), max(0, end)
        if mode == "constant":
            def border(size):
                shape = list(x.shape)
                shape[axis] = size
                return (torch.zeros(()) if value is None else value).to(x.dtype).expand(shape)
            x = torch.cat([border(begin), x, border(end)], axis)
        else:
            x = selected(x, axis, np.pad(np.arange(x.shape[axis]), (begin, end), mode=mode))
    return x


def split(node, x, sizes=None, outputs=None):
    axis = node.get("axis", 0)
    if sizes is None:
        return torch.split(x, math.ceil(x.shape[axis] / node["num_outputs"]), axis)
    return torch.split(x, sizes.tolist(), axis)


def gather(node, x, indices):
    axis = node.get("axis", 0) % x.dim()
    indices = indices % x.shape[axis]
    return x.index_select(axis, indices.flatten()).reshape(x.shape[:axis] + indices.shape + x.shape[axis + 1:])


def one_hot(node, indices, depth, values):
    depth = int(depth)
    inside = (indices >= -depth) & (indices < depth)
    hot = F.one_hot(indices % depth, depth) * inside.unsqueeze(-1)
    axis = node.get("axis", -1)
    return torch.where(hot.movedim(-1, axis) == 1, values[1], values[0])


def reshape(node, x, shape):
    return x.reshape([x.shape[i] if size == 0 else size for i, size in enumerate(shape.tolist())])


def squeeze(node, x, axes=None):
    return x.squeeze() if axes is None else x.squeeze(tuple(axes.tolist()))


def unsqueeze(node, x, axes):
    rank = x.dim() + len(axes)
    for axis in sorted(axis % rank for axis in axes.tolist()):
        x = x.unsqueeze(axis)
    return x


def flatten(node, x):
    axis = node.get("axis", 1)
    axis = axis + x.dim() if axis < 0 else axis
    return x.reshape(math.prod(x.shape[:axis]), -1)


def over(run):
    """An operator of any number of inputs."""
    def fold(node, first, *others):
        for other in others:
            first = run(first, other)
        return first
    return fold


def prelu(node, x, slope):
    return torch.clamp(x, min=0) + slope * torch.clamp(x, max=0)


def clip(node, x, low=None, high=None):
    return x if low is None and high is None else torch.clamp(x, low, high)


def shrink(node, x):
    bias, bound = node.get("bias", 0.0), node.get("lambd", 0.5)
    return torch.where(x < -bound, x + bias, torch.where(x > bound, x - bias, torch.zeros_like(x)))


def dropout(node, x, ratio=None, training=None):
    """The samples keep every element: what is dropped by chance cannot be compared."""
    assert training is None or not bool(training) or float(ratio) == 0
    return x.clone(), torch.ones_like(x, dtype=torch.bool)


def dequantize(node, x, scale, zero=None):
    whole = x.to(torch.float64)
    if scale.dim() == 0:
        return (whole - (0 if zero is None else zero.to(torch.float64))) * scale
    axis = node.get("axis", 1) % x.dim()

    def spread(v):
        if node.get("block_size", 0):
            return v.repeat_interleave(node["block_size"], axis).narrow(axis, 0, x.shape[axis])
        return v.reshape([-1 if i == axis else 1 for i in range(x.dim())])
    return (whole - (0 if zero is None else spread(zero.to(torch.float64)))) * spread(scale)


def plain(run):
    return lambda node, *inputs: run(*inputs)


spatial = lambda x: tuple(range(2, x.dim()))  # noqa: E731

OPERATORS = {
    **{op: plain(run) for op, run in {
        "Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Div": torch.div, "Pow": torch.pow, "Neg": torch.neg, "Abs": torch.abs, "Exp": torch.exp,
        "Log": torch.log, "Sqrt": torch.sqrt, "Reciprocal": torch.reciprocal, "Erf": torch.special.erf, "Sin": torch.sin, "Cos": torch.cos,
        "Identity": torch.clone, "Tan": torch.tan, "Sinh": torch.sinh, "Cosh": torch.cosh, "Asin": torch.asin, "Acos": torch.acos, "Atan": torch.atan,
        "Asinh": torch.asinh, "Acosh": torch.acosh, "Atanh": torch.atanh, "Relu": F.relu, "Sigmoid": torch.sigmoid, "Tanh": torch.tanh, "Softplus": F.softplus, "Softsign": F.softsign,
        "HardSwish": F.hardswish, "Mish": F.mish, "MatMul": torch.matmul, "Where": torch.where,
        "GlobalAveragePool": lambda x: x.mean(spatial(x), True), "GlobalMaxPool": lambda x: x.amax(spatial(x), True),
        "Expand": lambda x, shape: x * torch.ones(shape.tolist(), dtype=x.dtype), "Tile": lambda x, repeats: x.repeat(repeats.tolist()),
        "Range": lambda start, limit, delta: start + delta * torch.arange(math.ceil((limit.item() - start.item()) / delta.item())),
    }.items()},
    "Sum": over(torch.add), "Max": over(torch.maximum), "Min": over(torch.minimum),
    "Mean": lambda node, *inputs: sum(inputs[1:], inputs[0]) / len(inputs),
    "Mod": lambda node, a, b: torch.fmod(a, b) if node.get("fmod") else a % b,
    "CastLike": lambda node, x, like: x.clone(), "Dropout": dropout, "DequantizeLinear": dequantize,
    "Cast": lambda node, x: x.to({1: torch.float64, 7: torch.int64, 9: torch.bool}[node["to"]]),
    "LeakyRelu": lambda node, x: F.leaky_relu(x, node.get("alpha", 0.01)),
    "Elu": lambda node, x: F.elu(x, node.get("alpha", 1.0)),
    "Celu": lambda node, x: F.celu(x, node.get("alpha", 1.0)),
    "ThresholdedRelu": lambda node, x: F.threshold(x, node.get("alpha", 1.0), 0.0),
    "Shrink": shrink,
    "Selu": lambda node, x: F.selu(x) if not node else node["gamma"] * F.elu(x, node["alpha"]),
    "HardSigmoid": lambda node, x: torch.clamp(node.get("alpha", 0.2) * x + node.get("beta", 0.5), 0, 1),
    "Gelu": lambda node, x: F.gelu(x, approximate=node.get("approximate", "none")),
    "PRelu": prelu, "Clip": clip, "Gemm": gemm, "Conv": conv, "ConvTranspose": conv_transpose, "MaxPool": max_pool, "AveragePool": average_pool, "LpPool": lp_pool,
    "GlobalLpPool": lambda node, x: (x.abs() ** node.get("p", 2)).sum(spatial(x), True) ** (1 / node.get("p", 2)),
    "Einsum": lambda node, *inputs: torch.einsum(node["equation"], *inputs),
    **NORMALIZATIONS, **MOVING, **RESAMPLING,
    "Softmax": lambda node, x: F.softmax(x, node.get("axis", -1)), "LogSoftmax": lambda node, x: F.log_softmax(x, node.get("axis", -1)),
    "ReduceSum": reduction(lambda x, axes, keep: x.sum(axes, keep)), "ReduceMean": reduction(lambda x, axes, keep: x.mean(axes, keep)),
    "ReduceSumSquare": reduction(lambda x, axes, keep: (x * x).sum(axes, keep)),
    "ReduceL2": reduction(lambda x, axes, keep: torch.linalg.vector_norm(x, 2, axes, keep)),
    "ReduceMax": reduction(lambda x, axes, keep: x.amax(axes, keep)), "ReduceMin": reduction(lambda x, axes, keep: x.amin(axes, keep)),
    "ReduceL1": reduction(lambda x, axes, keep: x.abs().sum(axes, keep)), "ReduceLogSum": reduction(lambda x, axes, keep: x.sum(axes, keep).log()),
    "ReduceLogSumExp": reduction(lambda x, axes, keep: x.logsumexp(axes, keep)), "ReduceProd": reduction(product),
    "Reshape": reshape, "Flatten": flatten, "Squeeze": squeeze, "Unsqueeze": unsqueeze,
    "Transpose": lambda node, x: x.permute(node.get("perm", list(reversed(range(x.dim()))))),
    "Concat": lambda node, *inputs: torch.cat(inputs, node["axis"]), "Split": split, "Slice": slice_, "Pad": pad,
    "Gather": gather, "OneHot": one_hot, **RECURRENT, **FUSED,
}


def run_node(op, attributes, inputs):
    """Outputs of one node; absent inputs are None."""
    while inputs and inputs[-1] is None:
        inputs = inputs[:-1]
    outputs = OPERATORS[op](attributes, *inputs)
    return list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
