// Greedy, layer-wise pre-training (Hinton, Osindero & Teh 2006): a machine for each dense layer from the front, on what the one below hands on.

import { orderOf, usualLength } from '../../core/learning/rbm/batches';
import type { DenseLayer } from '../../core/learning/rbm/denseChain';
import { storedKernel } from '../../core/learning/rbm/denseChain';
import type { Machine } from '../../core/learning/rbm/machine';
import { streamOf } from '../../core/learning/rbm/machine';
import { squareOf } from '../../core/learning/rbm/pictures';
import type { Standard } from '../../core/learning/rbm/standardised';
import { decoderFor, encoderFor, standardOf, standardised } from '../../core/learning/rbm/standardised';
import { FilePool, readFloat32 } from '../../formats/tensors/content';
import { openModelFile } from '../../formats/openModel';
import type { LayerWeight } from '../../core/layers/layer';
import { Failure } from '../../protocol/failure';
import { mostGibbs } from '../../protocol/limits';
import type {
  PretrainedMachine, PretrainedWeight, PretrainingEvents, PretrainingOptions, PretrainingPlan, PretrainingRequest, PretrainingResult,
} from '../../protocol/pretraining';
import { pretrainedTitle } from '../../protocol/pretraining';
import type { Cancellation } from '../../protocol/rpc';
import { say } from '../../protocol/words';
import type { Steering } from './steering';
import type { ChainStep } from './rbm/machines';
import { chooseMachines } from './rbm/machines';
import type { MachineRun, Settings, Shown } from './rbm/machineRun';
import { handOn, runMachine } from './rbm/machineRun';
import type { ShownSamples } from './rbm/samples';
import { readSamples } from './rbm/samples';

/** Fewer samples than this are all learned from; of more, this share is only looked at. */
const fewest = 200;
const heldOutShare = 0.1;

export async function pretrain(
  request: PretrainingRequest, listener: PretrainingEvents, steering: Steering, cancellation: Cancellation,
): Promise<PretrainingResult> {
  const { path } = request;
  const began = performance.now();
  const { gibbs } = request.options;
  if (gibbs > mostGibbs) {
    throw new Failure('wrong-usage', say('{0} Gibbs steps are too many for an update: 1 to 10 are usual, and {1} the most.', gibbs, mostGibbs));
  }
  const opened = openModelFile(path, { separated: new Set(request.separated) });
  const { input, steps, left, notes } = chooseMachines(opened, request.options);
  const samples = readSamples(request.options, steps[0]?.dense.visible ?? 0, input);
  const { shown: first, standard, said } = prepare(samples, request.options, steps[0]);
  const options: Settings = { ...request.options, ...usualLength(first.rows.count, request.options) };
  const machines = steps.flatMap(({ machine }) => machine ?? []);
  const plan: PretrainingPlan = {
    machines, data: samples.description, samples: samples.count, heldOut: (first.heldOut?.length ?? 0) / (steps[0]?.dense.visible ?? 1),
    epochs: options.epochs, batch: options.batch, left, notes: [...said, ...notes],
  };
  listener.pretrainingPlanned(plan);
  const done: PretrainedMachine[] = [];
  const timing = { createMs: performance.now() - began, trainMs: 0, monitorMs: 0 };
  const pool = new FilePool();
  const finish = (kind: PretrainingResult['end']['kind'], message: string | null = null): PretrainingResult => ({
    machines: done, title: pretrainedTitle(request.options, machines.length, options.epochs, kind === 'finished'), end: { kind, message }, plan,
    notes: plan.notes, timing, memoryBytes: process.resourceUsage().maxRSS * 1024,
  });
  try {
    let shown = first;
    for (const [at, step] of steps.entries()) {
      if (!await steering.isGoing(cancellation)) return finish('cancelled', say('Stopped before {0}.', step.dense.layer.name));
      if (!step.machine) {
        shown = nextOf(await handOn(storedMachine(pool, step.dense, request), shown, options), step.dense.hidden);
        continue;
      }
      const started = performance.now();
      const run = await runMachine(step.machine, step.dense.bias !== null, shown, options, {
        epochDone: (epoch) => listener.epochDone(epoch), isGoing: () => steering.isGoing(cancellation),
      });
      timing.monitorMs += run.monitorMs;
      timing.trainMs += performance.now() - started - run.monitorMs;
      const machine = { ...step.machine, epochs: run.epochs, weights: weightsOf(step, run.machine, at === 0 ? standard : null) };
      const isBegun = run.epochs.length > 1 || run.end.kind === 'finished';
      if (isBegun) done.push(machine);
      const stopped = endOf(run, step.machine.layer, options);
      if (stopped) return finish(stopped.kind, stopped.message);
      listener.machineDone(machine);
      if (run.hidden) shown = nextOf(run.hidden, step.dense.hidden);
    }
    return finish('finished');
  } finally {
    pool.close();
  }
}

function endOf({ end, epochs }: MachineRun, layer: string, { rate }: PretrainingOptions): { kind: 'cancelled' | 'diverged'; message: string } | null {
  if (end.kind === 'diverged') {
    const found = [layer, end.epoch, end.what] as const;
    const message = rate === null
      ? say('Pre-training of {0} diverged in epoch {1}: {2}. Give a smaller learning rate, or standardised data.', ...found)
      : say('Pre-training of {0} diverged in epoch {1}: {2}. Give a smaller learning rate than {3}.', ...found, rate);
    return { kind: 'diverged', message };
  }
  return end.kind === 'cancelled' ? { kind: 'cancelled', message: say('Stopped in epoch {0} of {1}.', epochs.length, layer) } : null;
}

/** Samples in an order of their own, some of them held out, at the scale that machines learn at. */
function prepare(
  { data, count, image, description }: ShownSamples, { visible: kind, seed }: PretrainingOptions, first: ChainStep | undefined,
): { readonly shown: Shown; readonly standard: Standard | null; readonly said: readonly string[] } {
  const width = data.length / count;
  // A layer that keeps its weights takes the data as they are.
  const isLearned = first !== undefined && first.machine !== null;
  if (isLearned && kind === 'bernoulli') refuseOutside(data, description);
  const order = orderOf(count, count, 0, streamOf(seed, 'held out'));
  const ordered = new Float32Array(data.length);
  order.forEach((row, i) => ordered.set(data.subarray(row * width, (row + 1) * width), i * width));
  const split = count < fewest ? count : count - Math.round(count * heldOutShare);
  const standard = isLearned && kind === 'gaussian' ? standardUnlessThere(ordered.subarray(0, split * width), width) : null;
  const scaled = standard ? standardised(ordered, standard) : ordered;
  const rows = { data: scaled.subarray(0, split * width), count: split, areProbabilities: false };
  const undone = first?.dense.bias
    ? say('Each feature was given mean 0 and variance 1 to learn from; the first layer undoes that, so that the network takes them as they are.')
    : say('Each feature was given mean 0 and variance 1 to learn from; '
      + 'the first layer undoes that but for the means, because it has no bias to put them into.');
  return {
    shown: { rows, heldOut: split < count ? scaled.subarray(split * width) : null, image }, standard,
    said: standard ? [undone] : [],
  };
}

/** Null where the data are at that scale as they are. */
function standardUnlessThere(data: Float32Array, width: number): Standard | null {
  const standard = standardOf(data, width);
  const isStandard = standard.mean.every((mean) => Math.abs(mean) < 0.05) && standard.std.every((std) => Math.abs(std - 1) < 0.05);
  return isStandard ? null : standard;
}

function refuseOutside(data: Float32Array, description: string): void {
  let [least, most] = [Infinity, -Infinity];
  for (const value of data) [least, most] = [Math.min(least, value), Math.max(most, value)];
  if (least >= 0 && most <= 1) return;
  throw new Failure('invalid-input', say('{0}: the values go from {1} to {2}, and units that are on or off take 0 to 1. '
    + 'Choose Gaussian visible units (--visible gaussian), or scale them.', description, Number(least.toPrecision(4)), Number(most.toPrecision(4))));
}

/** What the next machine is shown. */
const nextOf = ({ rows, heldOut }: NonNullable<MachineRun['hidden']>, width: number): Shown => (
  { rows: { data: rows, count: rows.length / width, areProbabilities: true }, heldOut, image: squareOf(width) });

/** The weights that a layer has now, as a machine. */
function storedMachine(pool: FilePool, { kernel, bias, visible, hidden, isTransposed }: DenseLayer, { recipes, restored }: PretrainingRequest): Machine {
  const read = ({ id, tensor, name }: LayerWeight): Float32Array => {
    const [recipe, kept] = [recipes.find(({ tensorId }) => tensorId === id), restored.find(({ tensorId }) => tensorId === id)];
    if (tensor.problem !== undefined && !recipe) {
      throw new Failure('unsupported', say('{0} has no values: {1}. Reinitialize it first.', name, tensor.problem));
    }
    return readFloat32(pool, tensor, { ...(recipe ? { recipe } : {}), ...(kept ? { restored: kept } : {}) });
  };
  const stored = read(kernel);
  const weights = isTransposed ? storedKernel({ isTransposed }, stored, hidden, visible) : stored;
  return { kind: 'bernoulli', visible, hidden, weights, visibleBias: new Float32Array(visible), hiddenBias: bias ? read(bias) : new Float32Array(hidden) };
}

/** What the layer, and the decoder's, hold then. */
function weightsOf({ dense, decoder }: ChainStep, machine: Machine, standard: Standard | null): readonly PretrainedWeight[] {
  const { visible, hidden, visibleBias, hiddenBias } = machine;
  const encoding = standard ? encoderFor(machine.weights, hiddenBias, standard) : { weights: machine.weights, bias: hiddenBias };
  const decoding = standard ? decoderFor(machine.weights, visibleBias, standard) : { weights: machine.weights, bias: visibleBias };
  const of = ({ layer }: DenseLayer, weight: LayerWeight | null, values: Float32Array): readonly PretrainedWeight[] => (
    weight ? [{ id: weight.id, name: weight.name, layer: layer.name, shape: weight.tensor.shape, values }] : []);
  return [
    ...of(dense, dense.kernel, storedKernel(dense, encoding.weights, visible, hidden)), ...of(dense, dense.bias, encoding.bias),
    ...(decoder ? [
      ...of(decoder, decoder.kernel, storedKernel(decoder, decoding.weights, visible, hidden, true)), ...of(decoder, decoder.bias, decoding.bias),
    ] : []),
  ];
}
