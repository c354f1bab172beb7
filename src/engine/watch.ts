import { Worker, parentPort } from 'node:worker_threads';

import { isRunning } from '../formats/files/processes';

/** How soon an engine follows whoever started it. */
const pollMs = 250;

/**
 * Ends this process when the one that started it is gone, whatever ended that: in the middle of a run, which blocks the thread it is called
 * from, nobody there would hear that the channel is closed. `script` is run on a thread of its own, and has to call `endWithParent`.
 */
export function watchParent(script: string): void {
  const watcher = new Worker(script);
  watcher.unref();
  watcher.postMessage(process.ppid);
}

/** On the other thread. */
export function endWithParent(): void {
  parentPort?.once('message', (parent: number) => {
    setInterval(() => {
      if (!isThere(parent)) process.kill(process.pid, 'SIGKILL');
    }, pollMs);
  });
}

/** An orphan has another parent at once, but on Windows, where it keeps the number of the one it had. */
function isThere(parent: number): boolean {
  return process.ppid === parent && isRunning(parent);
}
