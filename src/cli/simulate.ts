import type { SimulationFiles } from '../protocol/engine';
import { Failure } from '../protocol/failure';
import { mostCopies } from '../protocol/limits';
import type { SimulatedScheme } from '../protocol/schemes';
import type { SimulationOptions, SimulationResult, WhatIf } from '../protocol/simulation';
import { lossKinds } from '../protocol/simulation';
import { fileOption, namedNumbers, number, oneOf, readArguments, wholeNumber } from './arguments';
import { tint } from './colour';
import { line, short, table, toJson } from './output';
import { runFile, verdictOn } from './running';
import { readRunSchemes } from './schemeOptions';

const optionTable = {
  'scheme': 'list', 'seeds': 'text', 'seed': 'text', 'batch': 'text', 'dim': 'list', 'data': 'text', 'input': 'text', 'loss': 'text', 'cotangent': 'text',
  'target': 'text', 'batch-norm': 'text', 'dropout': 'flag', 'input-mean': 'text', 'input-variance': 'text',
  'gain': 'list', 'deepen': 'text', 'weights': 'text', 'values': 'text', 'force': 'flag', 'joins': 'flag', 'threads': 'text', 'json': 'flag',
} as const;

export async function simulate(given: readonly string[]): Promise<string> {
  const { model, options } = readArguments('simulate', given, optionTable);
  const run = readRunSchemes(options.scheme, ['current']);
  const settings: SimulationOptions = {
    ...run,
    seeds: wholeNumber('seeds', options.seeds, 1, 1),
    seed: wholeNumber('seed', options.seed, 0, 0),
    batch: options.batch === undefined ? null : wholeNumber('batch', options.batch, 1, 1),
    dims: namedNumbers('dim', options.dim),
    loss: oneOf('loss', options.loss, lossKinds, 'noise'),
    batchNorm: oneOf('batch-norm', options['batch-norm'], ['training', 'inference'], 'training'),
    dropout: options.dropout,
    deepen: wholeNumber('deepen', options.deepen, 0, 0, mostCopies),
    data: options.data === undefined ? null : fileOption(options.data),
    input: options['input-mean'] === undefined && options['input-variance'] === undefined ? null
      : { mean: number('input-mean', options['input-mean'], 0, -Infinity), variance: number('input-variance', options['input-variance'], 1, 0) },
    whatIf: factorsOf(options.gain, run.schemes[0] ?? 'current'),
    threads: options.threads === undefined ? null : wholeNumber('threads', options.threads, 1, 1),
  };
  if (options.values !== undefined && settings.schemes.length * settings.seeds > 1) {
    throw new Failure('wrong-usage', '--values writes one run: give one --scheme and one seed.');
  }
  if (options.target !== undefined && settings.loss === 'noise') {
    throw new Failure('wrong-usage', '--target needs a loss to compare with it: give --loss cross-entropy or --loss mse.');
  }
  const { input, cotangent, target, weights, values } = options;
  const files: SimulationFiles = Object.fromEntries(Object.entries({ input, cotangent, target, weights, values }).filter(([, path]) => path !== undefined));
  const result = await runFile({ path: model, recipes: [], restored: [], options: settings, files, keepsValues: !options.force, joins: options.joins });
  return options.json ? toJson(result) : [describe(result, model), ...(options.joins ? ['', describeJoins(result)] : [])].join('\n');
}

/** "1.5" for all kernels, "fc1=1.5" for that of a layer; of the first scheme. */
function factorsOf(given: readonly string[], scheme: SimulatedScheme): WhatIf | null {
  if (given.length === 0) return null;
  const factors = given.map((text) => {
    const at = text.lastIndexOf('=');
    const factor = Number(text.slice(at + 1));
    if (!(factor > 0 && factor < Infinity)) throw new Failure('wrong-usage', `--gain takes a factor above 0, as 1.5 or LAYER=1.5, not "${text}".`);
    return { layer: at < 0 ? null : text.slice(0, at), factor };
  });
  const all = factors.filter(({ layer }) => layer === null).reduce((product, { factor }) => product * factor, 1);
  return { scheme, all, layers: Object.fromEntries(factors.flatMap(({ layer, factor }) => (layer === null ? [] : [[layer, factor]]))) };
}

/** The three numbers of a signal propagation plot (Brock et al. 2021), block by block. */
function describeJoins({ runs, theory }: SimulationResult): string {
  const rows = [['scheme', 'seed', 'residual block', 'squared mean', 'theory', 'variance', 'theory', 'branch variance', 'theory']];
  for (const { scheme, seed, joins = [] } of runs) {
    const told = new Map(theory.find((each) => each.scheme === scheme)?.joins?.map((join) => [join.name, join]));
    joins.forEach(({ name, layer, sum, branch }, i) => {
      const predicted = told.get(name);
      rows.push([
        i === 0 ? scheme : '', i === 0 ? String(seed) : '', layer, short(sum?.squaredMean ?? null), short(predicted?.sum?.squaredMean ?? null),
        short(sum?.variance ?? null), short(predicted?.sum?.variance ?? null), short(branch?.variance ?? null), short(predicted?.branch?.variance ?? null),
      ]);
    });
  }
  return rows.length > 1 ? table(rows) : 'There are no residual blocks: nowhere is a branch with layers of its own added to the signal that it left.';
}

function describe(result: SimulationResult, model: string): string {
  const rows = [[
    'scheme', 'seed', 'layer', 'activation variance', 'theory', 'gradient variance', 'theory', 'weight gradient variance', 'theory', 'gradient / weight',
  ]];
  for (const run of result.runs) {
    const theory = new Map(result.theory.find(({ scheme }) => scheme === run.scheme)?.layers.map((layer) => [layer.name, layer]));
    run.layers.forEach((layer, i) => {
      const predicted = theory.get(layer.name);
      rows.push([
        i === 0 ? run.scheme : '', i === 0 ? String(run.seed) : '', layer.name,
        short(layer.activation?.variance ?? null), short(predicted?.activation?.variance ?? null),
        short(layer.gradient.activation?.variance ?? null), short(predicted?.gradient.activation ?? null),
        short(layer.weights[0]?.gradient?.variance ?? null), short(predicted?.gradient.weight ?? null), short(layer.weights[0]?.ratio ?? null),
      ]);
    });
  }
  const hidden = result.unsupported.map(({ node, reason, hides }) => (
    `unsupported: ${node}: ${reason}; it hides ${hides.length > 0 ? hides.join(', ') : 'no layer'}`));
  const verdict = verdictOn(result, model);
  return [...(verdict ? [tint(verdict.severity, line(verdict.text)), ''] : []), table(rows), ...[...hidden, ...result.notes].map(line)].join('\n');
}
