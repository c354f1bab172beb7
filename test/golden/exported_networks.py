"""Small PyTorch modules, each with what is true of its layers in the order they run, whatever an exporter makes of it."""
import torch
import torch.nn.functional as F
from torch import nn


def layer(*weights, then="linear", norm=None, ends=False, feeds=False, reads=False):
    """A layer with its weights, what follows it, and whether it ends a residual branch, feeds or reads a product of two signals."""
    return {"weights": list(weights), "activation": then, "normalization": norm, "residual": ends, "feedsProduct": feeds, "readsProduct": reads}


def weight(fan_in, fan_out, role="kernel", parts=0):
    return {"role": role, "fans": [fan_in, fan_out], "parts": parts}


def dense(fan_in, fan_out, parts=0, **more):
    return layer(weight(fan_in, fan_out, parts=parts), **more)


def table(**more):
    return layer({"role": "embedding", "fans": [1, None], "parts": 0}, **more)


def gated(inputs, hidden, gates, directions=1):
    parts = gates * directions if gates * directions > 1 else 0
    return layer(weight(inputs, hidden, parts=parts), weight(hidden, hidden, "recurrent", parts))


class Activations(nn.Module):
    """Linear layers with another activation behind each."""
    functions = {
        "Relu": nn.ReLU(), "Gelu": nn.GELU(), "Gelu ": nn.GELU(approximate="tanh"), "Silu": nn.SiLU(), "Mish": nn.Mish(), "HardSwish": nn.Hardswish(),
        "HardSigmoid": nn.Hardsigmoid(), "Relu6": nn.ReLU6(), "LeakyRelu": nn.LeakyReLU(0.2), "PRelu": nn.PReLU(8), "Elu": nn.ELU(), "Selu": nn.SELU(),
        "Softplus": nn.Softplus(), "Tanh": nn.Tanh(), "Sigmoid": nn.Sigmoid(), "LogSigmoid": nn.LogSigmoid(), "Softsign": nn.Softsign(),
    }

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(8, 8) for _ in self.functions)
        self.then = nn.ModuleList(self.functions.values())
        self.head = nn.Linear(8, 4)

    def forward(self, x):
        for linear, function in zip(self.layers, self.then):
            x = function(linear(x))
        return torch.softmax(self.head(x), -1)

    inputs = lambda self: (torch.randn(3, 8),)
    expected = [dense(8, 8, then=name.strip()) for name in functions] + [dense(8, 4, then="Softmax")]


class Norms(nn.Module):
    """A normalisation of every kind between a layer and its activation."""
    def __init__(self):
        super().__init__()
        self.one, self.group = nn.Conv1d(4, 8, 3, padding=1), nn.GroupNorm(2, 8)
        self.two, self.instance = nn.Conv1d(8, 8, 3, padding=1), nn.InstanceNorm1d(8, affine=True)
        self.three, self.norm, self.head = nn.Linear(6, 10), nn.LayerNorm(10), nn.Linear(10, 3)

    def forward(self, x):
        x = F.silu(self.group(self.one(x)))
        x = F.relu(self.instance(self.two(x)))
        return self.head(F.gelu(self.norm(self.three(x))))

    inputs = lambda self: (torch.randn(2, 4, 6),)
    expected = [
        layer(weight(12, 24), then="Silu", norm="GroupNormalization"), layer(weight(24, 24), then="Relu", norm="InstanceNormalization"),
        dense(6, 10, then="Gelu", norm="LayerNormalization"), dense(10, 3),
    ]


class WrittenRms(nn.Module):
    """Root mean square normalisation as language models write it out (Zhang & Sennrich 2019)."""
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6))


class RmsNorms(nn.Module):
    """A gated layer between root mean square normalisations, one by PyTorch's module where the exporter knows it."""
    def __init__(self, written=False):
        super().__init__()
        self.one, self.norm = nn.Linear(6, 8), WrittenRms(8) if written else nn.RMSNorm(8)
        self.gate, self.up, self.down, self.last = nn.Linear(8, 12, bias=False), nn.Linear(8, 12, bias=False), nn.Linear(12, 8, bias=False), WrittenRms(8)
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        x = torch.tanh(self.norm(self.one(x)))
        x = x + self.down(F.silu(self.gate(x)) * self.up(x))
        return self.head(self.last(x))

    inputs = lambda self: (torch.randn(2, 5, 6),)
    expected = [
        dense(6, 8, then="Tanh", norm="RMSNormalization"), dense(8, 12, then="Silu"), dense(8, 12), dense(12, 8, norm="RMSNormalization", ends=True), dense(8, 3),
    ]


class Attention(nn.Module):
    """nn.MultiheadAttention, whose projections are packed."""
    def __init__(self):
        super().__init__()
        self.attention, self.head = nn.MultiheadAttention(8, 2, batch_first=True), nn.Linear(8, 3)

    def forward(self, x):
        return self.head(torch.relu(self.attention(x, x, x, need_weights=False)[0]))

    inputs = lambda self: (torch.randn(2, 5, 8),)
    expected = [dense(8, 8, parts=3, feeds=True), dense(8, 8, then="Relu", reads=True), dense(8, 3)]


class Packed(nn.Module):
    """One matrix for query, key and value, taken apart in another way in each block."""
    def __init__(self):
        super().__init__()
        self.qkv, self.out = nn.ModuleList(nn.Linear(8, 24, bias=False) for _ in range(3)), nn.ModuleList(nn.Linear(8, 8) for _ in range(3))

    def forward(self, x):
        for i, (qkv, out) in enumerate(zip(self.qkv, self.out)):
            y = qkv(x)
            if i == 0:
                q, k, v = (part.unflatten(-1, (2, 4)).transpose(1, 2) for part in y.chunk(3, -1))
            elif i == 1:
                q, k, v = y.reshape(*x.shape[:2], 3, 2, 4).permute(2, 0, 3, 1, 4).unbind(0)
            else:
                q, k, v = (y[..., start:start + 8].reshape(*x.shape[:2], 2, 4).transpose(1, 2) for start in (0, 8, 16))
            weights = torch.softmax(q @ k.transpose(-2, -1) * 0.5, -1)
            x = x + out((weights @ v).transpose(1, 2).reshape(*x.shape))
        return x

    inputs = lambda self: (torch.randn(2, 5, 8),)
    expected = [dense(8, 8, parts=3, feeds=True), dense(8, 8, ends=True, reads=True)] * 3


class Separate(nn.Module):
    """Separate projections and F.scaled_dot_product_attention."""
    def __init__(self):
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(8, 8, bias=bias) for bias in (True, False, True, True))

    def forward(self, x):
        heads = lambda y: y.view(*x.shape[:2], 2, 4).transpose(1, 2)
        y = F.scaled_dot_product_attention(heads(self.q(x)), heads(self.k(x)), heads(self.v(x)), is_causal=True)
        return x + self.o(y.transpose(1, 2).reshape(*x.shape))

    inputs = lambda self: (torch.randn(2, 5, 8),)
    expected = [dense(8, 8, feeds=True)] * 3 + [dense(8, 8, ends=True, reads=True)]


class Encoder(nn.Module):
    def __init__(self, first, activation):
        super().__init__()
        self.block = nn.TransformerEncoderLayer(8, 2, 16, 0.0, activation, batch_first=True, norm_first=first)
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        return self.head(self.block(x))

    inputs = lambda self: (torch.randn(2, 5, 8),)


class PostNorm(Encoder):
    def __init__(self):
        super().__init__(False, "relu")

    expected = [
        dense(8, 8, parts=3, feeds=True), dense(8, 8, norm="LayerNormalization", ends=True, reads=True), dense(8, 16, then="Relu"),
        dense(16, 8, norm="LayerNormalization", ends=True), dense(8, 3),
    ]


class PreNorm(Encoder):
    def __init__(self):
        super().__init__(True, "gelu")

    expected = [
        dense(8, 8, parts=3, feeds=True), dense(8, 8, norm="LayerNormalization", ends=True, reads=True), dense(8, 16, then="Gelu"),
        dense(16, 8, ends=True), dense(8, 3),
    ]


class Recurrent(nn.Module):
    def __init__(self, kind, gates, **options):
        super().__init__()
        self.rnn = kind(4, 6, batch_first=True, **options)
        self.head = nn.Linear(12 if options.get("bidirectional") else 6, 3)
        directions = 2 if options.get("bidirectional") else 1
        layers = range(options.get("num_layers", 1))
        self.expected = [gated(6 * directions if i > 0 else 4, 6, gates, directions) for i in layers] + [dense(6 * directions, 3)]

    def forward(self, x):
        return self.head(self.rnn(x)[0])

    inputs = lambda self: (torch.randn(2, 5, 4),)


class Elman(Recurrent):
    """torch.export writes it step by step: the first adds nothing carried, and every further one is the same matrix again."""
    def __init__(self):
        super().__init__(nn.RNN, 1)
        self.unrolled = [dense(4, 6, then="Tanh"), {**dense(6, 6, then="Tanh"), "weights": [{"role": "recurrent", "fans": [6, 6], "parts": 0}]}, dense(6, 3)]


class Tied(nn.Module):
    """A table that is the output projection too."""
    def __init__(self):
        super().__init__()
        self.table, self.hidden, self.head = nn.Embedding(12, 8), nn.Linear(8, 8), nn.Linear(8, 12, bias=False)
        self.head.weight = self.table.weight

    def forward(self, ids):
        return self.head(torch.relu(self.hidden(self.table(ids))))

    inputs = lambda self: (torch.tensor([[1, 2, 3], [4, 5, 11]]),)
    expected = [table(), dense(8, 8, then="Relu"), dense(8, 12)]


class Separable(nn.Module):
    """A depthwise-separable network: strides, groups, a channel multiplier, ReLU6."""
    def __init__(self):
        super().__init__()
        def block(*sizes, **more):
            return nn.Sequential(nn.Conv2d(*sizes, bias=False, **more), nn.BatchNorm2d(sizes[1]))
        self.stem, self.depthwise = block(3, 8, 3, stride=2, padding=1), block(8, 16, 3, padding=1, groups=8)
        self.grouped, self.pointwise, self.head = block(16, 8, 3, groups=4), block(8, 12, 1), nn.Linear(12, 5)

    def forward(self, x):
        x = F.relu6(self.depthwise(F.relu6(self.stem(x))))
        x = self.pointwise(F.hardswish(self.grouped(x)))
        return self.head(F.relu(F.adaptive_avg_pool2d(x, 1).flatten(1)))

    inputs = lambda self: (torch.randn(2, 3, 8, 8),)
    expected = [
        layer(weight(27, 18), then="Relu6", norm="BatchNormalization"), layer(weight(9, 18), then="Relu6", norm="BatchNormalization"),
        layer(weight(36, 18), then="HardSwish", norm="BatchNormalization"), layer(weight(8, 12), then="Relu", norm="BatchNormalization"), dense(12, 5),
    ]


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride, normalised):
        super().__init__()
        norm = nn.BatchNorm2d if normalised else lambda _: nn.Identity()
        conv = lambda i, o, k, s: nn.Sequential(nn.Conv2d(i, o, k, s, k // 2, bias=not normalised), norm(o))
        self.one, self.two = conv(inputs, outputs, 3, stride), conv(outputs, outputs, 3, 1)
        self.shortcut = conv(inputs, outputs, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x):
        return F.relu(self.two(F.relu(self.one(x))) + self.shortcut(x))


class Residual(nn.Module):
    """A basic block with an identity for a short cut, and one with a projection."""
    def __init__(self, normalised=True):
        super().__init__()
        self.blocks, self.head = nn.Sequential(Block(4, 4, 1, normalised), Block(4, 8, 2, normalised)), nn.Linear(8, 3)
        norm = "BatchNormalization" if normalised else None
        conv = lambda fan_in, fan_out, ends=False: layer(weight(fan_in, fan_out), then="Relu", norm=norm, ends=ends)
        self.expected = [conv(36, 36), conv(36, 36, True), conv(36, 18), conv(72, 72, True), conv(4, 2), dense(8, 3)]

    def forward(self, x):
        return self.head(self.blocks(x).mean((2, 3)))

    inputs = lambda self: (torch.randn(2, 4, 6, 6),)


class Upsampling(nn.Module):
    """A U-Net: a transposed convolution, a grouped one with a stride, and a skip connection by concatenation."""
    def __init__(self):
        super().__init__()
        self.enter, self.down = nn.Conv2d(2, 4, 3, padding=1), nn.Conv2d(4, 8, 3, stride=2, padding=1)
        self.up, self.grouped = nn.ConvTranspose2d(8, 4, 2, stride=2), nn.ConvTranspose2d(8, 4, 4, stride=2, padding=1, groups=2)
        self.join, self.head = nn.Conv2d(8, 4, 3, padding=1), nn.Conv2d(8, 1, 1)

    def forward(self, x):
        one = F.leaky_relu(self.enter(x), 0.1)
        two = F.leaky_relu(self.down(one), 0.1)
        x = F.relu(self.join(torch.cat([F.relu(self.up(two)), one], 1)))
        return torch.sigmoid(self.head(torch.cat([x, F.elu(self.grouped(two))], 1)))

    inputs = lambda self: (torch.randn(1, 2, 8, 8),)
    expected = [
        layer(weight(18, 36), then="LeakyRelu"), layer(weight(36, 18), then="LeakyRelu"), layer(weight(8, 16), then="Relu"), layer(weight(72, 36), then="Relu"),
        layer(weight(16, 32), then="Elu"), layer(weight(8, 1), then="Sigmoid"),
    ]


NETWORKS = {
    "activations": Activations, "norms": Norms, "rms": RmsNorms, "rms-written": lambda: RmsNorms(True), "attention": Attention, "packed": Packed,
    "separate": Separate, "post-norm": PostNorm, "pre-norm": PreNorm,
    "lstm": lambda: Recurrent(nn.LSTM, 4), "lstm-two": lambda: Recurrent(nn.LSTM, 4, num_layers=2, bidirectional=True),
    "gru": lambda: Recurrent(nn.GRU, 3), "gru-two": lambda: Recurrent(nn.GRU, 3, num_layers=2, bidirectional=True),
    "rnn": Elman, "rnn-two": lambda: Recurrent(nn.RNN, 1, num_layers=2, bidirectional=True, nonlinearity="relu"),
    "tied": Tied, "separable": Separable, "residual": Residual, "residual-plain": lambda: Residual(False), "upsampling": Upsampling,
}
#: What torch.export unrolls is looked at in its small form alone.
SCRIPT_ONLY = {"rnn-two"}
#: Exported in training mode too, where a batch normalisation is not folded into the convolution before it.
TRAINED = {"separable", "residual"}
#: Exported with a batch of any size too, where shapes are computed.
DYNAMIC = {"attention", "packed", "separate", "lstm"}
