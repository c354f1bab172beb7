// Keeps learned values on the disk, each array in a file named by the digest of its bytes, so that an edit names them and every process finds them.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

import type { LearnedValues } from '../../core/initializers/learnedValues';
import { isDigest } from '../../core/initializers/learnedValues';
import { encodeFloats } from '../../core/initializers/sampling';
import { StatisticsAccumulator } from '../../core/statistics/accumulator';
import { Failure } from '../../protocol/failure';
import type { LearnedSampler, Recipe } from '../../protocol/recipe';
import { say } from '../../protocol/words';
import { writeWhole } from '../files/outputs';

/** More than any model file can hold of one tensor. */
const mostBytes = 2 ** 31 - 1;
const ending = '.f32';
/** What nobody names any more goes after this long. */
const longestUnnamedMs = 30 * 24 * 3600 * 1000;

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What a recipe says of values; those with something infinite in them are no start for anything. */
export function learnedSampler(name: string, values: Float32Array): LearnedSampler {
  const accumulator = new StatisticsAccumulator();
  accumulator.add(values);
  const { count, mean, std, min, max } = accumulator.finish(null);
  if (mean === null || std === null || min === null || max === null) {
    throw new Failure('invalid-input',
      say('What was learned of {0} is not finite, so it is not applied. Train again with a smaller learning rate.', name));
  }
  return { kind: 'learned', digest: digestOf(encodeFloats(values, 'float32')), count, mean: within(mean, min, max), std, min, max };
}

/** A mean of rounded sums may lie a hair outside of what it is the mean of. */
const within = (mean: number, min: number, max: number): number => Math.min(max, Math.max(min, mean));

/** Recipes for tensors, by their ids, that are to hold these values; the title says where they come from. */
export function learnedRecipes(values: ReadonlyMap<string, Float32Array>, title: string): readonly Recipe[] {
  return [...values].map(([tensorId, each]): Recipe => (
    { version: 1, tensorId, seed: 0, blocks: [{ sampler: learnedSampler(tensorId, each) }], origin: { scheme: 'learned', title } }));
}

/** Digests of learned values that recipes name. */
export function digestsIn(recipes: Iterable<Recipe>): readonly string[] {
  const found = [...recipes].flatMap(({ blocks }) => blocks.flatMap(({ sampler }) => (sampler.kind === 'learned' ? [sampler.digest] : [])));
  return [...new Set(found)];
}

/** For a process that saves them itself: nothing is written but the model. */
export function inMemory(values: Iterable<Float32Array>): LearnedValues {
  const known = new Map([...values].map((each) => [digestOf(encodeFloats(each, 'float32')), each]));
  return (digest) => known.get(digest) ?? null;
}

/** Values by the digest of their bytes, which is looked at whenever they are read. */
export class LearnedStore {
  readonly folder: string;
  /** What is still in memory anyway is not read again. */
  readonly #known = new Map<string, WeakRef<Float32Array>>();

  constructor(folder: string) {
    this.folder = folder;
  }

  has(digest: string): boolean {
    return existsSync(this.#fileOf(digest));
  }

  /** Written and flushed when this ends. */
  async keep(values: Float32Array): Promise<void> {
    const bytes = encodeFloats(values, 'float32');
    if (bytes.length > mostBytes) {
      throw new Failure('unsupported', say('A tensor of {0} GB is not kept: 2 GB are the most.', (bytes.length / 1e9).toFixed(1)));
    }
    const file = this.#fileOf(digestOf(bytes));
    if (statSync(file, { throwIfNoEntry: false })?.size === bytes.length) this.#touch(file);
    else {
      mkdirSync(this.folder, { recursive: true });
      await writeWhole(file, bytes);
    }
  }

  /** Null where they are not there, or not what they were. */
  readonly read: LearnedValues = (digest) => {
    const known = this.#known.get(digest)?.deref();
    if (known) return known;
    const file = isDigest(digest) ? this.#fileOf(digest) : null;
    const size = file === null ? undefined : statSync(file, { throwIfNoEntry: false })?.size;
    if (file === null || size === undefined || size > mostBytes || size % Float32Array.BYTES_PER_ELEMENT !== 0) return null;
    const bytes = new Uint8Array(readFileSync(file));
    if (digestOf(bytes) !== digest) return null;
    const values = new Float32Array(bytes.buffer);
    this.#known.set(digest, new WeakRef(values));
    return values;
  };

  /** Says that these are still wanted: their time begins anew. */
  touch(digests: readonly string[]): void {
    for (const digest of digests) this.#touch(this.#fileOf(digest));
  }

  /** Removes what is old and named by nobody; a file that cannot be removed stays for the next time. */
  removeUnnamed(named: ReadonlySet<string>, now = Date.now()): void {
    for (const name of namesIn(this.folder)) {
      const file = join(this.folder, name);
      const digest = name.endsWith(ending) ? name.slice(0, -ending.length) : null;
      const modified = digest === null ? undefined : statSync(file, { throwIfNoEntry: false })?.mtimeMs;
      if (!isDigest(digest) || named.has(digest) || modified === undefined || now - modified < longestUnnamedMs) continue;
      rmSync(file, { force: true });
    }
  }

  #touch(file: string): void {
    if (existsSync(file)) utimesSync(file, new Date(), new Date());
  }

  #fileOf(digest: string): string {
    return join(this.folder, `${digest}${ending}`);
  }
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
