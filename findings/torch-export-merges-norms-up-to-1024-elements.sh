#!/usr/bin/env bash
# torch 2.15.0, onnxscript 0.7.2: torch.onnx.export (its default, dynamo) makes one initializer of equal ones, but only up to 1,024 elements. Two
# LayerNorms of a network that has just been made share one scale and one shift at width 1,024, and have two of each at width 1,025: a
# program that writes one layer's scale by name changes another's, or not, by the width.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv v && ./v/bin/pip -q install torch==2.15.0 onnx==1.23.2 onnxscript==0.7.2 numpy
./v/bin/python - <<'PY' 2>/dev/null
import onnx, torch, torch.nn as nn
def vectors(width):
    torch.onnx.export(nn.Sequential(nn.LayerNorm(width), nn.ReLU(), nn.LayerNorm(width)), (torch.randn(2, width),), "net.onnx", verbose=False, external_data=False)
    return sorted(t.name for t in onnx.load("net.onnx").graph.initializer if list(t.dims) == [width])
small, large = vectors(1024), vectors(1025)
print("1024:", small, "1025:", large)
raise SystemExit(0 if len(small) == 2 and len(large) == 4 else 1)
PY
