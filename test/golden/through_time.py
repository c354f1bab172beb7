"""What comes back, through PyTorch's recurrent layers, of a gradient at the last state alone: root mean square at each step of what is read, over that at the
last step. Weights are normal, of standard deviation 1 / sqrt(inputs) and `recurrent` / sqrt(width), biases zero but for `forget`, which is that of the
forget gate.

python through_time.py FILE.json
"""
import json
import sys

import torch

width, steps, batch, draws = 512, 30, 16, 4
cases = [
    *({'kind': 'rnn', 'recurrent': each} for each in (0.5, 1, 2)),
    *({'kind': 'lstm', 'recurrent': 1, 'forget': each} for each in (-3, 0, 1, 5)),
    {'kind': 'gru', 'recurrent': 1}, {'kind': 'gru', 'recurrent': 0.577},
]


def drawn(case: dict, seed: int) -> torch.Tensor:
    torch.manual_seed(seed)
    layer = {'rnn': torch.nn.RNN, 'lstm': torch.nn.LSTM, 'gru': torch.nn.GRU}[case['kind']](width, width)
    with torch.no_grad():
        layer.weight_ih_l0.normal_(0, width ** -0.5)
        layer.weight_hh_l0.normal_(0, case['recurrent'] * width ** -0.5)
        layer.bias_ih_l0.zero_()
        layer.bias_hh_l0.zero_()
        if 'forget' in case:
            # Gates of PyTorch: input, forget, cell, output.
            layer.bias_ih_l0[width:2 * width] = case['forget']
    x = torch.randn(steps, batch, width, requires_grad=True)
    states, _ = layer(x)
    (states[-1] * torch.randn(batch, width)).sum().backward()
    return (x.grad.double() ** 2).mean((1, 2))


lines = []
for case in cases:
    curve = torch.stack([drawn(case, seed) for seed in range(draws)]).mean(0).sqrt()
    shares = [float(f'{value:.4g}') for value in curve / curve[-1]]
    lines.append(json.dumps({**case, 'shares': shares}))
with open(sys.argv[1], 'w', encoding='utf8') as file:
    joined = ',\n'.join(lines)
    file.write(f'{{\n"torch": "{torch.__version__.split("+")[0]}", "width": {width}, "steps": {steps},\n"cases": [\n{joined}\n]\n}}\n')
