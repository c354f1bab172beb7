import { close, constants, openSync, readFileSync, renameSync, statSync, unlinkSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';

import { besideOf, createSuffix, flushFolder, isSuffix } from './unfinished';
import { resolveLinks } from './byteSource';
import type { FileStamp } from './stamp';
import { isSameStamp } from './stamp';

/** A complete new version of a file, to be renamed over it. */
export interface ReadyFile {
  readonly target: string;
  readonly suffix: string;
}

/** As the journal says it: `target` beside the model, the file there was, which nobody else may have changed since, and the one there will be. */
interface Entry {
  readonly target: string;
  readonly suffix: string;
  readonly before: FileStamp | null;
  readonly after: FileStamp;
}

/** An entry, and where its file is. */
export interface JournalEntry extends Entry { readonly path: string }

const largestJournal = 1 << 20;
const ending = '.initscope-journal';

/** Journals that would speak of a model: by the file that links lead to, and by its name where its external data is beside that. */
export function journalsOf(model: string): readonly string[] {
  return [...new Set([besideOf(model, ending), join(resolveLinks(dirname(model)), basename(besideOf(basename(model), ending)))])];
}

/** The journal that can speak of all these files: none leads out of its folder. */
export function journalFor(model: string, targets: readonly string[]): string {
  const [real = '', named = real] = journalsOf(model);
  return targets.every((target) => isInside(dirname(real), resolveLinks(target))) ? real : named;
}

function isInside(folder: string, path: string): boolean {
  const inside = relative(folder, path);
  return !isAbsolute(inside) && inside.split(sep)[0] !== '..';
}

/** Some of the files are the new ones, the others will be: the journal says which. */
export class PartlyReplaced extends Error {}

/**
 * Replaces files that belong together. From the moment the journal stands the new ones hold: whoever opens the model next brings to an end
 * what was begun. A single file needs none, because a rename is all or nothing.
 */
export async function replaceTogether(journal: string, files: readonly ReadyFile[]): Promise<void> {
  const entries = files.map((file) => entryFor(journal, file));
  const folders = new Set(entries.map(({ path }) => dirname(path)));
  for (const folder of folders) flushFolder(folder);
  if (entries.length > 1) await writeJournal(journal, entries);
  try {
    for (const entry of entries) putInPlace(besideOf(entry.path, entry.suffix), entry.path);
    for (const folder of folders) flushFolder(folder);
  } catch (cause) {
    // What has become of the files decides, not who made it so.
    const replaced = entries.filter(isReplaced).length;
    if (replaced > 0 && replaced < entries.length) throw new PartlyReplaced('', { cause });
    if (entries.length > 1) removeJournal(journal);
    if (replaced === 0) throw cause;
    return;
  }
  if (entries.length > 1) removeJournal(journal);
}

/**
 * Renames a file over another. The blocks of the old one are given back when nobody has it open: a tenth of a second for half a gigabyte, which is
 * spent by another thread, since the new one holds already. Windows does not replace what is open.
 */
function putInPlace(beside: string, path: string): void {
  const old = process.platform === 'win32' ? null : openIfThere(path);
  try {
    renameSync(beside, path);
  } finally {
    if (old !== null) close(old, () => undefined);
  }
}

function openIfThere(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
}

function entryFor(journal: string, { target, suffix }: ReadyFile): JournalEntry {
  const path = resolveLinks(target);
  const after = stampOf(besideOf(path, suffix));
  if (!after) throw new Error(`What was written for ${path} is gone`);
  const inside = relative(dirname(journal), path);
  // A name that leads elsewhere by a link stands for that.
  return { target: isInside(dirname(journal), path) ? inside : basename(target), suffix, before: stampOf(path), after, path };
}

async function writeJournal(journal: string, entries: readonly Entry[]): Promise<void> {
  const beside = `${journal}${createSuffix()}`;
  const handle = await open(beside, 'wx');
  try {
    await handle.writeFile(JSON.stringify({ version: 2, files: entries.map(({ target, suffix, before, after }) => ({ target, suffix, before, after })) }));
    await handle.sync();
  } finally {
    await handle.close();
  }
  renameSync(beside, journal);
  flushFolder(dirname(journal));
}

/** One that cannot be removed says what is true: that its files have been replaced. */
export function removeJournal(journal: string): void {
  try {
    unlinkSync(journal);
  } catch {
    return;
  }
  flushFolder(dirname(journal));
}

function stampOf(path: string): FileStamp | null {
  const status = statSync(path, { throwIfNoEntry: false });
  return status?.isFile() ? { size: status.size, mtimeMs: status.mtimeMs } : null;
}

/** Whether the new version waits beside its target: what is renamed keeps its time. */
export const isReady = ({ path, suffix, after }: JournalEntry): boolean => isSameStamp(stampOf(besideOf(path, suffix)), after);
export const isReplaced = ({ path, after }: JournalEntry): boolean => isSameStamp(stampOf(path), after);
export const isAsBefore = ({ path, before }: JournalEntry): boolean => isSameStamp(stampOf(path), before);

/** Entries of a journal, which may be anybody's: nothing but unfinished files of ours beside the model is ever named by one. */
export function readJournal(journal: string): readonly JournalEntry[] {
  let parsed: unknown;
  try {
    if (statSync(journal).size > largestJournal) return [];
    parsed = JSON.parse(readFileSync(journal, 'utf8'));
  } catch {
    return [];
  }
  if (!isObject(parsed) || parsed.version !== 2 || !Array.isArray(parsed.files)) return [];
  const entries = parsed.files.map((file: unknown) => readEntry(file, dirname(journal)));
  const read = entries.filter((entry) => entry !== null);
  return read.length === entries.length ? read : [];
}

function readEntry(value: unknown, folder: string): JournalEntry | null {
  if (!isObject(value)) return null;
  const { target, suffix } = value;
  const [before, after] = [readStamp(value.before), readStamp(value.after)];
  if (typeof target !== 'string' || typeof suffix !== 'string' || !after || !isSuffix(suffix)) return null;
  if (target === '' || isAbsolute(target) || target.split(/[\\/]/).includes('..')) return null;
  return { target, suffix, before, after, path: resolveLinks(resolve(folder, target)) };
}

function readStamp(value: unknown): FileStamp | null {
  return isObject(value) && typeof value.size === 'number' && typeof value.mtimeMs === 'number' ? { size: value.size, mtimeMs: value.mtimeMs } : null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
