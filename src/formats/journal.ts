import { existsSync, readFileSync, renameSync, statSync, unlinkSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, isAbsolute, relative, resolve } from 'node:path';

import type { Diagnostic } from '../protocol/report';
import { bytes } from '../protocol/units';
import { createSuffix, flushFolder, isAtWork, isOwn, isSuffix, removeLeftovers } from './besides';
import { reasonOf, resolveLinks } from './byteSource';

/** A complete new version of a file, to be renamed over it. */
export interface ReadyFile {
  readonly target: string;
  readonly suffix: string;
  readonly size: number;
}

/** As the journal says it: `target` beside the model, and the file there was, which nobody else may have changed since. */
interface Entry {
  readonly target: string;
  readonly suffix: string;
  readonly size: number;
  readonly before: { readonly size: number; readonly mtimeMs: number } | null;
}

const largestJournal = 1 << 20;
/** Between journal and last rename lies a moment; one that is older was left behind, whoever has the number of its process now. */
const momentMs = 30_000;
const active = new Set<string>();

export const journalOf = (model: string): string => `${model}.initscope-journal`;
const besideOf = ({ target, suffix }: ReadyFile): string => `${resolveLinks(target)}${suffix}`;

/** Some of the files are the new ones, the others will be: the journal says which. */
export class PartlyReplaced extends Error {}

/**
 * Replaces files that belong together. From the moment the journal stands the new ones hold: whoever opens the model next brings to an end
 * what was begun. A single file needs none, because a rename is all or nothing.
 */
export async function replaceTogether(model: string, files: readonly ReadyFile[]): Promise<void> {
  const folders = new Set(files.map((file) => dirname(resolveLinks(file.target))));
  for (const folder of folders) flushFolder(folder);
  const journal = files.length > 1 ? journalOf(model) : null;
  if (journal !== null) {
    active.add(journal);
    await writeJournal(journal, model, files);
  }
  let replaced = 0;
  try {
    for (const file of files) {
      renameSync(besideOf(file), resolveLinks(file.target));
      replaced++;
    }
    for (const folder of folders) flushFolder(folder);
    if (journal !== null) removeJournal(journal);
  } catch (cause) {
    if (replaced > 0 && replaced < files.length) throw new PartlyReplaced('', { cause });
    if (journal !== null) removeJournal(journal);
    if (replaced === 0) throw cause;
  } finally {
    if (journal !== null) active.delete(journal);
  }
}

async function writeJournal(journal: string, model: string, files: readonly ReadyFile[]): Promise<void> {
  const entries = files.map(({ target, suffix, size }): Entry => {
    const before = statSync(target, { throwIfNoEntry: false });
    return { target: relative(dirname(model), target), suffix, size, before: before ? { size: before.size, mtimeMs: before.mtimeMs } : null };
  });
  const beside = `${journal}${createSuffix()}`;
  const handle = await open(beside, 'wx');
  try {
    await handle.writeFile(JSON.stringify({ version: 1, files: entries }));
    await handle.sync();
  } finally {
    await handle.close();
  }
  renameSync(beside, journal);
  flushFolder(dirname(journal));
}

function removeJournal(journal: string): void {
  unlinkSync(journal);
  flushFolder(dirname(journal));
}

/** Brings an interrupted save of a model to its end, and says so. */
export function completeSave(model: string): readonly Diagnostic[] {
  const journal = journalOf(model);
  const age = statSync(journal, { throwIfNoEntry: false });
  if (!age?.isFile()) return [];
  const name = basename(model);
  const entries = readJournal(journal, model, age.size);
  const [first] = entries;
  if (!first) return [interrupted('warning', `${basename(journal)} is not in a form this version can read`, `Remove it if ${name} is as you want it.`)];
  const isYoung = Date.now() - age.mtimeMs < momentMs;
  if (isOwn(first.suffix) ? active.has(journal) : isYoung && isAtWork(first.suffix)) {
    return [interrupted('warning', `${name} is being saved by another process, and part of it may be the old one`, 'Read it again in a moment.')];
  }
  try {
    return [settle(name, journal, entries)];
  } catch (error) {
    const what = `A save of ${name} was interrupted and could not be completed: ${reasonOf(error)}; some of its weights are the old ones`;
    return [interrupted('error', what, 'Make its folder writable and open it again.')];
  }
}

/** The same where nothing may be written, of a model that is not trusted. */
export function noticeInterrupted(model: string): readonly Diagnostic[] {
  if (!existsSync(journalOf(model))) return [];
  const what = `A save of ${basename(model)} was interrupted, and some of its weights may be the old ones`;
  return [interrupted('warning', what, 'Trust the workspace and open it again to complete the save.')];
}

function settle(name: string, journal: string, entries: readonly (Entry & { readonly path: string })[]): Diagnostic {
  const pending = entries.filter((entry) => isReady(entry));
  const lost = entries.filter((entry) => !pending.includes(entry) && statSync(entry.path, { throwIfNoEntry: false })?.size !== entry.size);
  const foreign = pending.filter((entry) => !isAsBefore(entry));
  if (lost.length === 0 && foreign.length === 0) {
    for (const { path, suffix } of pending) renameSync(`${path}${suffix}`, path);
    for (const folder of new Set(entries.map(({ path }) => dirname(path)))) flushFolder(folder);
    removeJournal(journal);
    return interrupted('info', `A save of ${name} had been interrupted, and was now completed`, 'Undo it by reinitializing again if it was not wanted.');
  }
  for (const { path, suffix } of pending) unlinkSync(`${path}${suffix}`);
  removeJournal(journal);
  const others = [...lost, ...foreign].map(({ target }) => target).join(' and ');
  if (pending.length === entries.length) {
    return interrupted('info', `A save of ${name} had been interrupted, and was undone, because ${others} was changed by another program since`, 'Save again.');
  }
  const what = `A save of ${name} was interrupted, and ${others} was changed by another program since: its weights are partly the old ones`;
  return interrupted('error', what, 'Reinitialize and save it again.');
}

function isReady({ path, suffix, size }: Entry & { readonly path: string }): boolean {
  const status = statSync(`${path}${suffix}`, { throwIfNoEntry: false });
  return status?.isFile() === true && status.size === size;
}

function isAsBefore({ path, before }: Entry & { readonly path: string }): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  return now?.size === before?.size && now?.mtimeMs === before?.mtimeMs;
}

function interrupted(severity: Diagnostic['severity'], what: string, remedy: string): Diagnostic {
  return { severity, code: 'interrupted-save', layer: null, message: `${what}.`, remedy };
}

/** Says what interrupted saves have left beside a model and its external data, after removing it. */
export function clearLeftovers(files: readonly string[]): readonly Diagnostic[] {
  const removed = files.flatMap(removeLeftovers);
  const [model = ''] = files;
  if (removed.length === 0) return [];
  const left = bytes(removed.reduce((sum, { size }) => sum + size, 0));
  const what = `A save of ${basename(model)} had been interrupted before it changed anything; ${left} it left were removed`;
  return [interrupted('info', what, 'Save again if you have not.')];
}

/** Entries of a journal, which may be anybody's: nothing but unfinished files of ours beside the model is ever named by one. */
function readJournal(journal: string, model: string, size: number): readonly (Entry & { readonly path: string })[] {
  if (size > largestJournal) return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(journal, 'utf8'));
  } catch {
    return [];
  }
  if (!isObject(parsed) || parsed.version !== 1 || !Array.isArray(parsed.files)) return [];
  const entries = parsed.files.map((file: unknown) => readEntry(file, dirname(model)));
  const read = entries.filter((entry) => entry !== null);
  return read.length === entries.length ? read : [];
}

function readEntry(value: unknown, folder: string): (Entry & { readonly path: string }) | null {
  if (!isObject(value)) return null;
  const { target, suffix, size, before } = value;
  if (typeof target !== 'string' || typeof suffix !== 'string' || typeof size !== 'number' || !isSuffix(suffix)) return null;
  if (target === '' || isAbsolute(target) || target.split(/[\\/]/).includes('..')) return null;
  const isStamp = isObject(before) && typeof before.size === 'number' && typeof before.mtimeMs === 'number';
  const stamp = isStamp ? { size: Number(before.size), mtimeMs: Number(before.mtimeMs) } : null;
  return { target, suffix, size, before: stamp, path: resolveLinks(resolve(folder, target)) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
