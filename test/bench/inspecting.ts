/** Opening large models: ours and the peers' readers, each in a process of its own, the best of a few. */
import { statSync } from 'node:fs';
import path from 'node:path';

import { writeChain, writeExternalChain } from './models';
import { bestCost, costOf } from './processes';
import { compare, judge, megabytes } from './table';

/** Until the structure of a file of any size is there, counted from the start of the process. */
const targetMs = 200;
const targetBytes = 150e6;
const rounds = 5;

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
  const [own, peer] = ['structure', 'whole'].map((part) => bestCost(rounds, () => costOf(process.execPath, [readers.reader, part, smaller])));
  if (!own || !peer) return;
  compare(`the structure of ${size(smaller)}, from process start`, own.elapsedMs, peer.elapsedMs, 'fs.readFileSync');
  compare('  peak memory', own.peakBytes, peer.peakBytes, 'fs.readFileSync', megabytes);
}

function measureOne(what: string, file: string, { reader, python }: Readers, peers: readonly (readonly [string, string])[]): void {
  const own = bestCost(rounds, () => costOf(process.execPath, [reader, 'structure', file]));
  judge(`${what}, from process start`, own.elapsedMs, targetMs);
  judge('  peak memory', own.peakBytes, targetBytes, megabytes);
  for (const [part, name] of peers) {
    const peer = python && bestCost(2, () => costOf(python.program, [python.script, part, file]));
    compare('', own.elapsedMs, peer?.elapsedMs, name);
    compare('  peak memory', own.peakBytes, peer?.peakBytes, name, megabytes);
  }
}
