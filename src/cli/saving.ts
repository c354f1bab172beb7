import type { SaveRequest } from '../formats/save';
import { saveModel } from '../formats/save';
import { CancellationSource } from '../protocol/rpc';
import { line } from './output';
import { startProgress } from './progress';

/** Saves a model; says on a terminal how far it is, and leaves everything as it was where it is interrupted from there. */
export async function saveFromTerminal(request: Omit<SaveRequest, 'progress' | 'cancellation'>): Promise<void> {
  const cancellation = new CancellationSource();
  const interrupt = (): void => cancellation.cancel();
  const progress = startProgress(`Writing ${line(request.target)}`);
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    await saveModel({ ...request, progress: progress.tell, cancellation });
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    progress.end();
  }
}
