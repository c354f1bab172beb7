// `initscope train`: the first steps of training from every scheme and seed, and which of them learns first.

import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { optimizers } from '../core/learning/optimizers';
import { EngineClient } from '../engine/client';
import { Failure } from '../protocol/failure';
import { CancellationSource, describeError } from '../protocol/rpc';
import type { TrainingOptions, TrainingRequest, TrainingResult, TrainingRun } from '../protocol/training';
import { builtInData, defaultTraining, keptName, optimizerKinds, trainingLosses } from '../protocol/training';
import { dataOption, namedNumbers, number, oneOf, readArguments, wholeNumber } from './arguments';
import { tint } from './colour';
import { line, short, table, toJson } from './output';
import { startProgress } from './progress';
import { readRunSchemes } from './schemeOptions';

const optionTable = {
  'data': 'text', 'scheme': 'list', 'seeds': 'text', 'seed': 'text', 'steps': 'text', 'optimizer': 'text', 'lr': 'text', 'batch': 'text', 'dim': 'list',
  'loss': 'text', 'samples': 'text', 'snapshots': 'text', 'dropout': 'flag', 'weights': 'text', 'keep': 'text', 'threads': 'text', 'json': 'flag',
} as const;

export async function train(given: readonly string[]): Promise<string> {
  const { model, options } = readArguments('train', given, optionTable);
  const settings: TrainingOptions = {
    ...readRunSchemes(options.scheme, defaultTraining.schemes),
    seeds: wholeNumber('seeds', options.seeds, defaultTraining.seeds, 1),
    seed: wholeNumber('seed', options.seed, 0, 0),
    steps: wholeNumber('steps', options.steps, defaultTraining.steps, 1),
    batch: options.batch === undefined ? null : wholeNumber('batch', options.batch, 1, 1),
    dims: namedNumbers('dim', options.dim),
    optimizer: oneOf('optimizer', options.optimizer, optimizerKinds, defaultTraining.optimizer),
    rate: readRate(options.lr),
    loss: options.loss === undefined ? null : oneOf('loss', options.loss, trainingLosses, 'mse'),
    data: options.data === undefined ? null : dataOption(options.data, builtInData),
    samples: wholeNumber('samples', options.samples, defaultTraining.samples, 1),
    dropout: options.dropout,
    snapshots: wholeNumber('snapshots', options.snapshots, defaultTraining.snapshots, 1),
    threads: options.threads === undefined ? null : wholeNumber('threads', options.threads, 1, 1),
  };
  const result = await runTraining({
    path: model, recipes: [], restored: [], options: settings, keep: options.keep ?? null,
    ...(options.weights === undefined ? {} : { weights: options.weights }),
  });
  return options.json ? toJson(result) : describe(result);
}

async function runTraining(request: TrainingRequest): Promise<TrainingResult> {
  const progress = startProgress(`Training ${request.path}`);
  const engine = new EngineClient(join(__dirname, 'engine.js'), () => undefined);
  const total = request.options.schemes.length * request.options.seeds * request.options.steps;
  let done = 0;
  // What has been learned is said, and kept, where somebody has seen enough; asked a second time, it ends at once.
  const stop = (): void => void engine.steer('stop').catch(() => undefined);
  process.once('SIGINT', stop);
  try {
    return await engine.train(request, {
      stepped: ({ losses }) => {
        done += losses.length;
        progress.tell(done / total);
      },
    }, new CancellationSource());
  } catch (error) {
    throw withKept(error, request);
  } finally {
    process.off('SIGINT', stop);
    progress.end();
    engine.dispose();
  }
}

/** An engine that ends unasked leaves what it has kept. */
function withKept(error: unknown, { keep, options: { schemes, seed, seeds } }: TrainingRequest): unknown {
  const { code, message, detail } = describeError(error);
  if (code !== 'engine-crashed' || keep === null) return error;
  const all = schemes.flatMap((scheme) => Array.from({ length: seeds }, (_, i) => join(keep, keptName({ scheme, seed: seed + i }))));
  const kept = all.filter((file) => existsSync(file));
  const [first, ...others] = kept;
  if (first === undefined) return error;
  const where = others.length === 0 ? first : `${first} and ${others.length} more`;
  return new Failure('engine-crashed', `${message} What was learned up to there is in ${where}.`, detail);
}

function readRate(text: string | undefined): number | 'find' {
  if (text === undefined || text === 'find') return 'find';
  const rate = number('lr', text, 0, 0);
  if (rate > 0) return rate;
  throw new Failure('wrong-usage', '--lr takes a learning rate above 0, or "find".');
}

function describe({ plan, runs, trials, verdict }: TrainingResult): string {
  const schemes = [...new Set(runs.map(({ scheme }) => scheme))];
  const reached = new Map(verdict?.reached.map((each) => [each.scheme, each]));
  const rows = schemes.map((scheme) => {
    const own = runs.filter((run) => run.scheme === scheme);
    const known = reached.get(scheme);
    const steps = known?.steps ? `${known.steps.median} (${known.steps.least}–${known.steps.most ?? 'never'})` : 'never';
    return [scheme, String(own[0]?.rate ?? ''), rangeOf(own, firstLoss), rangeOf(own, lastLoss), rangeOf(own, lastAccuracy), steps, updateOf(own)];
  });
  const cost = verdict?.cost == null ? 'steps' : `steps to ${short(verdict.cost)}`;
  const head = ['scheme', 'rate', 'first cost', 'last cost', 'accuracy', cost, 'update / weight'];
  const said = [
    `${plan.data}; ${plan.loss}, where knowing nothing costs ${short(plan.chance)};`
      + ` ${optimizers[plan.optimizer].title}, batches of ${plan.batch}, ${plan.steps} steps.`,
    ...(trials.length === 0 ? [] : [`Rates were found by a range test: ${trials.map(({ scheme, found }) => `${scheme} ${found}`).join(', ')}.`]),
    ...plan.notes, ...plan.unsupported.map(({ node, reason }) => `unsupported: ${node}: ${reason}`),
    ...runs.flatMap(({ scheme, seed, end }) => (end.message === null ? [] : [`${scheme}, seed ${seed}: ${end.message}`])),
  ];
  return [...(verdict ? [tint(verdict.severity, line(verdict.text)), ''] : []), table([head, ...rows]), ...said.map(line)].join('\n');
}

/** Of a few steps, since batches differ: of no more than the verdict takes. */
const few = (losses: readonly unknown[]): number => Math.max(1, Math.min(10, Math.ceil(losses.length / 4)));
const mean = (values: readonly number[]): number | null => (values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length);
const numbersIn = (losses: TrainingRun['losses']): readonly number[] => losses.filter((loss) => loss !== null);
const firstLoss = ({ losses }: TrainingRun): number | null => losses[0] ?? null;
const lastLoss = ({ losses, end }: TrainingRun): number | null => (end.kind === 'diverged' ? Infinity : mean(numbersIn(losses).slice(-few(losses))));
const lastAccuracy = ({ accuracies }: TrainingRun): number | null => mean(accuracies.slice(-few(accuracies)));

/** The least and the most over seeds. */
function rangeOf(runs: readonly TrainingRun[], of: (run: TrainingRun) => number | null): string {
  const values = runs.flatMap((run) => of(run) ?? []);
  if (values.length === 0) return '–';
  const [least, most] = [Math.min(...values), Math.max(...values)].map(short);
  return least === most ? least ?? '' : `${least ?? ''}–${most ?? ''}`;
}

/** The median over the kernels at the last step that was looked at. */
function updateOf(runs: readonly TrainingRun[]): string {
  const ratios = (runs[0]?.snapshots.at(-1)?.layers ?? []).flatMap(({ weights }) => weights[0]?.update ?? []).sort((a, b) => a - b);
  return short(ratios[Math.floor(ratios.length / 2)] ?? null);
}
