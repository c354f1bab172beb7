"""The networks that are held to account: each with data, and whether the library's default is known to be poor for it."""
from dataclasses import dataclass
from typing import Callable

import torch
from torch import nn

import tasks
from sequences import Gpt, Recurrent, Vit
from vision import DenseNet, MobileNet, ResNet, UNet, Vgg


@dataclass(frozen=True)
class Family:
    create: Callable[[], nn.Module]
    task: object
    # σ² = 1 / (3 fan_in) of nn.Linear and nn.Conv2d loses a sixth to a third of every signal where no norm follows (github.com/pytorch/pytorch/issues/15314);
    # N(0, 1) of nn.Embedding is √features too much for logits where the table is the output's kernel.
    poor: bool = False
    batch: int = 64


class Mlp(nn.Sequential):
    def __init__(self, activation, features=32, width=64, depth=10, classes=10):
        layers = []
        for i in range(depth):
            layers += [nn.Linear(width if i else features, width), activation()]
        super().__init__(*layers, nn.Linear(width, classes))


class Autoencoder(nn.Sequential):
    """Narrow in the middle (Hinton & Salakhutdinov 2006)."""

    def __init__(self, features):
        sizes = [features, 96, 64, 32, 8, 32, 64, 96]
        layers = []
        for n, m in zip(sizes, sizes[1:]):
            layers += [nn.Linear(n, m), *([] if m == 8 else [nn.ReLU()])]
        super().__init__(*layers, nn.Linear(sizes[-1], features))


class Mixture(nn.Module):
    """Experts whose answers a gate weighs (Jacobs et al. 1991), two layers of them."""

    def __init__(self, features, classes, width=64, experts=4):
        super().__init__()
        sizes = [(features, width), (width, width)]
        self.gates = nn.ModuleList(nn.Linear(n, experts) for n, _ in sizes)
        self.experts = nn.ModuleList(
            nn.ModuleList(nn.Sequential(nn.Linear(n, width), nn.ReLU(), nn.Linear(width, m)) for _ in range(experts)) for n, m in sizes)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        for gate, experts in zip(self.gates, self.experts):
            shares = torch.softmax(gate(x), 1)
            x = torch.relu(sum(shares[:, i:i + 1] * expert(x) for i, expert in enumerate(experts)))
        return self.head(x)


activations = {
    "relu": nn.ReLU, "leaky-relu": nn.LeakyReLU, "prelu": nn.PReLU, "elu": nn.ELU, "selu": nn.SELU, "gelu": nn.GELU, "silu": nn.SiLU,
    "mish": nn.Mish, "hardswish": nn.Hardswish, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid,
}


def mlp(activation):
    return Family(lambda: Mlp(activation), tasks.Teacher(), poor=True)


glyphs, textures, markov, copy = tasks.Glyphs(), tasks.Textures(), tasks.Markov(), tasks.Copy()

families = {
    **{f"mlp-{name}": mlp(activation) for name, activation in activations.items()},
    "vgg": Family(lambda: Vgg(glyphs.channels, glyphs.classes), glyphs, poor=True, batch=16),
    "resnet": Family(lambda: ResNet(textures.channels, textures.classes, norm=True), textures, batch=16),
    "resnet-without-norm": Family(lambda: ResNet(textures.channels, textures.classes, norm=False), textures, batch=16),
    "mobilenet": Family(lambda: MobileNet(glyphs.channels, glyphs.classes), glyphs, batch=16),
    "densenet": Family(lambda: DenseNet(textures.channels, textures.classes), textures, batch=16),
    "unet": Family(lambda: UNet(glyphs.channels), tasks.Masks(), batch=16),
    "lstm": Family(lambda: Recurrent(nn.LSTM, copy.words), copy),
    "gru": Family(lambda: Recurrent(nn.GRU, markov.words, layers=2), markov, batch=16),
    "vit": Family(lambda: Vit(glyphs.channels, glyphs.classes, tasks.SIDE), glyphs, batch=16),
    "gpt": Family(lambda: Gpt(markov.words, markov.length), markov, poor=True, batch=16),
    "autoencoder": Family(lambda: Autoencoder(tasks.Manifold.features), tasks.Manifold(), poor=True),
    "mixture": Family(lambda: Mixture(tasks.Teacher.features, tasks.Teacher.classes), tasks.Teacher()),
}
