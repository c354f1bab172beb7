"""Small networks for sequences as PyTorch modules, of the families that are in use: what their ONNX exports are compared with."""
import math

import torch
import torch.nn.functional as F
from torch import nn


class Lstm(nn.Module):
    """Two layers with the batch first, of which the last step is read."""
    def __init__(self):
        super().__init__()
        self.rnn, self.head = nn.LSTM(6, 10, 2, batch_first=True), nn.Linear(10, 4)

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1])

    @staticmethod
    def inputs(random):
        return {"x": torch.from_numpy(random.standard_normal((3, 7, 6)))}


class BidirectionalGru(nn.Module):
    """Two layers with the steps first, of which every step and both last states are read."""
    def __init__(self):
        super().__init__()
        self.rnn, self.head, self.summary = nn.GRU(5, 8, 2, bidirectional=True), nn.Linear(16, 4), nn.Linear(8, 4)

    def forward(self, x):
        every, last = self.rnn(x)
        return self.head(every) + self.summary(last).sum(0)

    batch_axis = 1

    @staticmethod
    def inputs(random):
        return {"x": torch.from_numpy(random.standard_normal((6, 3, 5)))}


class CausalBlock(nn.Module):
    """Radford et al. 2019; attention written out, or by PyTorch's function."""
    def __init__(self, width, heads, written, length):
        super().__init__()
        self.heads, self.written = heads, written
        self.norm1, self.qkv, self.out = nn.LayerNorm(width), nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.norm2, self.up, self.down = nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.dropout = nn.Dropout(0.1)
        self.register_buffer("mask", torch.tril(torch.ones(length, length, dtype=torch.bool)))

    def attention(self, x):
        batch, length, width = x.shape
        q, k, v = (part.view(batch, length, self.heads, -1).transpose(1, 2) for part in self.qkv(x).split(width, -1))
        if self.written:
            scores = q @ k.transpose(-2, -1) / math.sqrt(width // self.heads)
            y = self.dropout(torch.softmax(scores.masked_fill(~self.mask[:length, :length], float("-inf")), -1)) @ v
        else:
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(y.transpose(1, 2).reshape(batch, length, width))

    def forward(self, x):
        x = x + self.dropout(self.attention(self.norm1(x)))
        return x + self.dropout(self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh")))


class Gpt(nn.Module):
    """A language model whose table is the output layer too."""
    def __init__(self, vocabulary=40, length=12, width=16):
        super().__init__()
        self.table, self.positions, self.dropout = nn.Embedding(vocabulary, width), nn.Embedding(length, width), nn.Dropout(0.1)
        self.blocks = nn.Sequential(CausalBlock(width, 2, True, length), CausalBlock(width, 2, False, length))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)
        self.head.weight = self.table.weight

    def forward(self, ids):
        x = self.table(ids) + self.positions(torch.arange(ids.shape[1], device=ids.device))
        return self.head(self.norm(self.blocks(self.dropout(x))))

    @staticmethod
    def inputs(random):
        return {"ids": torch.from_numpy(random.integers(0, 40, (2, 9)))}


class EncoderDecoder(nn.Module):
    """nn.Transformer between tables and an output layer: attention to oneself, to the past, and across."""
    def __init__(self):
        super().__init__()
        self.source, self.target, self.head = nn.Embedding(30, 16), nn.Embedding(24, 16), nn.Linear(16, 24)
        self.transformer = nn.Transformer(16, 2, 2, 2, 32, 0.1, batch_first=True)
        self.register_buffer("mask", nn.Transformer.generate_square_subsequent_mask(5))

    def forward(self, source, target):
        return self.head(self.transformer(self.source(source) * 4, self.target(target) * 4, tgt_mask=self.mask, tgt_is_causal=True))

    @staticmethod
    def inputs(random):
        return {"source": torch.from_numpy(random.integers(0, 30, (2, 7))), "target": torch.from_numpy(random.integers(0, 24, (2, 5)))}


SEQUENCE = {"stacked-lstm": Lstm, "bidirectional-gru": BidirectionalGru, "gpt": Gpt, "encoder-decoder": EncoderDecoder}
