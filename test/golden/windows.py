"""Convolutions and poolings of ONNX in PyTorch, from their specification."""
import math

import torch
import torch.nn.functional as F


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


def lp_pool(node, x):
    p = node.get("p", 2)
    return (pooled_windows(x, node, 0.0).abs() ** p).sum(-1) ** (1 / p)


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


def conv_transpose(node, x, w, b=None):
    """The whole of what the kernel reaches, then cut to the output: an odd element to cut goes to the end for SAME_UPPER, else to the beginning."""
    axes, sizes = x.dim() - 2, x.shape[2:]
    strides, dilations = node.get("strides", [1] * axes), node.get("dilations", [1] * axes)
    more, pads, auto = node.get("output_padding", [0] * axes), node.get("pads", [0] * 2 * axes), node.get("auto_pad", "NOTSET")
    reach = [s * (n - 1) + d * (k - 1) + 1 for n, s, k, d in zip(sizes, strides, w.shape[2:], dilations)]
    shape = node.get("output_shape") or ([n * s for n, s in zip(sizes, strides)] if auto.startswith("SAME") else None)
    begin = pads[:axes]
    if shape is None:
        shape = [r + o - p - q for r, o, p, q in zip(reach, more, pads[:axes], pads[axes:])]
    else:
        total = [max(0, r + o - n) for r, o, n in zip(reach, more, shape)]
        begin = [t // 2 if auto == "SAME_UPPER" else t - t // 2 for t in total]
    run = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}[axes]
    y = run(x, w, None, strides, 0, 0, node.get("group", 1), dilations)
    for axis, (p, n, r) in enumerate(zip(begin, shape, reach)):
        y = F.pad(y.movedim(2 + axis, -1), [0, max(0, p + n - r)]).narrow(-1, p, n).movedim(-1, 2 + axis)
    return y if b is None else y + b.reshape([-1] + [1] * axes)
