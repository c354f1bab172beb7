"""Recurrent networks whose steps are written out as Loop and Scan, in PyTorch.

Inputs and weights are sines of their position, as loops.test.ts makes them too.
"""
import torch

STEPS, BATCH, INPUT, HIDDEN = 5, 2, 3, 4


def sines(offset, *shape):
    count = torch.tensor(shape).prod().item()
    return (0.75 * torch.sin(1.7 * torch.arange(count, dtype=torch.float64) + offset)).reshape(shape)


def run(reverse):
    x, w, r, b, h = sines(1, STEPS, BATCH, INPUT), sines(2, INPUT, HIDDEN), sines(3, HIDDEN, HIDDEN), sines(4, HIDDEN), sines(5, BATCH, HIDDEN)
    leaves = {"x": x, "w": w, "r": r, "b": b, "h0": h}
    for leaf in leaves.values():
        leaf.requires_grad_()
    states = []
    for t in reversed(range(STEPS)) if reverse else range(STEPS):
        h = torch.tanh(x[t] @ w + h @ r + b)
        states.append(h)
    outputs = {"states": torch.stack(states[::-1] if reverse else states), "last": h}
    cotangents = [sines(6, *outputs["states"].shape), sines(7, *h.shape)]
    gradients = torch.autograd.grad(list(outputs.values()), list(leaves.values()), cotangents)
    rounded = lambda v: [float(f"{e:.8g}") for e in v.detach().flatten().tolist()]  # noqa: E731
    return {"outputs": {k: rounded(v) for k, v in outputs.items()}, "gradients": {k: rounded(g) for k, g in zip(leaves, gradients)}}


LOOPS = {"forward": False, "reverse": True}
