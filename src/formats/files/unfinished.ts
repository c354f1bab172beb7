import { createHash, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, readdirSync, statSync, unlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { resolveLinks } from './byteSource';

/** Unfinished files are named for the process that writes them, so that others can tell whether it still does. */
const ownHost = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
const suffixPattern = /^\.(?<host>[0-9a-f]{8})-(?<pid>\d{1,10})-(?<begun>[0-9a-f]{4})[0-9a-f]{8}\.initscope-tmp$/;
/** A file of a computer that cannot be asked, or of a process whose number another has taken since. */
export const abandonedMs = 24 * 3600 * 1000;
/** Between them stand endings of ours and an unfinished file of their own. */
const endings = /^\.initscope-(journal|lock)/;
/** Bytes that file systems allow a name. */
const longestName = 255;
/** That leaves room for the longest of our endings. */
const longestStem = longestName - 65;

/** What a file is called until it is complete: its name and this. */
export function createSuffix(pid = process.pid): string {
  return `.${ownHost}-${pid}-${beginOf(pid) ?? '0000'}${randomBytes(4).toString('hex')}.initscope-tmp`;
}

/** When a process began, in short: another has its number sooner or later. Null where the system does not tell (proc(5): the 22nd field of stat). */
function beginOf(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name of the command, in brackets, may hold anything.
    const ticks = text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    return createHash('sha256').update(ticks).digest('hex').slice(0, 4);
  } catch {
    return null;
  }
}

export const isSuffix = (text: string): boolean => suffixPattern.test(text);

/** Where a file of ours that belongs to another is: beside what links lead to, also where that has as long a name as there may be. */
export function besideOf(file: string, ending: string): string {
  const target = resolveLinks(file);
  return join(dirname(target), `${stemOf(basename(target))}${ending}`);
}

const stemOf = (name: string): string => fitName(name, longestStem);

/** A name of so many bytes at most: one that is longer is cut, and told from others by its digest. */
export function fitName(name: string, longest = longestName): string {
  if (Buffer.byteLength(name) <= longest) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 12);
  const head = Buffer.from(name).subarray(0, longest - digest.length - 1).toString().replace(/\ufffd+$/, '');
  return `${head}~${digest}`;
}

/** Whether the process that made such a name may still be at work, as far as can be told from here. */
export function isAtWork(suffix: string): boolean {
  const { host, pid, begun } = suffixPattern.exec(suffix)?.groups ?? {};
  if (host !== ownHost) return true;
  try {
    process.kill(Number(pid), 0);
    return (beginOf(Number(pid)) ?? begun) === begun;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** The process of this computer that made such a name; null for one of another. */
export function processOf(suffix: string): number | null {
  const { host, pid } = suffixPattern.exec(suffix)?.groups ?? {};
  return host === ownHost ? Number(pid) : null;
}

export interface Leftover { readonly path: string; readonly size: number }

/** Removes what interrupted saves of a file have left beside it. */
export function removeLeftovers(file: string): readonly Leftover[] {
  const target = resolveLinks(file);
  const folder = dirname(target);
  const stem = stemOf(basename(target));
  const removed: Leftover[] = [];
  for (const name of namesIn(folder)) {
    if (!name.startsWith(stem) || !name.endsWith('.initscope-tmp')) continue;
    const suffix = name.slice(stem.length).replace(endings, '');
    const path = join(folder, name);
    const status = isSuffix(suffix) ? statSync(path, { throwIfNoEntry: false }) : undefined;
    if (!status?.isFile() || (isAtWork(suffix) && Date.now() - status.mtimeMs < abandonedMs)) continue;
    try {
      unlinkSync(path);
      removed.push({ path, size: status.size });
    } catch {
      // In a folder that may not be written to it stays: it does no harm.
    }
  }
  return removed;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Makes what was created, renamed or removed in a folder last (fsync(2): the file's own does not cover its name). Windows knows no such call. */
export function flushFolder(folder: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(folder, 'r');
  } catch {
    return;
  }
  try {
    fsyncSync(descriptor);
  } catch {
    // Some network file systems refuse it, and have nothing to offer instead.
  } finally {
    closeSync(descriptor);
  }
}
