import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { besideOf, createSuffix } from '../../../src/formats/files/unfinished';
import type { Locks } from '../../../src/formats/files/lock';
import { abandonedLock, lockNow } from '../../../src/formats/files/lock';
import { openModelFile } from '../../../src/formats/openModel';
import { saveModel } from '../../../src/formats/saving/save';
import { CancellationSource } from '../../../src/protocol/rpc';
import { external, floatBytes, model, node, raw, tensor, types, valueInfo } from '../support/protobuf';
import { createModel, drawn, elementsOf, write } from '../support/saving';

const values = floatBytes(Array.from({ length: 16 }, (_, i) => i));
const create = (): string => createModel(model({
  nodes: [node('MatMul', ['x', 'a'], ['h']), node('MatMul', ['h', 'b'], ['y'])], inputs: [valueInfo('x', ['n', 4])], outputs: [valueInfo('y', ['n', 4])],
  initializers: [tensor('a', types.float32, [4, 4], raw(values)), tensor('b', types.float32, [4, 4], external({ location: 'net.data', length: '64' }))],
}), values);

function take(files: readonly string[], journal: string): Locks {
  const locks = lockNow(files, journal);
  if ('busy' in locks) throw new Error(`${locks.busy} is busy.`);
  return locks;
}

const lockOf = (file: string): string => `${file}.initscope-lock`;
const holder = (owner: string): string => JSON.stringify({ version: 1, owner, journal: null });
/** Of a process that was there, and is gone. */
const gone = (): number => spawnSync(process.execPath, ['-e', '']).pid;
const namesBeside = (file: string): readonly string[] => readdirSync(path.dirname(file)).sort();

describe('a save while another is at work', () => {
  it('waits for it, on the model as on its data', async () => {
    for (const name of ['net.onnx', 'net.data']) {
      const file = create();
      const locks = take([path.join(path.dirname(file), name)], `${file}.initscope-journal`);
      const saving = write(file, drawn('a', 'b'));
      await setImmediate();
      expect(namesBeside(file)).toEqual(['net.data', 'net.onnx', `${name}.initscope-lock`].sort());
      locks.release();
      await saving;
      expect(namesBeside(file)).toEqual(['net.data', 'net.onnx']);
      expect(elementsOf(file, 'b')).not.toEqual(Array.from({ length: 16 }, (_, i) => i));
    }
  });
  it('is refused where that takes longer, in a sentence that is true', async () => {
    const file = create();
    const before = readFileSync(file);
    // The process that started this one is still there.
    writeFileSync(lockOf(file), holder(createSuffix(process.ppid)));
    await expect(write(file, drawn('a'))).rejects.toMatchObject({ code: 'busy', message: expect.stringContaining('being saved by another process') as string });
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(namesBeside(file)).toEqual(['net.data', 'net.onnx', 'net.onnx.initscope-lock']);
  }, 20_000);
  it('can be told to stop waiting', async () => {
    const file = create();
    const opened = openModelFile(file);
    writeFileSync(lockOf(file), holder(createSuffix(process.ppid)));
    const cancellation = new CancellationSource();
    const saving = saveModel({ opened, target: file, contents: drawn('a'), record: true, cancellation });
    cancellation.cancel();
    await expect(saving).rejects.toMatchObject({ code: 'cancelled' });
  });
  it('that has taken its lock away writes nothing any more', async () => {
    const file = create();
    const before = readFileSync(file);
    const opened = openModelFile(file);
    const theirs = holder(createSuffix(process.ppid));
    const progress = (): void => { writeFileSync(lockOf(file), theirs); };
    await expect(saveModel({ opened, target: file, contents: drawn('a'), record: true, progress })).rejects.toMatchObject({ code: 'busy' });
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readFileSync(lockOf(file), 'utf8')).toBe(theirs);
  });
});

describe('a lock', () => {
  it('of several files is taken of all or of none', () => {
    const file = create();
    const data = path.join(path.dirname(file), 'net.data');
    const locks = take([data], `${file}.initscope-journal`);
    expect(lockNow([file, data], `${file}.initscope-journal`)).toEqual({ busy: data });
    locks.release();
    expect(namesBeside(file)).toEqual(['net.data', 'net.onnx']);
  });
  it('of a process that is gone is none, and goes when the model is opened', async () => {
    const file = create();
    writeFileSync(lockOf(file), holder(createSuffix(gone())));
    await write(file, drawn('a'));
    expect(existsSync(lockOf(file))).toBe(false);
    writeFileSync(lockOf(file), holder(createSuffix(gone())));
    expect(openModelFile(file).findings).toEqual([]);
    expect(existsSync(lockOf(file))).toBe(false);
  });
  it('of another computer holds for a day, and one that says nothing for a moment', () => {
    const file = create();
    const after = (text: string, seconds: number): boolean => {
      writeFileSync(lockOf(file), text);
      const then = Date.now() / 1000 - seconds;
      utimesSync(lockOf(file), then, then);
      return abandonedLock(file) !== null;
    };
    const theirs = holder('.00000000-1-0123456789ab.initscope-tmp');
    expect([after(theirs, 60), after(theirs, 23 * 3600), after(theirs, 25 * 3600)]).toEqual([false, false, true]);
    expect([after('', 10), after('', 60), after('{}', 60), after(holder('mine'), 60)]).toEqual([false, true, true, true]);
  });
  it.skipIf(process.platform !== 'linux')('is not of a process that has the number of the one that took it', () => {
    const file = create();
    const suffix = createSuffix(process.ppid);
    writeFileSync(lockOf(file), holder(suffix));
    expect(abandonedLock(file)).toBeNull();
    const begun = suffix.slice(-26, -22);
    writeFileSync(lockOf(file), holder(suffix.replace(`-${begun}`, begun === '0000' ? '-0001' : '-0000')));
    expect(abandonedLock(file)).not.toBeNull();
  });
  it('leads to journals up from it, and to nothing else', () => {
    const file = create();
    const journalOf = (journal: string): string | null | undefined => {
      writeFileSync(lockOf(file), JSON.stringify({ version: 1, owner: createSuffix(gone()), journal }));
      return abandonedLock(file)?.journal;
    };
    const folder = path.dirname(file);
    expect(journalOf('../m.onnx.initscope-journal')).toBe(path.join(folder, '../m.onnx.initscope-journal'));
    expect(['/etc/m.initscope-journal', 'a/../m.initscope-journal', 'm.onnx', 'a/m.initscope-journal'].map(journalOf)).toEqual([null, null, null, null]);
  });
  it('has its place beside the longest name there may be', async () => {
    const long = `${'ä'.repeat(125)}.onnx`;
    expect(Buffer.byteLength(long)).toBe(255);
    const file = create();
    const target = path.join(path.dirname(file), long);
    await write(file, drawn('a', 'b'), target);
    await write(target, drawn('b'));
    await write(file, drawn('b'));
    expect(elementsOf(target, 'b')).toEqual(elementsOf(file, 'b'));
    expect(besideOf(target, '.initscope-journal')).not.toBe(besideOf(`${target.slice(0, -6)}b.onnx`, '.initscope-journal'));
    expect(namesBeside(file).filter((name) => name.includes('initscope'))).toEqual([]);
  });
});
