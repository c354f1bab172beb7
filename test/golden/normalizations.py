"""Normalizations of ONNX in PyTorch, from their specification."""
import torch
import torch.nn.functional as F


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


def instance_norm(node, x, scale, bias):
    return F.instance_norm(x, None, None, scale, bias, True, 0.0, node.get("epsilon", 1e-5))


def mean_variance_norm(node, x):
    axes = node.get("axes", [0, 2, 3])
    return (x - x.mean(axes, True)) / (x.std(axes, correction=0, keepdim=True) + 1e-9)


def lrn(node, x):
    return F.local_response_norm(x, node["size"], node.get("alpha", 1e-4), node.get("beta", 0.75), node.get("bias", 1.0))


NORMALIZATIONS = {
    "BatchNormalization": batch_norm, "LayerNormalization": layer_norm, "InstanceNormalization": instance_norm,
    "GroupNormalization": lambda node, x, scale, bias: F.group_norm(x, node["num_groups"], scale, bias, node.get("epsilon", 1e-5)),
    "MeanVarianceNormalization": mean_variance_norm, "LRN": lrn,
    "LpNormalization": lambda node, x: F.normalize(x, node.get("p", 2), node.get("axis", -1)),
}
