// Where a model names the files of its external data, in a copy that has them elsewhere.

import { dirname, relative, resolve, sep } from 'node:path';

import type { Model } from '../../core/graph/graph';
import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { ByteSource } from '../files/byteSource';
import type { Replacement } from '../files/replacement';
import { replaceBy } from '../files/replacement';
import { fieldAt, fieldsIn, varint } from './fields';
import type { Extent } from './schema';
import { wire } from './wire';

/** An entry that is to name another place. */
interface MovedPlace {
  readonly entry: Extent;
  readonly location: string;
  readonly owner: string;
}

/** Wherever the model names one of those files, but for what is `written` over as a whole. */
export function movedPlaces(
  { external }: Pick<Model, 'external'>, target: string, moved: ReadonlyMap<string, string>, written: readonly Replacement[],
): readonly MovedPlace[] {
  return external.flatMap(({ file, location, entry }) => {
    const there = moved.get(file);
    const isThere = there === undefined || there === resolve(dirname(target), location);
    if (isThere || written.some(({ start, end }) => start <= entry.start && entry.end <= end)) return [];
    return [{ entry, location: relative(dirname(target), there).replaceAll(sep, '/'), owner: `the place of ${location}` }];
  });
}

/** Changes `location` in all of these places. */
export function relocate(
  source: ByteSource, model: Pick<Model, 'external'>, target: string, moved: ReadonlyMap<string, string>, written: readonly Replacement[],
): readonly Replacement[] {
  return movedPlaces(model, target, moved, written).map(({ entry, location, owner }) => relocated(source, entry, location, owner));
}

/** The value (2) of a StringStringEntryProto, of which the last one holds. */
function relocated(source: ByteSource, entry: Extent, location: string, owner: string): Replacement {
  const { body, end } = fieldAt(source, entry.start);
  const value = end === entry.end ? [...fieldsIn(source, body, end)].findLast((field) => field.number === 2) : undefined;
  if (!value) throw new Failure('broken-file', say('{0}: {1} is not where it was read. Read it again.', source.name, owner));
  const bytes = new TextEncoder().encode(location);
  return replaceBy(value.start, value.end, new Uint8Array(Buffer.concat([varint(2 * 8 + wire.delimited), varint(bytes.length), bytes])), owner);
}
