import { existsSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';

import type { Model } from '../core/graph/graph';
import { tensorsOf } from '../core/graph/graph';
import type { TensorHome } from '../core/graph/tensor';
import { Failure } from '../protocol/failure';
import type { ByteSource } from './byteSource';
import { externalFiles, openModelFile } from './openModel';
import { valuesField } from './onnx/dense';
import { fieldAt, fieldsIn, varint } from './onnx/fields';
import { wire } from './onnx/wire';
import type { Replacement } from './replacement';
import { replaceBy } from './replacement';

/** Names are tried up to this number. */
const mostNames = 10_000;

/**
 * Where each external data file of a model goes that is saved as another: to the same place beside the target, unless what is there
 * belongs to somebody else. Then it gets the name of the new model in front, and a number if need be.
 */
export function externalTargets(model: Model, target: string): ReadonlyMap<string, string> {
  const own = new Set(existsSync(target) ? filesOf(target) : []);
  const taken = new Set<string>([resolve(target)]);
  return new Map(externalFiles(model).map((file) => {
    const there = resolve(dirname(target), relative(dirname(model.file), file));
    const isFree = (path: string): boolean => !taken.has(path) && (!existsSync(path) || own.has(path)) && path !== resolve(file);
    const chosen = isFree(there) ? there : freeName(there, basename(target, extname(target)), isFree);
    taken.add(chosen);
    return [file, chosen];
  }));
}

/** External data of a model that is to be replaced; of what is no model nothing is known. */
function filesOf(target: string): readonly string[] {
  try {
    return externalFiles(openModelFile(target).model).map((file) => resolve(file));
  } catch {
    return [];
  }
}

function freeName(there: string, stem: string, isFree: (path: string) => boolean): string {
  for (let i = 1; i <= mostNames; i++) {
    const name = join(dirname(there), `${stem}${i === 1 ? '' : `-${i}`}.${basename(there)}`);
    if (isFree(name)) return name;
  }
  throw new Failure('write-failed', `Beside ${there} all names for the external data are taken. Save in another folder.`);
}

/** Changes `location` of every tensor in those files; what is `written` over as a whole holds no external data any more. */
export function relocate(
  source: ByteSource, model: Model, target: string, moved: ReadonlyMap<string, string>, written: readonly Replacement[],
): readonly Replacement[] {
  const changes = new Map<number, Replacement>();
  for (const { id, home, place } of tensorsOf(model)) {
    const there = place ? moved.get(place.file) : undefined;
    if (there === undefined || !place || !home || written.some(({ start, end }) => start <= home.start && home.end <= end)) continue;
    const location = relative(dirname(target), there).replaceAll(sep, '/');
    if (location === relative(dirname(model.file), place.file).replaceAll(sep, '/')) continue;
    const change = relocated(source, home, location, id);
    changes.set(change.start, change);
  }
  return [...changes.values()];
}

/** TensorProto.external_data (13) holds entries of key (1) and value (2); the last entry of a key holds. */
function relocated(source: ByteSource, home: TensorHome, location: string, owner: string): Replacement {
  const proto = valuesField(source, home.kind, fieldAt(source, home.start));
  for (const entry of [...fieldsIn(source, proto.body, proto.end)].filter((field) => field.number === 13).reverse()) {
    const fields = [...fieldsIn(source, entry.body, entry.end)];
    const key = fields.findLast((field) => field.number === 1);
    const value = fields.findLast((field) => field.number === 2);
    if (!key || !value || Buffer.from(source.read(key.body, key.end - key.body)).toString() !== 'location') continue;
    const bytes = new TextEncoder().encode(location);
    return replaceBy(value.start, value.end, new Uint8Array(Buffer.concat([varint(2 * 8 + wire.delimited), varint(bytes.length), bytes])), owner);
  }
  throw new Failure('broken-file', `${source.name}: the external data of ${owner} is not where it was read. Read it again.`);
}
