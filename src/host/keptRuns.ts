// Runs that are over, kept under a name to be laid over later ones: their numbers in files of the workspace's storage, what they are in its memory.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import type * as vscode from 'vscode';

import { describedWith } from '../core/initializers/schemes';
import { writeWhole } from '../formats/files/outputs';
import type { SimulatedScheme } from '../protocol/schemes';
import type { LayerRun, Moments, SchemeParameters, SimulationRun } from '../protocol/simulation';
import { isSimulated } from './fields';
import type { Log } from './log';

/** What a run was of; its numbers are read when they are wanted. */
export interface KeptRun {
  /** Digest of the numbers: what is run again and says the same is the same run. */
  readonly id: string;
  readonly model: string;
  /** Name of the model's file. */
  readonly file: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly schemes: readonly SimulatedScheme[];
  readonly seeds: number;
}

/** "Current, He normal, mode fan_out" */
export function titlesOf(schemes: readonly SimulatedScheme[], parameters: SchemeParameters = {}): string {
  const described = describedWith(parameters);
  return schemes.map((scheme) => described.find(({ id }) => id === scheme)?.title ?? scheme).join(', ');
}

const key = 'initscope.keptRuns';
const shownKey = 'initscope.laidOver';
/** Of one model, and of all. */
const mostOfModel = 20;
const most = 200;
/** Characters of one run's numbers; of a network beyond it nothing is kept. */
const longest = 1 << 25;
/** Layers times schemes, beyond which distributions are not kept. */
const mostPictured = 2000;

export class KeptRuns {
  readonly #folder: string;
  readonly #memory: vscode.Memento;
  readonly #log: Pick<Log, 'warn'>;

  constructor(folder: string, memory: vscode.Memento, log: Pick<Log, 'warn'>) {
    this.#folder = folder;
    this.#memory = memory;
    this.#log = log;
  }

  /** Newest first. */
  all(): readonly KeptRun[] {
    const stored: unknown = this.#memory.get(key);
    return (Array.isArray(stored) ? stored : []).filter(isKept).toSorted((a, b) => b.at - a.at);
  }

  /** Null where the numbers are gone. */
  runsOf({ id }: KeptRun): readonly SimulationRun[] | null {
    try {
      const runs: unknown = JSON.parse(readFileSync(this.#path(id), 'utf8'));
      return Array.isArray(runs) ? runs.filter(isRun) : null;
    } catch (error) {
      this.#log.warn(`Runs that were kept cannot be read: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  }

  /** What says the same as an earlier one takes its place and its name. */
  async keep(of: Pick<KeptRun, 'model' | 'file' | 'name' | 'at'>, runs: readonly SimulationRun[]): Promise<void> {
    const schemes = [...new Set(runs.map(({ scheme }) => scheme))];
    const text = JSON.stringify(lean(runs, (runs[0]?.layers.length ?? 0) * schemes.length <= mostPictured));
    if (text.length > longest || runs.length === 0) return;
    const id = createHash('sha256').update(of.model).update(text).digest('hex').slice(0, 32);
    const known = this.all();
    const earlier = known.find((each) => each.id === id);
    try {
      if (!existsSync(this.#path(id))) {
        mkdirSync(this.#folder, { recursive: true });
        await writeWhole(this.#path(id), text);
      }
    } catch (error) {
      this.#log.warn(`Runs of ${of.file} were not kept: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    const seeds = Math.max(...schemes.map((each) => runs.filter(({ scheme }) => scheme === each).length));
    const kept: KeptRun = { ...of, name: earlier?.name ?? of.name, id, schemes, seeds };
    const others = known.filter((each) => each.id !== id);
    const ofModel = others.filter(({ model }) => model === of.model).slice(0, mostOfModel - 1);
    await this.#store([kept, ...others.filter((each) => each.model !== of.model || ofModel.includes(each))].slice(0, most));
  }

  async rename({ id }: KeptRun, name: string): Promise<void> {
    await this.#store(this.all().map((each) => (each.id === id ? { ...each, name } : each)));
  }

  async forget({ id }: KeptRun): Promise<void> {
    await this.#store(this.all().filter((each) => each.id !== id));
  }

  /** What is laid over a model's runs; null where that is what was before the last change. */
  laidOver(model: string): KeptRun | null {
    const id = this.#choices().find(([of]) => of === model)?.[1];
    return this.all().find((each) => each.id === id) ?? null;
  }

  async layOver(model: string, kept: KeptRun | null): Promise<void> {
    const others = this.#choices().filter(([of]) => of !== model);
    await this.#memory.update(shownKey, [...others, ...(kept ? [[model, kept.id] as const] : [])].slice(-most));
  }

  #choices(): readonly (readonly [string, string])[] {
    const stored: unknown = this.#memory.get(shownKey);
    return (Array.isArray(stored) ? stored : []).filter((each): each is [string, string] => (
      Array.isArray(each) && each.length === 2 && each.every((part) => typeof part === 'string')));
  }

  /** Numbers that nothing names any more go. */
  async #store(kept: readonly KeptRun[]): Promise<void> {
    const named = new Set(kept.map(({ id }) => id));
    const gone = this.all().filter(({ id }) => !named.has(id));
    await this.#memory.update(key, kept);
    for (const { id } of gone) rmSync(this.#path(id), { force: true });
  }

  #path(id: string): string { return join(this.#folder, `${id}.json`); }
}

function isKept(value: unknown): value is KeptRun {
  if (typeof value !== 'object' || value === null) return false;
  const { id, model, file, name, at, schemes, seeds } = value as Partial<Record<keyof KeptRun, unknown>>;
  return typeof id === 'string' && /^[0-9a-f]{32}$/.test(id) && [model, file, name].every((each) => typeof each === 'string')
    && typeof at === 'number' && typeof seeds === 'number' && Array.isArray(schemes) && schemes.every(isSimulated);
}

const isRun = (value: unknown): value is SimulationRun => typeof value === 'object' && value !== null && 'layers' in value && Array.isArray(value.layers);

/** Numbers of every run, and pictures of each scheme's first alone. */
function lean(runs: readonly SimulationRun[], withPictures: boolean): readonly SimulationRun[] {
  return runs.map((run, at) => (
    withPictures && runs.findIndex(({ scheme }) => scheme === run.scheme) === at ? run : { ...run, layers: run.layers.map(withoutPictures) }));
}

function withoutPictures(layer: LayerRun): LayerRun {
  const { preactivation, activation, gradient, weights } = layer;
  return {
    ...layer, preactivation: numbersOf(preactivation), activation: numbersOf(activation),
    gradient: { preactivation: numbersOf(gradient.preactivation), activation: numbersOf(gradient.activation) },
    weights: weights.map((weight) => ({ ...weight, gradient: numbersOf(weight.gradient) })),
  };
}

function numbersOf(moments: Moments | null): Moments | null {
  if (moments === null) return null;
  const { count, mean, variance, min, max, zeros, nonFinite } = moments;
  return { count, mean, variance, min, max, zeros, nonFinite };
}
