"""What restricted Boltzmann machines compute, by NumPy, mpmath and scikit-learn: `boltzmann.py boltzmann.json` writes it.

Steps of contrastive divergence with the random numbers that they are drawn by, in float64; free energies, pseudo-likelihoods and partition functions of small
machines; and how probable scikit-learn's BernoulliRBM finds bars and stripes after so many epochs, the best of several learning rates and seeds."""
import itertools
import json
import sys
import warnings

import mpmath
import numpy as np

mpmath.mp.dps = 40
random = np.random.default_rng(7)
sigmoid = lambda x: 1 / (1 + np.exp(-x))
single = lambda x: np.asarray(x, dtype=np.float32).astype(np.float64)
plain = lambda x: [float(f"{each:.9g}") for each in np.ravel(x)]


def steps(kind, gibbs, persistent, decay, target, hidden_bias=True):
    """Hinton 2010: positive statistics by probabilities, states in between, probabilities at the last update of a chain that begins at the data."""
    visible, hidden, batch, count = 5, 4, 3, 3
    rate, momentum, cost, memory = 0.3, 0.7, 0.2, 0.9
    W, b, c = (single(random.normal(0, 0.5, shape)) for shape in [(visible, hidden), visible, hidden])
    if not hidden_bias:
        c[:] = 0
    data = random.integers(0, 2, (count, batch, visible)).astype(float) if kind == "bernoulli" else single(random.normal(0, 1, (count, batch, visible)))
    uh = single(random.random((gibbs, count, batch, hidden)))
    draws = gibbs if persistent else gibbs - 1
    uv = single(random.random((draws, count, batch, visible)) if kind == "bernoulli" else random.normal(0, 1, (draws, count, batch, visible)))
    chain = random.integers(0, 2, (batch, visible)).astype(float)
    case = {"kind": kind, "gibbs": gibbs, "isPersistent": persistent, "decay": decay, "target": target, "hasHiddenBias": hidden_bias, "batch": batch, "steps": count,
            "visible": visible, "hidden": hidden, "rate": rate, "momentum": momentum, "sparsityCost": cost, "memory": memory,
            "start": {"W": plain(W), "b": plain(b), "c": plain(c), "chain": plain(chain)}, "v": plain(data),
            "uh": [plain(u) for u in uh], "uv": [plain(u) for u in uv]}
    dW, db, dc = np.zeros_like(W), np.zeros_like(b), np.zeros_like(c)
    activity = np.full(hidden, target or 0.0)
    mean = lambda h: h @ W.T + b if kind == "gaussian" else sigmoid(h @ W.T + b)
    draw = lambda u, p: p + u if kind == "gaussian" else (u < p).astype(float)
    for n in range(count):
        v = data[n]
        p = sigmoid(v @ W + c)
        if persistent:
            x = chain
            for k in range(gibbs):
                h = (uh[k, n] < sigmoid(x @ W + c)).astype(float)
                x = draw(uv[k, n], mean(h))
            chain = x
        else:
            h = (uh[0, n] < p).astype(float)
            for k in range(1, gibbs):
                x = draw(uv[k - 1, n], mean(h))
                h = (uh[k, n] < sigmoid(x @ W + c)).astype(float)
            x = mean(h)
        q = sigmoid(x @ W + c)
        gW = (v.T @ p - x.T @ q) / batch - decay * W
        gb, gc = (v - x).mean(0), (p - q).mean(0)
        if target is not None:
            activity = memory * activity + (1 - memory) * p.mean(0)
            gW += cost * np.outer(v.mean(0), target - activity)
            gc += cost * (target - activity)
        dW, db = momentum * dW + rate * gW, momentum * db + rate * gb
        if hidden_bias:
            dc = momentum * dc + rate * gc
        W, b, c = W + dW, b + db, c + dc
    ratio = np.linalg.norm(dW) / np.linalg.norm(W)
    return {**case, "end": {"W": plain(W), "b": plain(b), "c": plain(c), "dW": plain(dW), "db": plain(db), "dc": plain(dc), "chain": plain(chain),
                            "activity": plain(activity), "ratio": float(ratio)}}


def energies(visible, hidden, scale):
    W, b, c = (single(random.normal(0, scale, shape)) for shape in [(visible, hidden), visible, hidden])
    data = random.integers(0, 2, (6, visible)).astype(float)
    data[5] = data[0]
    m = lambda x: mpmath.mpf(float(x))

    def free(v):
        total = -sum(m(bi) * m(vi) for bi, vi in zip(b, v))
        for j in range(hidden):
            total -= mpmath.log(1 + mpmath.exp(m(c[j]) + sum(m(v[i]) * m(W[i, j]) for i in range(visible) if v[i])))
        return total

    states = list(itertools.product([0, 1], repeat=visible))
    Z = mpmath.fsum(mpmath.exp(-free(v)) for v in states)
    frees = [free(v) for v in data]
    pseudo = []
    for v, f in zip(data, frees):
        turned = [free([1 - x if i == k else x for i, x in enumerate(v)]) for k in range(visible)]
        pseudo.append(mpmath.fsum(-mpmath.log(1 + mpmath.exp(f - t)) for t in turned))
    _, counts = np.unique(data, axis=0, return_counts=True)
    entropy = -sum(mpmath.mpf(int(n)) / 6 * mpmath.log(mpmath.mpf(int(n)) / 6) for n in counts)
    kl = mpmath.log(Z) + mpmath.fsum(frees) / 6 - entropy
    return {"visible": visible, "hidden": hidden, "W": plain(W), "b": plain(b), "c": plain(c), "data": plain(data), "freeEnergies": [float(f) for f in frees],
            "pseudoLikelihood": float(mpmath.fsum(pseudo) / 6), "logPartition": float(mpmath.log(Z)), "divergence": float(kl)}


def bars_and_stripes(side):
    lines = list(itertools.product([0, 1], repeat=side))
    patterns = {tuple(np.outer(np.ones(side), line).ravel()) for line in lines} | {tuple(np.outer(line, np.ones(side)).ravel()) for line in lines}
    return np.array(sorted(patterns))


def scikit_learn(hidden, batch, epochs):
    import sklearn
    from sklearn.neural_network import BernoulliRBM
    data = bars_and_stripes(4)
    found = []
    for rate, seed in itertools.product([0.01, 0.03, 0.1, 0.3, 1, 3], range(3)):
        machine = BernoulliRBM(n_components=hidden, learning_rate=rate, batch_size=batch, n_iter=epochs, random_state=seed).fit(data)
        free = machine._free_energy(data)
        score = 0
        for unit in range(data.shape[1]):
            turned = data.copy()
            turned[:, unit] = 1 - turned[:, unit]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                score += -np.log1p(np.exp(-(machine._free_energy(turned) - free))).mean()
        found.append({"rate": rate, "seed": seed, "pseudoLikelihood": float(score)})
    best = max(found, key=lambda each: each["pseudoLikelihood"])
    return {"version": sklearn.__version__, "hidden": hidden, "batch": batch, "epochs": epochs, "best": best}


result = {
    "steps": [
        steps("bernoulli", 1, False, 0, None), steps("bernoulli", 3, False, 0.01, None), steps("bernoulli", 2, True, 0, 0.2),
        steps("gaussian", 1, False, 0.01, 0.1), steps("gaussian", 2, True, 0, None), steps("bernoulli", 1, False, 0, 0.1, False),
    ],
    "energies": [energies(6, 4, 1.0), energies(5, 9, 2.5), energies(8, 8, 0.1)],
    "scikitLearn": [scikit_learn(16, 10, 200), scikit_learn(32, 10, 1000)],
}
with open(sys.argv[1], "w") as file:
    json.dump(result, file, separators=(",", ":"))
    file.write("\n")
