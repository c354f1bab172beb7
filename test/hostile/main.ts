/** Examines many mutants, each in a process that is ended where one takes too long, and says which cost most: ROOT FOLDER WORKER COUNT SEED WORKERS. */
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { Corpus } from './corpus';
import type { Said } from './worker';

type Ended = Extract<Said, { readonly kind: 'end' }>;

const mostMs = 2000;
const mostBytes = 300e6;
/** Beyond that it is not waited for. */
const hangMs = 20_000;
const listed = 10;
const flags = ['--max-old-space-size=220', '--max-semi-space-size=16'];

interface Tally {
  done: number;
  readonly outcomes: Map<string, number>;
  slowest: readonly Ended[];
  largest: readonly { readonly number: number; readonly peak: number; readonly from: string; readonly by: readonly string[] }[];
  readonly wrong: string[];
}

function complain(tally: Tally, what: string): void {
  tally.wrong.push(what);
  console.log(what);
}

/** Numbers `first`, `first + step`, … below `count`, from a new process wherever one has ended. */
async function examineAll(first: number, step: number, count: number, given: { readonly worker: string; readonly args: readonly string[] },
  tally: Tally): Promise<void> {
  for (let next = first; next < count;) {
    let [current, before, last] = [next, 0, next - step];
    await new Promise<void>((resolve) => {
      const child = fork(given.worker, [...given.args, String(next), String(count), String(step)], { execArgv: flags, stdio: ['ignore', 'inherit',
        'ignore', 'ipc'] });
      let isHanging = false;
      let watch: NodeJS.Timeout | undefined;
      child.on('message', (said: Said) => {
        clearTimeout(watch);
        if (said.kind === 'begin') {
          current = said.number;
          watch = setTimeout(() => { isHanging = true; child.kill('SIGKILL'); }, hangMs);
        } else {
          last = said.number;
          record(said, before, tally);
          before = said.peak;
        }
      });
      child.on('exit', (code, signal) => {
        clearTimeout(watch);
        if (current > last && (code !== 0 || signal !== null)) {
          tally.done++;
          complain(tally, `mutant ${current}: ${isHanging ? `not done after ${hangMs / 1000} s` : `the process ended (${signal ?? code ?? '?'}),
            as it does without memory`}`);
          last = current;
        }
        resolve();
      });
    });
    next = last + step;
  }
}

function record(said: Ended, before: number, tally: Tally): void {
  const { number, ms, peak, outcome, from, by, message } = said;
  tally.done++;
  tally.outcomes.set(outcome, (tally.outcomes.get(outcome) ?? 0) + 1);
  tally.slowest = [...tally.slowest, said].sort((a, b) => b.ms - a.ms).slice(0, listed);
  if (peak > before) tally.largest = [...tally.largest, { number, peak, from, by }].sort((a, b) => b.peak - a.peak).slice(0, listed);
  const told = `mutant ${number} (${from}; ${by.join(', ')})`;
  if (outcome === 'raw') complain(tally, `${told}: ${message.split('\n').slice(0, 4).join('\n    ')}`);
  if (ms > mostMs) complain(tally, `${told}: ${ms.toFixed(0)} ms for ${said.bytes} bytes`);
  if (peak > mostBytes && before <= mostBytes) complain(tally, `${told}: ${(peak / 1e6).toFixed(0)} MB`);
  if (tally.done % 5000 === 0) console.log(`${tally.done} done, ${tally.wrong.length} wrong`);
}

async function main(): Promise<void> {
  const [, , root = '', folder = '', worker = '', count = '', seed = '', workers = '', only = ''] = process.argv;
  if (only !== '') {
    const { bytes, from, by } = new Corpus(root, Number(seed)).mutant(Number(only));
    const file = path.join(folder, `mutant-${only}.onnx`);
    writeFileSync(file, bytes);
    console.log(`${file}: ${bytes.length} bytes, ${from}, by ${by.join(', ')}`);
    return;
  }
  const tally: Tally = { done: 0, outcomes: new Map(), slowest: [], largest: [], wrong: [] };
  const lanes = Array.from({ length: Number(workers) }, (_, lane) => (
    examineAll(lane, Number(workers), Number(count), { worker, args: [root, seed, folder] }, tally)));
  await Promise.all(lanes);
  console.log(`${tally.done} mutants of ${new Corpus(root, 0).size} models: ${[...tally.outcomes].map(([name, number]) => `${number} ${name}`).join(', ')}`);
  console.log('Slowest:');
  for (const { number, ms, bytes, from, by } of tally.slowest) {
    console.log(`  ${ms.toFixed(0)} ms  ${(bytes / 1e3).toFixed(0)} KB  mutant ${number} (${from}; ${by.join(', ')})`);
  }
  console.log('Most memory, of the process with all of Node:');
  for (const { number, peak, from, by } of tally.largest) console.log(`  ${(peak / 1e6).toFixed(0)} MB  mutant ${number} (${from}; ${by.join(', ')})`);
  console.log(tally.wrong.length === 0 ? 'None was wrong.' : `${tally.wrong.length} were wrong:\n  ${tally.wrong.join('\n  ')}`);
  if (tally.wrong.length > 0) process.exitCode = 1;
}

void main();
