"""Moments and critical points of activations by mpmath, to 12 digits: python criticality.py criticality.json

Needs mpmath; the tests need none of it.
"""
import json
import sys

import mpmath as mp

mp.mp.dps = 25


def phi(z):
    return mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi)


def Phi(z):
    return (1 + mp.erf(z / mp.sqrt(2))) / 2


def sig(z):
    return 1 / (1 + mp.exp(-z))



def t(x):
    return mp.tanh(mp.log1p(mp.exp(x)))


selu_alpha, selu_gamma = mp.mpf("1.6732632423543772"), mp.mpf("1.0507009873554805")
activations = {
    "Gelu": (lambda x: x * Phi(x), lambda x: Phi(x) + x * phi(x)),
    "Silu": (lambda x: x * sig(x), lambda x: sig(x) * (1 + x * (1 - sig(x)))),
    "Mish": (lambda x: x * t(x), lambda x: t(x) + x * sig(x) * (1 - t(x) ** 2)),
    "Tanh": (mp.tanh, lambda x: 1 - mp.tanh(x) ** 2),
    "Softplus": (lambda x: mp.log1p(mp.exp(x)), sig),
    "Elu": (lambda x: x if x > 0 else mp.expm1(x), lambda x: mp.mpf(1) if x > 0 else mp.exp(x)),
    "Selu": (lambda x: selu_gamma * (x if x > 0 else selu_alpha * mp.expm1(x)), lambda x: selu_gamma * (1 if x > 0 else selu_alpha * mp.exp(x))),
    "HardSwish": (lambda x: x * min(1, max(0, x / 6 + mp.mpf(1) / 2)), lambda x: mp.mpf(0 if x <= -3 else 1) if abs(x) >= 3 else x / 3 + mp.mpf(1) / 2),
}


def expectation(g, variance):
    """E g(x), x ~ N(0, variance), between the kinks that any of them has."""
    s = mp.sqrt(variance)
    bounds = sorted({-14, -8, -5, -3, -1, 0, 1, 3, 5, 8, 14} | {-3 / s, 3 / s})
    return mp.quad(lambda z: g(s * z) * phi(z), bounds)


def moments(f, df, variance):
    return {
        "second": expectation(lambda x: f(x) ** 2, variance), "slope": expectation(lambda x: df(x) ** 2, variance),
        "varianceSlope": expectation(lambda x: f(x) * df(x) * x, variance) / variance,
    }


golden = {}
for name, (f, df) in activations.items():
    found = {"moments": {str(k): {key: float(value) for key, value in moments(f, df, mp.mpf(k)).items()} for k in ("0.01", "1", "9", "400")}}
    start = {"Gelu": 3.5, "Silu": 14, "Mish": 1.6, "HardSwish": 4.8}.get(name)
    if start:
        def excess(k, f=f, df=df):
            at = moments(f, df, k)
            return at["varianceSlope"] / at["slope"] - 1
        variance = mp.findroot(excess, (start, start * 1.02), solver="secant")
        at = moments(f, df, variance)
        found["critical"] = {"variance": float(variance), "weights": float(1 / at["slope"]), "biases": float(variance - at["second"] / at["slope"])}
    golden[name] = found
with open(sys.argv[1], "w") as out:
    out.write(json.dumps(golden, indent=1) + "\n")
