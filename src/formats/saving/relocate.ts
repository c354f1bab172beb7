import { existsSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';

import type { Model } from '../../core/graph/graph';
import { Failure } from '../../protocol/failure';
import { fitName } from '../files/unfinished';
import type { ByteSource } from '../files/byteSource';
import { isSameFile, resolveLinks } from '../files/byteSource';
import { externalFiles, openModelFile } from '../openModel';
import { fieldAt, fieldsIn, varint } from '../onnx/fields';
import type { Extent } from '../onnx/schema';
import { wire } from '../onnx/wire';
import type { Replacement } from '../files/replacement';
import { replaceBy } from '../files/replacement';

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
  throw new Failure('write-failed', `Beside ${there} all names for the external data are taken. Save in another folder.`);
}

/** Changes `location` wherever the model names one of those files, but for what is `written` over as a whole. */
export function relocate(
  source: ByteSource, { external }: Pick<Model, 'external'>, target: string, moved: ReadonlyMap<string, string>, written: readonly Replacement[],
): readonly Replacement[] {
  return external.flatMap(({ file, location, entry }) => {
    const there = moved.get(file);
    const isThere = there === undefined || there === resolve(dirname(target), location);
    if (isThere || written.some(({ start, end }) => start <= entry.start && entry.end <= end)) return [];
    return [relocated(source, entry, relative(dirname(target), there).replaceAll(sep, '/'), `the place of ${location}`)];
  });
}

/** The value (2) of a StringStringEntryProto, of which the last one holds. */
function relocated(source: ByteSource, entry: Extent, location: string, owner: string): Replacement {
  const { body, end } = fieldAt(source, entry.start);
  const value = end === entry.end ? [...fieldsIn(source, body, end)].findLast((field) => field.number === 2) : undefined;
  if (!value) throw new Failure('broken-file', `${source.name}: ${owner} is not where it was read. Read it again.`);
  const bytes = new TextEncoder().encode(location);
  return replaceBy(value.start, value.end, new Uint8Array(Buffer.concat([varint(2 * 8 + wire.delimited), varint(bytes.length), bytes])), owner);
}
