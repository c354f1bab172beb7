"""Computes the golden values of this folder with PyTorch in float64: python generate.py <exported samples> <this folder>.

Needs torch, onnx and numpy. Started by generate.mjs, which exports the samples. The tests need none of it.
"""
import json
import sys
from pathlib import Path

import torch

from operators import run_node

TYPES = {"float32": torch.float64, "int64": torch.int64, "bool": torch.bool}
INT64 = torch.iinfo(torch.int64)


def tensor(operand):
    """Samples write the ends of int64 as doubles, which round them up."""
    values = operand["values"]
    if operand["dtype"] == "int64":
        values = [min(INT64.max, max(INT64.min, value)) for value in values]
    return torch.tensor(values, dtype=TYPES[operand["dtype"]]).reshape(operand["shape"])


def cotangent(sequence, output, like):
    count = like.numel()
    return torch.tensor([sequence[(i + 97 * output) % len(sequence)] for i in range(count)], dtype=torch.float64).reshape(like.shape)


def numbers(values):
    return [float(f"{value:.8g}") for value in values.detach().flatten().tolist()]


def golden(sample, sequence):
    inputs = {name: tensor(operand) for name, operand in sample["inputs"].items()}
    wanted = {name: inputs[name].requires_grad_() for name in sample["differentiable"]}
    outputs = run_node(sample["op"], sample["attributes"], [None if name is None else inputs[name] for name in sample["positions"]])
    seeded = [(y, cotangent(sequence, i, y)) for i, y in enumerate(outputs) if i not in sample["unused"]]
    gradients = torch.autograd.grad([y for y, _ in seeded], list(wanted.values()), [dy for _, dy in seeded], allow_unused=True)
    zeros = [torch.zeros_like(x) if g is None else g for x, g in zip(wanted.values(), gradients)]
    return {
        "fingerprint": sample["fingerprint"],
        "outputs": [numbers(y) for y in outputs],
        "gradients": {name: numbers(g) for name, g in zip(wanted, zeros)},
    }


def main():
    exported, folder = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    lines = [f"{json.dumps(sample['title'])}:{json.dumps(golden(sample, exported['cotangents']), separators=(',', ':'))}" for sample in exported["samples"]]
    (folder / "operators.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{len(lines)} samples")


main()
