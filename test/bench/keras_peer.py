"""Keras beside us: python keras_peer.py make FILE LAYERS WIDTH writes an archive; load FILE STARTED loads one, and prints milliseconds since STARTED and peak bytes."""
import os
import resource
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import keras

if sys.argv[1] == "make":
    _, _, path, layers, width = sys.argv
    keras.Sequential([keras.Input((int(width),))] + [keras.layers.Dense(int(width), activation="relu") for _ in range(int(layers))]).save(path)
else:
    _, _, path, started = sys.argv
    model = keras.saving.load_model(path)
    assert len(model.layers) > 0
    print(time.time() * 1000 - float(started), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
