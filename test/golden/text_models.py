"""
python text_models.py <player of .nam> <player of RTNeural> text_models.json: networks whose weights are numbers of a JSON text, with what the
libraries that read them make of a signal. The players are built from players/*.cpp, against the sources of NeuralAmpModelerCore and RTNeural;
what PyTorch makes of a state dictionary is written out here, by the formulas of its documentation. The tests need none of them.
"""
import json
import math
import random
import struct
import subprocess
import sys
import tempfile

random.seed(12)


def float32(x):
    return struct.unpack('f', struct.pack('f', x))[0]


def draw(*shape, spread=0.5):
    if len(shape) == 0:
        return float32(random.gauss(0, spread))
    return [draw(*shape[1:], spread=spread) for _ in range(shape[0])]


def count(x):
    return sum(count(each) for each in x) if isinstance(x, list) else 1


def signal(samples, width=1):
    return [float32(0.5 * math.sin(0.37 * t * (1 + c)) + 0.3 * math.sin(1.91 * t + 1 + c)) for t in range(samples) for c in range(width)]


def run(player, model, given):
    with tempfile.NamedTemporaryFile('w', suffix='.json') as file:
        json.dump(model, file)
        file.flush()
        text = '\n'.join(map(repr, given))
        done = subprocess.run([player, file.name], input=text, stdout=subprocess.PIPE, text=True, check=True)
    return [float(line) for line in done.stdout.split()]


def film(active, shift=True, groups=1):
    return {'active': active, 'shift': shift, 'groups': groups}


films = ['conv_pre_film', 'conv_post_film', 'input_mixin_pre_film', 'input_mixin_post_film', 'activation_pre_film', 'activation_post_film',
         'layer1x1_post_film', 'head1x1_post_film']


def wavenet_count(config):
    """Weights that a WaveNet needs, as its player reads them (wavenet/model.cpp)."""
    total = 1
    conv = lambda i, o, k=1, g=1, b=True: i * o * k // g + (o if b else 0)
    for array in config['layers']:
        channels = array['channels']
        bottleneck = array.get('bottleneck', channels)
        condition = array['condition_size']
        layer1x1 = array.get('layer1x1', {'active': True, 'groups': 1})
        head1x1 = array.get('head1x1', {'active': False})
        head = array.get('head') or {'out_channels': array['head_size'], 'kernel_size': 1, 'bias': array['head_bias']}
        total += conv(array['input_size'], channels, b=False)
        modes = array.get('gating_mode', 'gated' if array.get('gated') else 'none')
        kernels = array.get('kernel_sizes') or [array['kernel_size']] * len(array['dilations'])
        for i, kernel in enumerate(kernels):
            mode = modes[i] if isinstance(modes, list) else modes
            width = bottleneck if mode == 'none' else 2 * bottleneck
            total += conv(channels, width, kernel, array.get('groups_input', 1)) + conv(condition, width, g=array.get('groups_input_mixin', 1), b=False)
            if layer1x1['active']:
                total += conv(bottleneck, channels, g=layer1x1['groups'])
            if head1x1['active']:
                total += conv(bottleneck, head1x1['out_channels'], g=head1x1['groups'])
            sizes = [channels, width, condition, width, width, bottleneck, channels, head1x1.get('out_channels')]
            for name, size in zip(films, sizes):
                given = array.get(name)
                if given and given['active']:
                    total += conv(condition, (2 if given['shift'] else 1) * size, g=given['groups'])
        total += conv(head1x1['out_channels'] if head1x1['active'] else bottleneck, head['out_channels'], head['kernel_size'], b=head['bias'])
    if config.get('head'):
        head, inputs = config['head'], (config['layers'][-1].get('head') or {}).get('out_channels', config['layers'][-1].get('head_size'))
        for i, kernel in enumerate(head['kernel_sizes']):
            outputs = head['out_channels'] if i == len(head['kernel_sizes']) - 1 else head['channels']
            total += conv(inputs, outputs, kernel)
            inputs = outputs
    return total


def nam(architecture, config, weights, version='0.5.4'):
    return {'version': version, 'architecture': architecture, 'config': config, 'weights': weights, 'sample_rate': 48000}


def wavenet(config, version='0.7.0'):
    return nam('WaveNet', config, draw(wavenet_count(config)), version)


def lstm(layers, hidden):
    weights, inputs = [], 1
    for _ in range(layers):
        weights += draw(4 * hidden * (inputs + hidden)) + draw(4 * hidden) + draw(hidden) + draw(hidden)
        inputs = hidden
    return nam('LSTM', {'input_size': 1, 'hidden_size': hidden, 'num_layers': layers}, weights + draw(hidden) + draw(1))


def convnet(activation, batchnorm):
    channels, dilations, weights = 4, [1, 2, 4], []
    for i in range(len(dilations)):
        weights += draw(channels * (1 if i == 0 else channels) * 2)
        positive = [abs(each) + 0.1 for each in draw(channels)]
        weights += draw(channels) + positive + draw(channels) + draw(channels) + [1e-3] if batchnorm else draw(channels)
    config = {'channels': channels, 'dilations': dilations, 'batchnorm': batchnorm, 'activation': activation}
    return nam('ConvNet', config, [float32(each) for each in weights + draw(channels) + draw(1)])


def array(**more):
    kernel = {} if 'kernel_sizes' in more else {'kernel_size': 3}
    return {'input_size': 1, 'condition_size': 1, 'head_size': 1, 'channels': 3, **kernel, 'dilations': [1, 2], 'activation': 'Tanh', 'gated': False,
            'head_bias': True, **more}


plain = {'layers': [array(head_size=2, head_bias=False), array(input_size=3, channels=2, dilations=[4])], 'head': None, 'head_scale': 0.5}
everything = {
    'condition_dsp': wavenet({'layers': [array(head_size=2)], 'head': None, 'head_scale': 0.02}),
    'layers': [
        array(condition_size=2, channels=4, bottleneck=6, gating_mode='blended', activation={'type': 'SiLU'}, secondary_activation='Hardswish',
              groups_input=2, groups_input_mixin=2, layer1x1={'active': True, 'groups': 2}, head1x1={'active': True, 'out_channels': 4, 'groups': 2},
              head={'out_channels': 2, 'kernel_size': 3, 'bias': True}, **{name: film(True, i % 3 > 0, 1 if i % 2 else 2) for i, name in enumerate(films)}),
        array(input_size=4, condition_size=2, channels=2, kernel_sizes=[2, 5, 1], dilations=[1, 3, 2], gating_mode=['gated', 'none', 'blended'],
              secondary_activation=['Sigmoid', None, 'ReLU'], layer1x1={'active': False, 'groups': 1}, head_size=3,
              activation=[{'type': 'PReLU', 'negative_slopes': [0.1, 0.3]}, {'type': 'LeakyReLU', 'negative_slope': 0.2}, 'Softsign'],
              conv_post_film=film(True), activation_pre_film=False),
    ],
    'head': {'channels': 2, 'out_channels': 1, 'kernel_sizes': [3, 2], 'activation': 'ReLU'}, 'head_scale': 0.5,
}
# Sizes that a film of two groups divides.
everything['layers'][0]['input_mixin_pre_film'] = film(True)

activations = [
    'ReLU', 'Hardtanh', 'Softsign', 'Hardswish', 'LeakyReLU', 'SiLU', 'Sigmoid', {'type': 'LeakyReLU', 'negative_slope': 0.3},
    {'type': 'LeakyHardtanh', 'min_val': -0.4, 'max_val': 0.3, 'min_slope': 0.1, 'max_slope': 0.2}, {'type': 'PReLU', 'negative_slope': 0.2},
    {'type': 'PReLU', 'negative_slopes': [0.1, 0.2, 0.3, 0.4]},
]

nams = {
    'linear': nam('Linear', {'receptive_field': 9, 'bias': True}, draw(10)), 'lstm': lstm(2, 3), 'wavenet': wavenet(plain, '0.5.4'),
    'wavenet with everything': wavenet(everything), 'convnet with batch norm': convnet('Tanh', True),
    **{f'convnet {json.dumps(each)}': convnet(each, False) for each in activations},
}
nams['container'] = nam('SlimmableContainer', {'submodels': [{'max_value': 0.5, 'model': nams['lstm']}, {'max_value': 1.0, 'model': nams['wavenet']}]}, [])


def keras(shape, *layers):
    return {'in_shape': shape, 'layers': list(layers)}


def layer(kind, shape, weights, activation='', **more):
    return {'type': kind, 'activation': activation, 'shape': shape, **more, 'weights': weights}


def positive(n):
    return [float32(abs(each) + 0.1) for each in draw(n)]


time = lambda width: [None, None, width]
rtneurals = {
    'dense': keras([None, 2], layer('dense', [None, 4], [draw(2, 4), draw(4)], 'tanh'), layer('dense', [None, 3], [draw(4, 3)], 'elu'),
                   layer('activation', [None, 3], [], 'softmax'), layer('dense', [None, 2], [draw(3, 2), draw(2)], 'relu'),
                   layer('dense', [None, 1], [draw(2, 1), draw(1)], 'sigmoid')),
    'conv1d': keras(time(1), layer('time-distributed-dense', time(4), [draw(1, 4), draw(4)], 'tanh'),
                    layer('conv1d', time(6), [draw(3, 4, 6), draw(6)], 'relu', kernel_size=[3], dilation=[2]),
                    layer('batchnorm', time(6), [draw(6), draw(6), draw(6), positive(6)], epsilon=0.01), layer('prelu', time(6), [draw(1, 6)]),
                    layer('conv1d', time(4), [draw(2, 3, 4), draw(4)], 'tanh', kernel_size=[2], dilation=[1], groups=2),
                    layer('batchnorm', time(4), [draw(4), positive(4)], epsilon=0.1), layer('prelu', time(4), [draw(1, 1)]),
                    layer('dense', time(2), [draw(4, 2), draw(2)])),
    'recurrent': keras(time(2), layer('gru', time(3), [draw(2, 9), draw(3, 9), draw(2, 9)], 'tanh'),
                       layer('lstm', time(4), [draw(3, 16), draw(4, 16), draw(16)], 'tanh'), layer('dense', time(1), [draw(4, 1), draw(1)])),
    'conv2d': keras([None, 30, 9, 1],
                    layer('conv2d', [None, 26, 7, 2], [draw(3, 3, 1, 2), draw(2)], 'tanh', kernel_size_time=3, kernel_size_feature=3, dilation=2, strides=1,
                          num_filters_in=1, num_features_in=9, num_filters_out=2, padding='valid'),
                    layer('batchnorm2d', [None, 26, 7, 2], [draw(2), draw(2), draw(2), positive(2)], epsilon=0.01, num_filters_in=2, num_features_in=7),
                    layer('conv2d', [None, 25, 4, 3], [draw(2, 4, 2, 3), draw(3)], 'relu', kernel_size_time=2, kernel_size_feature=4, dilation=1, strides=2,
                          num_filters_in=2, num_features_in=7, num_filters_out=3, padding='same')),
}


def matvec(matrix, vector):
    return [sum(a * b for a, b in zip(row, vector)) for row in matrix]


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def plus(*lists):
    return [sum(each) for each in zip(*lists)]


def torch_cell(kind, state, name, layer, x, hidden):
    """One step of torch.nn.LSTM, GRU or RNN, by the formulas of their documentation."""
    w, r, b, s = (state[f'{name}.{each}_l{layer}'] for each in ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'])
    h, c = hidden
    n = len(h)
    given, kept = plus(matvec(w, x), b), plus(matvec(r, h), s)
    gate = lambda k: [given[k * n + i] + kept[k * n + i] for i in range(n)]
    if kind == 'lstm':
        i, f, o = (list(map(sigmoid, gate(k))) for k in [0, 1, 3])
        c = [f[k] * c[k] + i[k] * math.tanh(g) for k, g in enumerate(gate(2))]
        return [o[k] * math.tanh(c[k]) for k in range(n)], c
    if kind == 'gru':
        r, z = (list(map(sigmoid, gate(k))) for k in [0, 1])
        new = [math.tanh(given[2 * n + k] + r[k] * kept[2 * n + k]) for k in range(n)]
        return [(1 - z[k]) * new[k] + z[k] * h[k] for k in range(n)], c
    return [math.tanh(each) for each in gate(0)], c


def torch_state(kind, gates, layers, inputs, units):
    state = {}
    for i in range(layers):
        width = inputs if i == 0 else units
        state |= {f'rnn.weight_ih_l{i}': draw(gates * units, width), f'rnn.weight_hh_l{i}': draw(gates * units, units),
                  f'rnn.bias_ih_l{i}': draw(gates * units), f'rnn.bias_hh_l{i}': draw(gates * units)}
    state |= {'dense.weight': draw(2, units), 'dense.bias': draw(2)}
    given, outputs = signal(12, inputs), []
    hidden = [([0.0] * units, [0.0] * units) for _ in range(layers)]
    for t in range(12):
        x = given[t * inputs:(t + 1) * inputs]
        for i in range(layers):
            hidden[i] = torch_cell(kind, state, 'rnn', i, x, hidden[i])
            x = hidden[i][0]
        outputs += plus(matvec(state['dense.weight'], x), state['dense.bias'])
    return {'model': state, 'shape': [12, 1, inputs], 'input': given, 'output': outputs}


def torch_chain():
    """Conv1d, BatchNorm1d, PReLU, a grouped Conv1d and a Linear, each causal."""
    state = {'a.weight': draw(4, 1, 3), 'a.bias': draw(4), 'n.weight': draw(4), 'n.bias': draw(4), 'n.running_mean': draw(4), 'n.running_var': positive(4),
             'n.num_batches_tracked': 7, 'p.weight': draw(4), 'g.weight': draw(2, 2, 2), 'g.bias': draw(2), 'd.weight': draw(1, 2), 'd.bias': draw(1)}
    given = signal(12)
    at = lambda rows, t: rows[t] if t >= 0 else [0.0] * len(rows[0])
    x = [[each] for each in given]
    a = [plus([sum(state['a.weight'][o][0][k] * at(x, t - 2 + k)[0] for k in range(3)) for o in range(4)], state['a.bias']) for t in range(12)]
    n = [[(row[c] - state['n.running_mean'][c]) / math.sqrt(state['n.running_var'][c] + 1e-5) * state['n.weight'][c] + state['n.bias'][c] for c in range(4)] for row in a]
    p = [[v if v >= 0 else v * state['p.weight'][c] for c, v in enumerate(row)] for row in n]
    g = [[sum(state['g.weight'][o][i][k] * at(p, t - 1 + k)[2 * o + i] for i in range(2) for k in range(2)) + state['g.bias'][o] for o in range(2)] for t in range(12)]
    return {'model': state, 'shape': [1, 1, 12], 'input': given, 'output': [plus(matvec(state['d.weight'], row), state['d.bias'])[0] for row in g]}


def sized(shape, samples):
    widths = shape[1:] if len(shape) == 2 else shape[2:]
    return ([samples] if len(shape) == 2 else [1, samples]) + widths, math.prod(widths)


nam_player, rtneural_player, written = sys.argv[1:]
found = {'nam': {}, 'rtneural': {}, 'torch': {}}
for name, model in nams.items():
    given = signal(40)
    found['nam'][name] = {'model': model, 'shape': [1, 1, 40], 'input': given, 'output': run(nam_player, model, given)}
for name, model in rtneurals.items():
    shape, width = sized(model['in_shape'], 12)
    given = signal(12, width)
    found['rtneural'][name] = {'model': model, 'shape': shape, 'input': given, 'output': run(rtneural_player, model, given)}
for kind, gates in [('lstm', 4), ('gru', 3), ('rnn', 1)]:
    found['torch'][kind] = torch_state(kind, gates, 2, 2, 3)
found['torch']['chain'] = torch_chain()
with open(written, 'w') as file:
    json.dump(found, file, separators=(',', ':'))
    file.write('\n')
