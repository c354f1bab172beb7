"""Writes down how PyTorch and Keras start the weights of their layers when nothing is said:
KERAS_BACKEND=torch python defaults.py <this folder>

Needs torch and keras. The tests need neither. Every row is a layer as an exporter writes it, with the shape, the moments and the largest
magnitude of each of its weights over many layers, and of recurrent ones those of each gate. tfjs.mjs does the same for TF.js.
"""
import json
import sys
from pathlib import Path

import keras
import numpy as np
import torch
from torch import nn

DRAWS = 12


def digits(value):
    return float(f"{value:.6g}")


def statistics(values):
    mean, std = values.mean(), values.std()
    kurtosis = digits(((values - mean) ** 4).mean() / std ** 4) if std > 0 else None
    return {"mean": digits(mean), "std": digits(std), "largest": digits(np.abs(values).max()), "kurtosis": kurtosis}


def row(library, what, op, make, attributes=None, gates=0):
    """`make` gives the weights of one new layer by name, in the order and layout of the operator's inputs."""
    drawn = [make() for _ in range(DRAWS)]
    weights = []
    for name in drawn[0]:
        values = [np.asarray(draw[name].detach() if isinstance(draw[name], torch.Tensor) else draw[name], dtype=np.float64) for draw in drawn]
        every = np.stack(values)
        weights.append({"name": name, "shape": list(values[0].shape), "count": int(every.size), **statistics(every)})
        if gates:
            parts = np.split(every, 2 * gates if name == "B" else gates, axis=2)
            weights[-1]["gates"] = [statistics(part) for part in parts]
        if name == "R" and library == "keras":
            columns = every.shape[-1]
            products = np.swapaxes(every, -1, -2) @ every
            weights[-1]["gram"] = digits(np.abs(products - np.eye(columns)).max())
    return {"library": library, "what": what, "op": op, "attributes": attributes or {}, "weights": weights}


def of_torch(module, *names):
    def make():
        built = module()
        state = built.state_dict()
        return {name: state[name] for name in names}
    return make


def torch_recurrent(module, ways=1):
    def make():
        own = dict(module().named_parameters())
        each = ["", "_reverse"][:ways]
        return {
            "W": torch.stack([own[f"weight_ih_l0{way}"] for way in each]), "R": torch.stack([own[f"weight_hh_l0{way}"] for way in each]),
            "B": torch.stack([torch.cat([own[f"bias_ih_l0{way}"], own[f"bias_hh_l0{way}"]]) for way in each]),
        }
    return make


def torch_bilinear():
    """[out, in1, in2] as exporters multiply with it, [in1, in2 · out]."""
    return {"weight": nn.Bilinear(30, 20, 25).weight.permute(1, 2, 0).reshape(30, -1)}


def torch_attention():
    """Exporters turn the kernel of the projections, which costs it its name; that of the bias stays."""
    built = nn.MultiheadAttention(48, 4)
    return {"val_0": built.in_proj_weight.T, "attention.in_proj_bias": built.in_proj_bias}


def of_keras(layer, shape, *layouts):
    """Each layout turns a kernel of Keras into one of the operator, under a name."""
    def make():
        built = layer()
        built.build(shape)
        weights = [keras.ops.convert_to_numpy(weight) for weight in built.weights if weight.dtype == "float32"]
        return {name: layout(weight) for weight, (name, layout) in zip(weights, layouts)}
    return make


def convolution(kernel):
    """[k…, in, out] to [out, in, k…]"""
    return np.moveaxis(kernel, [-1, -2], [0, 1])


def depthwise(kernel):
    """[k…, channels, multiplier] to [channels · multiplier, 1, k…]"""
    moved = np.moveaxis(kernel, [-2, -1], [0, 1])
    return moved.reshape(-1, 1, *moved.shape[2:])


def transposed(kernel):
    """[k…, out, in] to [in, out, k…]"""
    return np.moveaxis(kernel, [-1, -2], [0, 1])


def same(weight):
    return weight


def in_order(weight, count):
    """Gates along the last axis: the operator's iofc of ifco, and zrh as they are."""
    parts = np.split(weight, count, axis=-1)
    return np.concatenate([parts[i] for i in ([0, 3, 1, 2] if count == 4 else range(count))], axis=-1)


def keras_recurrent(layer, shape, count, ways=1):
    """Kernels [in, gates · hidden] to [ways, gates · hidden, in]; where there is one bias, the other is 0."""
    def make():
        built = layer()
        built.build(shape)
        weights = [in_order(keras.ops.convert_to_numpy(weight), count) for weight in built.weights if weight.dtype == "float32"]
        each = [weights[3 * way:3 * way + 3] for way in range(ways)]
        both = lambda bias: bias.reshape(-1) if bias.ndim == 2 else np.concatenate([bias, np.zeros_like(bias)])
        return {
            "W": np.stack([W.T for W, _, _ in each]), "R": np.stack([R.T for _, R, _ in each]), "B": np.stack([both(bias) for _, _, bias in each]),
        }
    return make


NORM = ("weight", "bias")
NORM_OF_KERAS = (("gamma", same), ("beta", same), ("moving_mean", same), ("moving_variance", same))


def torch_rows():
    t = lambda *given, **more: row("pytorch", *given, **more)
    yield t("nn.Linear", "Gemm", of_torch(lambda: nn.Linear(96, 64), "weight", "bias"), {"transB": 1})
    yield t("nn.Bilinear", "MatMul", torch_bilinear)
    yield t("nn.Conv1d", "Conv", of_torch(lambda: nn.Conv1d(16, 32, 5), "weight", "bias"))
    yield t("nn.Conv2d", "Conv", of_torch(lambda: nn.Conv2d(16, 32, 3), "weight", "bias"))
    yield t("nn.Conv3d", "Conv", of_torch(lambda: nn.Conv3d(8, 16, 3), "weight", "bias"))
    yield t("nn.Conv2d, groups and stride", "Conv", of_torch(lambda: nn.Conv2d(32, 64, 3, 2, groups=4), "weight", "bias"), {"group": 4, "strides": [2, 2]})
    yield t("nn.Conv2d, depthwise", "Conv", of_torch(lambda: nn.Conv2d(64, 64, 5, groups=64), "weight", "bias"), {"group": 64})
    yield t("nn.ConvTranspose1d", "ConvTranspose", of_torch(lambda: nn.ConvTranspose1d(32, 16, 5), "weight", "bias"))
    yield t("nn.ConvTranspose2d", "ConvTranspose", of_torch(lambda: nn.ConvTranspose2d(32, 16, 4, 2), "weight", "bias"), {"strides": [2, 2]})
    yield t("nn.ConvTranspose2d, groups", "ConvTranspose", of_torch(lambda: nn.ConvTranspose2d(32, 64, 3, groups=4), "weight", "bias"), {"group": 4})
    yield t("nn.Embedding", "Gather", of_torch(lambda: nn.Embedding(200, 32), "weight"))
    yield t("nn.EmbeddingBag", "Gather", of_torch(lambda: nn.EmbeddingBag(200, 32), "weight"))
    yield t("nn.LSTM", "LSTM", torch_recurrent(lambda: nn.LSTM(24, 32)), {"hidden_size": 32}, gates=4)
    yield t("nn.LSTM, both ways", "LSTM", torch_recurrent(lambda: nn.LSTM(24, 16, bidirectional=True), 2),
            {"hidden_size": 16, "direction": "bidirectional"}, gates=4)
    yield t("nn.GRU", "GRU", torch_recurrent(lambda: nn.GRU(24, 32)), {"hidden_size": 32}, gates=3)
    yield t("nn.RNN", "RNN", torch_recurrent(lambda: nn.RNN(24, 32)), {"hidden_size": 32}, gates=1)
    yield t("nn.MultiheadAttention, in_proj", "packed", of_torch(lambda: nn.MultiheadAttention(48, 4), "in_proj_weight", "in_proj_bias"), {"transB": 1})
    yield t("nn.MultiheadAttention, in_proj as it is exported", "packed", torch_attention)
    yield t("nn.MultiheadAttention, out_proj", "Gemm", of_torch(lambda: nn.MultiheadAttention(48, 4), "out_proj.weight", "out_proj.bias"), {"transB": 1})
    yield t("nn.BatchNorm2d", "BatchNormalization", of_torch(lambda: nn.BatchNorm2d(20), *NORM, "running_mean", "running_var"))
    yield t("nn.LayerNorm", "LayerNormalization", of_torch(lambda: nn.LayerNorm(20), *NORM))
    yield t("nn.GroupNorm", "GroupNormalization", of_torch(lambda: nn.GroupNorm(4, 20), *NORM), {"num_groups": 4})
    yield t("nn.InstanceNorm2d", "InstanceNormalization", of_torch(lambda: nn.InstanceNorm2d(20, affine=True), *NORM))
    yield t("nn.RMSNorm", "RMSNormalization", of_torch(lambda: nn.RMSNorm(20), "weight"))
    yield t("nn.PReLU", "PRelu", of_torch(lambda: nn.PReLU(20), "weight"))


def keras_rows():
    k, layers = (lambda *given, **more: row("keras", *given, **more)), keras.layers
    plain, turned = (("kernel", convolution), ("bias", same)), (("kernel", transposed), ("bias", same))
    image = (None, 8, 8)
    yield k("Dense", "MatMul", of_keras(lambda: layers.Dense(64), (None, 96), ("kernel", same), ("bias", same)))
    yield k("EinsumDense", "Einsum", of_keras(lambda: layers.EinsumDense("abc,cde->abde", (None, 4, 24), bias_axes="de"), (None, 5, 64), ("kernel", same)),
            {"equation": "abc,cde->abde"})
    yield k("MultiHeadAttention, output", "Einsum", of_keras(lambda: layers.EinsumDense("abcd,cde->abe", (None, 64)), (None, 5, 4, 24), ("kernel", same)),
            {"equation": "abcd,cde->abe"})
    yield k("Conv1D", "Conv", of_keras(lambda: layers.Conv1D(32, 5), (None, 20, 16), *plain))
    yield k("Conv2D", "Conv", of_keras(lambda: layers.Conv2D(32, 3), (*image, 16), *plain))
    yield k("Conv3D", "Conv", of_keras(lambda: layers.Conv3D(16, 3), (None, 5, 5, 5, 8), *plain))
    yield k("Conv2D, groups and stride", "Conv", of_keras(lambda: layers.Conv2D(64, 3, 2, groups=4), (*image, 32), *plain), {"group": 4, "strides": [2, 2]})
    yield k("DepthwiseConv2D", "Conv", of_keras(lambda: layers.DepthwiseConv2D(3, depth_multiplier=2), (*image, 24), ("kernel", depthwise), ("bias", same)),
            {"group": 24})
    yield k("SeparableConv2D", "separable", of_keras(lambda: layers.SeparableConv2D(40, 3, depth_multiplier=2), (*image, 24), ("depthwise", depthwise),
                                                     ("pointwise", convolution), ("bias", same)), {"group": 24})
    yield k("Conv2DTranspose", "ConvTranspose", of_keras(lambda: layers.Conv2DTranspose(16, 4, 2), (*image, 32), *turned), {"strides": [2, 2]})
    yield k("Conv3DTranspose", "ConvTranspose", of_keras(lambda: layers.Conv3DTranspose(8, 3), (None, 5, 5, 5, 16), *turned))
    yield k("Embedding", "Gather", of_keras(lambda: layers.Embedding(200, 32), (None, 5), ("embeddings", same)))
    yield k("LSTM", "LSTM", keras_recurrent(lambda: layers.LSTM(32), (None, 5, 24), 4), {"hidden_size": 32}, gates=4)
    yield k("LSTM, both ways", "LSTM", keras_recurrent(lambda: layers.Bidirectional(layers.LSTM(16)), (None, 5, 24), 4, 2),
            {"hidden_size": 16, "direction": "bidirectional"}, gates=4)
    yield k("GRU", "GRU", keras_recurrent(lambda: layers.GRU(32), (None, 5, 24), 3), {"hidden_size": 32, "linear_before_reset": 1}, gates=3)
    yield k("SimpleRNN", "RNN", keras_recurrent(lambda: layers.SimpleRNN(32), (None, 5, 24), 1), {"hidden_size": 32}, gates=1)
    yield k("BatchNormalization", "BatchNormalization", of_keras(layers.BatchNormalization, (*image, 20), *NORM_OF_KERAS))
    yield k("LayerNormalization", "LayerNormalization", of_keras(layers.LayerNormalization, (None, 20), *NORM_OF_KERAS[:2]))
    yield k("GroupNormalization", "GroupNormalization", of_keras(lambda: layers.GroupNormalization(4), (*image, 20), *NORM_OF_KERAS[:2]), {"num_groups": 4})
    yield k("RMSNormalization", "RMSNormalization", of_keras(layers.RMSNormalization, (None, 20), ("scale", same)))
    yield k("PReLU", "PRelu", of_keras(layers.PReLU, (None, 20), ("alpha", same)))


def main(folder):
    torch.manual_seed(0)
    keras.utils.set_random_seed(0)
    lines = ",\n".join(f" {json.dumps(each)}" for each in (*torch_rows(), *keras_rows()))
    versions = f'"torch": "{torch.__version__.split("+")[0]}", "keras": "{keras.__version__}"'
    (Path(folder) / "defaults.json").write_text(f'{{{versions}, "rows": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main(sys.argv[1])
