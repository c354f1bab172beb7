#!/usr/bin/env bash
# torch 2.15.0, onnxscript 0.7.2: the default exporter writes nn.RNN step by step, and folds the transposed recurrent kernel for each step, while
# nn.LSTM and nn.GRU stay one operator. Up to 32 hidden units (1,024 elements) the equal kernels become one initializer; from 33 on the
# file has one for every step after the first: 9 copies for a sequence of 10, where the module has a single parameter.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv v && ./v/bin/pip -q install torch==2.15.0 onnx==1.23.2 onnxscript==0.7.2 numpy
./v/bin/python - <<'PY' 2>/dev/null
import onnx, torch, torch.nn as nn
def kernels(kind, hidden):
    torch.onnx.export(getattr(nn, kind)(8, hidden, batch_first=True), (torch.randn(2, 10, 8),), "net.onnx", verbose=False, external_data=False)
    return sum(list(t.dims) == [hidden, hidden] for t in onnx.load("net.onnx").graph.initializer)
found = {"32": kernels("RNN", 32), "33": kernels("RNN", 33), "GRU": kernels("GRU", 33)}
print(found)
raise SystemExit(0 if found == {"32": 1, "33": 9, "GRU": 0} else 1)
PY
