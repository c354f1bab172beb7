"""Second moments that AnyInit (PyPI) predicts for the networks it draws, beside what it measures, and the same of ours for the same weights:

    python3 peer_anyinit.py SEEDS -- node dist/cli.js

Started by scripts/account.mjs. Needs torch, onnx, onnxscript, numpy and anyinit; prints JSON.
"""
import json
import logging
import subprocess
import sys
import tempfile
from pathlib import Path

import anyinit
import torch

from families import families
from starting import export

BATCH = 128


def sample_of(family):
    """As the made-up data of both: normal numbers, or words of which each is as likely."""
    x, _ = family.task.batch(BATCH, torch.Generator().manual_seed(0))
    return torch.randn(x.shape, generator=torch.Generator().manual_seed(1)) if x.is_floating_point() else x


def theirs(network, sample, seed):
    """By layer: predicted and measured E x², where it says its level is: behind the activation, and the pooling that follows."""
    report = anyinit.initialize(network, "analytic", sample, seed=seed)
    return {record.name: (record.predicted, record.measured) for record in report.layers if record.predicted and record.measured}


def ours(network, sample, command, folder):
    """The same of the weights as they are now: predicted before the run, and measured by it, behind the activation."""
    file = Path(folder) / "network.onnx"
    export(network, sample, file)
    said = subprocess.run([*command, "simulate", str(file), "--threads", "1", "--json"], check=True, capture_output=True, text=True).stdout
    result = json.loads(said)
    found = {}
    for predicted, measured in zip(result["theory"][0]["layers"], result["runs"][0]["layers"]):
        now, then = measured["activation"], predicted["activation"]
        if not now or not then or not measured["weights"]:
            continue
        name = measured["weights"][0]["name"].rsplit(".", 1)[0]
        found[name] = (then["mean"] ** 2 + then["variance"], now["mean"] ** 2 + now["variance"])
    return found


def main():
    seeds, command = int(sys.argv[1]), sys.argv[3:]
    torch.set_num_threads(1)
    logging.disable(logging.WARNING)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, family in families.items():
            row = {"family": name, "layers": 0, "theirs": [], "ours": [], "refused": None}
            for seed in range(seeds):
                torch.manual_seed(seed)
                network, sample = family.create(), sample_of(family)
                try:
                    peer = theirs(network, sample, seed)
                except Exception as error:  # Whatever it says of a network that it does not take is shown.
                    row["refused"] = f"{type(error).__name__}: {error}"[:200]
                    break
                own = ours(network, sample, command, folder)
                both = [layer for layer in peer if layer in own]
                row["layers"] = len(both)
                for side, found in (("theirs", peer), ("ours", own)):
                    row[side] += [max(p / m, m / p) for p, m in (found[layer] for layer in both)]
            rows.append(row)
    print(json.dumps({"version": anyinit.__version__, "seeds": seeds, "rows": rows}))


if __name__ == "__main__":
    main()
