import type { SaveRequest } from '../formats/save';
import { saveModel } from '../formats/save';
import { plainText } from '../protocol/plainText';
import { CancellationSource } from '../protocol/rpc';

/** Sooner than this nobody wants to read that something is going on. */
const patienceMs = 500;
const longestName = 200;

/** Saves a model; says on a terminal how far it is, and leaves everything as it was where it is interrupted from there. */
export async function saveFromTerminal(request: Omit<SaveRequest, 'progress' | 'cancellation'>): Promise<void> {
  const cancellation = new CancellationSource();
  const interrupt = (): void => cancellation.cancel();
  const { stderr } = process;
  const began = performance.now();
  let shown = -1;
  const progress = (fraction: number): void => {
    const percent = Math.floor(fraction * 100);
    if (!stderr.isTTY || percent === shown || performance.now() - began < patienceMs) return;
    shown = percent;
    stderr.write(`\rWriting ${plainText(request.target, longestName)}: ${percent} %`);
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    await saveModel({ ...request, progress, cancellation });
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    if (shown >= 0) stderr.write('\r\x1b[K');
  }
}
