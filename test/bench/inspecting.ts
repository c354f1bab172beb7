/** Opening large models: ours and the peers' readers, each in a process of its own, the best of a few. */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';

import { writeChain, writeExternalChain } from './models';
import { compare, judge, megabytes } from './table';

/** Until the structure of a file of any size is there, counted from the start of the process. */
const targetMs = 200;
const targetBytes = 150e6;
const rounds = 5;

interface Cost { readonly elapsedMs: number; readonly peakBytes: number }

function once(program: string, script: string, part: string, file: string): Cost {
  const out = execFileSync(program, [script, part, file, String(Date.now())], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const [elapsedMs = NaN, peakBytes = NaN] = out.trim().split(' ').map(Number);
  return { elapsedMs, peakBytes };
}

function best(times: number, work: () => Cost): Cost {
  const measured = Array.from({ length: times }, work);
  return { elapsedMs: Math.min(...measured.map((each) => each.elapsedMs)), peakBytes: Math.min(...measured.map((each) => each.peakBytes)) };
}

export interface Readers {
  /** The bundle of reader.ts. */
  readonly reader: string;
  /** Python with onnx, and load.py; absent where there is none. */
  readonly python?: { readonly program: string; readonly script: string };
}

export function measureInspecting(folder: string, readers: Readers): void {
  const whole = path.join(folder, 'whole.onnx');
  writeChain(whole, 113, 2048, false);
  const outer = path.join(folder, 'outer.onnx');
  const data = writeExternalChain(outer, 256, 2048);
  const size = (file: string): string => `${(statSync(file).size / 1e9).toFixed(1)} GB`;
  measureOne(`the structure of ${size(whole)}`, whole, readers, [['all', 'onnx.load']]);
  measureOne(`the structure of ${size(data)} of external data`, outer, readers, [
    ['all', 'onnx.load'], ['structure', 'onnx.load without the data'],
  ]);
  const smaller = path.join(folder, 'large.onnx');
  writeChain(smaller, 30, 2048, false);
  const [own, peer] = ['structure', 'whole'].map((part) => best(rounds, () => once(process.execPath, readers.reader, part, smaller)));
  if (!own || !peer) return;
  compare(`the structure of ${size(smaller)}, from process start`, own.elapsedMs, peer.elapsedMs, 'fs.readFileSync');
  compare('  peak memory', own.peakBytes, peer.peakBytes, 'fs.readFileSync', megabytes);
}

function measureOne(what: string, file: string, { reader, python }: Readers, peers: readonly (readonly [string, string])[]): void {
  const own = best(rounds, () => once(process.execPath, reader, 'structure', file));
  judge(`${what}, from process start`, own.elapsedMs, targetMs);
  judge('  peak memory', own.peakBytes, targetBytes, megabytes);
  for (const [part, name] of peers) {
    const peer = python && best(2, () => once(python.program, python.script, part, file));
    compare('', own.elapsedMs, peer?.elapsedMs, name);
    compare('  peak memory', own.peakBytes, peer?.peakBytes, name, megabytes);
  }
}
