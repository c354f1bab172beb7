"""What PyTorch and Keras themselves count as fans of the weights in test/unit/core/layers/fans.test.ts: python fans.py <golden file>

Convolutions, gates and packed projections are given to each library in the layout of its own layer, plain matrices and tables as the ONNX
file stores them. Needs torch and keras (KERAS_BACKEND=torch); the tests need none of it.
"""
import json
import sys
from pathlib import Path

import keras
import torch
from keras.src.initializers.random_initializers import compute_fans
from torch.nn.init import _calculate_fan_in_and_fan_out

#: Shape in PyTorch, shape in Keras.
ROWS = {
    "[in, out]": [[20, 30]] * 2,
    "[out, in]": [[30, 20]] * 2,
    "[batch, in, out]": [[7, 20, 30]] * 2,
    "[batch, out, in]": [[7, 30, 20]] * 2,
    "conv": [[16, 8, 3, 3], [3, 3, 8, 16]],
    "conv, 4 groups": [[16, 2, 3, 3], [3, 3, 2, 16]],
    "depthwise, twice": [[16, 1, 3, 3], [3, 3, 8, 2]],
    "conv of 1 dimension": [[16, 8, 5], [5, 8, 16]],
    "transposed conv": [[8, 16, 3, 3], [3, 3, 16, 8]],
    "transposed conv, 4 groups": [[8, 4, 3, 3], [3, 3, 4, 8]],
    "table": [[96, 64]] * 2,
    "LSTM W": [[64, 12], [12, 64]],
    "LSTM R": [[64, 16], [16, 64]],
    "GRU W": [[48, 12], [12, 48]],
    "GRU R": [[48, 16], [16, 48]],
    "RNN W": [[16, 12], [12, 16]],
    "RNN R": [[16, 16], [16, 16]],
    "packed": [[24, 8], [8, 24]],
    "packed unequally": [[16, 8], [8, 16]],
    "bilinear": [[5, 6, 7]] * 2,
}

golden = {
    "torch": torch.__version__.split("+")[0],
    "keras": keras.__version__,
    "rows": {
        name: {"PyTorch": list(_calculate_fan_in_and_fan_out(torch.empty(shape))), "Keras": list(compute_fans(other))}
        for name, (shape, other) in ROWS.items()
    },
}
lines = ",\n".join(f"{json.dumps(name)}:{json.dumps(row, separators=(',', ':'))}" for name, row in golden["rows"].items())
Path(sys.argv[1]).write_text(f'{{"torch":"{golden["torch"]}","keras":"{golden["keras"]}","rows":{{\n{lines}\n}}}}\n')
