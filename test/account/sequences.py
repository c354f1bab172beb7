"""Small networks of words, Transformers of pictures too."""
import torch
from torch import nn
from torch.nn import functional as F


class Recurrent(nn.Module):
    def __init__(self, kind, words, layers=1, features=32, units=48):
        super().__init__()
        self.words = nn.Embedding(words, features)
        self.cells = kind(features, units, num_layers=layers, batch_first=True)
        self.head = nn.Linear(units, words)

    def forward(self, x):
        return self.head(self.cells(self.words(x))[0])


class Attention(nn.Module):
    def __init__(self, features, heads, causal):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.query, self.key, self.value, self.out = (nn.Linear(features, features) for _ in range(4))

    def forward(self, x):
        batch, length, features = x.shape
        q, k, v = (part(x).view(batch, length, self.heads, -1).transpose(1, 2) for part in (self.query, self.key, self.value))
        seen = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        return self.out(seen.transpose(1, 2).reshape(batch, length, features))


class Block(nn.Module):
    """The norm before each branch (Radford et al. 2019)."""

    def __init__(self, features, heads, causal):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(features), nn.LayerNorm(features)
        self.attention = Attention(features, heads, causal)
        self.inner, self.outer = nn.Linear(features, 4 * features), nn.Linear(4 * features, features)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.outer(F.gelu(self.inner(self.norm2(x))))


class Gpt(nn.Module):
    """A table for words that is the kernel of the output, too (Press & Wolf 2017)."""

    def __init__(self, words, length, features=48, blocks=3):
        super().__init__()
        self.words, self.places = nn.Embedding(words, features), nn.Embedding(length, features)
        self.blocks = nn.Sequential(*(Block(features, 4, causal=True) for _ in range(blocks)))
        self.norm = nn.LayerNorm(features)
        self.head = nn.Linear(features, words, bias=False)
        self.head.weight = self.words.weight

    def forward(self, x):
        x = self.words(x) + self.places(torch.arange(x.shape[1]))
        return self.head(self.norm(self.blocks(x)))


class Vit(nn.Module):
    """Pictures in patches (Dosovitskiy et al. 2021)."""

    def __init__(self, channels, classes, side, features=48, blocks=3):
        super().__init__()
        self.patches = nn.Conv2d(channels, features, 4, stride=4)
        self.places = nn.Parameter(0.02 * torch.randn(1, (side // 4) ** 2, features))
        self.blocks = nn.Sequential(*(Block(features, 4, causal=False) for _ in range(blocks)))
        self.norm = nn.LayerNorm(features)
        self.head = nn.Linear(features, classes)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2) + self.places
        return self.head(self.norm(self.blocks(x)).mean(1))
