// Where the other files of a model go that is saved as another.

import { existsSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';

import type { Model } from '../../core/graph/graph';
import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import { fitName } from '../files/unfinished';
import { isSameFile, resolveLinks } from '../files/byteSource';
import { externalFiles, openModelFile } from '../openModel';

/** Names are tried up to this number. */
const mostNames = 10_000;

/**
 * Where each external data file of a model goes that is saved as another: to the same place beside the target, unless what is there
 * belongs to somebody else. Then it gets the name of the new model in front, and a number if need be.
 */
export function externalTargets(model: Model, target: string): ReadonlyMap<string, string> {
  const own = new Set(existsSync(target) ? filesOf(target) : []);
  const sources = externalFiles(model);
  const taken = new Set<string>([resolveLinks(target)]);
  return new Map(sources.map((file) => {
    const there = resolve(dirname(target), relative(dirname(model.file), file));
    const isOwn = (path: string): boolean => own.has(resolveLinks(path)) && !sources.some((source) => isSameFile(path, source));
    const isFree = (path: string): boolean => !taken.has(resolveLinks(path)) && (!existsSync(path) || isOwn(path));
    const chosen = isFree(there) ? there : freeName(there, basename(target, extname(target)), isFree);
    taken.add(resolveLinks(chosen));
    return [file, chosen];
  }));
}

/** External data of a model that is to be replaced; of what is no model nothing is known. */
function filesOf(target: string): readonly string[] {
  try {
    return externalFiles(openModelFile(target).model).map((file) => resolveLinks(file));
  } catch {
    return [];
  }
}

function freeName(there: string, stem: string, isFree: (path: string) => boolean): string {
  for (let i = 1; i <= mostNames; i++) {
    const name = join(dirname(there), fitName(`${stem}${i === 1 ? '' : `-${i}`}.${basename(there)}`));
    if (isFree(name)) return name;
  }
  throw new Failure('write-failed', say('Beside {0} all names for the external data are taken. Save in another folder.', there));
}
