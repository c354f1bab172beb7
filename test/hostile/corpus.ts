import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

import { createRandom } from '../unit/support/random';
import { hostileShapes } from './shapes';
import { largestMutant, mutate } from './mutate';
import type { Message } from './tree';
import { parse, serialize, sizeOf } from './tree';

/** Of files that are mutated; larger ones are read for longer than they are understood. */
const largest = 1 << 16;

/** Of mutants that are made of what is hostile already, and takes longer. */
const hostileShare = 0.05;

interface Named { readonly name: string; readonly model: Message }

export interface Mutant { readonly bytes: Uint8Array; readonly from: string; readonly by: readonly string[] }

/** Files of the project, and some of the hostile ones, from which the mutant of each number is made: always the same. */
export class Corpus {
  readonly #seed: number;
  readonly #models: readonly Named[];
  readonly #hostile: readonly Named[];

  constructor(root: string, seed: number) {
    this.#seed = seed;
    const folders = ['media/samples', 'test/fixtures'].map((folder) => path.join(root, folder));
    const files = folders.flatMap((folder) => (
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.onnx')).sort().map((name) => path.join(folder, name))));
    const small = files.filter((file) => statSync(file).size <= largest);
    const own = Object.entries(hostileShapes).filter(([name]) => !name.startsWith('twenty thousand')).map(([name, make]) => ({ name,
      bytes: make() })).filter(({ bytes }) => bytes.length <= largest);
    const read = small.map((file) => ({ name: path.basename(file), bytes: new Uint8Array(readFileSync(file)) }));
    this.#models = read.map(({ name, bytes }) => ({ name, model: parse(bytes) }));
    this.#hostile = own.map(({ name, bytes }) => ({ name, model: parse(bytes) }));
  }

  get size(): number { return this.#models.length + this.#hostile.length; }

  mutant(number: number): Mutant {
    const random = createRandom(Math.imul(this.#seed, 0x2545f491) ^ number);
    // The first numbers of a small seed are alike.
    for (let i = 0; i < 8; i++) random();
    const from = random() < hostileShare ? this.#hostile : this.#models;
    const chosen = from[Math.floor(random() * from.length)];
    if (!chosen) throw new Error('There is nothing to mutate.');
    const others = this.#models.map(({ model }) => model);
    for (;;) {
      const { mutant, by } = mutate(chosen.model, random, others);
      if (sizeOf(mutant) > largestMutant) continue;
      const bytes = serialize(mutant);
      if (bytes.length <= largestMutant) return { bytes, from: chosen.name, by };
    }
  }
}
