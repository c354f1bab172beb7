"""Draws tensors with the initialisers of PyTorch and Keras and writes down their statistics:
KERAS_BACKEND=torch python drawn.py <this folder>

Needs torch and keras. The tests need neither. Every row is what a user may find in a file, with the layer it is in: the operator, the shape
that operator reads, its attributes, and what the inspector should say of it (null for nothing).
"""
import json
import sys
from pathlib import Path

import keras
import numpy as np
import torch
from torch import nn

BINS = 48


def statistics(tensor):
    values = np.asarray(tensor.detach() if isinstance(tensor, torch.Tensor) else tensor, dtype=np.float64).ravel()
    low, high = values.min(), values.max()
    counts, _ = np.histogram(values, bins=BINS, range=(low, high))
    return {
        "count": int(values.size), "mean": float(values.mean()), "std": float(values.std()), "min": float(low), "max": float(high),
        "zeros": int((values == 0).sum()), "nonFinite": 0, "histogram": {"min": float(low), "max": float(high), "counts": counts.tolist()},
    }


def row(what, says, op, tensor, attributes=None, miscounted=None):
    shape = list(tensor.shape)
    return {"what": what, "says": says, "miscounted": miscounted, "op": op, "shape": shape, "attributes": attributes or {}, "statistics": statistics(tensor)}


def linear(init, rows=256, columns=384, **options):
    weight = torch.empty(rows, columns)
    init(weight, **options)
    return weight


def in_keras(initializer, shape):
    return keras.ops.convert_to_numpy(initializer(shape))


def transposed(values):
    return torch.from_numpy(np.ascontiguousarray(values))


def convolution(initializer, shape):
    """Keras' [k…, in, out] as exporters store it, [out, in, k…]."""
    values = in_keras(initializer, shape)
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(values, [-1, -2], [0, 1])))


def of_torch():
    yield row("nn.Linear", "PyTorch’s default", "Gemm", nn.Linear(384, 256).weight)
    yield row("nn.Conv2d", "PyTorch’s default", "Conv", nn.Conv2d(32, 64, 3).weight)
    yield row("nn.Conv2d, depthwise", "PyTorch’s default", "Conv", nn.Conv2d(512, 512, 5, groups=512).weight, {"group": 512})
    yield row("nn.ConvTranspose2d", "PyTorch’s default", "ConvTranspose", nn.ConvTranspose2d(64, 32, 4, 2).weight, {"strides": [2, 2]}, "PyTorch")
    yield row("nn.Embedding", "standard normal", "Gather", nn.Embedding(500, 64).weight)
    lstm = nn.LSTM(48, 64)
    yield row("nn.LSTM, input", "PyTorch’s default for recurrent layers", "LSTM", lstm.weight_ih_l0[None])
    yield row("xavier_normal_", "Xavier normal", "Gemm", linear(nn.init.xavier_normal_))
    yield row("xavier_uniform_", "Xavier uniform", "Gemm", linear(nn.init.xavier_uniform_))
    yield row("xavier_normal_, tanh", "Xavier normal, tanh gain 5/3", "Gemm", linear(nn.init.xavier_normal_, gain=5 / 3))
    yield row("kaiming_normal_", "He normal", "Gemm", linear(nn.init.kaiming_normal_))
    yield row("kaiming_uniform_", "He uniform", "Gemm", linear(nn.init.kaiming_uniform_))
    yield row("kaiming_normal_, fan_out", "He normal, fan_out", "Gemm", linear(nn.init.kaiming_normal_, mode="fan_out"))
    yield row("kaiming_normal_ of a strided convolution, fan_out", "He normal, fan_out", "Conv",
              linear_like(nn.init.kaiming_normal_, (96, 32, 3, 3), mode="fan_out"), {"strides": [2, 2]}, "PyTorch or Keras")
    yield row("orthogonal_", "orthogonal", "Gemm", linear(nn.init.orthogonal_))
    yield row("normal_, 0.02", "normal(0, 0.02), as BERT and GPT-2", "Gemm", linear(nn.init.normal_, std=0.02))
    yield row("trunc_normal_, 0.02 at 2 σ", "normal(0, 0.02) cut at 2 σ", "Gemm", linear(nn.init.trunc_normal_, std=0.02, a=-0.04, b=0.04))
    yield row("zeros_", "zeros", "Gemm", linear(nn.init.zeros_))
    yield row("ones_", "ones", "Gemm", linear(nn.init.ones_))
    yield row("normal_ of no known width", None, "Gemm", linear(nn.init.normal_, std=0.3))
    trained = linear(nn.init.kaiming_normal_)
    yield row("a heavy tail, as training leaves it", None, "Gemm", trained * (1 + 0.5 * torch.randn_like(trained).abs()) / 1.6)
    # torch.nn.MultiheadAttention packs three projections into one tensor, whose fans xavier_uniform_ takes for one.
    yield row("in_proj_weight", "Xavier uniform", "packed", nn.MultiheadAttention(96, 4).in_proj_weight, {}, "PyTorch or Keras")
    # TF.js draws σ = √(1/fan) and cuts at 2σ, without dividing by what the cut takes away.
    raw = (2 / (256 + 384)) ** 0.5
    yield row("TF.js glorotNormal", "TF.js’ default, Glorot normal 12 % too narrow", "Gemm", linear(nn.init.trunc_normal_, std=raw, a=-2 * raw, b=2 * raw))


def linear_like(init, shape, **options):
    weight = torch.empty(shape)
    init(weight, **options)
    return weight


def of_keras():
    k = keras.initializers
    yield row("GlorotUniform", "Xavier uniform or Keras’ default, Glorot uniform (bound", "MatMul", transposed(in_keras(k.GlorotUniform(1), (384, 256))))
    yield row("GlorotNormal", "Keras’ Glorot normal", "MatMul", transposed(in_keras(k.GlorotNormal(1), (384, 256))))
    yield row("HeNormal", "Keras’ He normal", "MatMul", transposed(in_keras(k.HeNormal(1), (384, 256))))
    yield row("HeUniform", "He uniform", "MatMul", transposed(in_keras(k.HeUniform(1), (384, 256))))
    yield row("LecunNormal", "Keras’ or Flax’ LeCun normal", "MatMul", transposed(in_keras(k.LecunNormal(1), (384, 256))))
    yield row("LecunUniform", "LeCun uniform", "MatMul", transposed(in_keras(k.LecunUniform(1), (384, 256))))
    yield row("Orthogonal", "orthogonal", "MatMul", transposed(in_keras(k.Orthogonal(seed=1), (384, 256))))
    yield row("RandomNormal", "Keras’ RandomNormal", "MatMul", transposed(in_keras(k.RandomNormal(seed=1), (384, 256))))
    yield row("RandomUniform, of an embedding", "Keras’ RandomUniform", "Gather", transposed(in_keras(k.RandomUniform(seed=1), (500, 64))))
    yield row("GlorotUniform of a convolution", "Xavier uniform", "Conv", convolution(k.GlorotUniform(1), (3, 3, 32, 64)))
    # [k, k, channels, multiplier], stored by exporters as [channels, 1, k, k].
    depthwise = torch.from_numpy(np.ascontiguousarray(np.transpose(in_keras(k.GlorotUniform(1), (3, 3, 512, 1)), (2, 3, 0, 1))))
    yield row("GlorotUniform of a depthwise convolution", "Xavier uniform", "Conv", depthwise, {"group": 512}, "PyTorch or Keras")
    # One kernel for the four gates, [in, 4 units].
    fused = torch.from_numpy(np.ascontiguousarray(in_keras(k.GlorotUniform(1), (48, 256)).T))[None]
    yield row("GlorotUniform of an LSTM", "Xavier uniform", "LSTM", fused, {}, "PyTorch or Keras")


def main(folder):
    torch.manual_seed(11)
    rows = [*of_torch(), *of_keras()]
    text = ",\n".join(json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in rows)
    Path(folder, "drawn.json").write_text(f"[\n{text}\n]\n", encoding="utf8")


main(sys.argv[1])
