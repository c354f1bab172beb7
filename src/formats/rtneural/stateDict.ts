// State dictionaries of PyTorch in JSON: names and arrays, and nothing of what is between them. Layers whose sizes fit are taken for a chain.

import { recordKey } from '../../core/edits/record';
import { float } from '../../core/graph/builder';
import type { ReadModel } from '../format';
import type { JsonView } from '../json/view';
import { joinedBias, orderedGates, runCell } from '../lowering/recurrent';
import { TextNetwork } from '../lowering/textNetwork';

const names = /(?:^|\.)(weight|bias|running_mean|running_var|num_batches_tracked|eps|(?:weight|bias)_[ih]h_l\d+(?:_reverse)?)$/;

export function isStateDict(root: JsonView): boolean {
  const { value } = root;
  if (value.kind !== 'object' || value.entries.size === 0) return false;
  const entries = [...value.entries].filter(([key]) => key !== recordKey);
  return entries.some(([key, { value: { kind } }]) => /weight(_ih_l0)?$/.test(key) && kind === 'numbers')
    && entries.every(([key, { value: { kind } }]) => names.test(key) && (kind === 'numbers' || kind === 'number'));
}

/** Arrays of one module, by their own names. */
interface Module {
  readonly path: string;
  readonly arrays: ReadonlyMap<string, JsonView>;
}

function modulesOf(root: JsonView): readonly Module[] {
  const modules = new Map<string, Map<string, JsonView>>();
  for (const [key, view] of root.entries()) {
    const own = names.exec(key)?.[1];
    if (own === undefined || key === recordKey) continue;
    const path = key.slice(0, key.length - own.length).replace(/\.$/, '');
    modules.set(path, (modules.get(path) ?? new Map<string, JsonView>()).set(own, view));
  }
  return [...modules].map(([path, arrays]) => ({ path, arrays }));
}

/** Signals are [time, batch, width] where a recurrent layer is in the chain, [batch, width, time] where a convolution is, else [batch, width]. */
type Order = 'steps' | 'channels' | 'plain';

interface Signal {
  readonly value: string;
  readonly order: Order;
  readonly width: number;
}

/** What a module takes, and what it makes of it. */
interface Step {
  readonly takes: number;
  /** Whether it takes signals of another width, too. */
  readonly fits?: (width: number) => boolean;
  readonly order: Order;
  readonly run: (signal: Signal) => Signal;
}

export function readStateDict(root: JsonView): ReadModel {
  const network = new TextNetwork(root, 'float32');
  let signal: Signal | null = null;
  let chains = 0;
  for (const found of modulesOf(root)) {
    const step = network.within(found.path, () => stepOf(network, root, found));
    if (!step) continue;
    if (signal && signal.width !== step.takes && step.fits?.(signal.width) !== true) {
      network.output(`output.${chains}`, signal.value);
      signal = null;
    }
    const before: Signal = signal ?? begin(network, step, chains++);
    signal = network.within(found.path, () => step.run(before));
  }
  if (!signal) throw root.wrong('a state dictionary with at least one layer');
  network.output(chains === 1 ? 'output' : `output.${chains}`, signal.value);
  network.note('A state dictionary names no activations, strides and dilations: layers whose sizes fit are taken as a chain, with nothing between them.');
  return network.finish('rtneural', 'a state dictionary of PyTorch');
}

function begin(network: TextNetwork, { takes, order }: Step, chains: number): Signal {
  const shapes = { steps: ['samples', 'batch', takes], channels: ['batch', takes, 'samples'], plain: ['batch', takes] };
  return { value: network.input(chains === 0 ? 'input' : `input.${chains}`, shapes[order]), order, width: takes };
}

const perms = { 'steps channels': [1, 2, 0], 'channels steps': [2, 0, 1] } as const;

/** The value as a layer takes it; what has no time has none. */
function inOrder(network: TextNetwork, { value, order }: Signal, wanted: Order): string {
  if (order === wanted || order === 'plain' || wanted === 'plain') return value;
  return network.add('Transpose', [value], { perm: order === 'steps' ? perms['steps channels'] : perms['channels steps'] });
}

function stepOf(network: TextNetwork, root: JsonView, { arrays }: Module): Step | null {
  const weight = arrays.get('weight');
  if (arrays.has('weight_ih_l0')) return recurrent(network, root, arrays);
  if (arrays.has('running_mean')) return batchNorm(network, arrays);
  if (!weight) return null;
  const shape = shapeOf(weight);
  const bias = arrays.get('bias');
  if (shape.length === 1) return bias ? layerNorm(network, weight, bias, shape[0] ?? 1) : slopes(network, weight, shape[0] ?? 1);
  if (shape.length === 2) return linear(network, weight, bias, shape);
  if (shape.length === 3) return convolution(network, weight, bias, shape);
  throw weight.wrong('an array of at most 3 axes');
}

function shapeOf(view: JsonView): readonly number[] {
  const { shape } = view.numbers();
  if (!shape) throw view.wrong('an array whose rows are of one length');
  return shape;
}

function linear(network: TextNetwork, weight: JsonView, bias: JsonView | undefined, [out = 1, takes = 1]: readonly number[]): Step {
  return {
    takes, order: 'plain', run: (signal) => {
      const turned = network.add('Transpose', [network.list('weight', [out, takes], weight)], { perm: [1, 0] });
      const [value, order] = signal.order === 'channels' ? [inOrder(network, signal, 'steps'), 'steps' as const] : [signal.value, signal.order];
      const product = network.add('MatMul', [value, turned]);
      return { value: bias ? network.add('Add', [product, network.list('bias', [out], bias)]) : product, order, width: out };
    },
  };
}

/** Kernel [out, in / groups, taps], or, where the bias says that the second are its outputs, [in, out, taps] of a transposed one. */
function convolution(network: TextNetwork, weight: JsonView, bias: JsonView | undefined, [first = 1, second = 1, taps = 1]: readonly number[]): Step {
  const offsets = bias?.numbers().count;
  const isTransposed = offsets !== undefined && offsets !== first && offsets === second;
  const width = isTransposed ? second : first;
  // A chain tells of how many groups its channels are, which a kernel alone does not.
  const fits = (channels: number): boolean => !isTransposed && channels % second === 0 && first % (channels / second) === 0;
  return {
    takes: isTransposed ? first : second, fits, order: 'channels', run: (signal) => {
      const inputs = [inOrder(network, signal, 'channels'), network.list('weight', [first, second, taps], weight)];
      const all = bias ? [...inputs, network.list('bias', [width], bias)] : inputs;
      const value = isTransposed ? network.add('ConvTranspose', all, { kernel_shape: [taps], pads: [0, taps - 1] })
        : network.add('Conv', all, { kernel_shape: [taps], pads: [taps - 1, 0], group: signal.width / second });
      return { value, order: 'channels', width };
    },
  };
}

function slopes(network: TextNetwork, weight: JsonView, width: number): Step {
  return {
    takes: width, order: 'channels', run: (signal) => {
      const shape = signal.order === 'channels' ? [width, 1] : [width];
      return { ...signal, value: network.add('PRelu', [signal.value, network.list('weight', shape, weight)]) };
    },
  };
}

const usualEpsilon = 1e-5;

function layerNorm(network: TextNetwork, weight: JsonView, bias: JsonView, width: number): Step {
  return {
    takes: width, order: 'plain', run: (signal) => {
      const inputs = [inOrder(network, signal, 'steps'), network.list('weight', [width], weight), network.list('bias', [width], bias)];
      const value = network.add('LayerNormalization', inputs, { axis: -1, epsilon: float(usualEpsilon) });
      return { ...signal, value, order: signal.order === 'plain' ? 'plain' : 'steps' };
    },
  };
}

function batchNorm(network: TextNetwork, arrays: ReadonlyMap<string, JsonView>): Step {
  const [mean, variance, weight, bias, eps] = ['running_mean', 'running_var', 'weight', 'bias', 'eps'].map((name) => arrays.get(name));
  if (!mean || !variance) throw (mean ?? variance)?.wrong('a running mean beside a running variance') ?? new Error('There is no statistic.');
  const { count } = mean.numbers();
  const filled = (value: number): string => network.builder.constant('float32', [count], Array.from({ length: count }, () => value));
  return {
    takes: count, order: 'channels', run: (signal) => {
      const affine = [weight ? network.list('weight', [count], weight) : filled(1), bias ? network.list('bias', [count], bias) : filled(0)];
      const statistics = [network.list('running_mean', [count], mean, false), network.list('running_var', [count], variance, false)];
      const epsilon = float(eps?.number() ?? usualEpsilon);
      const value = network.add('BatchNormalization', [inOrder(network, signal, 'channels'), ...affine, ...statistics], { epsilon });
      return { ...signal, value, order: signal.order === 'plain' ? 'plain' : 'channels' };
    },
  };
}

/** Gates of PyTorch for each of ONNX, by how many there are: i, f, g, o as i, o, f, c; r, z, n as z, r, h. */
const gateOrders = new Map([[4, { op: 'LSTM', order: [0, 3, 1, 2] }], [3, { op: 'GRU', order: [1, 0, 2] }], [1, { op: 'RNN', order: [0] }]] as const);

function recurrent(network: TextNetwork, root: JsonView, arrays: ReadonlyMap<string, JsonView>): Step {
  const at = (name: string, layer: number): JsonView | undefined => arrays.get(`${name}_l${layer}`);
  const reversed = [...arrays.keys()].find((name) => name.endsWith('_reverse'));
  if (reversed !== undefined) throw network.refuse(root, `has ${reversed}, and RTNeural runs in one direction`, 'Leave it out.');
  const state = at('weight_hh', 0);
  if (!state) throw root.wrong('a recurrent layer with weight_hh_l0');
  const [size = 0, units = 1] = shapeOf(state);
  const kind = gateOrders.get((size / units) as 1 | 3 | 4);
  if (!kind) throw state.wrong('an array of 1, 3 or 4 gates');
  const takes = shapeOf(arrays.get('weight_ih_l0') ?? state)[1] ?? 1;
  return {
    takes, order: 'steps', run: (signal) => {
      let steps = inOrder(network, signal, 'steps');
      for (let layer = 0, width = takes; at('weight_ih', layer); layer++, width = units) {
        const ordered = (name: string, shape: readonly number[]): string | null => {
          const list = at(name, layer);
          return list ? orderedGates(network, network.list(`${name}_l${layer}`, shape, list), kind.order) : null;
        };
        const bias = joinedBias(network, ordered('bias_ih', [size]), ordered('bias_hh', [size]), size);
        const [kernel, deep] = [ordered('weight_ih', [size, width]), ordered('weight_hh', [size, units])];
        if (kernel === null || deep === null) throw root.wrong(`a recurrent layer with weight_hh_l${layer}`);
        steps = runCell(network, steps, { op: kind.op, units, kernel, recurrent: deep, bias });
      }
      return { value: steps, order: 'steps', width: units };
    },
  };
}
