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


def exact(what, draw, op, shape, attributes=None, scheme="identity"):
    values = draw(torch.empty(shape)).reshape(-1)
    return {
        "scheme": scheme, "what": what, "options": {}, "op": op, "attributes": attributes or {}, "shape": list(shape),
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
    # The middle of an even number of taps is nobody's: torch takes the one behind it, delta-orthogonal kernels and identities the one before.
    for shape in ((6, 4, 4), (4, 6, 3, 2), (5, 5, 1, 1), (3, 4, 2, 3, 4)):
        yield exact("dirac_", init.dirac_, "Conv", shape, scheme="dirac")
    yield exact("dirac_, groups", lambda w: init.dirac_(w, 3), "Conv", (9, 2, 4, 4), {"group": 3}, "dirac")


def sparse(shape, share, std):
    """How many of each column are zero, and how large the others are; `spread` is how much the rows differ in their zeros, as those of all draws do."""
    draws = torch.stack([init.sparse_(torch.empty(shape), share, std) for _ in range(DRAWS)]).double()
    zeros = (draws == 0).sum(1).unique().tolist()
    rows = (draws == 0).sum(2).double()
    return {
        "scheme": "sparse", "what": f"sparse_, {share}", "options": {"sparsity": share, "std": std}, "op": "Gemm", "attributes": {}, "shape": list(shape),
        "zeros": zeros, "count": int((draws != 0).sum()), "std": float(f"{draws[draws != 0].std(correction=0):.6g}"),
        "spread": float(f"{rows.std(correction=0):.6g}"),
    }


def enlarged(factor, taps, shape, groups=1):
    """A kernel of bilinear interpolation by its definition: what one pixel becomes where an image is enlarged (torch.nn.functional.interpolate)."""
    inputs, outputs, *_ = shape
    side = 9
    image = torch.zeros(1, 1, side, side, dtype=torch.float64)
    image[0, 0, side // 2, side // 2] = 1
    grown = torch.nn.functional.interpolate(image, scale_factor=factor, mode="bilinear", align_corners=False)[0, 0]
    first = int(grown.nonzero().min())
    kernel = grown[first:first + taps, first:first + taps]
    values = torch.zeros(shape, dtype=torch.float64)
    for i in range(inputs):
        if i % (inputs // groups) < outputs:
            values[i, i % (inputs // groups)] = kernel
    return {
        "scheme": "bilinear", "what": f"interpolate, {factor} times", "options": {}, "op": "ConvTranspose", "attributes": {"group": groups}, "shape": list(shape),
        "values": [float(f"{value:.6g}") for value in values.reshape(-1).tolist()],
    }


def main(folder):
    torch.manual_seed(0)
    sparsities = [sparse((50, 80), 0.9, 0.01), sparse((80, 50), 0.25, 1.0), sparse((7, 400), 0.5, 0.1)]
    kernels = [enlarged(2, 4, (3, 3, 4, 4)), enlarged(3, 5, (2, 3, 5, 5)), enlarged(2, 4, (4, 1, 4, 4), 4), enlarged(4, 8, (2, 2, 8, 8))]
    lines = ",\n".join(f" {json.dumps(each)}" for each in (*random(), *identities(), *sparsities, *kernels))
    (Path(folder) / "inits.json").write_text(f'{{"torch": "{torch.__version__.split("+")[0]}", "rows": [\n{lines}\n]}}\n')


main(sys.argv[1])
