// Recurrent layers of Keras, and the layers that wrap others along time.

import { say } from '../../../protocol/words';
import { Fields, isObject } from '../fields';
import { toSnakeCase, CountedNames } from '../names';
import type { LayerScope } from '../scope';
import type { Signal } from '../signal';
import { signalOf } from '../signal';
import { frameRank, runConvLstm } from './convLstm';
import type { Stepped, Steps } from './recurrentCells';
import { isCell, runCell } from './recurrentCells';
import type { CallContext, DescribeLayer, LayerTable } from './table';

/** States that a call gives: behind its sequence, or by name. */
function initialStates(inputs: readonly Signal[], { kwargs }: CallContext): readonly Signal[] {
  return kwargs.get('initial_state') ?? inputs.slice(1);
}

/** The last step, or all of them, and the states behind where the layer returns them. */
function returned(layer: LayerScope, { sequence, states }: Stepped): readonly Signal[] {
  const { fields } = layer;
  const [last] = states;
  const output = fields.boolean('return_sequences', false) || !last ? sequence : last;
  return fields.boolean('return_state', false) ? [output, ...states] : [output];
}

/** Keras 3 keeps the variables of a layer in its cell. */
const cellOf = (layer: LayerScope): LayerScope => layer.inner('cell', layer.fields);

const recurrent = (className: string): DescribeLayer => (layer, inputs, context) => (
  returned(layer, stepsOf(layer, className, stepsBy(layer, inputs[0], initialStates(inputs, context)))));

const convLstm: (className: string) => DescribeLayer = (className) => (layer, inputs, context) => {
  const backwards = layer.fields.boolean('go_backwards', false);
  return returned(layer, stepsOf(layer, className, { input: inputs[0], states: initialStates(inputs, context), backwards, inTime: false }));
};

function stepsBy(layer: LayerScope, input: Signal, states: readonly Signal[]): Steps {
  if (input.shape.length !== 3) {
    throw layer.refuse(say('takes [batch, time, features], and is given [{0}]', input.shape.map((size) => size ?? '?').join(', ')));
  }
  const { fields } = layer;
  return { input, states, backwards: fields.boolean('go_backwards', false), inTime: false, zeroed: fields.boolean('zero_output_for_mask', false) };
}

function stepsOf(layer: LayerScope, className: string, steps: Steps): Stepped {
  const rank = frameRank(className);
  if (rank !== null) return runConvLstm(layer, cellOf(layer), rank, steps);
  if (className !== 'RNN') return runCell(layer, cellOf(layer), className, steps);
  const cell = layer.fields.raw('cell');
  // A list of cells is stacked, as StackedRNNCells is.
  if (Array.isArray(cell)) return stacked(layer, layer.inner('cell', new Fields(layer.fields.file, `${layer.fields.path}.cell`, { cells: cell })), steps);
  const object = layer.fields.object('cell');
  const name = object.string('class_name');
  const own = layer.inner('cell', object.object('config'));
  return name === 'StackedRNNCells' ? stacked(layer, own, steps) : runCell(layer, own, name, steps);
}

/** Each cell takes the steps of the one before. */
function stacked(layer: LayerScope, cells: LayerScope, { input, states, backwards, inTime, zeroed = false }: Steps): Stepped {
  const names = new CountedNames();
  const ends: Signal[] = [];
  let sequence = input;
  let used = 0;
  cells.fields.list('cells').forEach((cell, i, all) => {
    const object = new Fields(layer.fields.file, `${cells.fields.path}.cells[${i}]`, cell);
    const [className, config] = [object.string('class_name'), object.object('config')];
    const name = names.next(toSnakeCase(className));
    const own = cells.inner(`cells/${name}`, config, config.string('name', name));
    const count = className.startsWith('LSTM') ? 2 : 1;
    const isLast = i === all.length - 1;
    const step = runCell(layer, own, className, {
      input: sequence, states: states.slice(used, used + count), backwards, inTime: isLast ? inTime : true, zeroed: isLast && zeroed,
    });
    used += count;
    sequence = step.sequence;
    ends.push(...step.states);
  });
  // What is returned as the output of the last step is that of the last cell.
  const output = ends.at(cells.fields.list('cells').length > 1 ? -lastCount(cells) : 0);
  return { sequence, states: output ? [output, ...ends.filter((each) => each !== output)] : ends };
}

function lastCount(cells: LayerScope): number {
  const last = cells.fields.list('cells').at(-1);
  return isObject(last) && String(last.class_name).startsWith('LSTM') ? 2 : 1;
}

/** Two copies of a layer, one of which goes backwards; what it makes of a sequence is put in the order of time. */
const bidirectional: DescribeLayer = (layer, inputs, context) => {
  const { fields } = layer;
  const wrapped = fields.object('layer');
  const className = wrapped.string('class_name');
  const config = wrapped.object('config');
  if (!isCell(className) && className !== 'RNN' && frameRank(className) === null) {
    throw layer.refuse(say('wraps a "{0}", which is no recurrent layer of Keras', className), say('Its variables are not known.'));
  }
  const backward = fields.has('backward_layer') ? fields.object('backward_layer').object('config') : config;
  const name = config.string('name', toSnakeCase(className));
  const own = (config_: Fields, direction: 'forward' | 'backward'): LayerScope => {
    const given = config_.string('name', name);
    return layer.inner(`${direction}_layer`, config_, given.startsWith(direction) ? given : `${direction}_${given}`);
  };
  const states = initialStates(inputs, context);
  const half = states.length / 2;
  const isForward = !config.boolean('go_backwards', false);
  const isSequence = config.boolean('return_sequences', false);
  const ways = [own(config, 'forward'), own(backward, 'backward')].map((scope, i) => stepsOf(scope, className, {
    input: inputs[0], states: i === 0 ? states.slice(0, half) : states.slice(half), backwards: (i === 0) !== isForward, inTime: isForward, zeroed: isSequence,
  }));
  const [forth, back] = ways;
  if (!forth || !back) return [];
  const outputs = ways.map(({ sequence, states: [last] }) => (isSequence || !last ? sequence : last));
  const merged = merge(layer, outputs, fields.raw('merge_mode') === undefined && hasNone(fields) ? null : fields.string('merge_mode', 'concat'));
  return config.boolean('return_state', false) ? [...merged, ...forth.states, ...back.states] : merged;
};

/** `merge_mode: null` says that both are given apart; one that is missing is "concat". */
const hasNone = (fields: Fields): boolean => fields.names().includes('merge_mode');

const modes: Readonly<Record<string, string>> = { sum: 'Add', ave: 'Add', mul: 'Mul' };

function merge(layer: LayerScope, signals: readonly Signal[], mode: string | null): readonly Signal[] {
  const [first, second] = signals;
  if (mode === null || !first || !second) return signals;
  const values = [layer.plain(first), layer.plain(second)];
  if (mode === 'concat') {
    const [a, b] = [first.shape.at(-1) ?? null, second.shape.at(-1) ?? null];
    return [signalOf(layer.add('Concat', values, { axis: -1 }), [...first.shape.slice(0, -1), a === null || b === null ? null : a + b])];
  }
  const op = modes[mode];
  if (op === undefined) throw layer.fields.refuse('merge_mode', say('"concat", "sum", "mul", "ave" or null'));
  const value = layer.add(op, values);
  return [signalOf(mode === 'ave' ? layer.add('Mul', [value, layer.scalar(0.5)]) : value, first.shape)];
}

/** Layers that look at the last axes alone are called on all steps as they are. */
const stepless = new Set(['Dense', 'Activation', 'Dropout', 'ReLU', 'LeakyReLU', 'ELU']);

/** Every step is a sample of its own: the layer is called on [batch · time, …]. */
const timeDistributed: DescribeLayer = (layer, [signal], { call }) => {
  const wrapped = layer.fields.object('layer');
  const [className, config] = [wrapped.string('class_name'), wrapped.object('config')];
  const inner = layer.inner('layer', config, config.string('name', toSnakeCase(className)));
  if (stepless.has(className)) return call(inner, className, [signal]);
  const [batch = null, time = null, ...rest] = signal.shape;
  const samples = signalOf(layer.reshape(layer.plain(signal), [null, ...rest]), [null, ...rest], signal.dtype);
  return call(inner, className, [samples]).map((output): Signal => {
    const shape = [batch, time, ...output.shape.slice(1)];
    if (time === null && batch === null) {
      throw layer.refuse(say('is called on a sequence of open length'), say('Give the network an input shape with a length.'));
    }
    return signalOf(layer.reshape(layer.plain(output), [time === null ? batch : null, time, ...output.shape.slice(1)]), shape);
  });
};

export const recurrentLayers: LayerTable = {
  LSTM: recurrent('LSTM'), GRU: recurrent('GRU'), SimpleRNN: recurrent('SimpleRNN'), RNN: recurrent('RNN'), CuDNNLSTM: recurrent('CuDNNLSTM'),
    CuDNNGRU: recurrent('CuDNNGRU'),
  Bidirectional: bidirectional, TimeDistributed: timeDistributed, ConvLSTM1D: convLstm('ConvLSTM1D'), ConvLSTM2D: convLstm('ConvLSTM2D'),
  ConvLSTM3D: convLstm('ConvLSTM3D'),
};
