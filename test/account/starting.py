"""How a network of PyTorch gets to start as `initscope init` recommends: exported, reinitialised by the command line, and read back by name."""
import json
import subprocess
import warnings
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper


def export(network, sample, file):
    """Unoptimised, since folding and merging of equal tensors cost names (and batch norms their statistics)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.eval(), (sample,), str(file), dynamo=True, optimize=False, external_data=False, verbose=False,
            input_names=["x"], output_names=["y"])


def reinitialise(command, model, seed, scheme="recommended"):
    """The state that the command line draws, by name, and what it says it left alone."""
    output = Path(model).with_suffix(f".{scheme}.{seed}.onnx")
    said = subprocess.run(
        [*command, "init", str(model), "--scheme", scheme, "--seed", str(seed), "--output", str(output), "--force", "--json"],
        check=True, capture_output=True, text=True).stdout
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(output).graph.initializer}
    output.unlink()
    rows = json.loads(said)["weights"]
    left = {row["name"]: row["left"] for row in rows if "left" in row}
    drawn = {row["name"] for row in rows} - left.keys()
    return {name: torch.from_numpy(stored[name].copy()) for name in drawn if name in stored}, left


def start_from(network, drawn):
    """Puts what was drawn into the network; names of parameters that it has not. Tied ones have one tensor and several names."""
    aliases = {}
    for name, parameter in network.named_parameters(remove_duplicate=False):
        aliases.setdefault(id(parameter), (parameter, []))[1].append(name)
    missing = []
    with torch.no_grad():
        for parameter, names in aliases.values():
            found = next((drawn[name] for name in names if name in drawn), None)
            if found is None:
                missing.append(names[0])
                continue
            if found.shape != parameter.shape:
                raise SystemExit(f"{names[0]} is {tuple(parameter.shape)} in PyTorch and {tuple(found.shape)} in the file.")
            parameter.copy_(found)
    return missing
