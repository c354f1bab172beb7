"""Variances of the gradients of weights by PyTorch, over draws of weights, inputs and noise at the outputs:
python weight_gradients.py weight_gradients.json

Needs torch; the tests need none of it.
"""
import json
import sys

import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
DRAWS, BATCH = 150, 16


class Multilayer(nn.Module):
    shape = (128,)

    def __init__(self):
        super().__init__()
        self.dense1, self.dense2, self.dense3, self.dense4 = nn.Linear(128, 256), nn.Linear(256, 256), nn.Linear(256, 256), nn.Linear(256, 64)

    def forward(self, x):
        for layer in (self.dense1, self.dense2, self.dense3):
            x = torch.tanh(layer(x))
        return self.dense4(x)


class Convolutional(nn.Module):
    shape = (16, 12, 12)

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(16, 64, 3, padding=1), nn.Conv2d(64, 64, 3, stride=2, padding=1, groups=4)
        self.conv3, self.dense1 = nn.Conv2d(64, 96, 5), nn.Linear(96, 32)

    def forward(self, x):
        for layer in (self.conv1, self.conv2, self.conv3):
            x = F.relu(layer(x))
        return self.dense1(x.mean((2, 3)))


class Recurrent(nn.Module):
    shape = (12, 64)

    def __init__(self, kind, name):
        super().__init__()
        self.kind, self.dense1 = name, nn.Linear(128, 32)
        self.add_module(f"{name}1", kind(64, 128, batch_first=True))

    def forward(self, x):
        states, _ = getattr(self, f"{self.kind}1")(x)
        return self.dense1(states[:, -1])


def start(module, gain):
    for name, weight in module.named_parameters():
        if "bias" in name:
            nn.init.zeros_(weight)
        else:
            nn.init.normal_(weight, std=gain / (weight[0].numel() ** 0.5))


def kernels(module):
    return {name.split(".")[0]: weight for name, weight in module.named_parameters() if name.endswith((".weight", ".weight_ih_l0"))}


golden = {}
for name, make, gain in [
    ("mlp", Multilayer, 1.2), ("convolutions", Convolutional, 1.4),
    ("lstm", lambda: Recurrent(nn.LSTM, "lstm"), 1), ("gru", lambda: Recurrent(nn.GRU, "gru"), 1),
]:
    torch.manual_seed(1)
    module = make()
    sums = dict.fromkeys(kernels(module), 0.0)
    for _ in range(DRAWS):
        start(module, gain)
        module.zero_grad()
        y = module(torch.randn(BATCH, *module.shape))
        y.backward(torch.randn_like(y))
        for key, weight in kernels(module).items():
            sums[key] += weight.grad.var(correction=0).item() / DRAWS
    golden[name] = {"gain": gain, "batch": BATCH, "shape": list(module.shape), "variances": {key: float(f"{each:.6g}") for key, each in sums.items()}}
with open(sys.argv[1], "w") as out:
    out.write(json.dumps(golden, indent=1) + "\n")
