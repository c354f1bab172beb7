"""Trains one family from the library's default and from what is recommended, by the same batches:

    python3 train.py FAMILY RESULT.json --seeds 5 --steps 200 -- node dist/cli.js

Started by scripts/account.mjs, which makes the table of the results. Needs torch, onnx, onnxscript and numpy.
"""
import argparse
import json
import logging
import math
import tempfile
import time
from pathlib import Path

import torch

from families import families
from starting import export, reinitialise, start_from

# Powers of about three around what the libraries' examples train with; the same for every family.
RATES = {"SGD": [0.003, 0.01, 0.03], "Adam": [0.0003, 0.001, 0.003]}
SMOOTHED = 20


def optimiser(kind, parameters, rate):
    return torch.optim.SGD(parameters, lr=rate, momentum=0.9, fused=True) if kind == "SGD" else torch.optim.Adam(parameters, lr=rate, fused=True)


def train(network, loss, batches, kind, rate):
    """The loss of every step, until one is not a number."""
    network.train()
    steps = optimiser(kind, network.parameters(), rate)
    losses = []
    for x, y in batches:
        steps.zero_grad()
        value = loss(network(x), y)
        losses.append(value.item())
        if not math.isfinite(losses[-1]):
            return [*losses[:-1], None]  # JSON has no other word for it.
        value.backward()
        steps.step()
    return losses


def draw(family, name, seed, command, folder):
    """Both starts of a seed, as states, and the parameters that keep the default's values."""
    torch.manual_seed(seed)
    network = family.create()
    file = Path(folder) / f"{name}.onnx"
    if not file.exists():
        sample, _ = family.task.batch(family.batch, torch.Generator().manual_seed(0))
        export(network, sample, file)
    default = {key: value.clone() for key, value in network.state_dict().items()}
    drawn, left = reinitialise(command, file, seed)
    missing = start_from(network, drawn)
    unexplained = [key for key in missing if key not in left]
    if unexplained:
        raise SystemExit(f"{name}: {', '.join(unexplained)} were neither drawn nor left alone; the exporter has renamed them.")
    return network, default, {key: value.clone() for key, value in network.state_dict().items()}, {key: left[key] for key in missing}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("family", choices=families)
    parser.add_argument("result")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("command", nargs="+")
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)  # Gradients that vanish would be computed a hundred times more slowly.
    logging.disable(logging.WARNING)
    family, started, runs, left = families[given.family], time.time(), [], {}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(given.seeds):
            network, default, recommended, left = draw(family, given.family, seed, given.command, folder)
            generator = torch.Generator().manual_seed(1000 + seed)
            batches = [family.task.batch(family.batch, generator) for _ in range(given.steps)]
            for kind, rates in RATES.items():
                for rate in rates:
                    losses = []
                    for state in (default, recommended):
                        network.load_state_dict(state)
                        losses.append(train(network, family.task.loss, batches, kind, rate))
                    runs.append({"seed": seed, "optimiser": kind, "rate": rate, "default": losses[0], "recommended": losses[1]})
    result = {"family": given.family, "poor": family.poor, "steps": given.steps, "left": left, "seconds": round(time.time() - started), "runs": runs}
    Path(given.result).write_text(json.dumps(result))


if __name__ == "__main__":
    main()
