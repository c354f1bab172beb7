"""The same work in PyTorch, timed: prints JSON with milliseconds, best of a few. Run by scripts/bench.mjs if INITSCOPE_PYTHON has torch."""
import json
import time

import torch
from torch import nn


def best(work, times):
    work()
    measured = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        measured.append((time.perf_counter() - start) * 1000)
    return min(measured)


class Block(nn.Module):
    def __init__(self, channels, filters, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.bn1, self.bn2 = nn.BatchNorm2d(filters), nn.BatchNorm2d(filters)
        self.skip = nn.Identity() if stride == 1 else nn.Sequential(nn.Conv2d(channels, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))

    def forward(self, x):
        return torch.relu(self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x))))) + self.skip(x))


def residual():
    stem = [nn.Conv2d(3, 12, 3, 1, 1, bias=False), nn.BatchNorm2d(12), nn.ReLU()]
    shapes = [(12, 12, 1), (12, 12, 1), (12, 24, 2), (24, 24, 1), (24, 48, 2), (48, 48, 1)]
    return nn.Sequential(*stem, *[Block(*shape) for shape in shapes], nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(48, 10))


def mlp():
    return nn.Sequential(*[part for _ in range(20) for part in (nn.Linear(1024, 1024), nn.ReLU())])


def both_ways(network, x):
    """Forward, backward from noise, and moments of every activation and its gradient."""
    kept = []

    def keep(_module, _inputs, output):
        output.retain_grad()
        kept.append(output)

    for module in network.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d, nn.ReLU)):
            module.register_forward_hook(keep)

    def work():
        kept.clear()
        network.zero_grad()
        y = network(x)
        y.backward(torch.randn_like(y))
        return [(torch.var_mean(value.detach()), torch.var_mean(value.grad)) for value in kept if value.grad is not None]

    return work


print(json.dumps({
    "torch": torch.__version__,
    "normals": best(lambda: torch.randn(4_000_000), 5),
    "residual": best(both_ways(residual(), torch.randn(8, 3, 32, 32)), 10),
    "mlp": best(both_ways(mlp(), torch.randn(256, 1024)), 3),
}))
