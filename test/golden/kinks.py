"""How near a PyTorch module comes to a point where a gradient jumps: float32 must not land on the other side."""
import torch
from torch.utils._python_dispatch import TorchDispatchMode

aten = torch.ops.aten
#: Where the gradient of each function of one number jumps; HardSwish has a kink at −3 and 3, HardSigmoid too.
POINTS = {
    aten.relu.default: [0.0], aten.relu_.default: [0.0], aten.leaky_relu.default: [0.0], aten.hardtanh.default: [0.0, 6.0], aten.prelu: [0.0],
    aten.hardswish.default: [-3.0, 3.0], aten.hardsigmoid.default: [-3.0, 3.0],
}


class KinkDistance(TorchDispatchMode):
    """The least distance from a kink while it is entered, in standard deviations of what the function reads."""
    def __init__(self):
        super().__init__()
        self.least = torch.inf

    def __torch_dispatch__(self, function, kinds, args=(), kwargs=None):
        for point in POINTS.get(function, []):
            self.see(args[0], (args[0] - point).abs().min())
        if function is aten.max_pool2d_with_indices.default:
            self.see(args[0], gap_of_maxima(*args[:4]))
        return function(*args, **(kwargs or {}))

    def see(self, x, distance):
        self.least = min(self.least, float(distance / x.std()))


def gap_of_maxima(x, kernel, stride, padding=(0, 0)):
    """Between the two largest elements of a window. Where all are zero, a ReLU before lets no gradient through."""
    (top, left) = padding
    x = torch.nn.functional.pad(x, (left, left, top, top), value=-torch.inf)
    windows = x.unfold(2, kernel[0], stride[0]).unfold(3, kernel[1], stride[1]).flatten(4)
    best = windows.topk(2, -1).values
    return (best[..., 0] - best[..., 1])[best[..., 0] != 0].min()
