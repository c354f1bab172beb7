"""The networks of networks.ts in PyTorch: name, network, input."""
import torch
from torch import nn


class Encoder(nn.Module):
    """One post-norm layer; the projections of attention are three products, as in networks.ts."""

    def __init__(self, width=512, heads=8, hidden=2048):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.out = (nn.Linear(width, width) for _ in range(4))
        self.up, self.down, self.relu = nn.Linear(width, hidden), nn.Linear(hidden, width), nn.ReLU()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = (project(x).view(batch, length, self.heads, -1).transpose(1, 2) for project in (self.q, self.k, self.v))
        mixed = torch.softmax(q @ k.transpose(2, 3) / q.shape[-1] ** 0.5, -1) @ v
        x = self.norm1(x + self.out(mixed.transpose(1, 2).reshape(batch, length, width)))
        return self.norm2(x + self.down(self.relu(self.up(x))))


def unit(inputs, outputs, kernel, stride=1, groups=1, activation=nn.ReLU):
    parts = [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs)]
    return nn.Sequential(*parts, *([activation()] if activation else []))


class Residual(nn.Module):
    def __init__(self, inner, skip=None, activation=None):
        super().__init__()
        self.inner, self.skip = inner, skip or nn.Identity()
        self.activation = activation or nn.Identity()

    def forward(self, x):
        return self.activation(self.inner(x) + self.skip(x))


def basic(channels, filters, stride):
    inner = nn.Sequential(unit(channels, filters, 3, stride), unit(filters, filters, 3, activation=None))
    return Residual(inner, None if stride == 1 else unit(channels, filters, 1, stride, activation=None), nn.ReLU())


def residual():
    shapes = [(12, 12, 1), (12, 12, 1), (12, 24, 2), (24, 24, 1), (24, 48, 2), (48, 48, 1)]
    return nn.Sequential(unit(3, 12, 3), *[basic(*shape) for shape in shapes], nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(48, 10))


def mlp(layers):
    return nn.Sequential(*[part for _ in range(layers) for part in (nn.Linear(1024, 1024, bias=False), nn.ReLU())])


def resnet50():
    parts, channels = [unit(3, 64, 7, 2), nn.MaxPool2d(3, 2, 1)], 64
    for stage, blocks in enumerate((3, 4, 6, 3)):
        width = 64 << stage
        for block in range(blocks):
            stride = 2 if block == 0 and stage > 0 else 1
            inner = nn.Sequential(unit(channels, width, 1), unit(width, width, 3, stride), unit(width, 4 * width, 1, activation=None))
            parts.append(Residual(inner, unit(channels, 4 * width, 1, stride, activation=None) if block == 0 else None, nn.ReLU()))
            channels = 4 * width
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 1000))


def vgg():
    parts, channels = [], 3
    for width in (64, 64, 128, 128, 256, 256, 256):
        if width != channels and channels != 3:
            parts.append(nn.MaxPool2d(2))
        parts += [nn.Conv2d(channels, width, 3, 1, 1, bias=False), nn.ReLU()]
        channels = width
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10))


def mobilenet():
    parts, channels = [unit(3, 32, 3, 2, activation=nn.ReLU6)], 32
    stages = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
    for expansion, outputs, blocks, first in stages:
        for block in range(blocks):
            stride, hidden = first if block == 0 else 1, channels * expansion
            wide = [] if expansion == 1 else [unit(channels, hidden, 1, activation=nn.ReLU6)]
            inner = nn.Sequential(*wide, unit(hidden, hidden, 3, stride, hidden, nn.ReLU6), unit(hidden, outputs, 1, activation=None))
            parts.append(Residual(inner) if stride == 1 and channels == outputs else inner)
            channels = outputs
    return nn.Sequential(*parts, unit(channels, 1280, 1, activation=nn.ReLU6), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1280, 1000))


class Lstm(nn.Module):
    def __init__(self, layers=2, width=512):
        super().__init__()
        self.layers = nn.ModuleList(nn.LSTM(width, width) for _ in range(layers))

    def forward(self, x):
        for layer in self.layers:
            x, _ = layer(x)
        return x


networks = {
    "residual": (residual, (8, 3, 32, 32)),
    "mlp": (lambda: mlp(20), (256, 1024)),
    "mlp40": (lambda: mlp(40), (256, 1024)),
    "transformer": (lambda: nn.Sequential(*[Encoder() for _ in range(6)]), (8, 128, 512)),
    "resnet50": (resnet50, (8, 3, 224, 224)),
    "vgg": (vgg, (8, 3, 56, 56)),
    "mobilenet": (mobilenet, (8, 3, 224, 224)),
    "lstm": (Lstm, (100, 16, 512)),
}
