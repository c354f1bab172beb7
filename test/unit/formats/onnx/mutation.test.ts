import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import type { ByteSource } from '../../../../src/formats/byteSource';
import { openBytes } from '../../../../src/formats/byteSource';
import { openModel } from '../../../../src/formats/openModel';
import { locateRecord } from '../../../../src/formats/onnx/record';
import { Failure } from '../../../../src/protocol/failure';
import { present } from '../../support/graphs';
import { samples } from '../../support/models';
import { concat, varint } from '../../support/protobuf';
import { createRandom } from '../../support/random';

const mutantsPerSample = 500;
const stamp = { size: 0, mtimeMs: 0 };

/** Counts what is read, so that a file cannot make the reader read more than there is of it, many times over. */
function counting(bytes: Uint8Array): { readonly source: ByteSource; readonly count: () => number } {
  const inner = openBytes('mutant.onnx', bytes);
  let read = 0;
  return {
    source: {
      ...inner,
      read: (offset, length) => {
        const result = inner.read(offset, length);
        read += result.length;
        return result;
      },
    },
    count: () => read,
  };
}

type Mutation = (bytes: Uint8Array, random: () => number) => Uint8Array;
const at = (bytes: Uint8Array, random: () => number): number => Math.floor(random() * bytes.length);
/** Where the structure is: names, shapes and tags are mostly at the ends of a file, between them there are weights. */
const nearAnEnd = (bytes: Uint8Array, random: () => number): number => (
  random() < 0.5 ? Math.floor(random() * Math.min(4096, bytes.length)) : Math.max(0, bytes.length - 1 - Math.floor(random() * 4096)));

const mutations: Readonly<Record<string, Mutation>> = {
  truncation: (bytes, random) => bytes.slice(0, random() < 0.5 ? at(bytes, random) : nearAnEnd(bytes, random)),
  bitFlips: (bytes, random) => {
    const result = bytes.slice();
    for (let flips = 1 + Math.floor(random() * 8); flips > 0; flips--) {
      const where = random() < 0.7 ? nearAnEnd(bytes, random) : at(bytes, random);
      result[where] = (result[where] ?? 0) ^ (1 << Math.floor(random() * 8));
    }
    return result;
  },
  lengthBomb: (bytes, random) => {
    const result = bytes.slice();
    const bomb = varint(random() < 0.5 ? 2 ** 31 - 1 : 2n ** 63n - 1n);
    result.set(bomb.slice(0, result.length), Math.min(nearAnEnd(bytes, random), Math.max(0, result.length - bomb.length)));
    return result;
  },
  noise: (bytes, random) => {
    const result = bytes.slice();
    const start = nearAnEnd(bytes, random);
    for (let i = start; i < Math.min(result.length, start + 64); i++) result[i] = Math.floor(random() * 256);
    return result;
  },
  cut: (bytes, random) => {
    const start = nearAnEnd(bytes, random);
    const end = Math.min(bytes.length, start + 1 + Math.floor(random() * 200));
    return concat(bytes.subarray(0, start), bytes.subarray(end));
  },
};

/** Opens a mutant; anything but a model or a Failure is a defect. */
function survive(bytes: Uint8Array): void {
  const { source, count } = counting(bytes);
  try {
    openModel(source, stamp);
    locateRecord(source);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    expect(error.message).toContain('mutant.onnx');
  }
  // The window is read again after every payload that is skipped: 64 KiB for each of at most a few hundred tensors.
  expect(count()).toBeLessThan(4 * bytes.length + (64 << 20));
}

describe.each(samples.map((file) => [path.basename(file), file] as const))('mutants of %s', (_, file) => {
  const original = new Uint8Array(readFileSync(file));
  it.each(Object.keys(mutations))('by %s are opened, or refused in words', (kind) => {
    const mutate = present(mutations[kind]);
    const random = createRandom(kind.length * 1000 + original.length);
    for (let i = 0; i < mutantsPerSample / Object.keys(mutations).length; i++) survive(mutate(original, random));
  });
});

describe('bytes that never were a model', () => {
  it('are refused in words', () => {
    const random = createRandom(7);
    for (let i = 0; i < 500; i++) {
      survive(Uint8Array.from({ length: 1 + Math.floor(random() * 400) }, () => Math.floor(random() * 256)));
    }
  });
  it('are refused also where they begin like one', () => {
    const random = createRandom(8);
    const head = [0x08, 0x08, 0x3a];
    for (let i = 0; i < 500; i++) {
      const body = Array.from({ length: 1 + Math.floor(random() * 300) }, () => Math.floor(random() * 256) & (random() < 0.5 ? 0x3f : 0xff));
      survive(Uint8Array.from([...head, ...varint(body.length), ...body]));
    }
  });
});
