// What all runs of a training share: the network with its shapes, the samples, the graph of the steps, and what watches the layers.

import type { OpenedModel } from '../../formats/openModel';
import { encodeToRun } from '../../formats/onnx/encode';
import type { FilePool } from '../../formats/tensors/content';
import { optimizers } from '../../core/learning/optimizers';
import { Failure } from '../../protocol/failure';
import { defaultOptions } from '../../protocol/simulation';
import type { SimulationOptions, UnsupportedNode } from '../../protocol/simulation';
import type { BuiltInData, TrainingLoss, TrainingOptions, TrainingPlan, TrainingRequest } from '../../protocol/training';
import { say } from '../../protocol/words';
import { always } from '../feeding/given';
import { planInputs } from '../feeding/inputs';
import { createPayloads } from '../feeding/payloads';
import type { WeightStore } from '../feeding/weights';
import { isLearned } from '../feeding/weights';
import { dependsOnData } from '../planning/dynamic';
import { estimateMemory, refuseTooLarge } from '../planning/memory';
import type { Prepared } from '../planning/prepare';
import { prepare } from '../planning/prepare';
import { createSession } from '../runtime';
import { isAutoencoder } from './autoencoder';
import { makeSamples, usualData } from './builtIn';
import type { TargetPlan } from './cost';
import { planTarget, usualLoss } from './cost';
import type { FileData } from '../feeding/fromFile';
import { readData } from '../feeding/fromFile';
import { Observer } from './observer';
import type { Rows, Samples } from '../feeding/samples';
import { gather, roomFor } from '../feeding/samples';
import type { StepGraph } from './stepGraph';
import { createStepGraph } from './stepGraph';
import { areLabels, targetRows } from './targets';
import type { TeacherRequest } from './teacher';
import { answered, askTeacher, chanceOf } from './teacher';
import type { Course } from './trainer';

export interface PreparedCourse extends Course {
  readonly prepared: Prepared;
  readonly observer: Observer;
  readonly plan: TrainingPlan;
  readonly createMs: number;
}

/** Samples per step, where nobody says and the model does not. */
const usualBatch = 32;

export async function prepareCourse(
  opened: OpenedModel, store: WeightStore, pool: FilePool, request: TrainingRequest, isGoing: () => Promise<boolean>,
): Promise<PreparedCourse> {
  const { options } = request;
  if (dependsOnData(opened.graph)) {
    throw new Failure('unsupported',
      say('{0} has shapes or branches that what is fed decides on, so its steps cannot be planned. Simulate it instead.', request.path));
  }
  const settings = simulationOf(options);
  const inputs = planInputs(opened.graph, settings, settings.batch);
  const saysAgain = options.loss !== 'cross-entropy' && isAutoencoder(opened);
  const file = options.data?.kind === 'file' ? readData(options.data.path, inputs, opened.graph, saysAgain ? 'again' : 'targets') : null;
  const wanted = Math.min(settings.batch ?? usualBatch, file?.count ?? Infinity);
  const given = new Map([...file?.inputs ?? []].map(([name, rows]) => [name, always({ shape: [wanted, ...rows.shape], data: first(rows, wanted) })]));
  const prepared = await prepare({ opened, store, pool, options: { ...settings, batch: wanted }, given, draw: { seed: options.seed, sample: 0 } });
  const batch = prepared.samples > 1 ? prepared.inputs[0]?.shape[0] ?? 1 : wanted;
  const outputs = learnedOutputs(request.path, prepared, batch, file);
  const isNamed = file === null ? !saysAgain : haveLabels(file, prepared, outputs, batch);
  const loss = options.loss ?? usualLoss(prepared.forward.graph, prepared.facts, outputs[0] ?? '', isNamed);
  const name = nameOf(options, prepared, outputs);
  const targets = outputs.map((output) => planFor(prepared, output, loss, file ?? name, batch, saysAgain));
  const of = { store, pool, prepared, targets, loss, batch, isGoing };
  const samples = file ? ofFile(file, targets, batch, loss) : await made(of, name, options, saysAgain);

  const names = (isOfKind: (weight: WeightStore['weights'][number]) => boolean): ReadonlySet<string> => (
    new Set(store.weights.filter(isOfKind).flatMap((weight) => prepared.placing.weights.get(weight.id) ?? [])));
  const learned = names(isLearned);
  const statistics = names((weight) => !isLearned(weight));
  refuseTooLarge(estimateMemory(prepared.facts, new Set([...learned, ...statistics])), batch);
  const optimizer = optimizers[options.optimizer];
  const fed = new Set([...prepared.inputs.map(({ name }) => name), ...prepared.masks.map(({ input }) => input)]);
  const steps = createStepGraph({ forward: prepared.forward, facts: prepared.facts, learned, statistics, fed, loss, targets, optimizer });
  refuseUnmoved(request.path, steps, learned);
  const began = performance.now();
  const session = await createSession(encodeToRun(steps.graph, createPayloads(prepared.graph, pool)), {
    threads: options.threads, nodes: prepared.forward.graph.nodes.length,
  });
  const observer = new Observer({ prepared, pool, learned, loss, targets, threads: options.threads });
  const [target] = targets;
  const plan: TrainingPlan = {
    layers: opened.layers.map(({ name }) => name), loss, optimizer: options.optimizer, data: samples.description, batch, steps: options.steps,
    runs: options.schemes.length * options.seeds, classes: target && loss !== 'mse' ? Math.max(2, target.classes) : null,
    chance: chanceOf(loss, targets, samples), unsupported: unsupportedOf(opened, steps),
    notes: [...notesOf(prepared, steps, samples, learned, batch, wanted), ...tiedNotes(store), ...otherNotes(opened)],
  };
  return { session, steps, samples, batch, optimizer, masks: prepared.masks, prepared, observer, plan, createMs: performance.now() - began };
}

function simulationOf({ schemes, parameters, seeds, seed, batch, dims, dropout, threads }: TrainingOptions): SimulationOptions {
  return { ...defaultOptions, schemes, parameters, seeds, seed, batch, dims, dropout, threads, batchNorm: 'training' };
}

function first(rows: Rows, count: number): Rows['data'] {
  const room = roomFor(rows, count);
  gather(rows, Array.from({ length: count }, (_, i) => i), count, room);
  return room;
}

/** Outputs that have samples side by side, of those that the data speak of. */
function learnedOutputs(path: string, { forward: { graph }, facts }: Prepared, batch: number, file: FileData | null): readonly string[] {
  const floats = graph.outputs.filter(({ name, dtype }) => dtype === 'float32' && facts.shapes.has(name)).map(({ name }) => name);
  const named = file && !file.targets.has('') ? floats.filter((name) => file.targets.has(name)) : floats.slice(0, file ? 1 : undefined);
  const [only] = named;
  if (only === undefined) throw new Failure('unsupported', say('{0} has no output of numbers that can be run and learned.', path));
  const odd = named.find((name) => (facts.shapes.get(name)?.[0] ?? 0) % batch !== 0 || facts.shapes.get(name)?.[0] === 0);
  if (odd === undefined) return named;
  const shape = facts.shapes.get(odd)?.join(', ') ?? '';
  throw new Failure('unsupported',
    say('The output {0} is [{1}] for {2} samples: which part belongs to which sample cannot be told, so it is not learned.', odd, shape, batch));
}

function haveLabels(file: FileData, { forward: { graph }, facts }: Prepared, outputs: readonly string[], batch: number): boolean {
  return outputs.every((output) => {
    const array = file.targets.get(output) ?? file.targets.get('');
    return array !== undefined && areLabels(array, file.count, planTarget(graph, facts, output, 'labels'), batch);
  });
}

/** Of data that are made up: what is asked for, or fits the network. */
function nameOf({ data }: TrainingOptions, { inputs, forward: { graph }, facts }: Prepared, outputs: readonly string[]): BuiltInData {
  if (data?.kind === 'built-in') return data.name;
  return outputs.length > 1 ? 'teacher' : usualData(inputs, planTarget(graph, facts, outputs[0] ?? '', 'labels'));
}

function planFor(
  { forward: { graph }, facts }: Prepared, output: string, loss: TrainingLoss, data: FileData | BuiltInData, batch: number, saysAgain: boolean,
): TargetPlan {
  const asLabels = planTarget(graph, facts, output, 'labels');
  const array = typeof data === 'string' ? undefined : data.targets.get(output) ?? data.targets.get('');
  const isNamed = typeof data === 'string' ? !saysAgain && (loss === 'cross-entropy' || data !== 'teacher')
    : array !== undefined && areLabels(array, data.count, asLabels, batch);
  if (loss === 'cross-entropy' && asLabels.classes < 2) {
    throw new Failure('wrong-usage',
      say('The output {0} has a single unit, of which a cross-entropy says nothing. Use binary-cross-entropy or mse.', output));
  }
  return isNamed && asLabels.classes > 1 ? asLabels : planTarget(graph, facts, output, 'elements');
}

function ofFile(file: FileData, targets: readonly TargetPlan[], batch: number, loss: TrainingLoss): Samples {
  const rows = targets.flatMap((target): [string, Rows][] => {
    const array = file.targets.get(target.output) ?? file.targets.get('');
    return array ? [[target.output, targetRows(file, array, target, batch, loss)]] : [];
  });
  return { count: file.count, inputs: file.inputs, targets: new Map(rows), description: file.description, notes: file.notes };
}

async function made(
  of: Omit<TeacherRequest, 'samples' | 'seed' | 'threads'>, name: BuiltInData, options: TrainingOptions, saysAgain: boolean,
): Promise<Samples> {
  const { prepared, targets, batch } = of;
  const [target] = targets;
  if (!target) throw new Error(say('There is nothing to learn.'));
  const wanted = Math.max(batch, options.samples);
  const count = name === 'teacher' ? answered(wanted, batch, estimateMemory(prepared.facts, new Set()).perBatch) : wanted;
  const samples = makeSamples(name, { inputs: prepared.inputs, target, saysAgain, batch, count, seed: options.seed });
  if (samples.targets.size >= targets.length) return samples;
  return askTeacher({ ...of, samples, seed: options.seed, threads: options.threads });
}

function refuseUnmoved(path: string, { backward, moving }: StepGraph, learned: ReadonlySet<string>): void {
  if (moving.size > 0) return;
  const reasons = [...new Set(backward.unsupported.map(({ node, reason }) => `${node.name}: ${reason}`))].slice(0, 3);
  const why = learned.size === 0 ? say('it has no weights that are learned (quantised ones are not)')
    : reasons.length > 0 ? reasons.join('; ') : say('no way from an output to a weight has a derivative');
  throw new Failure('unsupported', say('{0} cannot be trained: {1}.', path, why));
}

function unsupportedOf(opened: OpenedModel, { backward }: StepGraph): readonly UnsupportedNode[] {
  return backward.unsupported.map(({ node, reason }) => ({
    node: node.name, op: node.op, reason,
    hides: opened.layers.filter(({ preactivation }) => backward.blocked.get(preactivation)?.has(node.name) ?? false).map(({ name }) => name),
  }));
}

function tiedNotes(store: WeightStore): readonly string[] {
  const tied = [...store.tied()];
  const [first] = tied;
  if (!first) return [];
  return [tied.length === 1 ? say('{0} has the values of {1} and is stored apart: where they were one weight, they are trained as two.', ...first)
    : say('{0} has the values of {1} and is stored apart (and {2} more): where they were one weight, they are trained as two.', ...first, tied.length - 1)];
}

function otherNotes({ parameters }: OpenedModel): readonly string[] {
  if (parameters.length === 0) return [];
  return [say('Learned beside the layers\' weights, and from what is stored whatever the scheme: {0}.', firstOf(parameters.map(({ name }) => name)))];
}

const firstOf = (names: readonly string[]): string => `${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`;

function notesOf(
  prepared: Prepared, { moving }: StepGraph, samples: Samples, learned: ReadonlySet<string>, batch: number, wanted: number,
): readonly string[] {
  const still = [...learned].filter((name) => !moving.has(name));
  const own = prepared.notes.filter((note) => note !== prepared.fixedBatch);
  return [
    ...own, ...samples.notes,
    ...(batch === wanted ? [] : [batch === 1 ? say('The model is exported for a fixed batch of 1: every step sees one sample.')
      : say('The model is exported for a fixed batch of {0}: every step sees {0} samples.', batch)]),
    ...(still.length === 0 ? [] : [say('{0} of {1} weights get no gradient and stay as they are: {2}.', still.length, learned.size, firstOf(still))]),
  ];
}

