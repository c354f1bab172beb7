"""Whole networks by both exporters of PyTorch, with the gradients of their parameters in float64. See generate.py."""
import contextlib
import copy
import hashlib
import io
import logging
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from exports import create as create_exported
from exports import shorten, strip
from kinks import KinkDistance
from sequence_networks import SEQUENCE
from vision_networks import VISION

NETWORKS = VISION | SEQUENCE
#: By exporter, the operator set; torch.export's knows none before 18.
EXPORTERS = {"script": 17, "dynamo": 18}
#: Small modules that exports.py has exported: one file of each, at operator sets old and new.
EXPORTED = (
    "activations.script20", "norms.dynamo18", "rms-written.script18", "packed.script13", "separate.script14", "post-norm.script14", "pre-norm.dynamo18",
    "lstm-batch.dynamo18", "lstm-two.script11", "gru-two.script13", "rnn.script13", "rnn-two.script11", "tied.script11", "separable-train.script11",
    "residual-train.script18", "residual-plain.script11", "upsampling.script11",
)
logging.disable(logging.CRITICAL)


def create(name):
    """A module whose parameters are all different numbers, by which they are known in an export."""
    torch.manual_seed(2026)
    module = NETWORKS[name]()
    seen = set()
    for parameter in module.parameters():
        with torch.no_grad():
            parameter += 0.1 * torch.randn_like(parameter)
            numbers = parameter.numpy().reshape(-1)
            for i, number in enumerate(numbers):
                while number in seen:
                    number = np.nextafter(number, np.float32(9))
                seen.add(number)
                numbers[i] = number
    return module.train()


def without_dropout(module):
    for each in module.modules():
        if isinstance(each, nn.Dropout):
            each.p = 0.0
        if isinstance(each, (nn.MultiheadAttention, nn.RNNBase)):
            each.dropout = 0.0
    return module


def untied(module):
    """With a parameter of its own wherever one is used by two modules, so that each use has its own gradient."""
    module, seen = copy.deepcopy(module), set()
    for each in module.modules():
        for name, parameter in list(each.named_parameters(recurse=False)):
            if id(parameter) in seen:
                setattr(each, name, nn.Parameter(parameter.detach().clone()))
            seen.add(id(parameter))
    return module


def export(module, inputs, exporter):
    """In training mode and for any batch."""
    axis = getattr(module, "batch_axis", 0)
    given = {name: value if value.dtype == torch.int64 else value.float() for name, value in inputs.items()}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        path = Path(folder) / "net.onnx"
        options = {"opset_version": EXPORTERS[exporter], "input_names": list(given), "output_names": ["y"], "dynamo": exporter == "dynamo"}
        if exporter == "dynamo":
            shapes = tuple({axis: torch.export.Dim("batch")} for _ in given)
            # Its optimiser folds a batch normalisation into the convolution before it even in training mode.
            optimise = not any(isinstance(each, nn.modules.batchnorm._BatchNorm) for each in module.modules())
            torch.onnx.export(module, tuple(given.values()), path, external_data=False, verbose=False, dynamic_shapes=shapes, optimize=optimise, **options)
        else:
            training = {"training": torch.onnx.TrainingMode.TRAINING, "do_constant_folding": False}
            torch.onnx.export(module, tuple(given.values()), path, dynamic_axes={name: {axis: "batch"} for name in given}, **training, **options)
        return onnx.load(path)


def reference(module, inputs, random):
    """Cotangent, output, distance from a kink, and the gradient of every parameter, in float64."""
    double = without_dropout(untied(module).double())
    with KinkDistance() as distance:
        output = double(*inputs.values())
    cotangent = torch.from_numpy(random.standard_normal(output.shape).astype(np.float32))
    gradients = torch.autograd.grad(output, list(double.parameters()), cotangent.double())
    return cotangent, output.detach(), distance.least, dict(zip((name for name, _ in double.named_parameters()), gradients))


def gradients_of_initializers(name, model, module, gradients):
    """
    Exporters rename tensors, transpose them, take them apart, put them together and reorder their gates: each number is found by its value,
    and so is its gradient. Where two modules share a parameter that is stored once, their gradients are added; stored twice, each has its own,
    in the order of use.
    """
    where, values, slopes = {}, [], []
    for key, parameter in untied(module).named_parameters():
        values.append(parameter.detach().numpy().ravel())
        slopes.append(gradients[key].numpy().ravel())
    values, slopes = np.concatenate(values), np.concatenate(slopes)
    for i, value in enumerate(values.tolist()):
        where.setdefault(value, []).append(i)
    stored = {init.name: numpy_helper.to_array(init) for init in model.graph.initializer}
    is_known = lambda array: array.dtype == np.float32 and array.size > 0 and all(value in where for value in array.ravel().tolist())  # noqa: E731
    stored = {key: array for key, array in stored.items() if is_known(array)}
    uses = {}
    for key, array in stored.items():
        for value in set(array.ravel().tolist()):
            uses.setdefault(value, []).append(key)
    missing = [value for value, places in where.items() if value not in uses and slopes[places].any()]
    assert not missing, f"{name}: {len(missing)} numbers are in no initializer"

    def slope(key, value):
        places = where[value]
        return slopes[places[uses[value].index(key)]] if len(uses[value]) == len(places) else slopes[places].sum()
    assert all(len(keys) in (1, len(where[value])) for value, keys in uses.items()), f"{name}: stored more often than used"
    return {key: np.array([slope(key, value) for value in array.ravel().tolist()]).reshape(array.shape) for key, array in stored.items()}


def compute(name, module, make_inputs):
    """Inputs, and what `reference` says of them: seeds are tried until no value is near a kink."""
    for seed in range(200):
        random = np.random.default_rng(seed)
        torch.manual_seed(seed)
        inputs = {key: value if value.dtype == torch.int64 else value.float().double() for key, value in make_inputs(random).items()}
        cotangent, output, distance, gradients = reference(module, inputs, random)
        if distance > 1e-5:
            print(f"{name}: seed {seed}, {distance:.1e} from a kink, {len(gradients)} parameters", flush=True)
            return inputs, cotangent, output, gradients
    raise ValueError(f"{name}: every seed comes too near a kink.")


def write_given(name, model, inputs, cotangent, folder):
    given = {key: value.numpy().astype(np.float32 if value.is_floating_point() else np.int64) for key, value in inputs.items()}
    np.savez_compressed(folder / f"{name}.input.npz", **given)
    np.savez_compressed(folder / f"{name}.cotangent.npz", **{model.graph.output[0].name: cotangent.numpy()})


def write_golden(label, model, module, output, gradients, folder):
    arrays = {f"d/{key}": value for key, value in gradients_of_initializers(label, model, module, gradients).items()}
    arrays[model.graph.output[0].name] = output.numpy()
    np.savez_compressed(folder / f"{label}.golden.npz", **{key: value.astype(np.float32) for key, value in arrays.items()})


def digest(file):
    return {"model": hashlib.sha256(file).hexdigest()[:12]}


def write_whole_network(name, folder, fixtures):
    """Writes both exports with what is fed to them and what is golden, and returns their entries."""
    module = create(name)
    inputs, cotangent, output, gradients = compute(name, module, module.inputs)
    entries = {}
    for exporter, opset in EXPORTERS.items():
        label = f"{name}.{exporter}{opset}"
        model = shorten(strip(export(copy.deepcopy(module), inputs, exporter)))
        write_given(name, model, inputs, cotangent, folder)
        write_golden(label, model, module, output, gradients, folder)
        file = model.SerializeToString(deterministic=True)
        (fixtures / f"{label}.onnx").write_bytes(file)
        entries[label] = digest(file)
    return entries


def write_exported(label, folder, exports):
    """What is golden for a file that exports.py wrote."""
    file = (exports / f"{label}.onnx").read_bytes()
    model, name = onnx.load_from_string(file), label.split(".")[0]
    module = create_exported(name.removesuffix("-batch").removesuffix("-train")).train()
    inputs, cotangent, output, gradients = compute(label, module, lambda _: dict(zip([each.name for each in model.graph.input], module.inputs())))
    write_given(name, model, inputs, cotangent, folder)
    write_golden(label, model, module, output, gradients, folder)
    return {label: digest(file)}
