"""Writes down what torch.nn.init draws, for schemes that say they are the same: python inits.py <this folder>

Needs torch. The tests do not. Shapes are those whose fans PyTorch counts as the operator does; where it does not, ours are the operator's (fans.py).
"""
import json
import sys
from pathlib import Path

import torch
from torch.nn import init

DRAWS = 12
SHAPES = {"Gemm": [(64, 96), (96, 64)], "Conv": [(32, 16, 5), (32, 16, 3, 3), (8, 12, 3, 3, 3)]}


def row(scheme, what, draw, op, shape, options=None, attributes=None):
    values = torch.stack([draw(torch.empty(shape)) for _ in range(DRAWS)]).double()
    return {
        "scheme": scheme, "what": what, "options": options or {}, "op": op, "attributes": attributes or {}, "shape": list(shape), "count": values.numel(),
        "std": float(f"{values.std(correction=0):.6g}"), "largest": float(f"{values.abs().max():.6g}"),
    }


def exact(what, draw, op, shape, attributes=None):
    values = draw(torch.empty(shape)).reshape(-1)
    return {
        "scheme": "identity", "what": what, "options": {}, "op": op, "attributes": attributes or {}, "shape": list(shape),
        "ones": values.nonzero().reshape(-1).tolist(),
    }


def random():
    slope = 0.2
    leaky = {"gain": init.calculate_gain("leaky_relu", slope)}
    for op, shapes in SHAPES.items():
        for shape in shapes:
            yield row("xavier-normal", "xavier_normal_", init.xavier_normal_, op, shape)
            yield row("xavier-uniform", "xavier_uniform_, tanh", lambda w: init.xavier_uniform_(w, init.calculate_gain("tanh")), op, shape, {"gain": 5 / 3})
            for mode in ("fan_in", "fan_out"):
                yield row("he-normal", f"kaiming_normal_, {mode}", lambda w: init.kaiming_normal_(w, mode=mode), op, shape, {"mode": mode})
                yield row("he-uniform", f"kaiming_uniform_, leaky, {mode}", lambda w: init.kaiming_uniform_(w, slope, mode), op, shape, {"mode": mode, **leaky})
            yield row("lecun-uniform", "kaiming_uniform_, linear", lambda w: init.kaiming_uniform_(w, nonlinearity="linear"), op, shape)
            yield row("orthogonal", "orthogonal_", lambda w: init.orthogonal_(w, 1.5), op, shape, {"gain": 1.5})
    # PyTorch names the σ before the cut, and cuts where it is told.
    left = 0.87962566103423978
    yield row("truncated-normal", "trunc_normal_", lambda w: init.trunc_normal_(w, std=0.02, a=-0.04, b=0.04), "Gemm", (128, 256), {"std": 0.02 * left})


def identities():
    yield exact("eye_", init.eye_, "Gemm", (5, 7))
    for shape in ((6, 4, 3), (4, 6, 3, 5), (3, 3, 3, 3, 3)):
        yield exact("dirac_", init.dirac_, "Conv", shape)
    yield exact("dirac_, groups", lambda w: init.dirac_(w, 4), "Conv", (8, 2, 3, 3), {"group": 4})


def main(folder):
    torch.manual_seed(0)
    lines = ",\n".join(f" {json.dumps(each)}" for each in (*random(), *identities()))
    (Path(folder) / "inits.json").write_text(f'{{"torch": "{torch.__version__.split("+")[0]}", "rows": [\n{lines}\n]}}\n')


main(sys.argv[1])
