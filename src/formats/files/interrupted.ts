import { existsSync, renameSync, unlinkSync } from 'node:fs';
import { basename, dirname } from 'node:path';

import { Failure } from '../../protocol/failure';
import type { Diagnostic } from '../../protocol/report';
import { bytes } from '../../protocol/units';
import { say } from '../../protocol/words';
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
  if (said && said.severity !== 'info') throw new Failure('write-failed', say('Nothing was written. {0} {1}', said.message, said.remedy));
  abandonedLock(file)?.remove();
}

function completeJournal(journal: string): Diagnostic {
  const name = modelOfJournal(journal);
  const entries = readJournal(journal);
  if (entries.length === 0) {
    return interrupted('warning', say('{0} is not in a form this version can read.', basename(journal)), say('Remove it if {0} is as you want it.', name));
  }
  try {
    const files = entries.map(({ path }) => path);
    const isBusy = files.some((file) => !tookAway(file));
    const locks = isBusy ? null : lockNow(files, journal);
    if (!locks || 'busy' in locks) {
      return interrupted('warning', say('{0} is being saved by another process, and part of it may be the old one.', name),
        say('Read it again in a moment.'));
    }
    try {
      return settle(name, journal, entries);
    } finally {
      locks.release();
    }
  } catch (error) {
    const what = say('A save of {0} was interrupted and could not be completed: {1}; some of its weights are the old ones.', name, reasonOf(error));
    return interrupted('error', what, say('Make its folder writable and open it again.'));
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
  const what = say('A save of {0} was interrupted, and some of its weights may be the old ones.', basename(model));
  return [interrupted('warning', what, say('Trust the workspace and open it again to complete the save.'))];
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
    return interrupted('info', say('A save of {0} had been interrupted, and was now completed.', name),
      say('Undo it by reinitializing again if it was not wanted.'));
  }
  for (const { path, suffix } of pending) unlinkSync(besideOf(path, suffix));
  removeJournal(journal);
  const changed = [...lost, ...foreign].filter((entry) => !isAsBefore(entry)).map(({ target }) => target);
  const why = changed.length > 0 ? say('{0} was changed by another program since', listed(changed))
    : say('what was to become {0} was removed since', listed(lost.map(({ target }) => target)));
  if (done.length === 0) {
    return interrupted('info', say('A save of {0} had been interrupted, and was undone, because {1}.', name, why), say('Save again.'));
  }
  return interrupted('error', say('A save of {0} was interrupted, and {1}: its weights are partly the old ones.', name, why),
    say('Reinitialize and save it again.'));
}

const listed = (names: readonly string[]): string => names.reduce((all, each) => (all === '' ? each : say('{0} and {1}', all, each)), '');

function interrupted(severity: Diagnostic['severity'], what: string, remedy: string): Diagnostic {
  return { severity, code: 'interrupted-save', layer: null, message: what, remedy };
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
  const what = say('A save of {0} had been interrupted before it changed anything; {1} it left were removed.', basename(model), left);
  return [interrupted('info', what, say('Save again if you have not.'))];
}
