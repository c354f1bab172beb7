"""Data that can be learned, made of nothing but a seed: what a batch is, and what a network is told it did wrong.

A task is drawn once (`world`), its batches by a seed of their own, so that two starts of a network see the same ones.
"""
import math

import torch
from torch.nn import functional as F

WORLD = 20250101
SIDE = 16


def world():
    return torch.Generator().manual_seed(WORLD)


class Teacher:
    """Numbers, in the class that a fixed random network says."""
    features, classes = 32, 10

    def __init__(self):
        g = world()
        sizes = [self.features, 64, 64, self.classes]
        self.weights = [torch.randn(n, m, generator=g) / math.sqrt(n) * 1.5 for n, m in zip(sizes, sizes[1:])]

    def batch(self, size, g):
        x = torch.randn(size, self.features, generator=g)
        y = x
        for weight in self.weights[:-1]:
            y = torch.tanh(y @ weight)
        return x, (y @ self.weights[-1]).argmax(1)

    loss = staticmethod(F.cross_entropy)


def patterns(count):
    """Smooth black and white pictures of 8 × 8."""
    rough = torch.randn(count, 1, 4, 4, generator=world())
    smooth = F.interpolate(rough, size=(8, 8), mode="bilinear", align_corners=False)
    return (smooth > smooth.median()).float().squeeze(1)


class Glyphs:
    """One of ten small pictures somewhere in a larger one, under noise."""
    classes, channels = 10, 1

    def __init__(self):
        self.glyphs = patterns(self.classes)

    def place(self, size, g):
        labels = torch.randint(self.classes, (size,), generator=g)
        corners = torch.randint(SIDE - 8 + 1, (size, 2), generator=g)
        clean = torch.zeros(size, 1, SIDE, SIDE)
        for picture, label, (row, column) in zip(clean, labels, corners):
            picture[0, row:row + 8, column:column + 8] = self.glyphs[label]
        noisy = clean + 0.3 * torch.randn(clean.shape, generator=g)
        return (noisy - noisy.mean()) / noisy.std(), labels, clean

    def batch(self, size, g):
        x, labels, _ = self.place(size, g)
        return x, labels

    loss = staticmethod(F.cross_entropy)


class Masks(Glyphs):
    """Which pixels belong to the small picture."""

    def batch(self, size, g):
        x, _, clean = self.place(size, g)
        return x, clean

    loss = staticmethod(F.binary_cross_entropy_with_logits)


class Textures:
    """Gratings of eight directions and spacings in three colours, at any phase, under noise."""
    classes, channels = 8, 3

    def batch(self, size, g):
        labels = torch.randint(self.classes, (size,), generator=g)
        angle, period = (labels % 4) * math.pi / 4, 3.0 + 3.0 * (labels // 4)
        rows, columns = torch.meshgrid(torch.arange(SIDE), torch.arange(SIDE), indexing="ij")
        along = angle.cos()[:, None, None] * rows + angle.sin()[:, None, None] * columns
        phase = 2 * math.pi * torch.rand(size, 1, 1, generator=g)
        grey = torch.sin(2 * math.pi * along / period[:, None, None] + phase)[:, None]
        x = grey * torch.randn(size, self.channels, 1, 1, generator=g) + torch.randn(size, self.channels, SIDE, SIDE, generator=g)
        return x / x.std(), labels

    loss = staticmethod(F.cross_entropy)


class Manifold:
    """64 numbers that six decide on, to be said again."""
    features = 64

    def __init__(self):
        self.map = torch.randn(6, self.features, generator=world()) / math.sqrt(6)

    def batch(self, size, g):
        x = torch.tanh(2 * torch.randn(size, 6, generator=g) @ self.map)
        x = x / x.std()
        return x, x

    loss = staticmethod(F.mse_loss)


def each_token(logits, targets):
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-100)


class Markov:
    """The next word, of which the last two decide with what chances."""
    words, length = 16, 24

    def __init__(self):
        self.chances = torch.softmax(2.5 * torch.randn(self.words, self.words, self.words, generator=world()), -1)

    def batch(self, size, g):
        said = torch.randint(self.words, (size, self.length + 1), generator=g)
        for t in range(2, self.length + 1):
            said[:, t] = torch.multinomial(self.chances[said[:, t - 2], said[:, t - 1]], 1, generator=g)[:, 0]
        return said[:, :-1], said[:, 1:]

    loss = staticmethod(each_token)


class Copy:
    """Three words, silence, then the same three to be said from memory (Hochreiter & Schmidhuber 1997, in small)."""
    words, kept, silence = 10, 3, 8

    def batch(self, size, g):
        length = 2 * self.kept + self.silence
        x = torch.zeros(size, length, dtype=torch.long)
        x[:, :self.kept] = torch.randint(2, self.words, (size, self.kept), generator=g)
        x[:, -self.kept:] = 1
        y = torch.full_like(x, -100)
        y[:, -self.kept:] = x[:, :self.kept]
        return x, y

    loss = staticmethod(each_token)
