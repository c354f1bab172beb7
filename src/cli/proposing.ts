// What `init` is about to write, tried out before.

import { isToBeTried, measures, tryOut } from '../engine/tryOut';
import type { TriedOut } from '../engine/tryOut';
import type { OpenedModel } from '../formats/openModel';
import { refusalsOf } from '../formats/saving/tensorWrite';
import { Failure } from '../protocol/failure';
import type { Recipe } from '../protocol/recipe';
import { CancellationSource } from '../protocol/rpc';
import type { SchemeId } from '../protocol/schemes';
import { defaultOptions } from '../protocol/simulation';
import { namedNumbers, wholeNumber } from './arguments';
import { runFile } from './running';

export const runOptionTable = { 'input': 'text', 'batch': 'text', 'dim': 'list' } as const;

interface Proposal {
  readonly opened: OpenedModel;
  readonly scheme: SchemeId;
  readonly recipes: readonly Recipe[];
  readonly seed: number;
  readonly isTrained: boolean;
  readonly options: {
    readonly 'no-run': boolean; readonly 'keep-structure': boolean; readonly 'input': string | undefined; readonly 'batch': string | undefined;
    readonly 'dim': readonly string[];
  };
}

export async function proposed({ opened, scheme, recipes, seed, isTrained, options }: Proposal): Promise<TriedOut> {
  const batch = options.batch === undefined ? null : wholeNumber('batch', options.batch, 1, 1);
  const dims = namedNumbers('dim', options.dim);
  if (options['no-run'] && measures(recipes)) throw new Failure('wrong-usage', '--no-run: LSUV measures what it draws. Leave one of them out.');
  if (options['no-run'] || !isToBeTried(recipes)) return { recipes, rescaled: [], verdict: null, notes: [] };
  const request = {
    path: opened.model.file, recipes: [], restored: [], options: { ...defaultOptions, seed, batch, dims }, keepStructure: options['keep-structure'],
    files: options.input === undefined ? {} : { input: options.input }, proposed: { scheme, recipes }, isTrained,
    refusals: (each: readonly Recipe[]) => refusalsOf(opened, each),
    isAsked: options.input !== undefined || batch !== null || options.dim.length > 0,
  };
  return tryOut(request, runFile, new CancellationSource());
}
