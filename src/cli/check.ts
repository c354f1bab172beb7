// Whether a network can learn from where its weights start, for pipelines: a line, and a code that fails a build.

import { isOfTrained } from '../core/report/network';
import { judge } from '../core/verdict/verdict';
import type { Headline } from '../protocol/inspector';
import { defaultOptions, lossKinds } from '../protocol/simulation';
import type { LossKind, SimulationOptions } from '../protocol/simulation';
import type { Verdict } from '../protocol/verdict';
import { openModelFile } from '../formats/openModel';
import { number, oneOf, readArguments, wholeNumber } from './arguments';
import { tint } from './colour';
import { headlineOf, inspectModel } from './inspect';
import { line, toJson } from './output';
import { runFile } from './running';

/** Of `initscope check` where the network cannot learn. */
export const cannotLearn = 3;

const optionTable = { 'run': 'flag', 'loss': 'text', 'max-loss': 'text', 'seeds': 'text', 'strict': 'flag', 'json': 'flag' } as const;

/** `exitCode` is 0 where the network may learn from here. */
export interface Checked {
  readonly text: string;
  readonly exitCode: 0 | typeof cannotLearn;
}

export async function check(given: readonly string[]): Promise<Checked> {
  const { model, options } = readArguments('check', given, optionTable);
  const largest = options['max-loss'] === undefined ? null : number('max-loss', options['max-loss'], 0, -Infinity);
  const loss = oneOf('loss', options.loss, lossKinds, largest === null ? 'noise' : 'cross-entropy');
  const seeds = wholeNumber('seeds', options.seeds, 1, 1);
  const { report, verdict: expected, remedies } = inspectModel(openModelFile(model));
  const isRun = options.run || largest !== null || loss !== 'noise';
  const isTrained = isOfTrained(report.diagnostics);
  const seen = isRun ? await measured(model, { ...defaultOptions, seeds, loss }, isTrained) : { verdict: null, loss: null };
  const verdict = seen.verdict ?? expected;
  const found = worst(headlineOf(report, verdict, remedies), tooHigh(seen.loss, largest, loss));
  const isFailed = found.severity === 'error' || (options.strict && found.severity === 'warning');
  const exitCode = isFailed ? cannotLearn : 0;
  const { kind = null, at = null, basis = null, remedy = null } = verdict ?? {};
  const json = {
    file: report.file, canLearn: !isFailed, severity: found.severity, reason: found.text, kind, layer: at, basis, remedy,
    trained: isTrained, loss: seen.loss, remedies: found.remedies ?? [],
  };
  const said = `${report.file}: ${isFailed ? 'cannot learn from here' : found.severity}: ${found.text}`;
  return { text: options.json ? toJson(json) : tint(found.severity, line(said)), exitCode };
}

/** With the stored weights: the verdict, and the mean loss over seeds. */
async function measured(
  path: string, options: SimulationOptions, isTrained: boolean,
): Promise<{ readonly verdict: Verdict | null; readonly loss: number | null }> {
  const result = await runFile({ path, recipes: [], restored: [], options, files: {} });
  const losses = result.runs.flatMap(({ loss }) => loss ?? []);
  const loss = losses.length === 0 ? null : losses.reduce((sum, each) => sum + each, 0) / losses.length;
  return { verdict: judge(result.runs, result.theory, isTrained), loss };
}

/** A network that is surer of wrong answers than of none has to unlearn first. */
function tooHigh(found: number | null, largest: number | null, loss: LossKind): Headline | null {
  if (found === null || largest === null || found <= largest) return null;
  return { severity: 'error', text: `The ${loss} loss at the start is ${Number(found.toPrecision(4))}, where at most ${largest} is allowed.` };
}

const worst = (said: Headline, loss: Headline | null): Headline => (said.severity === 'error' || !loss ? said : loss);
