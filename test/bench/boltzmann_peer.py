"""Epochs of scikit-learn's BernoulliRBM: `boltzmann_peer.py VISIBLE HIDDEN SAMPLES BATCH EPOCHS` prints JSON with the milliseconds of an epoch by element type."""
import json
import sys
import time

import numpy as np
import sklearn
from sklearn.neural_network import BernoulliRBM

visible, hidden, samples, batch, epochs = map(int, sys.argv[1:])
random = np.random.default_rng(1)
data = random.random((samples, visible)) < 0.3


def epoch(dtype):
    machine = BernoulliRBM(n_components=hidden, batch_size=batch, n_iter=1, learning_rate=0.01, random_state=1)
    given = data.astype(dtype)
    taken = []
    for _ in range(epochs):
        start = time.perf_counter()
        machine.fit(given)
        taken.append((time.perf_counter() - start) * 1000)
    return min(taken)


print(json.dumps({"sklearn": sklearn.__version__, "float64": epoch(np.float64), "float32": epoch(np.float32)}))
