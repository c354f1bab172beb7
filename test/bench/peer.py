"""The same work in PyTorch: `peer.py normals [COUNT]`, `peer.py train NETWORK BATCH STEPS` or `peer.py NETWORK RUNS` prints JSON with milliseconds of each
run and the peak memory."""
import json
import resource
import sys
import time

import torch
from torch import nn

torch.set_num_threads(2)


def times(work, runs):
    measured = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        measured.append((time.perf_counter() - start) * 1000)
    return measured


def both_ways(network, x):
    """Forward, backward from noise, and moments of every layer's and activation's output, its gradient, and every weight's gradient."""
    from peer_networks import Encoder, Residual
    inner = (Encoder, Residual, nn.Sequential, nn.ModuleList, nn.Identity)
    moments = []

    def describe(tensor):
        var, mean = torch.var_mean(tensor)
        moments.append((mean, var, tensor.amin(), tensor.amax(), (tensor == 0).sum(), torch.isfinite(tensor).sum()))

    def keep(_module, _inputs, output):
        value = output[0] if isinstance(output, tuple) else output
        describe(value.detach())
        value.register_hook(describe)

    for module in network.modules():
        if not isinstance(module, inner):
            module.register_forward_hook(keep)

    def work():
        moments.clear()
        network.zero_grad()
        y = network(x)
        y.backward(torch.randn_like(y))
        for weight in network.parameters():
            describe(weight.grad)

    return work


def learning(network, shape):
    """One step of Adam on a squared error, as a training loop has it."""
    x = torch.randn(*shape)
    target = torch.randn_like(network(x).detach())
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4)

    def work():
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(network(x), target)
        loss.backward()
        optimizer.step()
        loss.item()

    return work


if sys.argv[1] == "train":
    from peer_networks import networks
    create, (_, *rest) = networks[sys.argv[2]]
    work, runs = learning(create(), (int(sys.argv[3]), *rest)), int(sys.argv[4])
elif sys.argv[1] == "normals":
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 4_000_000
    work, runs = (lambda: torch.randn(count)), 20 if count < 100_000_000 else 3
else:
    from peer_networks import networks
    create, shape = networks[sys.argv[1]]
    network = create()
    work, runs = both_ways(network, torch.randn(*shape)), int(sys.argv[2])
print(json.dumps({"torch": torch.__version__, "ms": times(work, runs), "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))
