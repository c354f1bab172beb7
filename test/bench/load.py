"""onnx.load in a process of its own: python load.py all|structure FILE STARTED. Prints milliseconds since STARTED and peak bytes."""
import resource
import sys
import time

import onnx

_, part, path, started = sys.argv
model = onnx.load(path, load_external_data=part == "all")
assert len(model.graph.node) > 0
print(time.time() * 1000 - float(started), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
