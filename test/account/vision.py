"""Small networks of pictures, written as their papers have them."""
import torch
from torch import nn


class Vgg(nn.Sequential):
    """Convolutions without a norm (Simonyan & Zisserman 2015)."""

    def __init__(self, channels, classes):
        layers, width = [], channels
        for wide, count in [(12, 2), (24, 3), (48, 3)]:
            for _ in range(count):
                layers += [nn.Conv2d(width, wide, 3, padding=1), nn.ReLU()]
                width = wide
            layers.append(nn.MaxPool2d(2))
        super().__init__(*layers, nn.Flatten(), nn.Linear(4 * width, 64), nn.ReLU(), nn.Linear(64, classes))


class Block(nn.Module):
    """Two convolutions beside a shortcut (He et al. 2016), with or without norms."""

    def __init__(self, width, wide, stride, norm):
        super().__init__()

        def conv(n, m, size, step):
            kernel = nn.Conv2d(n, m, size, stride=step, padding=size // 2, bias=not norm)
            return nn.Sequential(kernel, nn.BatchNorm2d(m)) if norm else kernel

        self.first, self.second = conv(width, wide, 3, stride), conv(wide, wide, 3, 1)
        self.shortcut = conv(width, wide, 1, stride) if stride > 1 or width != wide else nn.Identity()

    def forward(self, x):
        return torch.relu(self.second(torch.relu(self.first(x))) + self.shortcut(x))


class ResNet(nn.Sequential):
    def __init__(self, channels, classes, norm):
        stem = [nn.Conv2d(channels, 16, 3, stride=2, padding=1, bias=not norm), *([nn.BatchNorm2d(16)] if norm else []), nn.ReLU()]
        blocks = [Block(16, 16, 1, norm), Block(16, 16, 1, norm), Block(16, 32, 2, norm), Block(32, 32, 1, norm), Block(32, 32, 1, norm)]
        super().__init__(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, classes))


class Inverted(nn.Module):
    """Wide inside, narrow and straight at its end (Sandler et al. 2018)."""

    def __init__(self, width, wide, stride):
        super().__init__()
        inner = 3 * width
        self.adds = stride == 1 and width == wide
        self.body = nn.Sequential(
            nn.Conv2d(width, inner, 1, bias=False), nn.BatchNorm2d(inner), nn.ReLU6(),
            nn.Conv2d(inner, inner, 3, stride=stride, padding=1, groups=inner, bias=False), nn.BatchNorm2d(inner), nn.ReLU6(),
            nn.Conv2d(inner, wide, 1, bias=False), nn.BatchNorm2d(wide))

    def forward(self, x):
        return x + self.body(x) if self.adds else self.body(x)


class MobileNet(nn.Sequential):
    def __init__(self, channels, classes):
        super().__init__(
            nn.Conv2d(channels, 16, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU6(),
            Inverted(16, 16, 1), Inverted(16, 24, 2), Inverted(24, 24, 1), Inverted(24, 32, 1),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, classes))


class Dense(nn.Module):
    """What a layer makes is put beside what it was given (Huang et al. 2017)."""

    def __init__(self, width, growth):
        super().__init__()
        self.body = nn.Sequential(nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, growth, 3, padding=1, bias=False))

    def forward(self, x):
        return torch.cat([x, self.body(x)], 1)


class DenseNet(nn.Sequential):
    def __init__(self, channels, classes, growth=8):
        layers, width = [nn.Conv2d(channels, 16, 3, stride=2, padding=1, bias=False)], 16
        for stage in range(2):
            for _ in range(4):
                layers.append(Dense(width, growth))
                width += growth
            if stage == 0:
                layers += [nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, width // 2, 1, bias=False), nn.AvgPool2d(2)]
                width //= 2
        super().__init__(*layers, nn.BatchNorm2d(width), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, classes))


def pair(width, wide):
    return nn.Sequential(nn.Conv2d(width, wide, 3, padding=1), nn.ReLU(), nn.Conv2d(wide, wide, 3, padding=1), nn.ReLU())


class UNet(nn.Module):
    """Down, and up again beside what was there on the way down (Ronneberger et al. 2015), without norms as there."""

    def __init__(self, channels):
        super().__init__()
        self.down = nn.ModuleList([pair(channels, 8), pair(8, 16)])
        self.bottom = pair(16, 32)
        self.up = nn.ModuleList([nn.ConvTranspose2d(32, 16, 2, stride=2), nn.ConvTranspose2d(16, 8, 2, stride=2)])
        self.join = nn.ModuleList([pair(32, 16), pair(16, 8)])
        self.head = nn.Conv2d(8, 1, 1)

    def forward(self, x):
        kept = []
        for layers in self.down:
            x = layers(x)
            kept.append(x)
            x = torch.max_pool2d(x, 2)
        x = self.bottom(x)
        for up, join in zip(self.up, self.join):
            x = join(torch.cat([kept.pop(), up(x)], 1))
        return self.head(x)
