"""Computes the golden values of this folder with PyTorch in float64:
python generate.py <exported samples> <this folder> <folder of sample networks> <folder for fixtures>

Needs torch, onnx, onnxscript and numpy. Started by generate.mjs, which exports the samples. The tests need none of it.
"""
import json
import sys
from pathlib import Path

import numpy as np
import torch

from fixtures import FIXTURES, write_fixture
from loops import LOOPS, run
from networks import golden_network
from operators import run_node
from whole_networks import EXPORTED, NETWORKS, write_exported, write_whole_network

TYPES = {"float32": torch.float64, "int64": torch.int64, "int32": torch.int32, "bool": torch.bool, "uint8": torch.uint8}
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
    name = f"{sample['domain']}.{sample['op']}" if "domain" in sample else sample["op"]
    outputs = run_node(name, sample["attributes"], [None if name is None else inputs[name] for name in sample["positions"]])
    # A node with few outputs has the first ones, but for those that are absent.
    outputs = [y for i, y in enumerate(outputs[:sample["outputs"]]) if i not in sample.get("absent", [])]
    seeded = [(y, cotangent(sequence, i, y)) for i, y in enumerate(outputs) if i not in sample["unused"]]
    gradients = torch.autograd.grad([y for y, _ in seeded], list(wanted.values()), [dy for _, dy in seeded], allow_unused=True)
    zeros = [torch.zeros_like(x) if g is None else g for x, g in zip(wanted.values(), gradients)]
    return {
        "fingerprint": sample["fingerprint"],
        "outputs": [numbers(y) for y in outputs],
        "gradients": {name: numbers(g) for name, g in zip(wanted, zeros)},
    }


SAMPLE_INPUTS = {
    "deep-tanh-mlp": lambda random: {"x": random.standard_normal((8, 32)).astype(np.float32)},
    "deep-sigmoid-mlp": lambda random: {"x": random.standard_normal((8, 32)).astype(np.float32)},
    "residual-cnn": lambda random: {"images": random.standard_normal((2, 3, 32, 32)).astype(np.float32)},
    "transformer-block": lambda random: {"tokens": random.integers(0, 96, (2, 32))},
}


def write_lines(path, entries):
    lines = [f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in entries.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{path.name}: {len(lines)} entries, {path.stat().st_size // 1024} KB")


def main():
    exported, folder, samples, fixtures = json.loads(Path(sys.argv[1]).read_text()), *map(Path, sys.argv[2:5])
    write_lines(folder / "operators.json", {sample["title"]: golden(sample, exported["cotangents"]) for sample in exported["samples"]})
    write_lines(folder / "loops.json", {name: run(reverse) for name, reverse in LOOPS.items()})
    for made in (folder / "networks", fixtures):
        made.mkdir(parents=True, exist_ok=True)
    models = [(samples / f"{name}.onnx", feeds) for name, feeds in SAMPLE_INPUTS.items()] + [write_fixture(name, fixtures) for name in FIXTURES]
    goldens = {path.stem: golden_network(path, folder / "networks", feeds) for path, feeds in models}
    for name in NETWORKS:
        goldens |= write_whole_network(name, folder / "networks", fixtures)
    for label in EXPORTED:
        goldens |= write_exported(label, folder / "networks", fixtures.parent / "exports")
    write_lines(folder / "networks.json", goldens)


main()
