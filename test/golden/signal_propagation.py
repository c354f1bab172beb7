"""Signal propagation plots (Brock, De & Smith 2021, arXiv 2101.08692, section 3) by hooks on PyTorch's modules, in float64: per residual block the average
channel squared mean and the average channel variance of its output, and the average channel variance at the end of its branch. Networks are a
pre-activation ResNet without norms and two transformer blocks' feed-forward branches, with weights and inputs that a formula gives (number), so that
any language can make them.

python signal_propagation.py FILE.json
"""
import json
import sys

import torch
from torch import nn
from torch.nn import functional as F

batch, size, stages = 4, 32, ((12, 1), (12, 1), (20, 2), (20, 1))
tokens, features, hidden = 96, 48, 96


def numbers(seed: int, shape: tuple[int, ...], scale: float) -> torch.Tensor:
    """Multiplicative hashing (Knuth 1998, section 6.4) to the unit interval about 0, in float32, times a float32."""
    count = torch.Size(shape).numel()
    hashed = [((i + 1) * 2654435761 + seed * 40503 * 65537) % 2 ** 32 for i in range(count)]
    mixed = [((h ^ (h >> 15)) * 2246822519) % 2 ** 32 for h in hashed]
    values = torch.tensor([(m >> 8) / 2 ** 24 - 0.5 for m in mixed], dtype=torch.float64)
    return (values.float() * torch.tensor(scale).float()).double().reshape(shape)


class Block(nn.Module):
    def __init__(self, seed: int, inputs: int, outputs: int, stride: int):
        super().__init__()
        of = lambda at, *shape: numbers(seed + at, shape, (24 / (shape[1] * shape[2] * shape[3])) ** 0.5)
        self.first, self.second = of(0, outputs, inputs, 3, 3), of(1, outputs, outputs, 3, 3)
        self.skip = of(2, outputs, inputs, 1, 1) if stride > 1 or inputs != outputs else None
        self.stride, self.branch = stride, nn.Identity()

    def forward(self, x):
        open_ = F.relu(x)
        way = x if self.skip is None else F.conv2d(open_, self.skip, stride=self.stride)
        inner = F.relu(F.conv2d(open_, self.first, stride=self.stride, padding=1))
        return way + self.branch(F.conv2d(inner, self.second, padding=1))


class FeedForward(nn.Module):
    def __init__(self, seed: int):
        super().__init__()
        self.up, self.down = numbers(seed, (features, hidden), 0.5), numbers(seed + 1, (hidden, features), 0.3)
        self.branch = nn.Identity()

    def forward(self, x):
        return x + self.branch(torch.tanh(F.layer_norm(x, (features,), eps=1e-5) @ self.up) @ self.down)


def plot(blocks: list[nn.Module], x: torch.Tensor, channels: int) -> list[dict[str, float]]:
    seen: list[dict[str, float]] = []

    def moments(value: torch.Tensor) -> tuple[float, float]:
        rows = value.movedim(channels, 0).flatten(1)
        return float((rows.mean(1) ** 2).mean()), float(rows.var(1, unbiased=False).mean())

    for block in blocks:
        seen.append({})
        block.branch.register_forward_hook(lambda _, __, out, at=len(seen) - 1: seen[at].update(branch=moments(out)))
        block.register_forward_hook(lambda _, __, out, at=len(seen) - 1: seen[at].update(sum=moments(out)))
    nn.Sequential(*blocks)(x)
    return seen


def resnet(scale: float) -> list[dict[str, float]]:
    widths = [stages[0][0], *(width for width, _ in stages)]
    blocks = [Block(10 * (at + 1), widths[at], width, stride) for at, (width, stride) in enumerate(stages)]
    stem = numbers(1, (stages[0][0], 3, 3, 3), (12 / 27) ** 0.5)
    return plot(blocks, F.conv2d(numbers(0, (batch, 3, size, size), scale), stem, padding=1), 1)


def transformer(offset: float) -> list[dict[str, float]]:
    x = numbers(0, (batch, tokens, features), 2) + offset
    return plot([FeedForward(10), FeedForward(20)], x.float().double(), 2)


rounded = lambda rows: [{key: [float(f'{value:.9g}') for value in pair] for key, pair in row.items()} for row in rows]
with torch.no_grad():
    cases = {
        'resnet': rounded(resnet(2)), 'resnet, 1e-24 as wide': rounded(resnet(2e-24)), 'transformer': rounded(transformer(0)),
        'transformer, far from zero': rounded(transformer(300)),
    }
with open(sys.argv[1], 'w') as file:
    json.dump(cases, file, indent=1)
    file.write('\n')
