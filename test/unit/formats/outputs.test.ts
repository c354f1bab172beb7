import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

import { openModelFile } from '../../../src/formats/openModel';
import { neededBy, refuseOutput, writeWhole } from '../../../src/formats/files/outputs';
import { initscope } from '../support/command';
import { encode, NetworkBuilder } from '../support/graphs';
import { external, floatBytes, model, node, raw, tensor, types, valueInfo } from '../support/protobuf';
import { contentsOf, createModel, drawn, write } from '../support/saving';
import { createFolder } from '../support/temporary';

const values = floatBytes(Array.from({ length: 16 }, (_, i) => i));
const create = (): string => createModel(model({
  nodes: [node('MatMul', ['x', 'a'], ['h']), node('MatMul', ['h', 'b'], ['y'])], inputs: [valueInfo('x', ['n', 4])], outputs: [valueInfo('y', ['n', 4])],
  initializers: [tensor('a', types.float32, [4, 4], raw(values)), tensor('b', types.float32, [4, 4], external({ location: 'net.data', length: '64' }))],
}), values);

/** A place beside a model, made there. */
const placed = (make: (place: string, folder: string) => void) => (folder: string): string => {
  make(path.join(folder, 'place'), folder);
  return path.join(folder, 'place');
};

describe.skipIf(process.platform === 'win32')('what is no file that may be replaced', () => {
  const places: Readonly<Record<string, readonly [make: (folder: string) => string, said: string]>> = {
    'a device': [() => '/dev/null', 'is a device'],
    'a link to a device': [placed((place) => { symlinkSync('/dev/null', place); }), 'is a device'],
    'a named pipe': [placed((place) => { execFileSync('mkfifo', [place]); }), 'is a named pipe'],
    'a directory': [placed((place) => { mkdirSync(place); }), 'is a directory'],
    'its external data': [(folder) => path.join(folder, 'net.data'), 'is external data of'],
    'a link to that': [placed((place) => { symlinkSync('net.data', place); }), 'is external data of'],
    'a second name of that': [placed((place, folder) => { linkSync(path.join(folder, 'net.data'), place); }), 'is external data of'],
    'a second name of the model': [placed((place, folder) => { linkSync(path.join(folder, 'net.onnx'), place); }), 'is the model itself'],
  };
  it.each(Object.entries(places))('%s is refused before anything is touched, as a copy, as values and as a report', async (_, [make, said]) => {
    const file = create();
    const target = make(path.dirname(file));
    const before = ['net.data', 'net.onnx'].map((name) => readFileSync(path.join(path.dirname(file), name)));
    const names = readdirSync(path.dirname(file));
    const kind = statSync(target).mode;
    await expect(write(file, drawn('a'), target)).rejects.toThrow(said);
    for (const args of [['init', file, '--output', target], ['simulate', file, '--values', target]]) {
      const { code, err } = await initscope(...args);
      expect(code).toBe(2);
      expect(err).toContain(said);
    }
    expect(() => refuseOutput(target, neededBy(openModelFile(file).model))).toThrow(said);
    expect(statSync(target).mode).toBe(kind);
    expect(readdirSync(path.dirname(file))).toEqual(names);
    expect(['net.data', 'net.onnx'].map((name, i) => before[i]?.equals(readFileSync(path.join(path.dirname(file), name))))).toEqual([true, true]);
  }, 60_000);
  it('a socket is refused, too', async () => {
    const socket = path.join(createFolder(), 'socket');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    await expect(writeWhole(socket, 'x')).rejects.toThrow('is a socket');
    server.close();
  });
  it('an input is not written over by the values', async () => {
    const b = new NetworkBuilder();
    const folder = createFolder();
    const [file, input] = [path.join(folder, 'net.onnx'), path.join(folder, 'x.npz')];
    writeFileSync(file, encode(b.finish(b.add('MatMul', [b.input('x', 'float32', [2, 4]), b.weight('w', [4, 4])]))));
    writeFileSync(input, 'PK');
    const { code, err } = await initscope('simulate', file, '--input', input, '--values', input);
    expect({ code, input: readFileSync(input, 'utf8') }).toEqual({ code: 2, input: 'PK' });
    expect(err).toContain('is what --input reads');
  });
});

describe('a copy', () => {
  it('in the folder by another way does not take the external data it is made from', async () => {
    const file = create();
    const [folder, link] = [path.dirname(file), path.join(createFolder(), 'link')];
    symlinkSync(folder, link, 'dir');
    await write(file, drawn(), path.join(folder, 'other.onnx'));
    rmSync(path.join(folder, 'other.net.data'));
    writeFileSync(path.join(folder, 'other.onnx'), readFileSync(file));
    const before = readFileSync(path.join(folder, 'net.data'));
    await write(file, drawn('b'), path.join(link, 'other.onnx'));
    expect(readFileSync(path.join(folder, 'net.data')).equals(before)).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['net.data', 'net.onnx', 'other.net.data', 'other.onnx']);
  });
  it('through a link that leads to nothing yet is where the link leads', async () => {
    const file = create();
    const target = path.join(path.dirname(file), 'latest.onnx');
    symlinkSync('../later.onnx', target);
    const real = path.join(path.dirname(file), '../later.onnx');
    rmSync(real, { force: true });
    await writeWhole(target, 'x');
    expect(readFileSync(real, 'utf8')).toBe('x');
    rmSync(real);
  });
});

describe.skipIf(process.platform === 'win32')('a disk without room', () => {
  it('leaves what was there, and nothing else', async () => {
    const folder = createFolder();
    const script = path.join(folder, 'write.cjs');
    await build({ bundle: true, platform: 'node', format: 'cjs', outfile: script, stdin: {
      contents: `import { writeNpz } from './src/formats/numpy/npz';
        writeNpz(process.argv[2], new Map([['a', { shape: [9999], data: new Float32Array(9999) }]])).catch((error) => process.stdout.write(error.message));`,
      resolveDir: path.join(import.meta.dirname, '../../..'), loader: 'ts',
    } });
    const target = path.join(folder, 'out.npz');
    for (const before of [null, 'earlier']) {
      if (before !== null) writeFileSync(target, before);
      // No file may be larger than 8 blocks: what a full disk does, without one.
      const { stdout } = spawnSync('sh', ['-c', 'ulimit -f 8; exec "$0" "$@"', process.execPath, script, target], { encoding: 'utf8' });
      expect(stdout).toBe(`${target} was not written: it would be larger than files may be here. What was there is as it was.`);
      expect(existsSync(target) ? readFileSync(target, 'utf8') : null).toBe(before);
      expect(readdirSync(folder).filter((name) => name.includes('initscope'))).toEqual([]);
    }
  });
  it('leaves a model and its data as they were', () => {
    const file = createModel(model({
      nodes: [node('MatMul', ['x', 'a'], ['y'])], inputs: [valueInfo('x', ['n', 100])], outputs: [valueInfo('y', ['n', 100])],
      initializers: [tensor('a', types.float32, [100, 100], raw(floatBytes(Array.from({ length: 10_000 }, () => 1))))],
    }));
    const before = contentsOf(file);
    const cli = path.resolve(import.meta.dirname, '../../../dist/cli.js');
    const limited = ['-c', 'ulimit -f 8; exec "$0" "$@"', process.execPath, cli, 'init', file, '--in-place'];
    const { stderr, status } = spawnSync('sh', limited, { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain('The file is as it was.');
    expect(contentsOf(file)).toEqual(before);
  });
});

describe.skipIf(process.platform === 'win32')('write protection', () => {
  it('of a report is heeded', async () => {
    const file = path.join(createFolder(), 'report.md');
    writeFileSync(file, 'x');
    chmodSync(file, 0o444);
    await expect(writeWhole(file, 'y')).rejects.toMatchObject({ code: 'read-only' });
    expect(readFileSync(file, 'utf8')).toBe('x');
  });
  it('of a model does not hinder somebody without privileges from saving a copy of it', () => {
    const file = create();
    for (const name of ['net.onnx', 'net.data']) chmodSync(path.join(path.dirname(file), name), 0o444);
    const elsewhere = createFolder();
    for (const each of [path.dirname(file), elsewhere]) chmodSync(each, 0o777);
    const cli = path.resolve(import.meta.dirname, '../../../dist/cli.js');
    const target = path.join(elsewhere, 'copy.onnx');
    // Whoever may read the project may run it; a superuser writes whatever the mode says.
    const isRoot = process.getuid?.() === 0;
    const copy = path.join(elsewhere, 'cli.js');
    writeFileSync(copy, readFileSync(cli));
    const asAnybody = isRoot ? { uid: 65534, gid: 65534 } : {};
    const { status, stderr } = spawnSync(process.execPath, [copy, 'init', file, '--output', target], { encoding: 'utf8', ...asAnybody });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect([target, path.join(elsewhere, 'net.data')].map((each) => statSync(each).mode & 0o777)).toEqual([0o644, 0o644]);
  });
});

const python = spawnSync('python3', ['-c', 'import os; os.setxattr']).status === 0;
if (!python) console.warn('SKIPPED: extended attributes, because there is no python3 here that can set some.');

describe.skipIf(!python || process.platform !== 'linux')('extended attributes and access lists', () => {
  const entries = [[1, 6, -1], [2, 4, 65534], [4, 4, -1], [16, 4, -1], [32, 0, -1]] as const;
  const acl = entries.map(([tag, mode, id]) => `struct.pack('<HHi', ${tag}, ${mode}, ${id})`).join('+');
  it('of a model and its data survive a save', async () => {
    const file = create();
    const both = ['net.onnx', 'net.data'].map((name) => path.join(path.dirname(file), name));
    const call = (code: string): string => (
      execFileSync('python3', ['-c', `import os, struct, sys\nfor f in sys.argv[1:]:\n  ${code}`, ...both], { encoding: 'utf8' }));
    call(`os.setxattr(f, 'user.note', b'kept'); os.setxattr(f, 'system.posix_acl_access', struct.pack('<I', 2) + ${acl})`);
    const read = (): string => call('print(sorted((n, os.getxattr(f, n)) for n in os.listxattr(f)), oct(os.stat(f).st_mode))');
    const before = read();
    expect(before).toContain('user.note');
    const inodes = both.map((each) => statSync(each).ino);
    await write(file, drawn('a', 'b'));
    expect(both.map((each, i) => statSync(each).ino === inodes[i])).toEqual([false, false]);
    expect(read()).toBe(before);
  });
});
