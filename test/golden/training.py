"""What the first 50 steps of training cost in PyTorch, in double precision: python training.py <folder for fixtures> <golden file>

A perceptron, a convolutional network with batch normalisation, a small transformer and one for images, whose class token, position table and temperature are
no weights of layers, are exported as they start, and trained on as many samples as a batch has, by every optimiser. Needs torch, onnx, onnxscript and numpy;
the tests need none of it.
"""
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn
from torch.nn import functional

STEPS = 50
OPTIMIZERS = {
    "sgd": lambda parameters: torch.optim.SGD(parameters, lr=0.05),
    "momentum": lambda parameters: torch.optim.SGD(parameters, lr=0.01, momentum=0.9),
    "adam": lambda parameters: torch.optim.Adam(parameters, lr=0.003),
    "adamw": lambda parameters: torch.optim.AdamW(parameters, lr=0.003),
}


def perceptron():
    return nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 5))


def convolutional():
    return nn.Sequential(
        nn.Conv2d(1, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU(), nn.Conv2d(6, 12, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(12), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, 4),
    )


class Transformer(nn.Module):
    """One block, its norms in front, that names the next of 16 tokens."""

    def __init__(self, tokens=16, width=16, length=6):
        super().__init__()
        self.table = nn.Embedding(tokens, width)
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(width) for _ in range(3))
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.head = nn.Linear(width, tokens)
        self.register_buffer("mask", torch.triu(torch.full((length, length), -1e4), 1))

    def forward(self, x):
        h = self.table(x)
        n = self.norm1(h)
        heads = [f(n).unflatten(-1, (2, 8)).transpose(1, 2) for f in (self.query, self.key, self.value)]
        scores = heads[0] @ heads[1].transpose(-1, -2) / 8 ** 0.5 + self.mask
        h = h + self.out((torch.softmax(scores, -1) @ heads[2]).transpose(1, 2).flatten(2))
        h = h + self.down(functional.gelu(self.up(self.norm2(h))))
        return self.head(self.norm3(h))


class Vision(nn.Module):
    """One block over a class token and 16 patches; `mean` is a buffer, and stays."""

    def __init__(self, width=16):
        super().__init__()
        self.patch = nn.Conv2d(1, width, 2, stride=2)
        self.register_buffer("mean", torch.randn(1, 1, width))
        self.cls_token = nn.Parameter(0.5 * torch.randn(1, 1, width))
        self.pos_embed = nn.Parameter(0.5 * torch.randn(1, 17, width))
        self.block = nn.TransformerEncoderLayer(width, 2, 2 * width, dropout=0.0, batch_first=True, norm_first=True)
        self.temperature_scale = nn.Parameter(torch.tensor(1.3))
        self.head = nn.Linear(width, 4)
        # The exporter drops biases that are zero.
        nn.init.normal_(self.block.self_attn.out_proj.bias, std=0.1)

    def forward(self, x):
        patches = self.patch(x).flatten(2).transpose(1, 2) - self.mean
        h = torch.cat([self.cls_token.expand(patches.shape[0], -1, -1), patches], 1) + self.pos_embed
        return self.head(self.block(h)[:, 0] * self.temperature_scale)


def data(name, generator):
    if name == "transformer":
        tokens = torch.randint(0, 16, (8, 7), generator=generator)
        return tokens[:, :-1].contiguous(), tokens[:, 1:].contiguous()
    shape = (24, 20) if name == "perceptron" else (16, 1, 8, 8)
    classes = 5 if name == "perceptron" else 4
    return torch.randn(shape, generator=generator), torch.randint(0, classes, shape[:1], generator=generator)


def cost(outputs, labels):
    return functional.cross_entropy(outputs.flatten(0, -2), labels.flatten())


def curve(module, optimizer, x, labels):
    module.double().train()
    x = x.double() if x.is_floating_point() else x
    steps = OPTIMIZERS[optimizer](module.parameters())
    losses = []
    for _ in range(STEPS):
        steps.zero_grad()
        loss = cost(module(x), labels)
        loss.backward()
        steps.step()
        losses.append(float(loss))
    return losses


def main(folder, golden):
    Path(folder).mkdir(parents=True, exist_ok=True)
    curves = {}
    for name, create in {"perceptron": perceptron, "convolutional": convolutional, "transformer": Transformer, "vision": Vision}.items():
        torch.manual_seed(0)
        module = create()
        x, labels = data(name, torch.Generator().manual_seed(1))
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "net.onnx"
            # Not folded: a batch norm that training is to see must still be there.
            options = {"training": torch.onnx.TrainingMode.TRAINING, "do_constant_folding": False} if name == "convolutional" else {}
            if name == "vision":  # by the exporter that lists what is learned
                torch.onnx.export(module.eval(), (x,), path, dynamo=True, input_names=["x"], output_names=["y"], external_data=False,
                                  dynamic_shapes={"x": {0: "batch"}})
            else:
                torch.onnx.export(module.train(name == "convolutional"), (x,), path, dynamo=False, opset_version=17, input_names=["x"], output_names=["y"],
                                  dynamic_axes={"x": {0: "batch"}}, **options)
            model = onnx.load(path)
        del model.metadata_props[:]
        for node in model.graph.node:
            del node.metadata_props[:]
            node.doc_string = ""
        onnx.save(model, Path(folder) / f"{name}.onnx")
        np.savez(Path(folder) / f"{name}.npz", x=x.numpy(), y=labels.numpy())
        start = {key: value.clone() for key, value in module.state_dict().items()}
        curves[name] = {}
        for optimizer in OPTIMIZERS:
            module = create()
            module.load_state_dict(start)
            curves[name][optimizer] = [float(f"{loss:.10g}") for loss in curve(module, optimizer, x, labels)]
    Path(golden).write_text(json.dumps({"torch": torch.__version__.split("+")[0], "curves": curves}, indent=1) + "\n")


main(*sys.argv[1:])
