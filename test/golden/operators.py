"""ONNX operators in PyTorch, from their specification: what the project's graphs and gradients are compared with."""
import math

import numpy as np
import torch
import torch.nn.functional as F

from recurrent import RECURRENT


def windows(x, node, kernel):
    """Strides, dilations and pads of a convolution or pooling, with auto_pad resolved."""
    axes = len(kernel)
    strides, dilations = node.get("strides", [1] * axes), node.get("dilations", [1] * axes)
    auto, pads = node.get("auto_pad", "NOTSET"), node.get("pads", [0] * 2 * axes)
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        need = [max(0, (math.ceil(n / s) - 1) * s + (k - 1) * d + 1 - n) for n, k, s, d in zip(x.shape[2:], kernel, strides, dilations)]
        less, more = [p // 2 for p in need], [p - p // 2 for p in need]
        pads = less + more if auto == "SAME_UPPER" else more + less
    return strides, dilations, pads[:axes], pads[axes:]


def padded(x, begin, end, value=0.0):
    """torch.nn.functional.pad counts axes from the last."""
    return F.pad(x, [p for b, e in zip(reversed(begin), reversed(end)) for p in (b, e)], value=value)


def conv(node, x, w, b=None):
    strides, dilations, begin, end = windows(x, node, w.shape[2:])
    run = {3: F.conv1d, 4: F.conv2d, 5: F.conv3d}[x.dim()]
    return run(padded(x, begin, end), w, b, strides, 0, dilations, node.get("group", 1))


def pool_sizes(x, node, kernel):
    """Output sizes; with ceil_mode the last window must begin inside the input or its left padding."""
    strides, dilations, begin, end = windows(x, node, kernel)
    sizes = []
    for n, k, s, d, b, e in zip(x.shape[2:], kernel, strides, dilations, begin, end):
        reach = n + b + e - (k - 1) * d - 1
        size = (math.ceil if node.get("ceil_mode", 0) else math.floor)(reach / s) + 1
        sizes.append(size - 1 if (size - 1) * s >= n + b else size)
    return sizes, strides, dilations, begin, end


def pooled_windows(x, node, value):
    """[N, C, out…, window]: every window of the input padded with that value, the part beyond the padding too."""
    kernel = node["kernel_shape"]
    sizes, strides, dilations, begin, end = pool_sizes(x, node, kernel)
    more = [max(e, (o - 1) * s + (k - 1) * d + 1 - n - b)
            for o, s, k, d, n, b, e in zip(sizes, strides, kernel, dilations, x.shape[2:], begin, end)]
    x = padded(x, begin, more, value)
    for axis, (o, s, k, d) in enumerate(zip(sizes, strides, kernel, dilations)):
        x = x.unfold(2 + axis, (k - 1) * d + 1, s).narrow(2 + axis, 0, o)[..., ::d]
    return x.flatten(2 + len(kernel))


def max_pool(node, x):
    return pooled_windows(x, node, -math.inf).amax(-1)


def average_pool(node, x):
    kernel, include = node["kernel_shape"], node.get("count_include_pad", 0) == 1
    _, _, begin, end = windows(x, node, kernel)
    if node.get("auto_pad", "NOTSET") == "NOTSET" and begin == end and max(node.get("dilations", [1])) == 1:
        run = {3: F.avg_pool1d, 4: F.avg_pool2d, 5: F.avg_pool3d}[x.dim()]
        return run(x, kernel, node.get("strides", [1] * len(kernel)), begin, node.get("ceil_mode", 0) == 1, include)
    counted = torch.ones_like(x)
    if include:
        counted = padded(counted, begin, end, 1.0)
        bare = {key: value for key, value in node.items() if key not in ("pads", "auto_pad")}
        count = pooled_windows(counted, bare, 0.0).sum(-1)
    else:
        count = pooled_windows(counted, node, 0.0).sum(-1)
    return pooled_windows(x, node, 0.0).sum(-1) / count


def batch_norm(node, x, scale, bias, mean, var):
    training, momentum = node.get("training_mode", 0) == 1, node.get("momentum", 0.9)
    epsilon = node.get("epsilon", 1e-5)
    if not training:  # torch.nn.functional.batch_norm gives the stored statistics no gradient.
        mean, var, scale, bias = (v.reshape([-1] + [1] * (x.dim() - 2)) for v in (mean, var, scale, bias))
        return (x - mean) / torch.sqrt(var + epsilon) * scale + bias
    y = F.batch_norm(x, None, None, scale, bias, True, 0.0, epsilon)
    axes = [axis for axis in range(x.dim()) if axis != 1]
    batch = torch.var_mean(x, axes, correction=0)
    return y, mean * momentum + batch[1] * (1 - momentum), var * momentum + batch[0] * (1 - momentum)


def layer_norm(node, x, scale, bias=None):
    axis = node.get("axis", -1) % x.dim()
    return F.layer_norm(x, x.shape[axis:], scale, bias, node.get("epsilon", 1e-5))


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


def plain(run):
    return lambda node, *inputs: run(*inputs)


spatial = lambda x: tuple(range(2, x.dim()))  # noqa: E731

OPERATORS = {
    **{op: plain(run) for op, run in {
        "Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Div": torch.div, "Pow": torch.pow, "Neg": torch.neg, "Abs": torch.abs, "Exp": torch.exp,
        "Log": torch.log, "Sqrt": torch.sqrt, "Reciprocal": torch.reciprocal, "Erf": torch.special.erf, "Sin": torch.sin, "Cos": torch.cos,
        "Identity": torch.clone, "Relu": F.relu, "Sigmoid": torch.sigmoid, "Tanh": torch.tanh, "Softplus": F.softplus, "Softsign": F.softsign,
        "HardSwish": F.hardswish, "Mish": F.mish, "MatMul": torch.matmul, "Where": torch.where,
        "GlobalAveragePool": lambda x: x.mean(spatial(x), True), "GlobalMaxPool": lambda x: x.amax(spatial(x), True),
        "Expand": lambda x, shape: x * torch.ones(shape.tolist(), dtype=x.dtype), "Tile": lambda x, repeats: x.repeat(repeats.tolist()),
        "Range": lambda start, limit, delta: start + delta * torch.arange(math.ceil((limit.item() - start.item()) / delta.item())),
    }.items()},
    "Sum": over(torch.add), "Max": over(torch.maximum), "Min": over(torch.minimum),
    "Mean": lambda node, *inputs: sum(inputs[1:], inputs[0]) / len(inputs),
    "Cast": lambda node, x: x.to({1: torch.float64, 7: torch.int64, 9: torch.bool}[node["to"]]),
    "LeakyRelu": lambda node, x: F.leaky_relu(x, node.get("alpha", 0.01)),
    "Elu": lambda node, x: F.elu(x, node.get("alpha", 1.0)),
    "Selu": lambda node, x: F.selu(x) if not node else node["gamma"] * F.elu(x, node["alpha"]),
    "HardSigmoid": lambda node, x: torch.clamp(node.get("alpha", 0.2) * x + node.get("beta", 0.5), 0, 1),
    "Gelu": lambda node, x: F.gelu(x, approximate=node.get("approximate", "none")),
    "PRelu": prelu, "Clip": clip, "Gemm": gemm, "Conv": conv, "MaxPool": max_pool, "AveragePool": average_pool,
    "BatchNormalization": batch_norm, "LayerNormalization": layer_norm,
    "Softmax": lambda node, x: F.softmax(x, node.get("axis", -1)), "LogSoftmax": lambda node, x: F.log_softmax(x, node.get("axis", -1)),
    "ReduceSum": reduction(lambda x, axes, keep: x.sum(axes, keep)), "ReduceMean": reduction(lambda x, axes, keep: x.mean(axes, keep)),
    "ReduceSumSquare": reduction(lambda x, axes, keep: (x * x).sum(axes, keep)),
    "ReduceL2": reduction(lambda x, axes, keep: torch.linalg.vector_norm(x, 2, axes, keep)),
    "ReduceMax": reduction(lambda x, axes, keep: x.amax(axes, keep)), "ReduceMin": reduction(lambda x, axes, keep: x.amin(axes, keep)),
    "Reshape": reshape, "Flatten": flatten, "Squeeze": squeeze, "Unsqueeze": unsqueeze,
    "Transpose": lambda node, x: x.permute(node.get("perm", list(reversed(range(x.dim()))))),
    "Concat": lambda node, *inputs: torch.cat(inputs, node["axis"]), "Split": split, "Slice": slice_, "Pad": pad,
    "Gather": gather, "OneHot": one_hot, **RECURRENT,
}


def run_node(op, attributes, inputs):
    """Outputs of one node; absent inputs are None."""
    while inputs and inputs[-1] is None:
        inputs = inputs[:-1]
    outputs = OPERATORS[op](attributes, *inputs)
    return list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
