"""Small networks for images as PyTorch modules, of the families that are in use: what their ONNX exports are compared with."""
import torch
from torch import nn


def conv_norm(inputs, outputs, kernel, stride=1, groups=1):
    return [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs)]


class Mlp(nn.Module):
    """Normalised, with dropout, and three activations."""
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(12, 32), nn.ReLU(), nn.BatchNorm1d(32), nn.Dropout(0.2), nn.Linear(32, 32), nn.GELU(), nn.Linear(32, 24), nn.LayerNorm(24), nn.Tanh(),
            nn.Linear(24, 7))

    def forward(self, x):
        return self.layers(x)

    @staticmethod
    def inputs(random):
        return {"x": torch.from_numpy(random.standard_normal((6, 12)))}


class Images(nn.Module):
    size = 16

    @classmethod
    def inputs(cls, random):
        return {"images": torch.from_numpy(random.standard_normal((3, 3, cls.size, cls.size)))}


class BasicBlock(nn.Module):
    """He et al. 2016."""
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.branch = nn.Sequential(*conv_norm(inputs, outputs, 3, stride), nn.ReLU(), *conv_norm(outputs, outputs, 3))
        self.shortcut = nn.Sequential(*conv_norm(inputs, outputs, 1, stride)) if stride > 1 else nn.Identity()
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(self.branch(x) + self.shortcut(x))


class ResNet(Images):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(*conv_norm(3, 8, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
        self.blocks = nn.Sequential(BasicBlock(8, 8, 1), BasicBlock(8, 12, 2))
        self.pool, self.head = nn.AdaptiveAvgPool2d(1), nn.Linear(12, 5)

    def forward(self, images):
        return self.head(torch.flatten(self.pool(self.blocks(self.stem(images))), 1))


class SqueezeExcite(nn.Module):
    """Hu et al. 2018, as MobileNetV3 has it."""
    def __init__(self, width):
        super().__init__()
        self.gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(width, 6, 1), nn.ReLU(), nn.Conv2d(6, width, 1), nn.Hardsigmoid())

    def forward(self, x):
        return x * self.gate(x)


class InvertedResidual(nn.Module):
    """Sandler et al. 2018."""
    def __init__(self, inputs, width, outputs, kernel, stride, activation, squeeze):
        super().__init__()
        self.branch = nn.Sequential(
            *conv_norm(inputs, width, 1), activation(), *conv_norm(width, width, kernel, stride, width), activation(),
            *([SqueezeExcite(width)] if squeeze else []), *conv_norm(width, outputs, 1))
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.branch(x) if self.adds else self.branch(x)


class MobileNet(Images):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            *conv_norm(3, 8, 3, 2), nn.Hardswish(), InvertedResidual(8, 16, 8, 3, 1, nn.ReLU6, False),
            InvertedResidual(8, 24, 12, 5, 2, nn.Hardswish, True), *conv_norm(12, 32, 1), nn.Hardswish())
        self.classifier = nn.Sequential(nn.Linear(32, 24), nn.Hardswish(), nn.Dropout(0.2), nn.Linear(24, 5))

    def forward(self, images):
        return self.classifier(self.features(images).mean((2, 3)))


class DenseLayer(nn.Module):
    """Huang et al. 2017: what it makes is appended to what it was given."""
    def __init__(self, inputs, growth):
        super().__init__()
        self.make = nn.Sequential(
            nn.BatchNorm2d(inputs), nn.ReLU(), nn.Conv2d(inputs, 12, 1, bias=False),
            nn.BatchNorm2d(12), nn.ReLU(), nn.Conv2d(12, growth, 3, padding=1, bias=False))

    def forward(self, x):
        return torch.cat([x, self.make(x)], 1)


class DenseNet(Images):
    def __init__(self):
        super().__init__()
        blocks = lambda inputs: [DenseLayer(inputs + 6 * i, 6) for i in range(3)]
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1, bias=False), *blocks(8), nn.BatchNorm2d(26), nn.ReLU(), nn.Conv2d(26, 12, 1, bias=False), nn.AvgPool2d(2),
            *blocks(12), nn.BatchNorm2d(30), nn.ReLU())
        self.head = nn.Linear(30, 5)

    def forward(self, images):
        return self.head(self.features(images).mean((2, 3)))

    size = 8


class UNet(Images):
    """Ronneberger et al. 2015: downwards by pooling, upwards by transposed convolutions of two kinds, across by concatenation."""
    def __init__(self):
        super().__init__()
        double = lambda inputs, outputs: nn.Sequential(*conv_norm(inputs, outputs, 3), nn.ReLU(), *conv_norm(outputs, outputs, 3), nn.ReLU())
        self.enter, self.down, self.bottom = double(3, 6), double(6, 8), double(8, 12)
        self.pool = nn.MaxPool2d(2)
        self.up1, self.join1 = nn.ConvTranspose2d(12, 8, 2, 2), double(16, 8)
        self.up2, self.join2 = nn.ConvTranspose2d(8, 6, 3, 2, 1, output_padding=1), double(12, 6)
        self.head = nn.Conv2d(6, 2, 1)

    def forward(self, images):
        one = self.enter(images)
        two = self.down(self.pool(one))
        x = self.join1(torch.cat([self.up1(self.bottom(self.pool(two))), two], 1))
        return self.head(self.join2(torch.cat([self.up2(x), one], 1)))


class ViT(Images):
    """Dosovitskiy et al. 2021: patches by a convolution, a class token, a position table."""
    def __init__(self):
        super().__init__()
        self.patches, self.token = nn.Conv2d(3, 16, 4, 4), nn.Parameter(torch.zeros(1, 1, 16))
        self.positions, self.dropout = nn.Parameter(torch.zeros(1, 17, 16)), nn.Dropout(0.1)
        block = lambda: nn.TransformerEncoderLayer(16, 2, 32, 0.1, "gelu", batch_first=True, norm_first=True)
        self.blocks = nn.Sequential(block(), block())
        self.norm, self.head = nn.LayerNorm(16), nn.Linear(16, 5)

    def forward(self, images):
        x = self.patches(images).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.positions
        return self.head(self.norm(self.blocks(self.dropout(x)))[:, 0])


VISION = {"mlp": Mlp, "resnet": ResNet, "mobilenet": MobileNet, "densenet": DenseNet, "unet": UNet, "vit": ViT}
