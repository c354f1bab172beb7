import { chmodSync, copyFileSync, constants, lstatSync, readFileSync, readdirSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import type * as FileSystem from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { openModelFile } from '../../../src/formats/openModel';
import type { SaveRequest } from '../../../src/formats/saving/save';
import { saveModel } from '../../../src/formats/saving/save';
import type { RestoredPayload } from '../../../src/protocol/engine';
import { Failure } from '../../../src/protocol/failure';
import { CancellationSource } from '../../../src/protocol/rpc';
import { present } from '../support/graphs';
import { concat, floatBytes, message, metadata, model, node, packedInts, raw, tensor, types, valueInfo } from '../support/protobuf';
import { createFolder } from '../support/temporary';

/** Whether the file system is taken for one that shares blocks between copies, and how many bytes a new file may have. */
const disk = vi.hoisted(() => ({ clones: false, copied: 0, room: Infinity }));
vi.mock('node:fs/promises', async (original) => {
  const actual = await original<typeof FileSystem>();
  return {
    ...actual,
    copyFile: async (from: string, to: string, mode: number): Promise<void> => {
      if (!disk.clones) throw Object.assign(new Error('not supported'), { code: 'ENOTSUP' });
      disk.copied++;
      await actual.copyFile(from, to, mode & ~constants.COPYFILE_FICLONE_FORCE);
    },
    open: async (name: string, flags: string, mode?: number): Promise<FileSystem.FileHandle> => {
      const handle = await actual.open(name, flags, mode);
      if (flags !== 'wx' || disk.room === Infinity) return handle;
      const write = handle.write.bind(handle) as (bytes: Uint8Array, at: number, length: number, position: number) => Promise<unknown>;
      return Object.assign(handle, {
        // The last bytes that fit are still written, as a disk does.
        write: (bytes: Uint8Array, at: number, length: number, position: number): Promise<unknown> => {
          const fitting = Math.min(length, disk.room - position);
          return fitting > 0 ? write(bytes, at, fitting, position) : Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
        },
      });
    },
  };
});
beforeEach(() => Object.assign(disk, { clones: false, copied: 0, room: Infinity }));

const side = 1200;
const count = side * side;
/** A weight of 5.8 MB between small things, so that it and what follows it fill several buffers. */
const large = floatBytes(Array.from({ length: count }, (_, i) => i));
const ends = { inputs: [valueInfo('x', ['n', side])], outputs: [valueInfo('y', ['n', side])] };
const sizes = tensor('shape', types.int64, [2], packedInts(7, [side, side]));
const weights = [tensor('w', types.float32, [side, side], raw(large)), tensor('v', types.float32, [side, side], raw(large)), sizes];
const nodes = [
  node('ConstantOfShape', ['shape'], ['u']),
  ...['u', 'w', 'v'].map((name, i) => node('MatMul', [i === 0 ? 'x' : `h${i}`, name], [i === 2 ? 'y' : `h${i + 1}`])),
];
const bytes = concat(model({ nodes, initializers: weights, ...ends }), metadata('author', 'somebody'), message(100, [1, 2, 3]));

function createModel(): { readonly file: string; readonly folder: string } {
  const folder = createFolder();
  const file = path.join(folder, 'net.onnx');
  writeFileSync(file, bytes);
  return { file, folder };
}

/** What tensors are to hold, kept in a file of its own: `w` all ones unless said otherwise. */
function payloads(changed: Partial<RestoredPayload> = {}): SaveRequest['contents'] {
  const file = path.join(createFolder(), 'kept');
  writeFileSync(file, floatBytes(Array.from({ length: count }, () => 1)));
  return new Map([['w', { kind: 'payload', payload: { tensorId: 'w', file, offset: 0, length: 4 * count, ...changed } }]]);
}

const save = (file: string, more: Partial<SaveRequest> = {}): Promise<void> => (
  saveModel({ opened: openModelFile(file), target: file, contents: payloads(), record: false, ...more }));

function expectWritten(file: string): void {
  const after = readFileSync(file);
  const { offset, length } = present(openModelFile(file).graph.initializers.get('w')?.place);
  expect(after.subarray(offset, offset + length).equals(Buffer.from(floatBytes(Array.from({ length: count }, () => 1))))).toBe(true);
  expect(after.subarray(0, offset).equals(bytes.subarray(0, offset))).toBe(true);
  expect(after.subarray(offset + length).equals(bytes.subarray(offset + length))).toBe(true);
}

describe('a payload of several buffers', () => {
  it.each([['copied', false], ['cloned, where the file system can', true]])('is written, and everything around it %s', async (_, clones) => {
    disk.clones = clones;
    const { file, folder } = createModel();
    await save(file);
    expectWritten(file);
    expect(disk.copied).toBe(clones ? 1 : 0);
    expect(readdirSync(folder)).toEqual(['net.onnx']);
  });
  it('is not cloned where what follows has to move', async () => {
    disk.clones = true;
    const { file } = createModel();
    const blocks = [{ sampler: { kind: 'constant', value: 2 } }] as const;
    const recipe = { version: 1, tensorId: 'u', seed: 1, blocks, origin: { scheme: 'zeros', title: '' } } as const;
    await save(file, { contents: new Map([['u', { kind: 'recipe', recipe }]]) });
    expect(disk.copied).toBe(0);
    const after = readFileSync(file);
    const { offset } = present(openModelFile(file).graph.initializers.get('w')?.place);
    expect(after.subarray(offset).equals(bytes.subarray(bytes.length - (after.length - offset)))).toBe(true);
    expect(after.length - bytes.length).toBeGreaterThan(4 * count - 100);
  });
  it('goes to another file, where that is the target', async () => {
    const { file, folder } = createModel();
    await save(file, { target: path.join(folder, 'other.onnx') });
    expect(readFileSync(file).equals(bytes)).toBe(true);
    expectWritten(path.join(folder, 'other.onnx'));
  });
});

const posix = process.platform !== 'win32';
if (!posix) console.warn('SKIPPED: permissions and symbolic links, which Windows does not have in this form.');

describe.skipIf(!posix)('the file around the bytes', () => {
  it('keeps its permissions', async () => {
    const { file } = createModel();
    chmodSync(file, 0o640);
    await save(file);
    expect(statSync(file).mode & 0o777).toBe(0o640);
  });
  it('keeps its permissions, not those of the file its bytes come from', async () => {
    const { file, folder } = createModel();
    const target = path.join(folder, 'other.onnx');
    writeFileSync(target, 'old');
    chmodSync(target, 0o600);
    chmodSync(file, 0o444);
    await save(file, { target });
    expect(statSync(target).mode & 0o777).toBe(0o600);
  });
  it('may be written where it is new and its source read-only', async () => {
    const { file, folder } = createModel();
    chmodSync(file, 0o444);
    const target = path.join(folder, 'other.onnx');
    await save(file, { target });
    expect(statSync(target).mode & 0o777).toBe(0o644);
  });
  it('stays behind its symbolic link', async () => {
    const { file, folder } = createModel();
    const link = path.join(folder, 'link.onnx');
    symlinkSync('net.onnx', link);
    await save(link);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readlinkSync(link)).toBe('net.onnx');
    expectWritten(file);
  });
  it('is refused where it is read-only', async () => {
    const { file, folder } = createModel();
    chmodSync(file, 0o444);
    await expect(save(file)).rejects.toMatchObject({ code: 'read-only' });
    expect(readFileSync(file).equals(bytes)).toBe(true);
    expect(readdirSync(folder)).toEqual(['net.onnx']);
  });
});

describe('a save that does not end leaves the file as it was, and nothing beside it', () => {
  async function attempt(more: Partial<SaveRequest>): Promise<Failure> {
    const { file, folder } = createModel();
    const error: unknown = await save(file, more).then(() => null, (reason: unknown) => reason);
    expect(readFileSync(file).equals(bytes)).toBe(true);
    expect(readdirSync(folder)).toEqual(['net.onnx']);
    if (!(error instanceof Failure)) throw new Error('It did not fail in words.', { cause: error });
    return error;
  }
  it('when the values cannot be read', async () => {
    const failure = await attempt({ contents: payloads({ file: '/no/such/file' }) });
    expect(failure.message).toContain('/no/such/file cannot be read');
  });
  it('when there are too few of them', async () => {
    const failure = await attempt({ contents: payloads({ offset: 64 }) });
    expect(failure.code).toBe('write-failed');
    expect(failure.message).toMatch(/was not saved: New values of w are shorter than the old ones\. The file is as it was\.$/);
  });
  it('when there are too many of them', async () => {
    const file = path.join(createFolder(), 'kept');
    writeFileSync(file, new Uint8Array(5 * count));
    expect((await attempt({ contents: payloads({ file, length: 5 * count }) })).message).toContain('longer than the old ones');
  });
  it.each([0, 0.3, 0.6, 1])('when it is cancelled after %d of it', async (fraction) => {
    const cancellation = new CancellationSource();
    const failure = await attempt({ cancellation, progress: (done) => { if (done >= fraction) cancellation.cancel(); } });
    expect(failure.code).toBe('cancelled');
  });
  it.each([0, 1000, 6_000_000])('when the disk is full after %d bytes', async (room) => {
    disk.room = room;
    const failure = await attempt({});
    expect(failure.message).toMatch(/net\.onnx was not saved: the disk is full\. The file is as it was\.$/);
  });
  it('when the folder is gone', async () => {
    const failure = await attempt({ target: path.join(createFolder(), 'no/such/net.onnx') });
    expect(failure.message).toContain('there is no such file');
  });
  it('when another program writes the file meanwhile, whose bytes stay', async () => {
    const { file, folder } = createModel();
    let isOver = false;
    const other = concat(bytes, metadata('their.key', 'theirs'));
    const progress = (fraction: number): void => {
      if (fraction < 0.5 || isOver) return;
      isOver = true;
      writeFileSync(file, other);
    };
    await expect(save(file, { progress })).rejects.toMatchObject({ code: 'changed-on-disk' });
    expect(readFileSync(file).equals(other)).toBe(true);
    expect(readdirSync(folder)).toEqual(['net.onnx']);
  });
  it('when another program shortens it meanwhile', async () => {
    const { file, folder } = createModel();
    const short = path.join(createFolder(), 'short');
    writeFileSync(short, bytes.subarray(0, 100));
    let isOver = false;
    const progress = (fraction: number): void => {
      if (fraction < 0.2 || isOver) return;
      isOver = true;
      copyFileSync(short, file);
    };
    await expect(save(file, { progress })).rejects.toMatchObject({ code: 'changed-on-disk' });
    expect(readdirSync(folder)).toEqual(['net.onnx']);
  });
});
