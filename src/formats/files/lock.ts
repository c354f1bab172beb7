import { existsSync, linkSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, relative, resolve, sep } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { Failure } from '../../protocol/failure';
import type { Cancellation } from '../../protocol/rpc';
import { say } from '../../protocol/words';
import { abandonedMs, besideOf, createSuffix, isAtWork, isSuffix, processOf } from './unfinished';
import { resolveLinks } from './byteSource';

/** A save that is not finished after so long is not waited for. */
const patienceMs = 5000;
const pollMs = 50;
/** Between journal and last rename lies a moment; one that is older was left behind, whoever has the number of its process now. */
export const momentMs = 30_000;
const largestLock = 1 << 12;
const journalPattern = /^(\.\.\/)*[^/\\]+\.initscope-journal$/;

/** Locks that this process holds, by what they say of their owner. */
const held = new Set<string>();

const lockOf = (file: string): string => besideOf(file, '.initscope-lock');

export const isLocked = (file: string): boolean => existsSync(lockOf(file));

/** What a lock says. It outlives its process, and then tells where the journal of its save would be. */
interface Holder {
  readonly owner: string;
  /** From the folder of the locked file. */
  readonly journal: string | null;
}

/** Files that nobody else of us writes until they are released. */
export interface Locks {
  /** Whether all of them are still ours: a computer that was asleep for a day has lost them. */
  hold(): boolean;
  release(): void;
  /** Leaves them as a process does that ends: whoever comes next finds the journal by them. */
  abandon(): void;
}

/** Takes the locks of these files in the same order as everybody, or none. Returns the file another process is at work on. */
export function lockNow(files: readonly string[], journal: string): Locks | { readonly busy: string } {
  const owner = createSuffix();
  const taken: string[] = [];
  held.add(owner);
  const release = (): void => {
    for (const lock of taken.toReversed()) if (readHolder(lock)?.owner === owner) unlinkSync(lock);
    held.delete(owner);
  };
  try {
    for (const file of [...new Set(files.map(resolveLinks))].sort()) {
      const lock = lockOf(file);
      if (create(lock, { owner, journal: pathToJournal(file, journal) })) taken.push(lock);
      else {
        release();
        return { busy: file };
      }
    }
  } catch (error) {
    release();
    throw error;
  }
  return { hold: () => taken.every((lock) => readHolder(lock)?.owner === owner), release, abandon: () => void held.delete(owner) };
}

/** The same, after waiting a little for others; `clear` is to bring to an end what a process has left that is gone. */
export async function lockFiles(files: readonly string[], journal: string, clear: (file: string) => void, cancellation?: Cancellation): Promise<Locks> {
  for (const deadline = performance.now() + patienceMs; ;) {
    for (const file of files) clear(file);
    const locks = lockNow(files, journal);
    if ('release' in locks) return locks;
    if (cancellation?.cancelled) throw new Failure('cancelled', 'Cancelled.');
    if (performance.now() > deadline) {
      throw new Failure('busy', say('{0} is being saved by another process, so nothing was written. Try again when that is done.', locks.busy));
    }
    await setTimeout(pollMs);
  }
}

/** Whether the lock of a file was left by a process that is gone, and the journal that its save may have left. */
export function abandonedLock(file: string): { readonly journal: string | null; remove(): void } | null {
  const lock = lockOf(file);
  const status = statSync(lock, { throwIfNoEntry: false });
  if (!status?.isFile()) return null;
  const holder = readHolder(lock);
  const journal = holder?.journal ? resolve(dirname(resolveLinks(file)), holder.journal) : null;
  const isYoung = Date.now() - status.mtimeMs < (holder ? abandonedMs : momentMs);
  if (holder ? isHolding(holder, journal) && isYoung : isYoung) return null;
  return { journal, remove: () => remove(lock, holder?.owner) };
}

function isHolding({ owner }: Holder, journal: string | null): boolean {
  if (processOf(owner) === process.pid) return held.has(owner);
  const begun = journal === null ? undefined : statSync(journal, { throwIfNoEntry: false });
  if (begun && Date.now() - begun.mtimeMs > momentMs) return false;
  return isAtWork(owner);
}

/** Whole or not at all: a link is there with its content. */
function create(lock: string, holder: Holder): boolean {
  const text = JSON.stringify({ version: 1, ...holder });
  const beside = `${lock}${createSuffix()}`;
  writeFileSync(beside, text, { flag: 'wx' });
  try {
    linkSync(beside, lock);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    // Not every file system knows links.
    return createPlain(lock, text);
  } finally {
    unlinkSync(beside);
  }
}

function createPlain(lock: string, text: string): boolean {
  try {
    writeFileSync(lock, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Two may find the same lock abandoned: who takes it away first has it, and gives back what was another's already. */
function remove(lock: string, owner: string | undefined): void {
  const aside = `${lock}${createSuffix()}`;
  try {
    renameSync(lock, aside);
  } catch {
    return;
  }
  try {
    if (readHolder(aside)?.owner !== owner) linkSync(aside, lock);
  } finally {
    unlinkSync(aside);
  }
}

function readHolder(lock: string): Holder | null {
  let parsed: unknown;
  try {
    if (statSync(lock).size > largestLock) return null;
    parsed = JSON.parse(readFileSync(lock, 'utf8'));
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null || !('owner' in parsed) || typeof parsed.owner !== 'string' || !isSuffix(parsed.owner)) return null;
  const journal = 'journal' in parsed && typeof parsed.journal === 'string' && journalPattern.test(parsed.journal) ? parsed.journal : null;
  return { owner: parsed.owner, journal };
}

/** External data is below the folder of its model: from there a journal is up, and nowhere else is one looked for. */
function pathToJournal(file: string, journal: string): string | null {
  const path = relative(dirname(file), journal).replaceAll(sep, '/');
  return journalPattern.test(path) ? path : null;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** The name of the model a journal is of. */
export const modelOfJournal = (journal: string): string => basename(journal).replace(/\.initscope-journal$/, '');
