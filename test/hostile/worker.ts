/** One process that examines mutants: ROOT SEED FOLDER FIRST END STEP. Says before each which it is, and behind it how it went. */
import { openBytes } from '../../src/formats/files/byteSource';
import { isFailure } from '../../src/protocol/failure';
import { Corpus } from './corpus';
import { examine } from './examine';

export type Said =
  | { readonly kind: 'begin'; readonly number: number }
  | {
    /** `ms` of the processor: a machine that does something else, too, is no slower by that. */
    readonly kind: 'end'; readonly number: number; readonly ms: number; readonly bytes: number; readonly from: string; readonly by: readonly string[];
    /** Most memory the process has had so far, in bytes. */
    readonly peak: number;
    readonly outcome: 'opened' | 'refused' | 'raw';
    readonly message: string;
  };

/** A process that has once needed so much says nothing of the next mutant any more. */
const mostBytes = 280e6;

function main(): void {
  const [, , root = '', seed = '', folder = '', first = '', end = '', step = ''] = process.argv;
  const corpus = new Corpus(root, Number(seed));
  const say = (said: Said): void => void process.send?.(said);
  const next = (number: number): void => {
    if (number >= Number(end)) {
      process.disconnect();
      return;
    }
    const { bytes, from, by } = corpus.mutant(number);
    say({ kind: 'begin', number });
    const start = process.cpuUsage();
    let [outcome, message]: ['opened' | 'refused' | 'raw', string] = ['opened', ''];
    try {
      examine({ ...openBytes('mutant.onnx', bytes), folder });
    } catch (error) {
      outcome = isFailure(error) ? 'refused' : 'raw';
      message = error instanceof Error ? (outcome === 'raw' ? error.stack ?? error.message : error.message) : String(error);
    }
    const peak = process.resourceUsage().maxRSS * 1024;
    const { user, system } = process.cpuUsage(start);
    say({ kind: 'end', number, ms: (user + system) / 1000, bytes: bytes.length, from, by, peak, outcome, message });
    // What was said is on its way before the next begins.
    if (peak > mostBytes) process.disconnect();
    else setImmediate(next, number + Number(step));
  };
  next(Number(first));
}

main();
