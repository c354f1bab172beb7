"""
python lwtnn.py <player of lwtnn> lwtnn.json: networks of lwtnn, with what it makes of numbers. The player is built from players/lwtnn.cpp against
the sources of lwtnn 2.14. The tests do not need it.
"""
import json
import random
import struct
import subprocess
import sys
import tempfile

random.seed(21)


def float32(x):
    return struct.unpack('f', struct.pack('f', x))[0]


def draw(count, spread=0.5):
    return [float32(random.gauss(0, spread)) for _ in range(count)]


def dense(inputs, outputs, activation='linear', **more):
    return {'activation': activation, 'architecture': 'dense', 'bias': draw(outputs), 'weights': draw(inputs * outputs), **more}


def plain(inputs, outputs):
    return {'bias': draw(outputs), 'weights': draw(inputs * outputs)}


def alone(activation):
    return {'activation': activation, 'architecture': 'dense', 'bias': [], 'weights': []}


def normalization(width):
    return {'architecture': 'normalization', 'bias': draw(width), 'weights': [float32(abs(each) + 0.5) for each in draw(width)]}


def cell(architecture, gates, inputs, units, activation, inner=None):
    components = {gate: {'U': draw(units * units), **plain(inputs, units)} for gate in gates}
    return {'activation': activation, 'architecture': architecture, 'components': components, **({'inner_activation': inner} if inner else {})}


def conv(inputs, outputs, taps, padding, dilation, activation):
    return {'activation': activation, 'architecture': 'conv1d', 'bias': draw(outputs), 'dilation_rate': dilation, 'padding': padding,
            'weights': draw(inputs * outputs * taps)}


def variables(count, offset=0, scale=1):
    return [{'name': f'v{i}', 'offset': offset + i * (offset != 0), 'scale': scale} for i in range(count)]


def chain(inputs, outputs, *layers):
    return {'defaults': {}, 'inputs': inputs, 'layers': list(layers), 'outputs': [f'out_{i}' for i in range(outputs)]}


def alpha(function, number):
    return {'alpha': number, 'function': function}



layers = [
    dense(4, 5, 'rectified'), normalization(5), dense(5, 5, alpha('elu', 0.7)), dense(5, 5, 'elu'), alone(alpha('leakyrelu', 0.2)),
    {'architecture': 'maxout', 'sublayers': [plain(5, 4) for _ in range(3)]},
    {'activation': 'tanh', 'architecture': 'highway', 'components': {'t': plain(4, 4), 'carry': plain(4, 4)}},
    dense(4, 4, alpha('swish', 1.3)), dense(4, 3, 'hard_sigmoid'), dense(3, 3, 'abs'), dense(3, 3, 'tanh_legacy'), dense(3, 3, 'sigmoid'),
    dense(3, 2, 'softmax'),
]
sequence = {'architecture': 'embedding', 'sublayers': [{'index': 2, 'n_out': 3, 'weights': draw(12)}]}
recurrent = [
    dense(4, 2, 'sigmoid'), sequence, cell('lstm', 'ifco', 5, 4, 'tanh', 'hard_sigmoid'), cell('gru', 'zrh', 4, 3, 'rectified', 'sigmoid'),
    cell('simplernn', 'h', 3, 4, 'tanh'),
]
graph = {
    'inputs': [{'name': 'jet', 'variables': variables(3, 0.5, 2)}, {'name': 'event', 'variables': variables(2)}],
    'input_sequences': [{'name': 'tracks', 'variables': variables(2, -1, 0.5)}],
    'layers': [
        dense(9, 4, 'tanh'), conv(2, 3, 2, 'same', 3, 'rectified'), conv(3, 4, 3, 'causal', 1, 'softmax'), conv(4, 3, 2, 'valid', 1, 'tanh'),
        dense(3, 3, 'sigmoid'), normalization(3), cell('lstm', 'ifco', 3, 3, 'linear', 'sigmoid'), cell('gru', 'zrh', 3, 4, 'elu', 'hard_sigmoid'),
        dense(4, 2, 'softmax'),
    ],
    'nodes': [
        {'layer_index': 8, 'sources': [13], 'type': 'feed_forward'}, {'sources': [0], 'size': 3, 'type': 'input'}, {'sources': [1], 'size': 2, 'type': 'input'},
        {'sources': [0], 'size': 2, 'type': 'input_sequence'}, {'layer_index': 1, 'sources': [3], 'type': 'sequence'},
        {'layer_index': 2, 'sources': [4], 'type': 'sequence'}, {'layer_index': 3, 'sources': [5], 'type': 'sequence'},
        {'layer_index': 4, 'sources': [6], 'type': 'time_distributed'}, {'layer_index': 5, 'sources': [7], 'type': 'time_distributed'},
        {'layer_index': 6, 'sources': [8], 'type': 'sequence'}, {'sources': [8], 'type': 'sum'}, {'layer_index': 7, 'sources': [9], 'type': 'sequence'},
        {'sources': [1, 2, 14], 'type': 'concatenate'}, {'layer_index': 0, 'sources': [12], 'type': 'feed_forward'}, {'sources': [11, 15], 'type': 'add'},
        {'layer_index': 9, 'sources': [10], 'type': 'feed_forward'}, {'layer_index': 8, 'sources': [11], 'type': 'feed_forward'},
    ],
    'outputs': {name: {'labels': [f'out_{i}' for i in range(width)], 'node_index': node} for name, width, node in
                [('a_class', 2, 0), ('b_last', 3, 9), ('c_again', 2, 16)]},
}
graph['layers'].append(dense(3, 4))


def run(player, model, kind, steps, given):
    with tempfile.NamedTemporaryFile('w', suffix='.json') as file:
        json.dump(model, file)
        file.flush()
        text = '\n'.join(map(repr, given))
        done = subprocess.run([player, file.name, kind, str(steps)], input=text, stdout=subprocess.PIPE, text=True, check=True)
    return [float(line) for line in done.stdout.split()]


player, written = sys.argv[1:]
found = {}
given = draw(4, 1)
model = chain(variables(4, 0.25, 1.5), 2, *layers)
found['chain'] = {'model': model, 'inputs': {'inputs': {'shape': [1, 4], 'data': given}}, 'output': run(player, model, 'chain', 1, given)}
steps = 6
given = [number for t in range(steps) for number in [*draw(2, 1), t % 4]]
model = chain(variables(3), 2, *recurrent)
found['steps'] = {'model': model, 'inputs': {'inputs': {'shape': [1, steps, 3], 'data': given}}, 'output': run(player, model, 'steps', steps, given)}
jet, event, tracks = draw(3, 1), draw(2, 1), draw(2 * steps, 1)
found['graph'] = {
    'model': graph, 'output': run(player, graph, 'graph', steps, [*jet, *event, *tracks]),
    'inputs': {'jet': {'shape': [1, 3], 'data': jet}, 'event': {'shape': [1, 2], 'data': event}, 'tracks': {'shape': [1, steps, 2], 'data': tracks}},
}
with open(written, 'w') as file:
    json.dump(found, file, separators=(',', ':'))
    file.write('\n')
