"""Small networks written as PyTorch modules and, by hand, as ONNX. Each is checked to compute the same in both."""
import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from networks import evaluate


class GeluMlp(nn.Module):
    """Four linear layers with GELU, one spelled by its tanh approximation, and a layer normalisation."""
    def __init__(self):
        super().__init__()
        self.one, self.two, self.three, self.head = nn.Linear(12, 32), nn.Linear(32, 32), nn.Linear(32, 32), nn.Linear(32, 5)
        self.norm = nn.LayerNorm(32)

    def forward(self, x):
        x = F.gelu(self.one(x))
        x = self.norm(x + F.gelu(self.two(x), approximate="tanh"))
        return self.head(F.gelu(self.three(x)))

    def nodes(self):
        def linear(x, name, y):
            return helper.make_node("Gemm", [x, f"{name}.weight", f"{name}.bias"], [y], f"/{name}/Gemm", transB=1)
        return [
            linear("x", "one", "h1"), helper.make_node("Gelu", ["h1"], ["a1"], "gelu1"),
            linear("a1", "two", "h2"), helper.make_node("Gelu", ["h2"], ["a2"], "gelu2", approximate="tanh"),
            helper.make_node("Add", ["a1", "a2"], ["sum"], "skip"),
            helper.make_node("LayerNormalization", ["sum", "norm.weight", "norm.bias"], ["normed"], "norm", axis=-1, epsilon=1e-5),
            linear("normed", "three", "h3"), helper.make_node("Gelu", ["h3"], ["a3"], "gelu3"), linear("a3", "head", "y"),
        ]

    opset, shape, result = 20, (16, 12), (16, 5)
    constants = {}


class SeparableCnn(nn.Module):
    """A convolution with a bias that batch normalisation cancels, two depthwise-separable blocks, three activations."""
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 2, 1)
        self.depth1, self.point1 = nn.Conv2d(8, 8, 3, 1, 1, groups=8, bias=False), nn.Conv2d(8, 16, 1, bias=False)
        self.depth2, self.point2 = nn.Conv2d(16, 32, 3, 2, 1, groups=16, bias=False), nn.Conv2d(32, 16, 1)
        self.bn0, self.bn1, self.bn2, self.bn3 = nn.BatchNorm2d(8), nn.BatchNorm2d(8), nn.BatchNorm2d(16), nn.BatchNorm2d(32, eps=1e-3)
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        x = F.relu6(self.bn0(self.stem(x)))
        x = F.hardswish(self.bn1(self.depth1(x)))
        x = F.silu(self.bn2(self.point1(x)))
        x = self.point2(F.relu6(self.bn3(self.depth2(x))))
        return self.head(x.mean((2, 3)))

    def nodes(self):
        def norm(x, name, y, epsilon=1e-5):
            inputs = [x, *(f"{name}.{part}" for part in ("weight", "bias", "running_mean", "running_var"))]
            return helper.make_node("BatchNormalization", inputs, [y], f"/{name}", epsilon=epsilon)
        conv = lambda inputs, y, **attributes: helper.make_node("Conv", inputs, [y], f"/{y}/Conv", **attributes)  # noqa: E731
        around = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
        return [
            conv(["x", "stem.weight", "stem.bias"], "c0", strides=[2, 2], **around), norm("c0", "bn0", "b0"),
            helper.make_node("Clip", ["b0", "zero", "six"], ["a0"], "relu6_0"),
            conv(["a0", "depth1.weight"], "c1", group=8, **around), norm("c1", "bn1", "b1"), helper.make_node("HardSwish", ["b1"], ["a1"], "hardswish"),
            conv(["a1", "point1.weight"], "c2", kernel_shape=[1, 1]), norm("c2", "bn2", "b2"),
            helper.make_node("Sigmoid", ["b2"], ["gate"], "sigmoid"), helper.make_node("Mul", ["b2", "gate"], ["a2"], "silu"),
            conv(["a2", "depth2.weight"], "c3", group=16, strides=[2, 2], **around), norm("c3", "bn3", "b3", 1e-3),
            helper.make_node("Clip", ["b3", "zero", "six"], ["a3"], "relu6_3"),
            conv(["a3", "point2.weight", "point2.bias"], "c4", kernel_shape=[1, 1]),
            helper.make_node("GlobalAveragePool", ["c4"], ["pooled"], "pool"), helper.make_node("Flatten", ["pooled"], ["flat"], "flatten", axis=1),
            helper.make_node("Gemm", ["flat", "head.weight", "head.bias"], ["y"], "head", transB=1),
        ]

    opset, shape, result = 17, (4, 3, 12, 12), (4, 10)
    constants = {"zero": np.float32(0), "six": np.float32(6)}


class ResidualNet(nn.Module):
    """Grouped and dilated convolutions, overlapping max pooling, PReLU and leaky ReLU, a concatenation, a product with a vector; opset 13."""
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(2, 8, 5, 1, 2)
        self.conv1, self.conv2 = nn.Conv2d(8, 16, 3, 1, 1, groups=2), nn.Conv2d(16, 8, 3, 1, 2, dilation=2)
        self.prelu = nn.PReLU(16)
        self.head = nn.Linear(16, 6, bias=False)

    def forward(self, x):
        x = F.max_pool2d(F.leaky_relu(self.stem(x), 0.1), 3, 2, 1)
        branch = self.conv2(self.prelu(self.conv1(x)))
        x = F.relu(x + branch)
        pooled = F.avg_pool2d(x, 3, 2, 1, count_include_pad=True)
        features = torch.cat([pooled.mean((2, 3)), torch.tanh(branch).mean((2, 3))], 1)
        return F.log_softmax(self.head(features) / 2.0, -1)

    def nodes(self):
        conv = lambda inputs, y, **attributes: helper.make_node("Conv", inputs, [y], f"/{y}/Conv", **attributes)  # noqa: E731
        node = lambda op, inputs, y, **attributes: helper.make_node(op, inputs, [y], f"/{y}/{op}", **attributes)  # noqa: E731
        return [
            conv(["x", "stem.weight", "stem.bias"], "c0", kernel_shape=[5, 5], pads=[2, 2, 2, 2]), node("LeakyRelu", ["c0"], "a0", alpha=0.1),
            node("MaxPool", ["a0"], "p0", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
            conv(["p0", "conv1.weight", "conv1.bias"], "c1", kernel_shape=[3, 3], pads=[1, 1, 1, 1], group=2), node("PRelu", ["c1", "slope"], "a1"),
            conv(["a1", "conv2.weight", "conv2.bias"], "c2", kernel_shape=[3, 3], pads=[2, 2, 2, 2], dilations=[2, 2]),
            node("Add", ["p0", "c2"], "sum"), node("Relu", ["sum"], "a2"),
            node("AveragePool", ["a2"], "p2", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1),
            node("ReduceMean", ["p2"], "m2", axes=[2, 3], keepdims=0), node("Tanh", ["c2"], "t2"),
            node("ReduceMean", ["t2"], "m3", axes=[-2, -1], keepdims=0), node("Concat", ["m2", "m3"], "features", axis=1),
            node("MatMul", ["features", "head.transposed"], "h"), node("Div", ["h", "two"], "logits"), node("LogSoftmax", ["logits"], "y", axis=-1),
        ]

    opset, shape, result = 13, (3, 2, 9, 10), (3, 6)

    @property
    def constants(self):
        weights = {name: value.detach().numpy() for name, value in self.named_parameters()}
        return {"two": np.float32(2), "slope": weights["prelu.weight"].reshape(16, 1, 1), "head.transposed": weights["head.weight"].T.copy()}


FIXTURES = {"gelu-mlp": GeluMlp, "separable-cnn": SeparableCnn, "residual-net": ResidualNet}


def write_fixture(name, folder):
    torch.manual_seed(2015)
    module = FIXTURES[name]()
    nodes = module.nodes()
    used = {value for node in nodes for value in node.input}
    tensors = {key: value.numpy() for key, value in module.state_dict().items() if key in used} | module.constants
    value = lambda key, shape: helper.make_tensor_value_info(key, TensorProto.FLOAT, ["batch", *shape[1:]])  # noqa: E731
    graph = helper.make_graph(nodes, name, [value("x", module.shape)], [value("y", module.result)],
                              [numpy_helper.from_array(np.asarray(tensor), key) for key, tensor in tensors.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", module.opset)], ir_version=8, producer_name="golden")
    onnx.checker.check_model(model)
    feeds = {"x": np.random.default_rng(1).standard_normal(module.shape).astype(np.float32)}
    values, _, _ = evaluate(model, feeds, {"y": np.ones(module.result, np.float32)})
    expected = module.double().train()(torch.from_numpy(feeds["x"]).double())
    assert torch.allclose(values["y"], expected, rtol=1e-7, atol=1e-7), name  # ONNX stores attributes as float32
    path = folder / f"{name}.onnx"
    path.write_bytes(model.SerializeToString())
    return path, lambda random: {"x": random.standard_normal(module.shape).astype(np.float32)}
