"""What Keras computes with every one of its layers: configurations, sizes of variables, outputs and gradients.

python keras_layers.py FILE.json [NAME ...] with TensorFlow as the backend. Values are made by a formula on both sides, so that only results are stored.
"""
import json
import os
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import h5py
import keras
import numpy as np
import tensorflow as tf
from keras import layers as L
from keras.src.applications.convnext import LayerScale, StochasticDepth
from keras.src.applications.inception_resnet_v2 import CustomScaleLayer


def values(count, phase, scale=1.0):
    """The same numbers in TypeScript: sin(1.7 i + phase) · scale."""
    return (np.sin(1.7 * np.arange(count, dtype=np.float64) + phase) * scale).astype(np.float32)


def one(layer, *shapes, **call):
    def build():
        inputs = [keras.Input(shape[1:], batch_size=shape[0], name=f"x{i}") for i, shape in enumerate(shapes)]
        outputs = layer(inputs[0] if len(inputs) == 1 else inputs, **call)
        return keras.Model(inputs, outputs)
    return build


B = 2
image, line, volume, words = (B, 6, 5, 4), (B, 7, 4), (B, 4, 4, 3, 2), (B, 6)
steps = (B, 5, 3)

samples = {
    "dense": lambda: one(L.Dense(3, activation="relu"), (B, 4)),
    "dense_sequence": lambda: one(L.Dense(3, use_bias=False), line),
    "embedding": lambda: one(L.Embedding(11, 3), words),
    "reversible_embedding": lambda: one(L.ReversibleEmbedding(11, 3), words),
    "einsum_dense": lambda: one(L.EinsumDense("abc,cde->abde", output_shape=(None, 2, 3), bias_axes="de"), line),
    "einsum_dense_dots": lambda: one(L.EinsumDense("...x,xy->...y", output_shape=3, bias_axes="y"), line),
    "einsum_dense_behind": lambda: one(L.EinsumDense("ab...,bc->ac...", output_shape=(5,), bias_axes="c"), line),
    "dense_int8": lambda: quantised(L.Dense(3, activation="relu"), (B, 4)),
    "dense_int8_plain": lambda: quantised(L.Dense(3, use_bias=False), (B, 4)),
    "embedding_int8": lambda: quantised(L.Embedding(11, 3), words),
    "einsum_dense_int8": lambda: quantised(L.EinsumDense("abc,cde->abde", output_shape=(None, 2, 3), bias_axes="de"), line),
    "einsum_dense_int8_one": lambda: quantised(L.EinsumDense("abcd,cde->abe", output_shape=(None, 3)), (B, 3, 4, 2)),
    "prelu": lambda: one(L.PReLU(shared_axes=[1]), line),
    "relu": lambda: one(L.ReLU(max_value=0.8, negative_slope=0.1, threshold=0.2), line),
    "relu_capped": lambda: one(L.ReLU(max_value=0.6), line),
    "leaky_relu": lambda: one(L.LeakyReLU(), line),
    "elu": lambda: one(L.ELU(alpha=0.7), line),
    "softmax": lambda: one(L.Softmax(axis=1), line),
    "conv1d": lambda: one(L.Conv1D(3, 3, padding="causal", dilation_rate=2), line),
    "conv1d_groups": lambda: one(L.Conv1D(6, 2, groups=2, strides=2), line),
    "conv2d": lambda: one(L.Conv2D(3, (3, 2), padding="same", strides=2, activation="tanh"), image),
    "conv2d_valid": lambda: one(L.Conv2D(3, 3, dilation_rate=2), image),
    "conv2d_first": lambda: one(L.Conv2D(3, 3, data_format="channels_first", use_bias=False), (B, 4, 6, 5)),
    "conv3d": lambda: one(L.Conv3D(3, 2, padding="same"), volume),
    "depthwise_conv1d": lambda: one(L.DepthwiseConv1D(3, depth_multiplier=2), line),
    "depthwise_conv2d": lambda: one(L.DepthwiseConv2D(3, depth_multiplier=2, padding="same"), image),
    "separable_conv1d": lambda: one(L.SeparableConv1D(5, 3, depth_multiplier=2), line),
    "separable_conv2d": lambda: one(L.SeparableConv2D(5, 3, activation="relu"), image),
    "conv1d_transpose": lambda: one(L.Conv1DTranspose(3, 3, strides=2), line),
    "conv1d_transpose_short": lambda: one(L.Conv1DTranspose(3, 2, strides=3), line),
    "conv2d_transpose": lambda: one(L.Conv2DTranspose(3, 3, strides=2, padding="same"), image),
    "conv2d_transpose_even": lambda: one(L.Conv2DTranspose(3, 4, strides=2, padding="same"), image),
    "conv2d_transpose_longer": lambda: one(L.Conv2DTranspose(3, 3, strides=2, padding="same", output_padding=1), image),
    "conv3d_transpose": lambda: one(L.Conv3DTranspose(2, 2, strides=2), volume),
    "lstm": lambda: one(L.LSTM(4), steps),
    "lstm_sequences": lambda: one(L.LSTM(4, return_sequences=True, return_state=True, use_bias=False), steps),
    "lstm_backwards": lambda: one(L.LSTM(4, return_sequences=True, go_backwards=True, recurrent_activation="hard_sigmoid"), steps),
    "lstm_state": lambda: one(L.LSTM(4, return_state=True), steps),
    "gru": lambda: one(L.GRU(4, return_sequences=True), steps),
    "gru_before": lambda: one(L.GRU(4, reset_after=False, activation="relu"), steps),
    "simple_rnn": lambda: one(L.SimpleRNN(4, return_sequences=True), steps),
    "bidirectional": lambda: one(L.Bidirectional(L.LSTM(3, return_sequences=True)), steps),
    "bidirectional_sum": lambda: one(L.Bidirectional(L.GRU(3), merge_mode="sum"), steps),
    "bidirectional_apart": lambda: one(L.Bidirectional(L.SimpleRNN(3), merge_mode=None), steps),
    "rnn_cell": lambda: one(L.RNN(L.LSTMCell(3), return_sequences=True), steps),
    "stacked_cells": lambda: one(L.RNN([L.LSTMCell(3), L.GRUCell(4)], return_sequences=True), steps),
    "time_distributed": lambda: one(L.TimeDistributed(L.Conv2D(3, 2)), (B, 3, 4, 4, 2)),
    "time_distributed_dense": lambda: one(L.TimeDistributed(L.Dense(3)), steps),
    "conv_lstm1d": lambda: one(L.ConvLSTM1D(2, 3, padding="same"), (B, 3, 5, 2)),
    "conv_lstm2d": lambda: one(L.ConvLSTM2D(2, 2, return_sequences=True), (B, 3, 4, 4, 2)),
    "conv_lstm2d_strided": lambda: one(
        L.ConvLSTM2D(2, 3, strides=2, padding="same", recurrent_activation="hard_sigmoid", use_bias=False, return_state=True), (B, 3, 5, 4, 2)),
    "conv_lstm2d_backwards": lambda: one(L.ConvLSTM2D(2, 2, dilation_rate=2, go_backwards=True, return_sequences=True), (B, 3, 5, 4, 2)),
    "conv_lstm1d_states": lambda: conv_lstm_states,
    "conv_lstm2d_both_ways": lambda: one(L.Bidirectional(L.ConvLSTM2D(2, 2, return_sequences=True)), (B, 3, 4, 4, 2)),
    "conv_lstm3d": lambda: one(L.ConvLSTM3D(2, 2), (B, 2, 3, 3, 3, 2)),
    "multi_head_attention": lambda: one_attention(L.MultiHeadAttention(2, 3, value_dim=4)),
    "multi_head_causal": lambda: one_attention(L.MultiHeadAttention(2, 3, use_bias=False), use_causal_mask=True),
    "multi_head_gate": lambda: one_attention(L.MultiHeadAttention(2, 3, use_gate=True, output_shape=5)),
    "grouped_query_attention": lambda: one_attention(L.GroupQueryAttention(3, 4, 2)),
    "attention": lambda: one(L.Attention(use_scale=True), steps, (B, 4, 3)),
    "attention_concat": lambda: one(L.Attention(score_mode="concat"), steps, (B, 4, 3)),
    "additive_attention": lambda: one(L.AdditiveAttention(), steps, (B, 4, 3), (B, 4, 3)),
    "batch_normalization": lambda: one(L.BatchNormalization(), image),
    "batch_normalization_axis": lambda: one(L.BatchNormalization(axis=1, scale=False), line),
    "layer_normalization": lambda: one(L.LayerNormalization(), line),
    "layer_normalization_axes": lambda: one(L.LayerNormalization(axis=[1, 2], center=False), line),
    "layer_normalization_middle": lambda: one(L.LayerNormalization(axis=1), line),
    "rms_normalization": lambda: one(L.RMSNormalization(), line),
    "group_normalization": lambda: one(L.GroupNormalization(2), image),
    "unit_normalization": lambda: one(L.UnitNormalization(), line),
    "spectral_normalization": lambda: one(L.SpectralNormalization(L.Dense(3)), (B, 4)),
    "max_pooling1d": lambda: one(L.MaxPooling1D(2), line),
    "max_pooling2d": lambda: one(L.MaxPooling2D(3, strides=2, padding="same"), image),
    "max_pooling3d": lambda: one(L.MaxPooling3D(2), volume),
    "average_pooling1d": lambda: one(L.AveragePooling1D(3, padding="same"), line),
    "average_pooling2d": lambda: one(L.AveragePooling2D(2, padding="same"), image),
    "average_pooling3d": lambda: one(L.AveragePooling3D(2), volume),
    "global_max_pooling1d": lambda: one(L.GlobalMaxPooling1D(), line),
    "global_max_pooling2d": lambda: one(L.GlobalMaxPooling2D(keepdims=True), image),
    "global_max_pooling3d": lambda: one(L.GlobalMaxPooling3D(), volume),
    "global_average_pooling1d": lambda: one(L.GlobalAveragePooling1D(), line),
    "global_average_pooling2d": lambda: one(L.GlobalAveragePooling2D(), image),
    "global_average_pooling3d": lambda: one(L.GlobalAveragePooling3D(), volume),
    "adaptive_max_pooling1d": lambda: one(L.AdaptiveMaxPooling1D(3), line),
    "adaptive_max_pooling2d": lambda: one(L.AdaptiveMaxPooling2D((3, 2)), image),
    "adaptive_max_pooling3d": lambda: one(L.AdaptiveMaxPooling3D(2), volume),
    "adaptive_average_pooling1d": lambda: one(L.AdaptiveAveragePooling1D(3), line),
    "adaptive_average_pooling2d": lambda: one(L.AdaptiveAveragePooling2D((4, 2)), image),
    "adaptive_average_pooling3d": lambda: one(L.AdaptiveAveragePooling3D(2), volume),
    "add": lambda: one(L.Add(), line, line),
    "add_ranks": lambda: one(L.Add(), line, (B, 4)),
    "subtract": lambda: one(L.Subtract(), line, line),
    "multiply": lambda: one(L.Multiply(), line, (B, 1, 4)),
    "average": lambda: one(L.Average(), line, line, line),
    "maximum": lambda: one(L.Maximum(), line, line),
    "minimum": lambda: one(L.Minimum(), line, line),
    "concatenate": lambda: one(L.Concatenate(axis=1), line, (B, 2, 4)),
    "dot": lambda: one(L.Dot(axes=(2, 2), normalize=True), line, steps[:1] + (5, 4)),
    "dot_vectors": lambda: one(L.Dot(axes=1), (B, 4), (B, 4)),
    "flatten": lambda: one(L.Flatten(), image),
    "flatten_first": lambda: one(L.Flatten(data_format="channels_first"), image),
    "reshape": lambda: one(L.Reshape((2, -1)), (B, 3, 4)),
    "permute": lambda: one(L.Permute((3, 1, 2)), image),
    "repeat_vector": lambda: one(L.RepeatVector(3), (B, 4)),
    "zero_padding1d": lambda: one(L.ZeroPadding1D((1, 2)), line),
    "zero_padding2d": lambda: one(L.ZeroPadding2D(((1, 0), (2, 1))), image),
    "zero_padding3d": lambda: one(L.ZeroPadding3D(1), volume),
    "cropping1d": lambda: one(L.Cropping1D((1, 2)), line),
    "cropping2d": lambda: one(L.Cropping2D(((1, 0), (2, 1))), image),
    "cropping3d": lambda: one(L.Cropping3D(1), (B, 4, 4, 4, 2)),
    "up_sampling1d": lambda: one(L.UpSampling1D(2), line),
    "up_sampling2d": lambda: one(L.UpSampling2D((2, 3)), image),
    "up_sampling2d_bilinear": lambda: one(L.UpSampling2D(2, interpolation="bilinear"), image),
    "up_sampling3d": lambda: one(L.UpSampling3D(2), volume),
    "dropout": lambda: one(L.Dropout(0.3), line),
    "alpha_dropout": lambda: one(L.AlphaDropout(0.3), line),
    "gaussian_dropout": lambda: one(L.GaussianDropout(0.3), line),
    "gaussian_noise": lambda: one(L.GaussianNoise(0.3), line),
    "spatial_dropout1d": lambda: one(L.SpatialDropout1D(0.3), line),
    "spatial_dropout2d": lambda: one(L.SpatialDropout2D(0.3), image),
    "spatial_dropout3d": lambda: one(L.SpatialDropout3D(0.3), volume),
    "activity_regularization": lambda: one(L.ActivityRegularization(0.1), line),
    "identity": lambda: one(L.Identity(), line),
    "masking": lambda: one(L.Masking(), line),
    "masking_value": lambda: one(L.Masking(0.5), line),
    "mask_lstm": lambda: masked(lambda x: L.LSTM(4)(x)),
    "mask_lstm_sequences": lambda: masked(lambda x: L.LSTM(4, return_sequences=True, return_state=True, go_backwards=True)(x)),
    "mask_gru": lambda: masked(lambda x: L.GRU(4, return_sequences=True, zero_output_for_mask=True)(L.Dense(3, activation="tanh")(x))),
    "mask_rnn_twice": lambda: masked(lambda x: L.SimpleRNN(3)(L.SimpleRNN(4, return_sequences=True)(x))),
    "mask_stacked": lambda: masked(lambda x: L.RNN([L.LSTMCell(3), L.GRUCell(4)], return_sequences=True)(x)),
    "mask_bidirectional": lambda: masked(lambda x: L.Bidirectional(L.LSTM(3, return_sequences=True))(x)),
    "mask_bidirectional_last": lambda: masked(lambda x: L.Bidirectional(L.GRU(3))(x)),
    "mask_rarely": lambda: rarely(L.LSTM(4, return_sequences=True, return_state=True)),
    "mask_rarely_back": lambda: rarely(L.LSTM(4, return_sequences=True, return_state=True, go_backwards=True)),
    "mask_rarely_zeroed": lambda: rarely(L.GRU(4, return_sequences=True, return_state=True, zero_output_for_mask=True)),
    "mask_states": lambda: rarely(L.LSTM(4, return_sequences=True, return_state=True), (4,), (4,)),
    "mask_pooling": lambda: masked(lambda x: L.GlobalAveragePooling1D()(L.LayerNormalization()(x))),
    "mask_multi_head": lambda: masked(lambda x: L.GlobalAveragePooling1D()(L.Add()([x, L.MultiHeadAttention(2, 3)(x, x)]))),
    "mask_multi_head_scores": lambda: masked(lambda x: L.MultiHeadAttention(2, 3)(x, x, return_attention_scores=True)),
    "mask_multi_head_dropout": lambda: masked(lambda x: L.MultiHeadAttention(2, 3, dropout=0.1)(x, x, use_causal_mask=True)),
    "grouped_query_band": lambda: one_attention(L.GroupQueryAttention(3, 4, 2, sliding_window=2)),
    "mask_grouped": lambda: masked(lambda x: L.GroupQueryAttention(3, 4, 2)(x, x, use_causal_mask=True)),
    "mask_attention": lambda: masked(lambda x: L.Attention(use_scale=True)([L.Dense(3)(x), x])),
    "mask_additive": lambda: masked(lambda x: L.AdditiveAttention()([L.Dense(3)(x), x])),
    "mask_concatenate": lambda: masked(lambda x: L.GRU(3)(L.Concatenate(axis=1)([x, L.Dense(3)(x)]))),
    "mask_features": lambda: masked(lambda x: L.GRU(3)(L.Concatenate()([x, L.Dense(2)(x)]))),
    "mask_lost": lambda: masked(lambda x: L.LSTM(3)(L.Conv1D(3, 2)(x))),
    "rescaling": lambda: one(L.Rescaling(0.5, offset=0.1), image),
    "normalization": lambda: one(L.Normalization(axis=-1), line),
    "normalization_given": lambda: one(L.Normalization(axis=-1, mean=[1.0, 2.0, 0.0, 0.5], variance=[1.0, 4.0, 0.5, 1.0]), line),
    "resizing": lambda: one(L.Resizing(9, 4), image),
    "center_crop": lambda: one(L.CenterCrop(3, 3), image),
    "random_flip": lambda: one(L.RandomFlip(), image),
    "category_encoding": lambda: one(L.CategoryEncoding(num_tokens=11, output_mode="multi_hot"), words),
    "layer_scale": lambda: one(LayerScale(0.1, 4), line),
    "custom_scale": lambda: one(CustomScaleLayer(0.2), image, image),
    "stochastic_depth": lambda: one(StochasticDepth(0.1), image),
    "operations": lambda: operations,
    "nested": lambda: nested,
    "shared": lambda: shared,
    "sequential": lambda: sequential,
}
for activation in [
    "relu", "relu6", "gelu", "silu", "hard_silu", "hard_sigmoid", "squareplus", "sparse_plus", "leaky_relu", "elu", "celu", "selu", "softplus", "softsign",
    "tanh", "sigmoid", "exponential", "mish", "hard_tanh", "hard_shrink", "soft_shrink", "tanh_shrink", "log_sigmoid", "sparse_sigmoid", "softmax",
    "log_softmax", "glu", "linear",
]:
    samples[f"activation_{activation}"] = lambda name=activation: one(L.Activation(name), line)


def one_attention(layer, **call):
    def build():
        query, value = keras.Input((5, 3), batch_size=B, name="x0"), keras.Input((4, 3), batch_size=B, name="x1")
        return keras.Model([query, value], layer(query, value, **call))
    return build


def masked(rest):
    """Steps of words, of which those of the word 0 do not count."""
    def build():
        x = keras.Input((6,), batch_size=B, name="x0")
        return keras.Model(x, rest(L.Embedding(11, 3, mask_zero=True)(x)))
    return build


def rarely(rest, *states):
    """Steps of which one sample has none that counts, and the other one behind its first."""
    def build():
        x, *given = (keras.Input(shape, batch_size=B, name=f"x{i}") for i, shape in enumerate([(5, 3), *states]))
        steps = L.Masking()(keras.ops.relu(x - 0.99) * 50.0)
        return keras.Model([x, *given], rest(steps, initial_state=given) if given else rest(steps))
    return build


def quantised(layer, *shapes):
    """Weights alone: what a layer rounds of its inputs is left out."""
    def build():
        model = one(layer, *shapes)()
        model.quantize(config=keras.quantizers.Int8QuantizationConfig(activation_quantizer=None))
        return model
    return build


def conv_lstm_states():
    x, h, c = (keras.Input(shape, batch_size=B, name=f"x{i}") for i, shape in enumerate([(3, 5, 2), (5, 2), (5, 2)]))
    return keras.Model([x, h, c], L.ConvLSTM1D(2, 3, padding="same")(x, initial_state=[h, c]))


def operations():
    a, b = keras.Input((4, 6), batch_size=B, name="x0"), keras.Input((6,), batch_size=B, name="x1")
    o = keras.ops
    x = o.reshape(o.relu(a + 1.0), (-1, 24)) * 2
    y = o.concatenate([x / (b[:, :1] + 3.0), b], axis=-1)
    w = o.matmul(o.mean(a, axis=1, keepdims=True), o.transpose(a, (0, 2, 1)))
    s = o.softmax(-(1 - o.expand_dims(a[:, 0], 1)))
    p = o.where(s > 0.2, s, 0.0) ** 2
    return keras.Model([a, b], [y, w, p])


def nested():
    inner_in = keras.Input((4,))
    inner = keras.Model(inner_in, L.Dense(3, activation="tanh")(inner_in), name="encoder")
    tower = keras.Sequential([L.Dense(5, activation="relu"), L.Dense(3)], name="tower")
    x = keras.Input((4,), batch_size=B, name="x0")
    return keras.Model(x, L.Add()([inner(x), tower(x)]))


def shared():
    dense = L.Dense(4, name="both")
    x, y = keras.Input((4,), batch_size=B, name="x0"), keras.Input((4,), batch_size=B, name="x1")
    return keras.Model([x, y], L.Concatenate()([dense(x), dense(dense(y))]))


def sequential():
    return keras.Sequential([keras.Input((6, 6, 1), batch_size=B, name="x0"), L.Conv2D(3, 3, activation="relu"), L.BatchNormalization(), L.MaxPooling2D(), L.Flatten(), L.Dense(2)])


def stored(model):
    """Paths of the datasets of a weight file, with their shapes."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "m.weights.h5")
        model.save_weights(path)
        found = []
        with h5py.File(path) as file:
            file.visititems(lambda name, item: found.append([name, list(item.shape)]) if isinstance(item, h5py.Dataset) else None)
    return [each for each in found if "seed" not in each[0]]


def flat(x):
    return x if isinstance(x, (list, tuple)) else [x]


def measured(build):
    keras.backend.clear_session()
    model = build()()
    variables = [v for v in model.variables if "seed" not in v.path]
    for i, v in enumerate(variables):
        if v.dtype == "float32":
            small = values(int(np.prod(v.shape)), 0.3 + i, 0.4).reshape(v.shape)
            v.assign((np.abs(small) + 0.5) * 100 if v.path.endswith("_scale") else np.abs(small) + 0.5 if v.path.endswith("variance") else small)
        elif v.dtype == "int8":
            v.assign(np.round(values(int(np.prod(v.shape)), 0.3 + i, 100)).reshape(v.shape).astype(np.int8))
    for layer in model.layers:
        if isinstance(layer, L.Normalization):
            layer.finalize_state()  # as loading does: what it computes with is worked out once
    inputs = []
    for i, x in enumerate(model.inputs):
        data = values(int(np.prod(x.shape)), 0.7 + 2 * i).reshape(x.shape)
        whole = any(isinstance(l, (L.Embedding, L.CategoryEncoding)) for l in model.layers)
        inputs.append(np.floor(np.abs(data) * 10).astype(np.float32) if whole else data)
    tensors = [tf.constant(x) for x in inputs]
    with tf.GradientTape(persistent=True) as tape:
        for x in tensors:
            tape.watch(x)
        outputs = flat(model(tensors if len(tensors) > 1 else tensors[0], training=False))
        # Seeds of the backward pass, by the same formula.
        loss = sum(tf.reduce_sum(tf.cast(y, tf.float32) * values(int(np.prod(y.shape)), 0.2 + i).reshape(y.shape)) for i, y in enumerate(outputs))
    trained = [v for v in model.trainable_variables]
    gradients = tape.gradient(loss, [v.value for v in trained]) if trained else []
    back = tape.gradient(loss, tensors)
    weight_of = lambda g: None if g is None else float(np.sum(np.float64(tf.convert_to_tensor(g)) * values(int(np.prod(g.shape)), 0.9).reshape(g.shape)))
    return {
        "config": json.loads(model.to_json()),
        "inputs": [{"shape": list(x.shape), "whole": bool(np.all(x == np.floor(x)) and x.max() > 1)} for x in inputs],
        "variables": [{"path": v.path, "shape": list(v.shape), "dtype": v.dtype} for v in variables],
        "stored": stored(model),
        "outputs": [{"shape": list(y.shape), "values": [float(f"{float(a):.7g}") for a in np.ravel(y)[:24]], "sum": float(np.sum(np.float64(y)))} for y in outputs],
        "gradients": [[v.path, float(f"{weight_of(g):.7g}") if g is not None else None] for v, g in zip(trained, gradients)],
        "inputGradients": [None if g is None else float(f"{weight_of(g):.7g}") for g in back],
    }


if __name__ == "__main__":
    wanted = sys.argv[2:]
    result = {}
    for name, build in samples.items():
        if wanted and name not in wanted:
            continue
        try:
            result[name] = measured(build)
        except Exception as error:  # what this version of Keras does not have is not in the file
            print(name, "FAILED", repr(error)[:300], file=sys.stderr)
    with open(sys.argv[1], "w") as file:
        file.write("{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(sample, separators=(',', ':'))}" for name, sample in result.items()) + "\n}\n")
    print(len(result), "samples with Keras", keras.__version__)
