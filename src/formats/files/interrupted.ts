import { existsSync, renameSync, unlinkSync } from 'node:fs';
import { basename, dirname } from 'node:path';

import { Failure } from '../../protocol/failure';
import type { Diagnostic } from '../../protocol/report';
import { bytes } from '../../protocol/units';
import { besideOf, flushFolder, removeLeftovers } from './unfinished';
import { reasonOf } from './byteSource';
import type { JournalEntry } from './journal';
import { isAsBefore, isReady, isReplaced, journalsOf, readJournal, removeJournal } from './journal';
import { abandonedLock, isLocked, lockNow, modelOfJournal } from './lock';

/** Brings an interrupted save of a model to its end, and says so. */
export function completeSave(model: string): readonly Diagnostic[] {
  return journalsOf(model).filter((journal) => existsSync(journal)).map(completeJournal);
}

/** The same of saves of other models that have written, or not yet written, files that this one reads too. */
export function completeOthers(files: readonly string[]): readonly Diagnostic[] {
  const journals = files.flatMap((file) => abandonedLock(file)?.journal ?? []);
  return [...new Set(journals)].filter((journal) => existsSync(journal)).map(completeJournal);
}

/** Makes way for a save: completes what a process has left that is gone, and takes its lock away. */
export function clearAbandoned(file: string): void {
  const lock = abandonedLock(file);
  if (!lock) return;
  const said = lock.journal !== null && existsSync(lock.journal) ? completeJournal(lock.journal) : null;
  if (said && said.severity !== 'info') throw new Failure('write-failed', `Nothing was written. ${said.message} ${said.remedy}`);
  abandonedLock(file)?.remove();
}

function completeJournal(journal: string): Diagnostic {
  const name = modelOfJournal(journal);
  const entries = readJournal(journal);
  if (entries.length === 0) {
    return interrupted('warning', `${basename(journal)} is not in a form this version can read`, `Remove it if ${name} is as you want it.`);
  }
  try {
    const files = entries.map(({ path }) => path);
    const isBusy = files.some((file) => !tookAway(file));
    const locks = isBusy ? null : lockNow(files, journal);
    if (!locks || 'busy' in locks) {
      return interrupted('warning', `${name} is being saved by another process, and part of it may be the old one`, 'Read it again in a moment.');
    }
    try {
      return settle(name, journal, entries);
    } finally {
      locks.release();
    }
  } catch (error) {
    const what = `A save of ${name} was interrupted and could not be completed: ${reasonOf(error)}; some of its weights are the old ones`;
    return interrupted('error', what, 'Make its folder writable and open it again.');
  }
}

/** Whether a file has no lock, or only one that was left behind, which is taken away. */
function tookAway(file: string): boolean {
  abandonedLock(file)?.remove();
  return !isLocked(file);
}

/** The same where nothing may be written, of a model that is not trusted. */
export function noticeInterrupted(model: string): readonly Diagnostic[] {
  if (!journalsOf(model).some((journal) => existsSync(journal))) return [];
  const what = `A save of ${basename(model)} was interrupted, and some of its weights may be the old ones`;
  return [interrupted('warning', what, 'Trust the workspace and open it again to complete the save.')];
}

function settle(name: string, journal: string, entries: readonly JournalEntry[]): Diagnostic {
  const done = entries.filter(isReplaced);
  const pending = entries.filter((entry) => !done.includes(entry) && isReady(entry));
  const lost = entries.filter((entry) => !done.includes(entry) && !pending.includes(entry));
  const foreign = pending.filter((entry) => !isAsBefore(entry));
  if (lost.length === 0 && foreign.length === 0) {
    for (const { path, suffix } of pending) renameSync(besideOf(path, suffix), path);
    for (const folder of new Set(entries.map(({ path }) => dirname(path)))) flushFolder(folder);
    removeJournal(journal);
    return interrupted('info', `A save of ${name} had been interrupted, and was now completed`, 'Undo it by reinitializing again if it was not wanted.');
  }
  for (const { path, suffix } of pending) unlinkSync(besideOf(path, suffix));
  removeJournal(journal);
  const changed = [...lost, ...foreign].filter((entry) => !isAsBefore(entry)).map(({ target }) => target);
  const why = changed.length > 0 ? `${changed.join(' and ')} was changed by another program since`
    : `what was to become ${lost.map(({ target }) => target).join(' and ')} was removed since`;
  if (done.length === 0) {
    return interrupted('info', `A save of ${name} had been interrupted, and was undone, because ${why}`, 'Save again.');
  }
  return interrupted('error', `A save of ${name} was interrupted, and ${why}: its weights are partly the old ones`, 'Reinitialize and save it again.');
}

function interrupted(severity: Diagnostic['severity'], what: string, remedy: string): Diagnostic {
  return { severity, code: 'interrupted-save', layer: null, message: `${what}.`, remedy };
}

/** Says what interrupted saves have left beside a model and its external data, after removing it. */
export function clearLeftovers(files: readonly string[]): readonly Diagnostic[] {
  const removed = files.flatMap((file) => {
    const lock = abandonedLock(file);
    // Unfinished files that a journal still names are not in the way.
    if (lock?.journal && existsSync(lock.journal)) return [];
    lock?.remove();
    return removeLeftovers(file);
  });
  if (removed.length === 0) return [];
  // Beside external data they may be of another model that it belongs to.
  const model = files.find((file) => removed.some(({ path }) => path.startsWith(besideOf(file, '.')))) ?? '';
  const left = bytes(removed.reduce((sum, { size }) => sum + size, 0));
  const what = `A save of ${basename(model)} had been interrupted before it changed anything; ${left} it left were removed`;
  return [interrupted('info', what, 'Save again if you have not.')];
}
