"""Writes down how PyTorch and Keras start the weights of their layers when nothing is said:
KERAS_BACKEND=torch python defaults.py <this folder>

Needs torch and keras. The tests need neither. Every row is a layer as an exporter writes it, with the shape, the standard deviation and the
largest magnitude of each of its weights over many layers.
"""
import json
import sys
from pathlib import Path

import keras
import numpy as np
import torch
from torch import nn

DRAWS = 12


def row(library, what, op, make, attributes=None):
    """`make` gives the weights of one new layer by name, in the order and layout of the operator's inputs."""
    drawn = [make() for _ in range(DRAWS)]
    weights = []
    for name in drawn[0]:
        values = [np.asarray(draw[name].detach() if isinstance(draw[name], torch.Tensor) else draw[name], dtype=np.float64) for draw in drawn]
        every = np.stack(values)
        weights.append({
            "name": name, "shape": list(values[0].shape), "count": int(every.size), "mean": float(f"{every.mean():.6g}"),
            "std": float(f"{every.std():.6g}"), "largest": float(f"{np.abs(every).max():.6g}"),
        })
    return {"library": library, "what": what, "op": op, "attributes": attributes or {}, "weights": weights}


def of_torch(module, *names):
    def make():
        built = module()
        return {name: dict(built.named_parameters())[name] for name in names}
    return make


def torch_recurrent(module):
    def make():
        own = dict(module().named_parameters())
        return {"W": own["weight_ih_l0"][None], "R": own["weight_hh_l0"][None], "B": torch.cat([own["bias_ih_l0"], own["bias_hh_l0"]])[None]}
    return make


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


def gates(kernel):
    """[in, gates · hidden] to [1, gates · hidden, in]"""
    return kernel.T[None]


def rows():
    yield row("pytorch", "nn.Linear", "Gemm", of_torch(lambda: nn.Linear(96, 64), "weight", "bias"), {"transB": 1})
    yield row("pytorch", "nn.Conv2d", "Conv", of_torch(lambda: nn.Conv2d(16, 32, 3), "weight", "bias"))
    yield row("pytorch", "nn.Conv2d, groups and stride", "Conv", of_torch(lambda: nn.Conv2d(32, 64, 3, 2, groups=4), "weight", "bias"),
              {"group": 4, "strides": [2, 2]})
    yield row("pytorch", "nn.Conv2d, depthwise", "Conv", of_torch(lambda: nn.Conv2d(64, 64, 5, groups=64), "weight", "bias"), {"group": 64})
    yield row("pytorch", "nn.ConvTranspose2d", "ConvTranspose", of_torch(lambda: nn.ConvTranspose2d(32, 16, 4, 2), "weight", "bias"), {"strides": [2, 2]})
    yield row("pytorch", "nn.Embedding", "Gather", of_torch(lambda: nn.Embedding(200, 32), "weight"))
    yield row("pytorch", "nn.LSTM", "LSTM", torch_recurrent(lambda: nn.LSTM(24, 32)), {"hidden_size": 32})
    yield row("pytorch", "nn.GRU", "GRU", torch_recurrent(lambda: nn.GRU(24, 32)), {"hidden_size": 32})
    yield row("pytorch", "nn.RNN", "RNN", torch_recurrent(lambda: nn.RNN(24, 32)), {"hidden_size": 32})
    yield row("pytorch", "nn.MultiheadAttention, in_proj", "packed", of_torch(lambda: nn.MultiheadAttention(48, 4), "in_proj_weight", "in_proj_bias"))
    yield row("pytorch", "nn.PReLU", "PRelu", of_torch(lambda: nn.PReLU(20), "weight"))
    yield row("keras", "Dense", "MatMul", of_keras(lambda: keras.layers.Dense(64), (None, 96), ("kernel", same), ("bias", same)))
    yield row("keras", "Conv2D", "Conv", of_keras(lambda: keras.layers.Conv2D(32, 3), (None, 8, 8, 16), ("kernel", convolution), ("bias", same)))
    yield row("keras", "DepthwiseConv2D", "Conv", of_keras(lambda: keras.layers.DepthwiseConv2D(3, depth_multiplier=2), (None, 8, 8, 24),
                                                           ("kernel", depthwise), ("bias", same)), {"group": 24})
    yield row("keras", "Conv2DTranspose", "ConvTranspose", of_keras(lambda: keras.layers.Conv2DTranspose(16, 4, 2), (None, 8, 8, 32),
                                                                    ("kernel", transposed), ("bias", same)), {"strides": [2, 2]})
    yield row("keras", "Embedding", "Gather", of_keras(lambda: keras.layers.Embedding(200, 32), (None, 5), ("embeddings", same)))
    yield row("keras", "LSTM", "LSTM", of_keras(lambda: keras.layers.LSTM(32), (None, 5, 24), ("W", gates), ("R", gates)), {"hidden_size": 32})
    yield row("keras", "GRU", "GRU", of_keras(lambda: keras.layers.GRU(32), (None, 5, 24), ("W", gates), ("R", gates)), {"hidden_size": 32})
    yield row("keras", "PReLU", "PRelu", of_keras(keras.layers.PReLU, (None, 20), ("alpha", same)))


def main(folder):
    torch.manual_seed(0)
    keras.utils.set_random_seed(0)
    lines = ",\n".join(f" {json.dumps(each)}" for each in rows())
    (Path(folder) / "defaults.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main(sys.argv[1])
