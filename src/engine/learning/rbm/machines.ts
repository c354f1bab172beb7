// Which layers of a network machines are trained for, and what is said of the others.

import type { ValueInfo } from '../../../core/graph/graph';
import { indexGraph } from '../../../core/graph/order';
import { elementCount } from '../../../core/graph/dtype';
import { globPattern } from '../../../core/layers/globs';
import type { DenseChain, DenseLayer } from '../../../core/learning/rbm/denseChain';
import { denseChain, mirrored } from '../../../core/learning/rbm/denseChain';
import type { OpenedModel } from '../../../formats/openModel';
import { refuseWrite } from '../../../formats/saving/tensorWrite';
import { Failure } from '../../../protocol/failure';
import type { MachinePlan, PretrainingOptions, PretrainingPlan } from '../../../protocol/pretraining';
import { say } from '../../../protocol/words';
import type { SampleInput } from './samples';

/** A layer on the way from the input, with what is done with it. */
export interface ChainStep {
  readonly dense: DenseLayer;
  /** Null where it keeps its weights, and only hands on what it makes. */
  readonly machine: MachinePlan | null;
  /** The decoder's layer that gets the machine's weights, transposed. */
  readonly decoder: DenseLayer | null;
}

export interface Chosen {
  readonly input: SampleInput;
  /** Up to the last that a machine is trained for. */
  readonly steps: readonly ChainStep[];
  readonly left: PretrainingPlan['left'];
  readonly notes: readonly string[];
}

export function chooseMachines({ model: { file }, graph, layers }: OpenedModel, { layers: glob, visible }: PretrainingOptions): Chosen {
  const chain = denseChain(indexGraph(graph), layers);
  if (typeof chain === 'string') {
    throw new Failure('unsupported',
      say('{0} cannot be pre-trained: {1}. Machines are for dense layers that follow on one another from the input.', file, chain));
  }
  const input = inputOf(file, graph.inputs.find(({ name }) => name === chain.input), chain);
  const pattern = glob === null ? null : globPattern(glob);
  if (pattern && !layers.some(({ name }) => pattern.test(name))) {
    throw new Failure('wrong-usage', say('No layer of {0} is called {1}. Its dense layers are {2}.', file, glob ?? '', named(chain.layers)));
  }
  const decoders = chain.end === null ? mirrored(chain.layers) : new Map<DenseLayer, DenseLayer>();
  const decoding = new Set(decoders.values());
  const left: { layer: string; reason: string }[] = [];
  const all = chain.layers.map((dense, i): ChainStep => {
    const { layer, kernel } = dense;
    const isAsked = pattern?.test(layer.name) ?? true;
    const refused = isAsked ? refuseWrite(kernel.tensor) : null;
    const reason = refused ?? (decoding.has(dense) ? null : whyLeft(dense, isAsked, pattern !== null));
    const opposite = decoders.get(dense);
    const decoder = opposite && (pattern?.test(opposite.layer.name) ?? true) && refuseWrite(opposite.kernel.tensor) === null ? opposite : null;
    const isTrained = reason === null && !decoding.has(dense);
    if (reason !== null) left.push({ layer: layer.name, reason });
    const { visible: units, hidden } = dense;
    const kind = i === 0 ? visible : 'bernoulli';
    return { dense, decoder, machine: isTrained ? { layer: layer.name, kind, visible: units, hidden, unrolled: decoder?.layer.name ?? null } : null };
  });
  const steps = all.slice(0, all.findLastIndex(({ machine }) => machine !== null) + 1);
  if (chain.end) left.push({ layer: chain.end.layer, reason: chain.end.reason });
  if (steps.length === 0) {
    const why = left.map(({ layer, reason }) => `${layer}: ${reason}`).slice(0, 3).join('; ');
    throw new Failure('unsupported', say('No layer of {0} can be pre-trained ({1}). Its dense layers are {2}.', file, why, named(chain.layers)));
  }
  return { input, steps, left, notes: notesOn(steps) };
}

const named = (layers: readonly DenseLayer[]): string => {
  const names = layers.slice(0, 8).map(({ layer }) => layer.name);
  return `${names.join(', ')}${layers.length > names.length ? ', …' : ''}`;
};

function whyLeft({ layer }: DenseLayer, isAsked: boolean, isNamed: boolean): string | null {
  if (!isAsked) return say('it was not asked for');
  // The layer of the labels is drawn, as in Hinton, Osindero & Teh (2006), section 4.
  return layer.isHead && !isNamed ? say('it makes the answer, which only labels can teach') : null;
}

/** A sample is a row of features: where a layer reads rows of rows, it is applied to each of them. */
function inputOf(file: string, info: ValueInfo | undefined, { input: name, layers: [first] }: DenseChain): SampleInput {
  const own = (info?.shape ?? []).slice(1);
  const sizes = own.flatMap((size) => (typeof size === 'number' ? [size] : []));
  const width = first?.visible ?? 0;
  if (own.length === 0 || sizes.length < own.length) return { name, shape: [width] };
  if (elementCount(sizes) === width) return { name, shape: sizes };
  throw new Failure('unsupported', say('{0} takes {1} features, and a sample of {2} is [{3}]: it is applied at each place of it. '
    + 'Machines are trained for layers that read a whole sample.', first?.layer.name ?? '', width, file, own.join(', ')));
}

function notesOn(steps: readonly ChainStep[]): readonly string[] {
  const trained = steps.filter(({ machine }) => machine !== null);
  const others = trained.filter(({ dense }) => dense.layer.activation?.name !== 'Sigmoid');
  const names = [...new Set(others.map(({ dense }) => dense.layer.activation?.name ?? say('no activation')))];
  const list = named(others.map(({ dense }) => dense));
  const activations = others.length === 0 ? [] : [others.length === 1
    ? say('Machines have sigmoid units. {0} has {1} behind it: '
      + 'the weights are set as they were learned, without a change of scale, and what theory promises is for sigmoids.', list, names.join(', '))
    : say('Machines have sigmoid units. {0} have {1} behind them: '
      + 'the weights are set as they were learned, without a change of scale, and what theory promises is for sigmoids.', list, names.join(', '))];
  const unbiased = trained.filter(({ dense }) => dense.bias === null).map(({ dense }) => dense.layer.name);
  const biases = unbiased.length === 0 ? [] : [unbiased.length === 1 ? say('{0} has no bias: hidden biases stay 0.', unbiased[0] ?? '')
    : say('{0} have no bias: hidden biases stay 0.', unbiased.slice(0, 8).join(', '))];
  const unrolled = trained.flatMap(({ machine, decoder }) => (machine && decoder ? [say('{0} gives {1}', machine.layer, decoder.layer.name)] : []));
  const decoders = unrolled.length === 0 ? [] : [say('This is an autoencoder: {0} its weights, transposed, and its visible biases.', unrolled.join(', '))];
  return [...activations, ...biases, ...decoders];
}
