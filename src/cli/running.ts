// A model file run by the engine process, and the verdict on what it did.

import { join } from 'node:path';

import { judge } from '../core/verdict/verdict';
import { EngineClient } from '../engine/client';
import { openModelFile } from '../formats/openModel';
import type { SimulationRequest } from '../protocol/engine';
import type { Cancellation } from '../protocol/rpc';
import { CancellationSource } from '../protocol/rpc';
import type { SimulationResult } from '../protocol/simulation';
import type { Verdict } from '../protocol/verdict';
import { measureModel } from './measuring';
import { startProgress } from './progress';
import { isTrainedFile } from './reporting';

export async function runFile(request: SimulationRequest, cancellation: Cancellation = new CancellationSource()): Promise<SimulationResult> {
  const progress = startProgress(`Running ${request.path}`);
  const engine = new EngineClient(join(__dirname, 'engine.js'), () => undefined);
  try {
    const ran = ({ done, total }: { readonly done: number; readonly total: number }): void => progress.tell(done / total);
    return await engine.simulate(request, { planned: () => progress.tell(0), ran }, cancellation);
  } finally {
    progress.end();
    engine.dispose();
  }
}

/** Of trained weights it is said that they are; that takes reading all of them, which is done where a verdict is bad. */
export function verdictOn(result: SimulationResult, path: string): Verdict | null {
  const verdict = judge(result.runs, result.theory);
  const isBad = verdict?.severity === 'error' || verdict?.severity === 'warning';
  return isBad && result.runs.some(({ scheme }) => scheme === 'current') ? judge(result.runs, result.theory, isTrained(path)) : verdict;
}

function isTrained(path: string): boolean {
  const opened = openModelFile(path);
  return isTrainedFile(opened, measureModel(opened));
}
