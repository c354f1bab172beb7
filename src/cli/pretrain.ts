// Pre-trains the dense layers of a network by restricted Boltzmann machines, and writes what they have learned as its weights.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { EngineClient } from '../engine/client';
import { resolveLinks } from '../formats/files/byteSource';
import { neededBy, refuseExisting, refuseOutput } from '../formats/files/outputs';
import { openModelFile } from '../formats/openModel';
import { Failure } from '../protocol/failure';
import type { MachineEpoch, PretrainedMachine, PretrainingOptions, PretrainingRequest, PretrainingResult } from '../protocol/pretraining';
import { defaultPretraining, machineStarts, pretrainedTitle, rateSchedules, visibleKinds } from '../protocol/pretraining';
import { CancellationSource, describeError } from '../protocol/rpc';
import { dataOption, number, oneOf, readArguments, wholeNumber } from './arguments';
import { tint } from './colour';
import { line, short, table, toJson } from './output';
import { startProgress } from './progress';
import { saveLearned } from './saving';

const optionTable = {
  'data': 'text', 'samples': 'text', 'layers': 'text', 'cd': 'text', 'persistent': 'flag', 'epochs': 'text', 'lr': 'text', 'schedule': 'text', 'batch': 'text',
  'momentum': 'text', 'decay': 'text', 'sparsity': 'text', 'visible': 'text', 'start': 'text', 'seed': 'text', 'threads': 'text',
  'output': 'text', 'force': 'flag', 'no-record': 'flag', 'json': 'flag',
} as const;

type Given = ReturnType<typeof readArguments<typeof optionTable>>['options'];

export async function pretrain(given: readonly string[]): Promise<string> {
  const { model, options } = readArguments('pretrain', given, optionTable);
  const { output } = options;
  if (output === undefined) throw new Failure('wrong-usage', 'Say where to write: --output FILE.');
  const settings = readOptions(options);
  const opened = openModelFile(model);
  if (existsSync(output) && resolveLinks(resolve(output)) === resolveLinks(resolve(model))) {
    throw new Failure('wrong-usage', '--output is the model itself; name another file.');
  }
  refuseOutput(output, neededBy(opened.model));
  refuseExisting('output', output, options.force);
  const target: LearnedTarget = { opened, target: output, record: !options['no-record'] };
  const result = await run({ path: model, recipes: [], restored: [], options: settings }, target);
  const values = valuesOf(result.machines);
  if (values.size === 0) throw new Failure('run-failed', `${result.end.message ?? 'Nothing was learned.'} Nothing was written.`);
  const unwritten = await saveLearned(target, { values, title: result.title });
  const notes = [...result.notes, ...unwritten];
  return options.json ? toJson(describeAsJson(model, output, result, notes)) : describe(output, result, notes);
}

type LearnedTarget = Parameters<typeof saveLearned>[0];

const valuesOf = (machines: readonly PretrainedMachine[]): ReadonlyMap<string, Float32Array> => (
  new Map(machines.flatMap(({ weights }) => weights.map((weight) => [weight.id, weight.values] as const))));

function readOptions(given: Given): PretrainingOptions {
  const { data } = given;
  if (data === undefined) throw new Failure('wrong-usage', 'Say what to learn from: --data digits, --data bars-and-stripes, or --data FILE.');
  const standard = defaultPretraining;
  const below = (name: 'momentum' | 'sparsity', otherwise: number): number => {
    const value = number(name, given[name], otherwise, 0);
    if (value >= 1) throw new Failure('wrong-usage', `--${name} takes a number from 0 to less than 1, not "${given[name] ?? ''}".`);
    return value;
  };
  const rate = number('lr', given.lr, NaN, 0);
  if (rate === 0) throw new Failure('wrong-usage', '--lr takes a number above 0, not "0".');
  return {
    data: dataOption(data, ['digits', 'bars-and-stripes']),
    samples: wholeNumber('samples', given.samples, standard.samples, 1),
    layers: given.layers ?? null,
    visible: oneOf('visible', given.visible, visibleKinds, standard.visible),
    start: oneOf('start', given.start, machineStarts, standard.start),
    gibbs: wholeNumber('cd', given.cd, standard.gibbs, 1),
    persistent: given.persistent,
    epochs: given.epochs === undefined ? null : wholeNumber('epochs', given.epochs, 1, 1),
    rate: Number.isNaN(rate) ? null : rate,
    schedule: oneOf('schedule', given.schedule, rateSchedules, standard.schedule),
    batch: given.batch === undefined ? null : wholeNumber('batch', given.batch, 1, 1),
    momentum: below('momentum', standard.momentum),
    decay: number('decay', given.decay, standard.decay, 0),
    sparsity: given.sparsity === undefined ? null : below('sparsity', 0),
    seed: wholeNumber('seed', given.seed, standard.seed, 0),
    threads: given.threads === undefined ? null : wholeNumber('threads', given.threads, standard.threads ?? 1, 1),
  };
}

/** Interrupted from the terminal it ends with what has been learned, and at once the second time. Of an engine that dies, layers that are done are written. */
async function run(request: PretrainingRequest, target: LearnedTarget): Promise<PretrainingResult> {
  const progress = startProgress(`Pre-training ${request.path}`);
  const engine = new EngineClient(join(__dirname, 'engine.js'), () => undefined);
  const stop = (): void => void engine.steer('stop').catch(() => undefined);
  process.once('SIGINT', stop);
  const done: PretrainedMachine[] = [];
  let [machines, epochs] = [1, 1];
  try {
    return await engine.pretrain(request, {
      pretrainingPlanned: (plan) => { [machines, epochs] = [plan.machines.length, plan.epochs]; },
      epochDone: ({ epoch }) => progress.tell((done.length + epoch / epochs) / machines),
      machineDone: (machine) => void done.push(machine),
    }, new CancellationSource());
  } catch (error) {
    const { code, message, detail } = describeError(error);
    if (code !== 'engine-crashed' || done.length === 0) throw error;
    await saveLearned(target, { values: valuesOf(done), title: pretrainedTitle(request.options, machines, epochs, false) });
    const layers = done.map(({ layer }) => layer).join(', ');
    throw new Failure('engine-crashed', `${message} What ${layers} had learned up to there was written to ${target.target}.`, detail);
  } finally {
    process.off('SIGINT', stop);
    progress.end();
    engine.dispose();
  }
}

/** Without pictures and values: those are in the file. */
function describeAsJson(model: string, output: string, result: PretrainingResult, notes: readonly string[]): object {
  const { machines, title, end, plan: { data, samples, heldOut, left }, timing, memoryBytes } = result;
  const curve = ({ epochs, weights, ...machine }: PretrainedMachine): object => ({
    ...machine,
    weights: weights.map(({ values, ...weight }) => weight),
    epochs: epochs.map(({ layer, filters, reconstructions, ...epoch }) => epoch),
  });
  return { model, output, title, end, data, samples, heldOut, machines: machines.map(curve), left, notes, timing, memoryBytes };
}

function describe(output: string, { machines, title, end, plan }: PretrainingResult, notes: readonly string[]): string {
  const rows = [['layer', 'units', 'error', 'cross-entropy', 'free-energy gap', 'pseudo-likelihood', 'KL', 'update / weight', 'activity']];
  for (const { layer, visible, hidden, epochs } of machines) {
    const shown = [epochs[0], epochs.at(-1)];
    shown.forEach((epoch, i) => {
      if (epoch) rows.push([i === 0 ? layer : '', i === 0 ? `${visible} → ${hidden}` : `epoch ${epoch.epoch}`, ...numbersOf(epoch)]);
    });
  }
  const ended = end.message === null ? [] : [tint('warning', line(end.message)), ''];
  const left = plan.left.map(({ layer, reason }) => line(`${layer} keeps its weights: ${reason}.`));
  const held = plan.heldOut > 0 ? `, ${plan.heldOut} of them held out` : '';
  return [...ended, line(`${title}: ${plan.data}${held}`), '', table(rows), '', ...left, ...notes.map(line), line(`Wrote ${output}.`)].join('\n');
}

function numbersOf(epoch: MachineEpoch): readonly string[] {
  const { error, crossEntropy, freeEnergy: { training, heldOut }, pseudoLikelihood, divergence, ratio, activity } = epoch;
  const kl = divergence ? `${short(divergence.value)}${divergence.kind === 'ais' ? ` ± ${short(divergence.error)}` : ''} (${divergence.kind})` : '–';
  const likelihood = pseudoLikelihood ? `${short(pseudoLikelihood.value)} (${pseudoLikelihood.kind})` : '–';
  return [short(error), short(crossEntropy), short(heldOut === null ? null : heldOut - training), likelihood, kl, short(ratio), short(activity)];
}
