import type { EngineClient } from '../engine/client';
import type { TriedOut } from '../engine/tryOut';
import { isToBeTried, tryOut } from '../engine/tryOut';
import { refusalsOf } from '../formats/saving/tensorWrite';
import type { Recipe } from '../protocol/recipe';
import { CancellationSource } from '../protocol/rpc';
import type { SchemeId } from '../protocol/schemes';
import { defaultOptions } from '../protocol/simulation';
import { say } from '../protocol/words';
import type { ModelDocument } from './modelDocument';
import { notify } from './notifications';
import { takesLong } from './patience';
import { readSettings } from './settings';

export type Engine = Pick<EngineClient, 'simulate'>;

interface Proposed {
  readonly scheme: SchemeId;
  readonly seed: number;
  readonly recipes: readonly Recipe[];
}

/** What is about to be drawn into a document, run once before it is offered. Where that takes a while it says so, and can be told to stop. */
export async function tryInDocument(engine: Engine, document: ModelDocument, { scheme, seed, recipes }: Proposed): Promise<TriedOut> {
  if (!isToBeTried(recipes)) return { recipes, rescaled: [], verdict: null, notes: [] };
  const cancellation = new CancellationSource();
  const { keepStructure, threads } = readSettings(document.uri);
  const trying = document.fileToRun().then((path) => tryOut({
    path, ...document.pending(), keepStructure, options: { ...defaultOptions, seed, threads }, files: {}, proposed: { scheme, recipes },
    isTrained: document.judgement.isTrained, isAsked: false,
    refusals: (each) => (document.opened ? refusalsOf(document.opened, each) : new Map<string, string>()),
  }, (request, own) => engine.simulate(request, {}, own), cancellation));
  if (!(await takesLong(trying))) return trying;
  return notify.progress(say('Running {0} with what would be drawn', document.name), (_, stop) => {
    stop.onCancellationRequested(() => cancellation.cancel());
    return trying;
  });
}
