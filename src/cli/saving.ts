import type { SaveRequest } from '../formats/saving/save';
import { saveModel } from '../formats/saving/save';
import { plainText } from '../protocol/plainText';
import { CancellationSource } from '../protocol/rpc';
import { startProgress } from './progress';

const longestName = 200;

/** Saves a model; says on a terminal how far it is, and gives what could not be written; leaves everything as it was where it is interrupted from there. */
export async function saveFromTerminal(request: Omit<SaveRequest, 'progress' | 'cancellation' | 'told'>): Promise<readonly string[]> {
  const left: string[] = [];
  const cancellation = new CancellationSource();
  const interrupt = (): void => cancellation.cancel();
  const progress = startProgress(`Writing ${plainText(request.target, longestName)}`);
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    await saveModel({ ...request, progress: progress.tell, told: (what) => left.push(what), cancellation });
    return left;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    progress.end();
  }
}
