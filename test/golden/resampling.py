"""Operators of ONNX that sample an input anew, in PyTorch, from their specification."""
import numpy as np
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

OPSET = 21


def interpolation(node, length, scale, size, roi):
    """[out, in] of one axis: what the reference implementation of the specification makes of an identity matrix along its last axis."""
    attributes = {key: value for key, value in node.items() if key not in ("axes", "extrapolation_value")}
    feeds = {"x": np.eye(length), "roi": np.array([0, roi[0], 1, roi[1]], dtype=np.float64)}
    feeds |= {"sizes": np.array([length, size])} if scale is None else {"scales": np.array([1, scale], dtype=np.float32)}
    inputs = ["x", "roi", "" if scale is None else "scales"] + (["sizes"] if scale is None else [])
    types = {"x": TensorProto.DOUBLE, "roi": TensorProto.DOUBLE, "scales": TensorProto.FLOAT, "sizes": TensorProto.INT64}
    graph = helper.make_graph(
        [helper.make_node("Resize", inputs, ["y"], **attributes)], "resize",
        [helper.make_tensor_value_info(name, types[name], value.shape) for name, value in feeds.items()],
        [helper.make_tensor_value_info("y", TensorProto.DOUBLE, None)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    return torch.tensor(ReferenceEvaluator(model).run(None, feeds)[0].T, dtype=torch.float64)


def resize(node, x, roi=None, scales=None, sizes=None):
    axes = [axis % x.dim() for axis in node.get("axes", range(x.dim()))]
    inside = torch.ones((), dtype=torch.float64)
    for place, axis in enumerate(axes):
        scale = None if scales is None else float(scales[place])
        size = None if sizes is None else int(sizes[place])
        corner = (0.0, 1.0) if roi is None else (float(roi[place]), float(roi[place + len(axes)]))
        matrix = interpolation(node, x.shape[axis], scale, size, corner)
        x = torch.tensordot(x, matrix, ([axis], [1])).movedim(-1, axis)
        inside = inside * matrix.sum(1).reshape([-1 if i == axis else 1 for i in range(x.dim())])
    return x + (1 - inside) * node.get("extrapolation_value", 0.0) if roi is not None else x


def col2im(node, x, image, block):
    """F.fold takes two axes, and pads alike on both sides."""
    axes = len(image)
    image, block = [1] * (2 - axes) + image.tolist(), [1] * (2 - axes) + block.tolist()
    pads = node.get("pads", [0] * 2 * axes)
    begin, end = [0] * (2 - axes) + pads[:axes], [0] * (2 - axes) + pads[axes:]
    strides, dilations = ([1] * (2 - axes) + node.get(name, [1] * axes) for name in ("strides", "dilations"))
    whole = [n + b + e for n, b, e in zip(image, begin, end)]
    y = F.fold(x, whole, block, dilations, 0, strides)
    y = y.narrow(2, begin[0], image[0]).narrow(3, begin[1], image[1])
    return y.squeeze(2) if axes == 1 else y


def max_unpool(node, x, indices, shape=None):
    size = [(n - 1) * s + k for n, s, k in zip(x.shape[2:], node["strides"], node["kernel_shape"])]
    shape = [*x.shape[:2], *size] if shape is None else shape.tolist()
    return torch.zeros(int(np.prod(shape)), dtype=x.dtype).index_put((indices.flatten(),), x.flatten()).reshape(shape)


def center_crop_pad(node, x, shape):
    for axis, size in zip(node.get("axes", range(x.dim())), shape.tolist()):
        n = x.shape[axis]
        if n >= size:
            x = x.narrow(axis, (n - size) // 2, size)
        else:
            x = F.pad(x.movedim(axis, -1), [(size - n) // 2, size - n - (size - n) // 2]).movedim(-1, axis)
    return x


RESAMPLING = {"Resize": resize, "Col2Im": col2im, "MaxUnpool": max_unpool, "CenterCropPad": center_crop_pad}
